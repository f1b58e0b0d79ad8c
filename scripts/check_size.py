#!/usr/bin/python3
"""Fail if a file of src, include or tests is too long, a function of them is, or the same
run of lines stands in two places.

    scripts/check_size.py [ROOT]     default: the repository of this script
"""
import ast
import itertools
import pathlib
import statistics
import sys

FILE_LINES = 400
FUNCTION_LINES = 40
SAME_LINES = 10


def c_functions(lines):
    """(first line, length): from a name in column 0 over a `{` to a `}` that stand there alone."""
    first, inside = 0, False
    for number, line in enumerate(lines, 1):
        if inside:
            if line == "}":
                yield first, number - first + 1
                first, inside = 0, False
        elif line == "{":
            inside = first > 0
        elif not line or line[0] in "#/}" or line.endswith(";"):
            first = 0
        elif line[0] != " " and not line.startswith(("class ", "namespace")):
            first = first or number


def python_functions(lines):
    for node in ast.walk(ast.parse("\n".join(lines))):
        if isinstance(node, ast.FunctionDef):
            yield node.lineno, node.end_lineno - node.lineno + 1


def size_complaints(name, lines):
    if len(lines) > FILE_LINES:
        yield f"{name}: {len(lines)} lines, more than {FILE_LINES}"
    functions = python_functions if name.suffix == ".py" else c_functions
    for first, length in functions(lines):
        if length > FUNCTION_LINES:
            yield f"{name}:{first}: a function of {length} lines, more than {FUNCTION_LINES}"


def is_code(line):
    """Not what many files must begin or end with alike."""
    return line.strip() and not line.startswith(("#include", "import ", "from "))


def same_complaints(files):
    """Runs of SAME_LINES lines that stand twice, told where a second one begins."""
    seen, last = {}, {}
    for name, lines in files.items():
        code = [(number, line.strip()) for number, line in enumerate(lines, 1) if is_code(line)]
        for at in range(len(code) - SAME_LINES + 1):
            run = tuple(line for _, line in code[at:at + SAME_LINES])
            where = (name, code[at][0])
            first = seen.setdefault(run, where)
            if first == where:
                continue
            if last.get(name) != at - 1:
                yield f"{name}:{where[1]}: the same {SAME_LINES} lines as {first[0]}:{first[1]}"
            last[name] = at


def check(root):
    """All complaints under `root`, as lines, and the length of each file."""
    files = {}
    for folder in ("include", "src", "tests"):
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".c", ".h", ".cc", ".py"):
                files[path.relative_to(root)] = path.read_text(encoding="utf-8").splitlines()
    sizes = (size_complaints(name, lines) for name, lines in files.items())
    complaints = [*itertools.chain.from_iterable(sizes), *same_complaints(files)]
    return complaints, [len(lines) for lines in files.values()]


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    complaints, lengths = check(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here)
    print(*complaints, sep="\n", end="\n" if complaints else "")
    print(f"Size: {len(lengths)} files, {statistics.median(lengths):.0f} lines at the median, "
          f"{max(lengths)} at most.")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
