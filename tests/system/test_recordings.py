"""The scripts that make the speech recipes' data."""
import array
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import unittest
import wave

ROOT = pathlib.Path(os.environ.get("LOCKSTEP_ROOT", pathlib.Path(__file__).parents[2]))
sys.path.insert(0, str(ROOT / "scripts"))
import fsdd  # noqa: E402
import recordings  # noqa: E402
import spoken_words  # noqa: E402


def digest(path):
    """Stands for a file's bytes, whose difference unittest would take minutes to show."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_script(self, *words):
        return subprocess.run([ROOT / "scripts" / words[0], *words[1:]], cwd=self.folder, text=True,
                              capture_output=True, check=False)

    def make(self, *words):
        done = self.run_script(*words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def refused(self, message, *words):
        before = sorted(self.folder.rglob("*"))
        done = self.run_script(*words)
        self.assertIn(done.returncode, (1, 2))
        self.assertIn(message, done.stderr)
        self.assertNotIn("Traceback", done.stderr)
        self.assertEqual(sorted(self.folder.rglob("*")), before)

    def listed(self, name):
        """[(path of the recording, text)]"""
        return recordings.read_list(str(self.folder / name))

    def contents(self, name):
        return {path.relative_to(self.folder / name): digest(path)
                for path in (self.folder / name).rglob("*") if path.is_file()}


def value_of(digit, speaker, index):
    """The one value that a made-up recording's samples have."""
    return 1000 + 100 * digit + 50 * (speaker == "ben") + index


def write_digits(folder, rate=8000):
    """Recordings of two speakers as FSDD has them."""
    (folder / "recordings").mkdir(parents=True)
    for digit in range(10):
        for speaker in ("ann", "ben"):
            for index in range(40):
                samples = array.array("h", [value_of(digit, speaker, index)] * (100 + index))
                path = folder / f"recordings/{digit}_{speaker}_{index}.wav"
                recordings.write_wav(str(path), rate, samples)


