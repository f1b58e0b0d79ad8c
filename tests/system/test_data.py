"""The scripts that make the recipes' data."""
import io
import os
import pathlib
import subprocess
import sys
import tarfile
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("LOCKSTEP_ROOT", pathlib.Path(__file__).parents[2]))
sys.path.insert(0, str(ROOT / "scripts"))
import bible  # noqa: E402
import hold_out  # noqa: E402
import sentiment  # noqa: E402
import splits  # noqa: E402


class Pronunciations(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def make(self, dictionary):
        """{set: [(word, phonemes)]}"""
        path = self.folder / "words.dict"
        path.write_text(dictionary)
        subprocess.run([ROOT / "scripts/cmudict.py", self.folder / "out", "--dictionary", path],
                       check=True, stdout=subprocess.DEVNULL)
        return {name: [tuple(line.split("\t")) for line in
                       (self.folder / f"out/{name}.tsv").read_text().splitlines()]
                for name in splits.SETS}

    def test_variants_follow_their_word(self):
        made = self.make("a AH\na's EY Z\na's(2) AH Z\na(2) EY\na(3) EY\n\nb B IY # letter\n")
        pairs = [pair for name in splits.SETS for pair in made[name]]
        self.assertEqual(sorted(pairs), [("a", "AH"), ("a", "EY"), ("a's", "AH Z"),
                                         ("a's", "EY Z"), ("b", "B IY")])
        a = [word for word, _ in pairs].index("a")
        self.assertEqual(pairs[a:a + 2], [("a", "AH"), ("a", "EY")])

    def test_no_word_is_in_two_sets(self):
        words = "".join(f"w{number} A\nw{number}(2) B\n" for number in range(4000))
        made = self.make(words)
        sets = [{word for word, _ in made[name]} for name in splits.SETS]
        self.assertEqual(sum(map(len, sets)), 4000)
        self.assertTrue(all(sets))
        self.assertGreater(len(sets[0]), 3700)
        self.assertEqual(self.make(words), made)

    def test_without_the_dictionary(self):
        done = subprocess.run([ROOT / "scripts/cmudict.py", self.folder / "out", "--dictionary",
                               self.folder / "none"], stderr=subprocess.PIPE, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("scripts/install.sh data", done.stderr)
        self.assertFalse((self.folder / "out").exists())


class Verses(unittest.TestCase):
    def test_markup_and_notes_are_stripped(self):
        self.assertEqual(bible.plain(
            '<title>The Book</title> <w lemma="H1">In</w> <w>the beginning</w>, God<note '
            'placement="foot"><reference>1:1 </reference>Or X.</note><w>created</w>.<lb/>“ So &amp; so ”'),
            "In the beginning, God created. “So & so”")
        self.assertEqual(bible.plain('<title canonical="true">A Psalm.</title><l/>Have mercy.'),
                         "A Psalm. Have mercy.")

    def test_misnumbered_chapters_are_left_out(self):
        english = {("Jonah", chapter, verse): "x" * 40 for chapter in (1, 2, 3) for verse in (1, 2)}
        spanish = {key: text for key, text in english.items() if key != ("Jonah", 1, 2)}
        self.assertEqual(bible.misnumbered(english, spanish), {("Jonah", 1), ("Jonah", 2)})
        spanish["Jonah", 1, 2] = "y" * 200
        self.assertEqual(bible.misnumbered(english, spanish), {("Jonah", 1)})


def tar_of(files):
    """The bytes of a .tar.gz that holds {name: bytes}."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return made.getvalue()


class Sentiment(unittest.TestCase):
    MOVIES = ("1\t2.2\tIt''s GREAT :-) don't miss it!!!\r\n2\t-0.1\tSo so.\r\n"
              "3\t-1.5\tBad\u2028film &amp; plot.\r\n")

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def archive(self, movies=MOVIES, names=("movieReviewSnippets", "amazonReviewSnippets", "tweets")):
        products = "".join(f"{review}_{line}\t1.0\tFine {review} {line}\r\n" for review in range(300)
                           for line in range(4))
        texts = dict(zip(names, (movies, products, "1\t-4\tNever again\r\n")))
        inner = tar_of({f"x/{name}_GroundTruth.txt": text.encode() for name, text in texts.items()})
        return tar_of({"p/setup.py": b"", "p/more/hutto_ICWSM_2014.tar.gz": inner})

    def run_script(self, content, *words):
        path = self.folder / "vader.tar.gz"
        path.write_bytes(content)
        return subprocess.run([ROOT / "scripts/sentiment.py", self.folder / "out", "--archive", path, *words],
                              capture_output=True, text=True, check=False)

    def test_sentences_and_labels(self):
        done = self.run_script(self.archive())
        self.assertEqual(done.returncode, 0, done.stderr)
        sets = {name: (self.folder / f"out/{name}.tsv").read_text().split("\n") for name in splits.SETS}
        lines = set().union(*sets.values())
        self.assertIn("it \" s great :-) don't miss it !!!\tpositive", lines)
        self.assertIn("bad film & plot .\tnegative", lines)
        self.assertIn("never again\tnegative", lines)
        self.assertFalse([line for line in lines if "so so" in line])
        reviews = [{line.split()[1] for line in own if line.startswith("fine")} for own in sets.values()]
        self.assertEqual(sum(map(len, reviews)), 300)
        self.assertTrue(all(reviews))

    def test_what_is_not_the_archive(self):
        good = self.archive()
        for message, content in (("not the archive", b"hello"), ("not the archive", good[:len(good) // 2]),
                                 ("has 0 of the 3", tar_of({"a": b""})),
                                 ("has 2 of the 3", self.archive(names=("tweets", "amazonReviewSnippets"))),
                                 ("movieReviewSnippets_GroundTruth.txt:2: not a number",
                                  self.archive("1\t1\tA\n2\tb")),
                                 ("damaged", tar_of({"hutto_ICWSM_2014.tar.gz": b"x"}))):
            done = self.run_script(content)
            self.assertEqual(done.returncode, 1, message)
            self.assertIn(message, done.stderr)
            self.assertNotIn("Traceback", done.stderr)
            self.assertFalse((self.folder / "out").exists())
        self.assertEqual(self.run_script(good, "--least", "0").returncode, 2)

    def test_sets_apart(self):
        self.assertEqual(sentiment.TOKEN.findall("it’s <3 no.1 ... :D (a)"),
                         ["it’s", "<3", "no", ".", "1", "...", ":D", "(", "a", ")"])


class HeldOut(unittest.TestCase):
    def test_lines_of_a_source_stay_together(self):
        lines = [f"{number // 2}\t{number}" for number in range(100)]
        fit, valid = hold_out.hold_out(lines, 21, 1)
        self.assertEqual(sorted(fit + valid), sorted(lines))
        self.assertEqual(len(valid), 20)
        self.assertFalse({line.split("\t")[0] for line in fit} & {line.split("\t")[0] for line in valid})
        self.assertEqual(hold_out.hold_out(lines, 21, 1), (fit, valid))
        self.assertNotEqual(hold_out.hold_out(lines, 21, 2), (fit, valid))

    def test_files(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "train.tsv").write_text("".join(f"a{number}\tb\n" for number in range(9)))

            def run(*words):
                return subprocess.run([ROOT / "scripts/hold_out.py", *words], capture_output=True, text=True,
                                      check=False, cwd=folder)
            for message, *words in (("would leave none", "train.tsv", "9"), ("invalid", "train.tsv", "0"),
                                    ("No such file", "none.tsv", "1")):
                self.assertIn(message, run(*words).stderr)
            self.assertEqual(run("train.tsv", "2").returncode, 0)
            self.assertEqual(len((folder / "fit.tsv").read_text().splitlines()), 7)
            self.assertEqual(len((folder / "valid.tsv").read_text().splitlines()), 2)
            self.assertIn("there already", run("train.tsv", "2").stderr)


if __name__ == "__main__":
    unittest.main()
