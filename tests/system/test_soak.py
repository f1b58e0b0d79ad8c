"""soak.py, in short: kills that lose nothing; and what it would notice."""
import pathlib
import re
import shutil
import unittest

import soak
import support

SOAK = pathlib.Path(soak.__file__)

# Loses the newest checkpoint before it begins.
FORGETFUL = """\
#!/bin/bash
for word in "$@"; do
    case $word in run.folder=*) run=${{word#*=}} ;; esac
done
newest=$(ls -d "$run"/checkpoints/step-*.h5 2>/dev/null | tail -n 1)
[ -z "$newest" ] || rm -f "$newest"
exec {program} "$@"
"""


class Kills(support.SystemTest):
    def soak(self, *words, program=support.LOCKSTEP):
        return support.run([SOAK, *words], env=support.environment(
            LOCKSTEP=str(program), TMPDIR=str(self.folder)))

    def test_ten(self):
        done = self.soak("10", "--steps", "160")
        said = done.stdout + done.stderr
        print(said, flush=True)
        self.assertEqual(done.returncode, 0, said)
        self.assertRegex(done.stdout, r"^10 kills in .*; \d+ trainings? of 160 steps ended, each in the bits")
        self.assertGreater(int(re.search(r"resumed (\d+)", done.stdout)[1]), 3)
        self.assertEqual(list(self.folder.iterdir()), [], "what is left behind")

    def test_what_is_lost_is_noticed(self):
        program = self.folder / "program"
        program.write_text(FORGETFUL.format(program=support.LOCKSTEP))
        program.chmod(0o755)
        done = self.soak("10", program=program)
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertRegex(done.stderr, r"FAILED: step \d+ was saved, but: (resumed: step|begins at step 0)")


class Difference(support.SystemTest):
    def test_of_two_runs(self):
        config = self.make_toy(100)
        self.passes("train", config, *support.settings("training.average_decay=0.9",
                                                       "model.encoder_norm=batch"))
        one, other = self.folder / "run", self.folder / "other"
        for name in ("parameters/encoder.layers.1.linear1.weight", "average/generator.bias",
                     "buffers/encoder.layers.0.norm1.running_var",
                     "optimizer/exp_avg_sq/encoder.layers.1.linear1.weight"):
            shutil.copytree(one, other)
            self.assertIsNone(soak.difference(one, other))
            with support.h5py.File(self.checkpoints("other")[-1], "r+") as file:
                values = file[name][()]
                values.view("u4").flat[-1] ^= 1
                file[name][...] = values
            self.assertIn(f"tensors differ, {name} the first", soak.difference(one, other))
            shutil.rmtree(other)

    def test_of_what_was_reported(self):
        self.passes("train", self.make_toy(100))
        one, other = self.folder / "run", self.folder / "other"
        shutil.copytree(one, other)
        path = other / "metrics.jsonl"
        lines = path.read_text().splitlines(True)
        path.write_text("".join(lines[:-1]))
        self.assertIn("reports, not", soak.difference(one, other))
        path.write_text("".join(lines).replace('"loss": 2', '"loss": 3', 1))
        self.assertIn("reported was", soak.difference(one, other))
        self.checkpoints("other")[-1].unlink()
        self.assertIn("the last checkpoint is", soak.difference(one, other))


if __name__ == "__main__":
    unittest.main()
