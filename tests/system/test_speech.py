"""Sources of audio, from files to transcripts: three words that are patterns of tones."""
import array
import json
import math
import random
import re
import unittest
import wave

import numpy

import support

# A word: what is heard one after another, in Hz, a tenth of a second each.
WORDS = {"up": (400, 800, 1600), "down": (1600, 800, 400), "flat": (700, 700, 2200)}
RATE = 8000

CONFIG = """\
run:
  folder: {folder}/run
  seed: 3
data:
  source: {{kind: audio, rate: 8000, mels: 16, stack: 5}}
  target: {{vocabulary: words}}
  train: {{pairs: {folder}/train.tsv}}
  valid: {{pairs: {folder}/valid.tsv}}
  test: {{pairs: {folder}/valid.tsv}}
  max_length: 64
model:
  width: 48
  heads: 4
  feed_forward: 96
  encoder_layers: 1
  decoder_layers: 1
  norm_position: pre
  dropout: 0.0
batch: {{tokens: 400, grains: 4}}
training:
  steps: 200
  label_smoothing: 0.0
  schedule: {{peak: 0.004, warmup: 20}}
  spec_augment: {{frequency_masks: 1, frequency_width: 2, time_masks: 1, time_width: 4}}
validation: {{every: 100, metric: exact, patience: 0}}
checkpoint: {{every: 100}}
decode: {{max_length: 16}}
"""


