"""A stranger's dataset of audio: the checksum is right, and what it seals is not."""
import unittest

import h5py
import mutations
import numpy

import support
import test_audio_data

FRAMES = "train/source/frames"


def settings(text):
    def edit(file):
        file.attrs["source_audio"] = text
    return edit


def frames(make):
    def edit(file):
        old = file[FRAMES][()]
        del file[FRAMES], file["pieces"]
        made = file.create_dataset(FRAMES, data=make(old))
        made.attrs.create("xxh3", 0, dtype="<u8")
    return edit


def huge(file):
    """No rows, and each wider than any memory."""
    del file[FRAMES]
    file.create_dataset(FRAMES, (0, 1 << 62), "<f2").attrs.create("xxh3", 0, dtype="<u8")


def joint(file):
    file.attrs["joint"] = numpy.int64(1)


def few_pieces(file):
    del file["pieces/train/source/frames"]
    file.create_dataset("pieces/train/source/frames", data=numpy.int64([1])) \
        .attrs.create("xxh3", 0, dtype="<u8")


def far_offsets(file):
    del file["pieces"]
    file["train/source/offsets"][3] = 1 << 40


DATASETS = {
    "floats": (frames(lambda old: old.astype("<f4")), "is not rows of 60 halves"),
    "wide": (frames(lambda old: numpy.hstack([old, old])), "is not rows of 60 halves"),
    "flat": (frames(lambda old: old.reshape(-1)), "is not rows of 60 halves"),
    "short": (frames(lambda old: old[:-1]), "offsets of"),
    "huge": (huge, FRAMES),
    "joint": (joint, "has a vocabulary"),
    "pieces": (few_pieces, "are not the checksums"),
    "offsets": (far_offsets, "has no tokens, or more"),
    "no settings": (settings(""), "no settings of audio"),
    "other settings": (settings("rate 8000 mels 20 window 25 hop 10 stack 4"),
                       "is not rows of 80 halves"),
    "wild settings": (settings("rate 8000 mels 20 window 1e300 hop 1e-300 stack 3"),
                      "no settings of audio"),
    "many mels": (settings("rate 8000 mels 1024 window 1 hop 1 stack 3"), "mels"),
}


class CraftedAudio(test_audio_data.AudioTest):
    def test_datasets(self):
        self.prepare()
        good = (self.folder / "dataset.h5").read_bytes()
        path = self.folder / "crafted.h5"
        for kind, (edit, words) in DATASETS.items():
            with self.subTest(kind):
                path.write_bytes(good)
                with h5py.File(path, "r+") as file:
                    edit(file)
                path.write_bytes(support.sealed(path.read_bytes()))
                done = support.run([mutations.READ_FILES, path])
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("refused: ", done.stdout)
                self.assertIn(words, done.stdout)

    def test_mutations(self):
        self.prepare()
        ours, _ = mutations.run([self.folder / "dataset.h5"], self.folder, 200)
        self.assertEqual([report for _, report in ours], [])


if __name__ == "__main__":
    unittest.main()
