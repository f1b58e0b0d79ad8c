"""The scripts that make the recipes' data."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(os.environ.get("LOCKSTEP_ROOT", pathlib.Path(__file__).parents[2]))
sys.path.insert(0, str(ROOT / "scripts"))
import bible  # noqa: E402
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


if __name__ == "__main__":
    unittest.main()
