"""The layering check catches what it is there for, and passes what is right."""
import subprocess
import sys
import unittest

import support

CHECKER = support.ROOT / "scripts" / "check_layers.py"
ROOMS = (support.ROOT / "CMakeLists.txt").read_text()


def check(files):
    return support.checked("check_layers.py", {"CMakeLists.txt": ROOMS, **files})


class Layers(unittest.TestCase):
    def refused(self, path, text, words, **others):
        code, output = check({path: text, **others})
        self.assertEqual(code, 1, output)
        self.assertIn(words, output)
        self.assertTrue(output.startswith(path + ":"), output)

    def test_the_repository_passes(self):
        done = subprocess.run([sys.executable, CHECKER, support.ROOT], text=True,
                              stdout=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_floors(self):
        self.refused("src/tensor/a.c", '#include "lockstep/nn/linear.h"\n',
                     "tensor may not include nn")
        self.refused("include/lockstep/optim/a.h", '#include "lockstep/comm/world.h"\n',
                     "optim may not include comm")
        self.refused("src/train/a.c", '\n#include "lockstep/cli/verb.h"\n',
                     "a.c:2: train may not include cli")
        self.refused("src/simulation/a.c", '#include "lockstep/nn/linear.h"\n',
                     "simulation may not include nn")
        self.refused("src/attic/a.c", "", "attic is not a room")
        self.refused("src/nn/a.c", '#include "lockstep/tensor/matrix.h"\n',
                     "nn may not include tensor",
                     **{"CMakeLists.txt": "lockstep_room(tensor)\nlockstep_room(nn USES m)\n"})
        self.assertEqual(check({"src/train/a.c": '#include "lockstep/nn/linear.h"\n',
                                "src/cli/a.c": '#include "lockstep/train/trainer.h"\n'})[0], 0)

    def test_doors(self):
        for room, header in (("exchange", "mpi.h"), ("nn", "cblas.h"), ("data", "hdf5.h"),
                             ("checkpoint", "xxhash.h"), ("cli", "libfyaml.h"),
                             ("data", "sentencepiece_processor.h"), ("metrics", "utf8proc.h"),
                             ("base", "zlib.h"), ("simulation", "simgrid/actor.h")):
            self.refused(f"src/{room}/a.c", f"#include <{header}>\n", f"may include {header}")
        self.refused("src/data/b.c", "#include <zlib.h>\n", "already has its one file",
                     **{"src/data/a.c": "#include <zlib.h>\n"})
        self.refused("include/lockstep/comm/a.h", "#include <mpi.h>\n", "may not show")

    def test_headers_that_only_their_own_room_needs(self):
        shown, own = "include/lockstep/text/a.h", '#include "lockstep/text/a.h"\n'
        self.refused(shown, "", "a public header that no other room includes")
        self.refused(shown, "", "move it to src/text", **{"src/text/a.c": own})
        self.refused(shown, "", "no other room",
                     **{"include/lockstep/text/b.h": own, "src/text/b.c": own})
        self.assertEqual(check({shown: "", "src/data/a.c": own})[0], 0)
        self.assertEqual(check({shown: "", "include/lockstep/text/b.h": own,
                                "src/cli/a.c": '#include "lockstep/text/b.h"\n'})[0], 0)

    def test_banned_functions(self):
        for room, call in (("base", "strcpy(a, b)"), ("text", "x = atoi(s)"), ("nn", "rand()"),
                           ("train", "exit(1)"), ("exchange", "MPI_Send(a)"),
                           ("data", "p = malloc(3)"), ("cli", "free (p)"),
                           ("infer", "_Exit(1)")):
            self.refused(f"src/{room}/a.c", f"void f(void)\n{{\n    {call};\n}}\n", "is banned")

    def test_what_only_looks_banned(self):
        text = ('/* exit(1) and\n * malloc(2) */\nchar *s = "rand() // \\" free(";\n'
                "void f(void)\n{\n    slab_free(s); // atoi(s)\n    x->free(s);\n"
                "    snprintf(s, 1, \"\");\n    operands();\n}\n")
        self.assertEqual(check({"src/nn/a.c": text})[0], 0)


if __name__ == "__main__":
    unittest.main()
