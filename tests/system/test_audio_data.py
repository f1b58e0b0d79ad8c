"""Datasets of audio: prepared by all ranks, the same bytes by any number of them; bad files
named, or left out with a count."""
import json
import math
import random
import struct
import unittest
import wave

import h5py

import support
from support import lockstep, settings

def write_tone(path, seconds, hertz, rate=8000):
    noise = random.Random(hertz)
    samples = [int(8000 * math.sin(2 * math.pi * hertz * i / rate)) + noise.randrange(-300, 300)
               for i in range(int(seconds * rate))]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))


class AudioTest(support.SystemTest):
    """Thirty tones, and a configuration that learns from them."""

    def setUp(self):
        super().setUp()
        (self.folder / "wav").mkdir()
        lines = []
        for i in range(30):
            write_tone(self.folder / f"wav/{i}.wav", 0.2 + 0.02 * i, 200 + 50 * i)
            lines.append(f"wav/{i}.wav\tword{i % 5}\n")
        for split in ("train", "valid", "test"):
            (self.folder / f"{split}.tsv").write_text("".join(lines))
        self.config = self.folder / "speech.yaml"
        text = support.CONFIG.format(folder=self.folder)
        text = text.replace("source: {kind: text, vocabulary: words}",
                            "source: {kind: audio, rate: 8000, mels: 20, stack: 3}")
        self.config.write_text(text.replace("tie: target", "tie: none"))

    def prepare(self, *more, ranks=0, name="dataset.h5"):
        place = settings(f"data.dataset={self.folder / name}")
        return lockstep("prepare", self.config, *place, *more, ranks=ranks)


class AudioDataTest(AudioTest):
    def test_the_same_bytes_by_any_number_of_ranks(self):
        files = []
        for ranks in (0, 1, 2, 3, 4):
            done = self.prepare(ranks=ranks, name=f"{ranks}.h5")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("train: 30 pairs", done.stderr)
            files.append((self.folder / f"{ranks}.h5").read_bytes())
        for other in files[1:]:
            self.assertEqual(files[0], other)
        with h5py.File(self.folder / "2.h5") as file:
            frames = file["train/source/frames"]
            self.assertEqual(frames.dtype, "float16")
            self.assertEqual(frames.shape[1], 60)
            self.assertEqual(frames.shape[0], file["train/source/offsets"][-1])
            self.assertEqual(file["valid/source/text"][3], b"wav/3.wav")
            self.assertIn("rate 8000 mels 20 ", file.attrs["source_audio"])
        done = self.prepare(ranks=2, name="3.h5")
        self.assertIn("is up to date", done.stderr)

    def test_inspect_shows_it(self):
        self.prepare()
        shown = lockstep("inspect", self.folder / "dataset.h5", "--json")
        found = json.loads(shown.stdout)
        self.assertEqual(found["source"], "audio")
        self.assertEqual((found["source_rate"], found["source_mels"], found["source_stack"]),
                         (8000, 20, 3))
        self.assertEqual(found["target_symbols"], 8)
        self.assertEqual(found["train_pairs"], 30)
        with h5py.File(self.folder / "dataset.h5") as file:
            self.assertEqual(found["train_source_rows"], len(file["train/source/frames"]))

    def spoil(self):
        """Each of them in its own way; gives what the log must name."""
        sound = (self.folder / "wav/7.wav").read_bytes()
        (self.folder / "wav/4.wav").write_bytes(sound[:len(sound) // 2])
        (self.folder / "wav/7.wav").write_bytes(b"")
        (self.folder / "wav/8.wav").unlink()
        (self.folder / "wav/11.wav").write_text("RIFF in name only\n")
        write_tone(self.folder / "wav/12.wav", 0.02, 300)
        with wave.open(str(self.folder / "wav/20.wav"), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(8000)
            file.writeframes(bytes(8000))
        return ["4.wav", "7.wav", "8.wav", "11.wav", "12.wav"], 6

    def test_a_bad_file_is_named_once_with_its_line(self):
        sound = (self.folder / "wav/9.wav").read_bytes()
        for content in (None, b"", b"no audio at all", sound[:60], sound[:len(sound) // 2]):
            if content is None:
                (self.folder / "wav/9.wav").unlink()
            else:
                (self.folder / "wav/9.wav").write_bytes(content)
            for ranks in (0, 2):
                done = self.prepare(ranks=ranks)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(f"{self.folder}/train.tsv:10: {self.folder}/wav/9.wav",
                              done.stderr)
                self.assertEqual(done.stderr.count("error:"), 1, done.stderr)
                self.assertFalse((self.folder / "dataset.h5").exists())
                self.assertEqual(sorted(p.name for p in self.folder.glob("*dataset*")), [])

    def test_bad_files_are_left_out_with_a_count(self):
        names, count = self.spoil()
        for ranks in (0, 2):
            done = self.prepare("--skip-bad", ranks=ranks, name=f"{ranks}.h5")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"train: {count} files cannot be read and left out", done.stderr)
            self.assertIn(f"train: 30 pairs in {self.folder}/train.tsv, {30 - count} kept",
                          done.stderr)
            for name in names:
                self.assertIn(f"wav/{name}", done.stderr)
        self.assertEqual((self.folder / "0.h5").read_bytes(),
                         (self.folder / "2.h5").read_bytes())
        done = self.prepare("--skip-bad", name="0.h5")
        self.assertIn("is up to date", done.stderr)
        done = self.prepare(name="0.h5")
        self.assertEqual(done.returncode, 2)

    def test_paths_are_relative_to_the_corpus(self):
        away = self.folder / "away"
        away.mkdir()
        (away / "train.tsv").write_text(f"../wav/1.wav\ta\n{self.folder}/wav/2.wav\tb\n")
        sources, targets = away / "files", self.folder / "targets"
        sources.write_text("../wav/1.wav\n../wav/2.wav\n")
        targets.write_text("a\nb\n")
        done = self.prepare(*settings(f"data.train.pairs={away}/train.tsv"), name="a.h5")
        self.assertEqual(done.returncode, 0, done.stderr)
        text = self.config.read_text().replace(
            f"train: {{pairs: {self.folder}/train.tsv}}",
            f"train: {{source: {sources}, target: {targets}}}")
        self.config.write_text(text)
        done = self.prepare(name="b.h5")
        self.assertEqual(done.returncode, 0, done.stderr)
        with h5py.File(self.folder / "a.h5") as a, h5py.File(self.folder / "b.h5") as b:
            self.assertTrue((a["train/source/frames"][:] == b["train/source/frames"][:]).all())

    def test_text_has_no_bad_files(self):
        text = self.config.read_text().replace(
            "source: {kind: audio, rate: 8000, mels: 20, stack: 3}", "source: {kind: text}")
        self.config.write_text(text)
        done = self.prepare("--skip-bad")
        self.assertEqual(done.returncode, 2)
        self.assertIn("data.skip_bad", done.stderr)
        self.assertIn("data.source.kind is audio", done.stderr)


if __name__ == "__main__":
    unittest.main()