class Digits(Folder):
    def setUp(self):
        super().setUp()
        write_digits(self.folder / "fsdd")
        self.make("fsdd.py", "fsdd")
        self.options = ("--from", "fsdd", "--to", "made", "--train", "60", "--valid", "7", "--test", "9")

    def test_the_official_split(self):
        sets = {name: self.listed(f"fsdd/{name}.tsv") for name in ("train", "test")}
        self.assertEqual(len(sets["train"]), 700)
        self.assertEqual(len(sets["test"]), 100)
        for name, pairs in sets.items():
            for path, word in pairs:
                digit, _, index = pathlib.Path(path).stem.split("_")
                self.assertEqual(word, fsdd.WORDS[int(digit)])
                self.assertEqual(int(index) < 5, name == "test")
                self.assertTrue(os.path.exists(path))

    def test_a_list_of_ones_own_stays(self):
        self.make("fsdd.py", "fsdd")
        (self.folder / "fsdd/test.tsv").write_text("mine.wav\tzero\n")
        self.refused("test.tsv is there already", "fsdd.py", "fsdd")

    def test_what_is_not_the_data_set(self):
        self.refused("none/recordings", "fsdd.py", "none")
        shutil.rmtree(self.folder / "fsdd/recordings")
        (self.folder / "fsdd/recordings").mkdir()
        self.refused("no recordings", "fsdd.py", "fsdd")
        (self.folder / "fsdd/recordings/hello.wav").write_bytes(b"")
        self.refused("hello.wav: not named", "fsdd.py", "fsdd")

    def dealt(self, path):
        """The recordings in a sequence, and the lengths of the silences between them."""
        rate, samples = recordings.read_wav(path)
        self.assertEqual(rate, 8000)
        values, silences = [], []
        for sample in samples:
            if abs(sample) < 20:
                silences.append(silences.pop() + 1 if values and values[-1] is None else 1)
                values += [] if values and values[-1] is None else [None]
            elif not values or values[-1] != sample:
                values.append(sample)
        return [value for value in values if value], silences

    def test_sequences_hold_what_their_list_says(self):
        self.make("connected_digits.py", *self.options)
        used, lengths = {}, set()
        for name, count in (("train", 60), ("valid", 7), ("test", 9)):
            pairs = self.listed(f"made/{name}.tsv")
            self.assertEqual(len(pairs), count)
            for path, text in pairs:
                values, silences = self.dealt(path)
                self.assertEqual([fsdd.WORDS[(value - 1000) // 100] for value in values], text.split())
                self.assertEqual(len({value % 100 >= 50 for value in values}), 1, "two speakers")
                self.assertEqual(len(silences), len(values) - 1)
                self.assertTrue(all(400 <= length <= 2400 for length in silences), silences)
                used.setdefault(name, set()).update(values)
                lengths.add(len(values))
        self.assertEqual(lengths, {3, 4, 5, 6})
        for value in used["test"]:
            self.assertLess(value % 50, 5)
        for value in used["train"] | used["valid"]:
            self.assertGreaterEqual(value % 50, 5)
        self.assertFalse(used["train"] & used["valid"])

    def test_the_seed_decides(self):
        self.make("connected_digits.py", *self.options)
        first = self.contents("made")
        shutil.rmtree(self.folder / "made")
        self.make("connected_digits.py", *self.options)
        self.assertEqual(self.contents("made"), first)
        shutil.rmtree(self.folder / "made")
        self.make("connected_digits.py", *self.options, "--seed", "2")
        self.assertNotEqual(self.contents("made"), first)

    def test_what_is_there_stays(self):
        self.make("connected_digits.py", *self.options)
        self.refused("made is there already", "connected_digits.py", *self.options)

    def test_wrong_options(self):
        for message, *words in (("--least is above", "--least", "7"), ("invalid", "--train", "-3"),
                                ("silences must", "--shortest", "400"), ("silences must", "--longest", "nan"),
                                ("--speaker", "--speaker", "("), ("no speaker", "--speaker", "x(y)"),
                                ("needs up to 99", "--most", "99"),
                                ("No such file", "--from", "nowhere")):
            self.refused(message, "connected_digits.py", *self.options, *words)

    def test_wrong_files(self):
        bad = self.folder / "fsdd/recordings/0_ann_0.wav"
        good = bad.read_bytes()
        stereo = good[:22] + b"\2\0" + good[24:34] + b"\x08\0" + good[36:]
        for message, content in (("not a WAV", b""), ("not a WAV", good[:20]), ("not a WAV", b"x" * 99),
                                 ("no samples", good[:44]), ("2 channels of 8 bits", stereo)):
            bad.write_bytes(content)
            self.refused(message, "connected_digits.py", *self.options)
        recordings.write_wav(str(bad), 16000, array.array("h", [1] * 100))
        self.refused("samples a second", "connected_digits.py", *self.options)
        bad.unlink()
        self.refused("0_ann_0.wav", "connected_digits.py", *self.options)

    def test_wrong_lists(self):
        path = self.folder / "fsdd/train.tsv"
        test = (self.folder / "fsdd/test.tsv").read_text()
        path.write_bytes(b"\xff\xfe\n")
        self.refused("train.tsv: not text in UTF-8", "connected_digits.py", *self.options)
        for message, text in (("empty", ""), ("train.tsv:1: not a recording", "a_b_c.wav one\n"),
                              ("stands in both lists", test)):
            path.write_text(text)
            self.refused(message, "connected_digits.py", *self.options)


class SpokenWords(Folder):
    @classmethod
    def setUpClass(cls):
        for program in ("espeak-ng", "sox"):
            if not shutil.which(program):
                raise unittest.SkipTest(f"{program} is not installed: scripts/install.sh speech")

    def test_recordings(self):
        numbers = ("--train", "12", "--valid", "3", "--test", "5")
        self.make("spoken_words.py", "one", *numbers)
        for name, count in (("train", 12), ("valid", 3), ("test", 5)):
            pairs = self.listed(f"one/{name}.tsv")
            self.assertEqual(len(pairs), count)
            self.assertEqual(len(list((self.folder / "one" / name).iterdir())), count)
            for path, text in pairs:
                self.assertTrue(1 <= len(text.split()) <= 3)
                self.assertLessEqual(set(text.split()), set(spoken_words.WORDS))
                with wave.open(path) as file:
                    self.assertEqual(file.getparams()[:3], (1, 2, 16000))
                    self.assertGreater(file.getnframes(), 16000 // 5)
        self.make("spoken_words.py", "two", *numbers, "--jobs", "1")
        self.assertEqual(self.contents("two"), self.contents("one"))
        self.refused("one is there already", "spoken_words.py", "one", *numbers)

    def test_a_breath_is_the_same_at_any_time(self):
        paths = [self.folder / name for name in ("now.wav", "later.wav")]
        for path in paths:
            spoken_words.speak((str(path), "happy", "en-us+f2", 150, 50))
            time.sleep(1.1)  # some versions of espeak-ng draw it by the clock's seconds
        self.assertEqual(digest(paths[1]), digest(paths[0]))

    def test_no_speaker_is_in_two_sets(self):
        sets = spoken_words.SPEAKERS
        self.assertEqual(len(set().union(*sets.values())), sum(map(len, sets.values())))
        known = spoken_words.known_speakers()
        self.assertTrue(all(known.values()))

    def test_words_of_ones_own(self):
        words = self.folder / "words.txt"
        words.write_text("lockstep\n-v\n\nlockstep\n")
        self.make("spoken_words.py", "made", "--words", "words.txt", "--most", "1", "--train", "9",
                  "--valid", "1", "--test", "1")
        self.assertEqual({text for _, text in self.listed("made/train.tsv")}, {"lockstep", "-v"})
        for message, text in (("no words", "\n"), ("words.txt:2: more than a word", "a\nb c\n"),
                              ("has no letter", "?\n")):
            words.write_text(text)
            self.refused(message, "spoken_words.py", "other", "--words", "words.txt")

    def test_a_program_that_is_missing(self):
        programs = self.folder / "bin"
        programs.mkdir()
        environment = {**os.environ, "PATH": str(programs)}
        for missing in ("espeak-ng", "sox"):
            done = subprocess.run([sys.executable, ROOT / "scripts/spoken_words.py", self.folder / "made"],
                                  env=environment, text=True, capture_output=True, check=False)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"{missing} is missing; install it with: scripts/install.sh speech", done.stderr)
            self.assertEqual([path.name for path in self.folder.iterdir()], ["bin"])
            if missing == "espeak-ng":
                (programs / missing).symlink_to(shutil.which(missing))

    def test_a_speaker_that_is_not_known(self):
        programs = self.folder / "bin"
        programs.mkdir()
        script = programs / "espeak-ng"
        script.write_text("#!/bin/sh\nprintf '  5  variant  --/M  Adam  !v/adam\\n'\n")
        script.chmod(0o755)
        done = subprocess.run([sys.executable, ROOT / "scripts/spoken_words.py", self.folder / "made"],
                              env={**os.environ, "PATH": f"{programs}:{os.environ['PATH']}"}, text=True,
                              capture_output=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("knows none of the speakers for train", done.stderr)


if __name__ == "__main__":
    unittest.main()
