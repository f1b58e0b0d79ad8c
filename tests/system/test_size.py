"""The check of sizes catches what it is there for, and passes what is right."""
import unittest

import support


def check(files):
    """(exit status, lines of output) of the checker on a tree of {path: lines}."""
    code, output = support.checked("check_size.py", {name: "\n".join(lines) + "\n"
                                                     for name, lines in files.items()})
    return code, output.splitlines()


def statements(count, first=0):
    return [f"    x += {first + i};" for i in range(count)]


def function(length):
    """A function of so many lines."""
    return ["static int f(int x)", "{", *statements(length - 4), "    return x;", "}"]


class Size(unittest.TestCase):
    def passes(self, files):
        code, output = check(files)
        self.assertEqual((code, len(output)), (0, 1), output)

    def refused(self, files, complaint):
        code, output = check(files)
        self.assertEqual((code, output[:-1]), (1, [complaint]), output)

    def test_files(self):
        for path in ("src/nn/a.c", "include/lockstep/nn/a.h", "tests/unit/nn/test_a.c"):
            self.passes({path: [f"int x{i};" for i in range(400)]})
            self.refused({path: [f"int x{i};" for i in range(401)]},
                         f"{path}: 401 lines, more than 400")

    def test_functions(self):
        self.passes({"src/nn/a.c": function(40)})
        self.refused({"src/nn/a.c": ["/* Says what. */", "static int x;", "", *function(41)]},
                     "src/nn/a.c:4: a function of 41 lines, more than 40")
        signature = ["static int", "f(int x,", "  int y)"]
        self.refused({"src/nn/a.c": signature + function(39)[1:]},
                     "src/nn/a.c:1: a function of 41 lines, more than 40")

    def test_blank_lines_and_labels_do_not_end_a_function(self):
        lines = function(41)
        lines[10:12] = ["", "done:"]
        self.refused({"src/nn/a.c": lines}, "src/nn/a.c:1: a function of 41 lines, more than 40")

    def test_tables_and_namespaces_are_no_functions(self):
        self.passes({"src/nn/a.c": ["static const int table[] = {", *statements(50), "};"]})
        self.passes({"src/text/a.cc": ["namespace", "{", *function(39), "", "}"]})

    def test_functions_of_python(self):
        body = [f"    x = {i}" for i in range(40)]
        self.passes({"tests/system/a.py": ["def f():", *body[:39]]})
        self.refused({"tests/system/a.py": ["def f():", *body]},
                     "tests/system/a.py:1: a function of 41 lines, more than 40")

    def test_the_same_lines_twice(self):
        one, other = ["int a;", *statements(9)], ["int b;", *statements(9)]
        self.passes({"src/nn/a.c": one, "src/nn/b.c": other})
        self.refused({"src/nn/a.c": one, "src/nn/b.c": ["", "", *one]},
                     "src/nn/b.c:3: the same 10 lines as src/nn/a.c:1")
        self.refused({"src/nn/a.c": statements(12), "src/nn/b.c": statements(12)},
                     "src/nn/b.c:1: the same 10 lines as src/nn/a.c:1")
        self.refused({"src/nn/a.c": [*one, "int b;", *one]},
                     "src/nn/a.c:12: the same 10 lines as src/nn/a.c:1")

    def test_the_median_is_printed(self):
        files = {f"src/nn/{n}.c": [f"int {n}{i};" for i in range(n)] for n in (3, 20, 5)}
        self.assertEqual(check(files), (0, ["Size: 3 files, 5 lines at the median, 20 at most."]))


if __name__ == "__main__":
    unittest.main()