def speak(words, seed, rate=RATE):
    """Samples of the words, with silence around them, noise, and a voice of their own."""
    numbers = random.Random(seed)
    voice, loud = numbers.uniform(0.95, 1.05), numbers.uniform(0.2, 0.6)
    tones = [0]
    for word in words:
        tones += [*WORDS[word], 0]
    samples, phase = [], 0.0
    for tone in tones:
        for _ in range(rate // 10):
            phase += 2 * math.pi * tone * voice / rate
            samples.append((loud if tone else 0) * math.sin(phase) + numbers.gauss(0, 0.005))
    return samples


def write_wav(path, samples, rate=RATE, channels=1):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(array.array("h", [int(32767 * x) for x in samples
                                           for _ in range(channels)]).tobytes())


class Speech(support.SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.open_home()
        cls.home.train_once()

    def make_words(self):
        """train.tsv and valid.tsv, whose paths are relative to them; the configuration's path."""
        numbers = random.Random(1)
        (self.folder / "wav").mkdir()
        for name, count in (("train", 90), ("valid", 12)):
            pairs = []
            for i in range(count):
                words = numbers.choices(list(WORDS), k=numbers.randint(1, 3))
                write_wav(self.folder / f"wav/{name}{i}.wav", speak(words, f"{name}{i}"))
                pairs.append((f"wav/{name}{i}.wav", " ".join(words)))
            support.write_pairs(self.folder / f"{name}.tsv", pairs)
        return self.write_config(CONFIG)

    def train_once(self):
        self.config = self.make_words()
        self.passes("train", self.config, ranks=2)

    def pairs(self, name):
        lines = (self.home.folder / f"{name}.tsv").read_text().splitlines()
        return [line.split("\t") for line in lines]

    def predict(self, names, *words, **options):
        """Outputs of files below the home, which is the working directory."""
        return self.passes("predict", "run", *words, cwd=self.home.folder,
                           stdin="".join(f"{name}\n" for name in names), **options)

    def test_training_data_is_transcribed_without_an_error(self):
        pairs = self.pairs("train")
        said = self.predict([name for name, _ in pairs]).stdout.splitlines()
        self.assertEqual(said, [text for _, text in pairs])

    def test_any_ranks_say_the_same(self):
        names = [name for name, _ in self.pairs("valid")] * 3
        alone = self.predict(names, "--output", "tsv").stdout
        self.assertEqual([line.split("\t")[0] for line in alone.splitlines()], names)
        for line in alone.splitlines():
            self.assertLess(float(line.split("\t")[2]), 0)
        for ranks, threads in ((2, 1), (3, 2)):
            said = self.predict(names, "--output", "tsv", "--set", f"run.threads={threads}",
                                ranks=ranks).stdout
            self.assertEqual(said, alone)
        one = self.predict(names[3:4], "--output", "tsv").stdout
        self.assertEqual(one, alone.splitlines()[3] + "\n")

    def test_files_of_other_programs(self):
        words = ["up", "flat", "down"]
        write_wav(self.folder / "cd.wav", speak(words, 5, 44100), 44100, 2)
        said = self.predict([self.folder / "cd.wav"]).stdout
        self.assertEqual(said, "up flat down\n")


    def test_a_bad_file_names_itself(self):
        """What stands in front of it comes first; or it is passed over, with a count."""
        (self.home.folder / "bad.wav").write_bytes(b"RIFF")
        good = self.pairs("valid")[0]
        names = [good[0], "bad.wav", good[0], "", "none.wav", good[0]]
        for ranks in (0, 2):
            done = self.fails(2, "line 2: bad.wav", "predict", "run", cwd=self.home.folder,
                              stdin="\n".join(names), ranks=ranks)
            self.assertEqual(done.stdout, good[1] + "\n")
            done = self.predict(names, "--skip-bad", ranks=ranks)
            self.assertEqual(done.stdout.split("\n"), [good[1], "", good[1], "", "", good[1], ""])
            self.assertIn("line 2: bad.wav", done.stderr)
            self.assertIn("line 5: none.wav", done.stderr)
            self.assertIn("2 files cannot be read", done.stderr)

    def test_score(self):
        (self.home.folder / "bad.tsv").write_text("wav/none.wav\tup\n"
                                                  + (self.home.folder / "valid.tsv").read_text())
        for ranks in (0, 2):
            said = self.passes("score", "run", "--pairs", "valid.tsv", cwd=self.home.folder,
                               ranks=ranks).stdout
            self.assertEqual(len(said.splitlines()), 12)
            self.assertGreater(min(map(float, said.splitlines())), -5)
            bad = self.passes("score", "run", "--pairs", "bad.tsv", "--skip-bad",
                              cwd=self.home.folder, ranks=ranks)
            self.assertEqual(bad.stdout, "nan\n" + said)
            self.fails(2, ("line 1", "none.wav"), "score", "run", "--pairs", "bad.tsv",
                       cwd=self.home.folder, ranks=ranks)
            result = json.loads(self.passes("score", "run", "--split", "test", "--json",
                                            cwd=self.home.folder, ranks=ranks).stdout)
            self.assertEqual(result["pairs"], 12)
            self.assertGreater(result["exact"], 80)

    def test_attention_has_times(self):
        path = self.folder / "attention.h5"
        names = [name for name, _ in self.pairs("valid")][:2]
        self.predict(names, "--attention", path)
        with support.h5py.File(path) as file:
            line = file["lines/2"]
            times = [float(text) for text in line["source"].asstr()]
            self.assertEqual(times, [round(0.05 * i, 3) for i in range(len(times))])
            self.assertEqual(line["encoder"].shape, (1, 4, len(times), len(times)))
            self.assertEqual(line["cross"].shape[3], len(times))
            numpy.testing.assert_allclose(line["cross"][()].sum(axis=3), 1, atol=1e-5)

    def test_a_label_of_what_is_heard(self):
        """How many words there are, by the mean of the encoder's states."""
        for name in ("train", "valid"):
            support.write_pairs(self.home.folder / f"count-{name}.tsv",
                                [(path, str(len(text.split()))) for path, text in self.pairs(name)])
        lines = CONFIG.replace("target: {{vocabulary: words}}", "target: {{kind: text}}").replace(
            "/train.tsv", "/count-train.tsv").replace("/valid.tsv", "/count-valid.tsv").replace(
            "metric: exact", "metric: accuracy").replace("  decoder_layers: 1\n", "  task: label\n")
        lines = re.sub("decode:.*\n", "", lines)
        config = self.folder / "label.yaml"
        config.write_text(lines.format(folder=self.home.folder))
        self.passes("train", config, "--set", f"run.folder={self.folder}/run", ranks=2)
        pairs = self.pairs("train")
        said = self.passes("predict", self.folder / "run", cwd=self.home.folder, ranks=2,
                           stdin="".join(f"{path}\n" for path, _ in pairs)).stdout.splitlines()
        right = sum(line.split("\t")[0] == str(len(text.split()))
                    for line, (_, text) in zip(said, pairs))
        self.assertGreater(right, 0.95 * len(pairs))

    def test_verbs_on_a_run_of_audio(self):
        run = self.home.folder / "run"
        self.passes("average", run, "--last", "2", "--output", self.folder / "mean.h5")
        said = self.passes("inspect", self.folder / "mean.h5").stdout
        self.assertIn("/parameters/source_projection.weight", said)
        names = [name for name, _ in self.pairs("valid")]
        mean = self.passes("predict", self.folder / "mean.h5", cwd=self.home.folder,
                           stdin="".join(f"{name}\n" for name in names)).stdout
        self.assertEqual(len(mean.splitlines()), 12)
        # What was learnt is there from the first step on.
        self.passes("train", self.home.config, *support.settings(
            f"run.folder={self.folder}/run", "training.steps=1", "validation.every=1",
            f"training.initialize_from={self.folder}/mean.h5", "training.schedule.peak=1e-6"))
        self.assertGreater(self.metrics()[-1]["valid_exact"], 80)

    def test_bits_do_not_depend_on_ranks(self):
        for ranks in (1, 2, 3, 4):
            self.passes("train", self.home.config, *support.settings(
                f"run.folder={self.folder}/run{ranks}", "training.steps=12",
                "model.encoder_norm=batch", "model.dropout=0.1", "checkpoint.every=12",
                "validation.every=6", "data.dataset=" + str(self.home.folder / "run/dataset.h5")),
                ranks=ranks)
        for ranks in (2, 3, 4):
            self.assertSameState(self.checkpoints("run1")[-1], self.checkpoints(f"run{ranks}")[-1])
            for one, other in zip(self.metrics("run1"), self.metrics(f"run{ranks}")):
                self.assertEqual(one.get("exact"), other.get("exact"))

    def test_a_run_goes_on_on_other_ranks(self):
        often = support.settings("checkpoint.every=4", "validation.every=4", "training.steps=12",
                                 f"data.dataset={self.home.folder}/run/dataset.h5")
        self.passes("train", self.home.config, *often, "--set", f"run.folder={self.folder}/whole")
        parts = (*often, "--set", f"run.folder={self.folder}/parts")
        self.passes("train", self.home.config, *parts, "--set", "training.steps=4", ranks=2)
        self.passes("train", self.home.config, *parts, ranks=3)
        self.assertSameState(self.checkpoints("whole")[-1], self.checkpoints("parts")[-1])


if __name__ == "__main__":
    unittest.main()
