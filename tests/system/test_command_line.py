"""The command line itself, shown on the verb that needs no data: help, slips of the
pen, and where an answer goes."""
import re
import subprocess
import unittest

import support


class CommandLine(support.SystemTest):
    def test_help_goes_to_standard_output(self):
        for words in (["--help"], ["-h"], ["help"]):
            done = self.passes(*words)
            self.assertIn("usage: lockstep VERB", done.stdout)
            self.assertRegex(done.stdout, r"(?m)^  config +CONFIG +\S")
            self.assertEqual(done.stderr, "")

    def test_no_verb_is_wrong_usage(self):
        done = support.lockstep()
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout, "")
        self.assertIn("usage: lockstep VERB", done.stderr)

    def test_the_version_is_the_one_of_the_project(self):
        project = (support.ROOT / "CMakeLists.txt").read_text()
        version = re.search(r"(?m)^project\(lockstep VERSION (\d+\.\d+\.\d+) ", project).group(1)
        done = self.passes("--version")
        self.assertEqual((done.stdout, done.stderr), (f"lockstep {version}\n", ""))

    def test_a_verb_lists_its_options(self):
        done = self.passes("config", "--help")
        for word in ("usage: lockstep config", "--set KEY=VALUE", "--reference", "--help"):
            self.assertIn(word, done.stdout)

    def test_an_unknown_verb_names_the_nearest(self):
        self.fails(2, ["`confgi`", "did you mean `config`"], "confgi")
        self.fails(2, ["`quintessence`", "--help"], "quintessence")
        self.fails(2, ["--verbose"], "--verbose")

    def test_an_unknown_option_names_the_nearest(self):
        self.fails(2, ["--sett", "did you mean --set?"], "config", "--sett", "a=b")
        self.fails(2, ["--whatever", "--help"], "config", "--whatever")

    def test_options_and_their_values(self):
        config = self.write_config()
        self.fails(2, "--set needs a value", "config", config, "--set")
        self.fails(2, "--reference takes no value", "config", "--reference=all")
        both = [self.passes("config", config, *words).stdout
                for words in (["--set", "model.width=32"], ["--set=model.width=32"])]
        self.assertEqual(both[0], both[1])
        self.assertIn("\n  width: 32\n", both[0])

    def test_operands(self):
        config = self.write_config()
        self.fails(2, "too many arguments", "config", config, config)
        self.fails(2, "give a configuration, or --reference", "config")
        self.fails(2, "give a configuration, or --reference", "config", config, "--reference")
        self.fails(2, "--reference: no such file", "config", "--", "--reference")

    def test_overrides_apply_in_order(self):
        config = self.write_config()
        done = self.passes("config", config, "--set", "run.seed=3", "--set",
                           "training.schedule={name: constant, warmup: null}", "--set", "run.seed=4")
        self.assertIn("\n  seed: 4\n", done.stdout)
        self.assertNotIn("warmup", done.stdout)

    def test_a_full_disk_is_noticed(self):
        with open("/dev/full", "w") as full:
            done = subprocess.run([support.LOCKSTEP, "config", "--reference"], stdout=full,
                                  stderr=subprocess.PIPE, text=True, timeout=60)
        self.assertEqual(done.returncode, 1)
        self.assertIn("standard output: No space left", done.stderr)


if __name__ == "__main__":
    unittest.main()
