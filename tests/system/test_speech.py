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
        last = self.home.metrics()[-1]
        self.assertLess(last["train_loss"] if "train_loss" in last else last["loss"], 0.2)

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
        often = support.settings("checkpoint.every=4", "validation.every=0", "training.steps=12",
                                 f"data.dataset={self.home.folder}/run/dataset.h5")
        self.passes("train", self.home.config, *often, "--set", f"run.folder={self.folder}/whole")
        parts = (*often, "--set", f"run.folder={self.folder}/parts")
        self.passes("train", self.home.config, *parts, "--set", "training.steps=4", ranks=2)
        self.passes("train", self.home.config, *parts, ranks=3)
        self.assertSameState(self.checkpoints("whole")[-1], self.checkpoints("parts")[-1])


if __name__ == "__main__":
    unittest.main()
