"""`cmake --install` into an empty prefix: the program, its scripts and its manual work there."""
import pathlib
import re
import shutil
import subprocess
import unittest

import support

BUILD = pathlib.Path(support.LOCKSTEP).parent
HELP_OPTION = re.compile(r"^  (--[a-z-]+)", re.MULTILINE)


def text_of(words, **options):
    return subprocess.run(words, check=True, text=True, capture_output=True, **options).stdout


class Install(support.SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.open_home()
        cls.prefix = cls.home.folder / "prefix"
        text_of(["cmake", "--install", BUILD, "--prefix", cls.prefix])
        cls.program = cls.prefix / "bin/lockstep"
        cls.manual = (cls.prefix / "share/man/man1/lockstep.1").read_text().replace("\\-", "-")

    def test_the_program_runs_from_there(self):
        self.assertEqual(text_of([self.program, "--version"]),
                         text_of([support.LOCKSTEP, "--version"]))

    def test_scripts_and_configurations_are_beside_it(self):
        shared = self.prefix / "share/lockstep"
        recipes = sorted(shared.glob("configs/**/*.yaml"))
        self.assertEqual([path.relative_to(shared) for path in recipes],
                         [path.relative_to(support.ROOT)
                          for path in sorted(support.ROOT.glob("configs/**/*.yaml"))])
        for path in recipes:
            if path.parent.name != "networks":
                text_of([self.program, "config", path])
        for script in ("cmudict.py", "bible.py", "sentiment.py", "fsdd.py", "connected_digits.py",
                       "spoken_words.py", "hold_out.py", "sweep.py", "plot_attention.py",
                       "plot_run.py", "plot_scaling.py", "scaling.sh"):
            self.assertIn("usage:", text_of([shared / "scripts" / script, "--help"]))
        for name in ("README.md", "LICENSE"):
            self.assertEqual((self.prefix / "share/doc/lockstep" / name).read_bytes(),
                             (support.ROOT / name).read_bytes())

    def test_its_run_script_finds_the_program(self):
        run = self.prefix / "share/lockstep/scripts/run.sh"
        clean = {key: value for key, value in support.environment().items() if key != "LOCKSTEP"}
        done = support.run([run, "-n", "2", self.make_toy(), "--set", "training.steps=2"], env=clean)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(self.checkpoints()), 1)

    def test_its_submission_scripts_name_themselves(self):
        for system in ("slurm", "pbs", "gridengine"):
            script = self.prefix / f"share/lockstep/scripts/submit/{system}.sh"
            job = text_of([script, "--dry-run", "my.yaml"])
            self.assertIn(f"\nLOCKSTEP_JOB=1 exec {script} ", job)

    def test_the_manual_has_every_key(self):
        reference = text_of([self.program, "config", "--reference"])
        keys = re.findall(r"(?m)^### (\S+)", reference)
        self.assertGreater(len(keys), 50)
        described = re.findall(r"(?m)^\.TP\n\.B ([a-z_]+\.\S+)\n.+\n((?:\.br\n.+\n)+)", self.manual)
        self.assertEqual([key for key, _ in described], keys)
        for key, facts in described:
            for fact in ("value: ", "default: ", "resume"):
                self.assertIn(fact, facts, key)

    def test_the_manual_has_every_verb_and_option(self):
        verbs = re.findall(r"(?m)^  ([a-z]+) ", text_of([self.program, "--help"]))
        self.assertIn("train", verbs)
        for verb in verbs:
            section = re.search(rf'(?s)\n\.SS "lockstep {verb} .*?(?=\n\.S[SH])', self.manual)
            self.assertIsNotNone(section, verb)
            for option in HELP_OPTION.findall(text_of([self.program, verb, "--help"])):
                self.assertIn(f"\n.B {option}", section[0], verb)

    def test_the_manual_has_the_usual_sections(self):
        sections = re.findall(r"(?m)^\.SH (.+)", self.manual)
        self.assertEqual(sections, ["NAME", "SYNOPSIS", "DESCRIPTION", "VERBS", "CONFIGURATION",
                                    "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"])
        for path in (support.ROOT / "src").rglob("*.c"):
            for name in re.findall(r'getenv\("(\w+)"\)', path.read_text()):
                self.assertIn(name, self.manual, path)

    def test_the_manual_reads_without_warnings(self):
        checker = shutil.which("mandoc")
        self.assertIsNotNone(checker, "mandoc is missing: scripts/install.sh tests")
        page = self.prefix / "share/man/man1/lockstep.1"
        done = support.run([checker, "-T", "lint", "-W", "warning", page])
        self.assertEqual((done.returncode, done.stdout), (0, ""))


if __name__ == "__main__":
    unittest.main()
