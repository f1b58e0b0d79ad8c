"""The right kernels: where OpenBLAS guesses wrong, and where ranks have different ones."""
import itertools
import os
import re
import unittest

import support

STUB = os.environ.get("LOCKSTEP_BLAS_STUB", "")
STEPS = ("--set", "training.steps=4", "--set", "validation.every=4", "--set",
         "checkpoint.every=4")


def stub(**more):
    return support.environment(LD_PRELOAD=STUB, **more)


def cpuinfo():
    with open("/proc/cpuinfo", encoding="ascii", errors="replace") as file:
        return file.read()


def flags():
    found = re.search(r"^flags\s*:(.*)$", cpuinfo(), re.M)
    return set(found[1].split()) if found else set()


def best_core():
    if {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"} <= flags():
        return "SkylakeX"
    return "Haswell"


@unittest.skipUnless({"avx2", "fma", "bmi2"} <= flags(), "no processor with a choice of kernels")
class Kernels(support.SystemTest):
    def train(self, name, ranks=(), settings=(), **options):
        """Train a few steps in a folder of its own, OpenBLAS multiplying where `settings` do not
        say otherwise; `ranks`: variables of each, NAME=VALUE."""
        words = [support.LOCKSTEP, "train", str(self.config), *STEPS, "--set",
                 f"run.folder={self.folder}/{name}"]
        words += [word for setting in ("run.products=openblas", *settings)
                  for word in ("--set", setting)]
        if ranks:
            start = ["mpirun", "--oversubscribe", "--bind-to", "none"]
            start += ["--allow-run-as-root"] * (os.geteuid() == 0)
            pins = [" ".join(("export", *more)) if more else ":" for more in ranks]
            words = [*start, "-n", str(len(ranks)), *support.by_rank(*pins), *words]
        done = support.run(words, **options)
        self.said = done.stderr
        return done.returncode

    def bits(self, name):
        return support.contents(self.checkpoints(name)[-1], "parameters")

    def on(self):
        """What stands behind "OpenBLAS" in the log's "on:" line."""
        return re.search(r"on: .*; OpenBLAS (.*), kernels (\w+)", self.said).groups()

    def setUp(self):
        super().setUp()
        self.config = self.make_toy(train=200)

    @unittest.skipIf(support.SANITIZED, "a sanitizer wants to be loaded first")
    def test_a_wrong_guess_is_mended(self):
        best = best_core()
        for guess in ("Prescott", "Sandybridge"):
            self.assertEqual(self.train(guess, env=stub(STUB_GUESS=guess)), 0, self.said)
            self.assertEqual(self.on()[0], f"{best} (in place of {guess}, its own choice)")
        self.train("pinned", env=support.environment(OPENBLAS_CORETYPE=best))
        self.assertEqual(self.on()[0], f"{best} (OPENBLAS_CORETYPE={best})")
        self.assertEqual(self.bits("Prescott"), self.bits("pinned"))
        # A user's own setting stands.
        self.train("user", env=stub(STUB_GUESS="Prescott", OPENBLAS_CORETYPE="Prescott"))
        self.assertEqual(self.on()[0], "Prescott (OPENBLAS_CORETYPE=Prescott)")

    @unittest.skipIf(support.SANITIZED, "a sanitizer wants to be loaded first")
    def test_going_on_with_other_bits_is_told(self):
        self.assertEqual(self.train("run", env=stub()), 0, self.said)
        first = self.checkpoints()[-1].read_bytes()
        for expected, more in (
                (0, {}), (1, {"STUB_FLIP": "all"}), (1, {"OPENBLAS_CORETYPE": "Sandybridge"})):
            self.checkpoints()[-1].write_bytes(first)
            self.assertEqual(self.train("run", env=stub(**more)), 0, self.said)
            self.assertIn("resumed: step 4", self.said)
            self.assertEqual(self.said.count("not with the bits it would have had"), expected)

    def test_the_log_names_the_processor(self):
        self.train("run")
        name = re.search(r"^model name\s*: (.*)$", cpuinfo(), re.M)[1].strip()
        self.assertIn(f"; {name}; OpenBLAS ", self.said)

    def test_ranks_settle_by_themselves(self):
        pin = ("OPENBLAS_CORETYPE=Haswell", "LOCKSTEP_KERNELS=v3")
        self.assertEqual(self.train("mixed", ranks=(pin, ())), 0, self.said)
        self.assertEqual(self.on(), ("Haswell (OPENBLAS_CORETYPE=Haswell)", "v3"))
        self.assertEqual(self.train("turned", ranks=((), pin)), 0, self.said)
        self.assertIn("all ranks take Haswell", self.said)
        self.assertIn("Haswell (", self.on()[0])
        self.assertEqual(self.train("alike", ranks=(pin, pin)), 0, self.said)
        self.assertNotIn("all ranks take", self.said)
        self.assertEqual(self.bits("mixed"), self.bits("alike"))
        self.assertEqual(self.bits("turned"), self.bits("alike"))

    def check_kinds(self, precision, *more):
        kinds = ["v2", "v3"] + ["v4"] * (best_core() == "SkylakeX")
        kinds += ["bf16"] * ("avx512_bf16" in flags())
        kinds += ["amx"] * ({"amx_tile", "amx_bf16"} <= flags())
        settings = ("run.products=native", f"model.precision={precision}",
                    "model.activation=gelu", "model.encoder_norm=batch",
                    "training.scheduled_sampling.schedule=constant",
                    "training.scheduled_sampling.value=0.5", *more)
        first = None
        for ranks in [(kind, kind) for kind in kinds] + [(kinds[-1], "v2")]:
            name = "-".join((*ranks, precision, *more))
            pins = [(f"LOCKSTEP_KERNELS={kind}",) for kind in ranks]
            self.assertEqual(self.train(name, pins, settings), 0, self.said)
            self.assertIn(f"products by native in {precision}", self.said)
            self.assertNotIn("all ranks take", self.said)
            first = first or self.bits(name)
            self.assertEqual(self.bits(name), first, name)
        return first

    def test_ranks_of_any_kind_give_the_same_bits(self):
        kinds = [self.check_kinds("float32")]
        kinds += [self.check_kinds("bfloat16", f"run.bfloat16_sums={sums}",
                                   f"model.activation={activation}")
                  for sums, activation in (("tiles", "gelu"), ("pairs", "gelu"),
                                           ("pairs", "relu"))]
        for one, other in itertools.combinations(kinds, 2):
            self.assertNotEqual(one, other)

    def test_a_run_keeps_who_multiplies(self):
        for ranks in ((), ((), ())):
            name = f"auto-{len(ranks)}"
            self.assertEqual(self.train(name, ranks, ["run.products=auto"]), 0, self.said)
            self.assertIn("products by native", self.said)
        self.assertEqual(self.bits("auto-0"), self.bits("auto-2"))
        self.train("given", settings=["run.products=openblas"])
        for ranks in ((), ((), ())):
            more = ["run.products=auto", f"training.steps={6 + len(ranks)}"]
            self.assertEqual(self.train("given", ranks, more), 0, self.said)
            self.assertIn("products by openblas", self.said)
            self.assertIn("resumed: step", self.said)
        self.assertEqual(self.train("given", settings=["run.products=native"]), 2)
        self.assertIn(f"run.products: the run in {self.folder}/given has openblas", self.said)

    def test_a_run_keeps_the_order_of_its_sums(self):
        self.train("auto", ((), ("LOCKSTEP_KERNELS=v3",)), ["model.precision=bfloat16"])
        self.assertIn(" in bfloat16, sums in pairs\n", self.said)
        settings = ["model.precision=bfloat16"]
        self.train("given", settings=[*settings, "run.bfloat16_sums=tiles"])
        for ranks in ((), ((), ())):
            more = [*settings, f"training.steps={6 + len(ranks)}"]
            self.assertEqual(self.train("given", ranks, more), 0, self.said)
            self.assertIn(" in bfloat16, sums in tiles\n", self.said)
            self.assertIn("resumed: step", self.said)
        self.assertEqual(self.train("given", settings=[*settings, "run.bfloat16_sums=pairs"]), 2)
        self.assertIn(f"run.bfloat16_sums: the run in {self.folder}/given has tiles", self.said)
        self.assertEqual(self.train("whole", settings=["run.bfloat16_sums=pairs"]), 2)
        self.assertRegex(self.said, "run.bfloat16_sums.*model.precision is bfloat16")

    def test_pins_that_differ_are_refused(self):
        self.assertEqual(self.train("run", ranks=(("OPENBLAS_CORETYPE=Haswell",),
                                                  ("OPENBLAS_CORETYPE=Prescott",))), 2)
        self.assertRegex(self.said, r"core differs: Haswell on \S+ \(rank 0\), "
                                    r"Prescott on \S+ \(rank 1\).*set OPENBLAS_CORETYPE")
        self.assertEqual(self.said.count("error:"), 1)

    @unittest.skipIf(support.SANITIZED, "a sanitizer wants to be loaded first")
    def test_one_bit_of_one_product(self):
        flip = ("STUB_FLIP=SkylakeX,Cooperlake,SapphireRapids",)
        if best_core() == "SkylakeX":
            self.assertEqual(self.train("settled", ranks=((), flip), env=stub()), 0, self.said)
            self.assertRegex(self.said, r"gives other bits on \S+ \(rank 1\) than on .*; all "
                                        r"ranks take Haswell")
        self.assertEqual(self.train("run", ranks=((), ("STUB_FLIP=all",)), env=stub()), 2)
        self.assertRegex(self.said, r"gives other bits on \S+ \(rank 1\) than on \S+ \(rank 0\)"
                                    r", and none gives all ranks the same")
        self.assertEqual(self.said.count("error:"), 1)


if __name__ == "__main__":
    unittest.main()
