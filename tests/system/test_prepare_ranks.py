"""A dataset of text that several ranks prepare: the bytes that one process makes alone, and its
errors."""
import gzip
import random
import unittest

from support import SystemTest, lockstep, settings

CONFIG = """\
run: {{folder: {folder}/run}}
data:
  source: {source}
{sides}  train: {train}
  valid: {valid}
  max_length: 60
model: {{{model}width: 16, heads: 2, feed_forward: 16, encoder_layers: 1}}
"""
BLOCK = 64 << 10  # of lines that a rank gets at once (src/data/corpus_block.h)


def sentences(count, seed):
    """Lines of made-up words, some of which are rare, with letters of two bytes."""
    numbers = random.Random(seed)
    syllables = ["ba", "ké", "lo", "mi", "rü", "ta", "sen", "por", "vi", "ne", "gu", "ha"]
    words = ["".join(numbers.choices(syllables, k=numbers.randint(1, 4))) for _ in range(3000)]
    weights = [1 / (i + 1) for i in range(len(words))]
    return [" ".join(numbers.choices(words, weights, k=numbers.randint(1, 30)))
            for _ in range(count)]


class PrepareRanksTest(SystemTest):
    def setUp(self):
        super().setUp()
        self.sources, self.targets = sentences(3000, 1), sentences(3000, 2)
        self.sources[7] = self.targets[9] = ""
        self.targets[2000] = " ".join(["long"] * 80)

    def save(self, name, lines, end="\n"):
        path = self.folder / name
        path.write_text("\n".join(lines) + end, encoding="utf-8")
        return str(path)

    def write_tabs(self):
        lines = [f"{s}\t{t}" if s else "" for s, t in zip(self.sources, self.targets)]
        self.save("train.tsv", lines)
        self.save("valid.tsv", lines[:500], end="")

    def configure(self, source, target="", *, vocabulary="separate", files="pairs: {}.tsv",
                  model=""):
        sides = f"  target: {{{target or source}}}\n  vocabulary: {vocabulary}\n"
        split = {name: "{" + files.replace("{}", f"{self.folder}/{name}") + "}"
                 for name in ("train", "valid")}
        text = CONFIG.format(folder=self.folder, source="{" + source + "}", model=model,
                             sides="" if "task" in model else sides, **split)
        self.config = self.folder / "config.yaml"
        self.config.write_text(text, encoding="utf-8")

    def prepare(self, ranks):
        """What comes of it: the bytes of the dataset, or the error."""
        path = self.folder / f"{ranks}.h5"
        done = lockstep("prepare", self.config, *settings(f"data.dataset={path}"), ranks=ranks)
        if done.returncode == 0:
            return path.read_bytes()
        self.assertFalse(path.exists())
        errors = [line for line in done.stderr.splitlines() if "error:" in line]
        self.assertEqual(len(errors), 1, done.stderr)
        return done.returncode, errors[0].replace("rank 0: ", "")

    def compare(self, *ranks):
        """The same with any number of ranks; gives what one makes."""
        alone = self.prepare(0)
        for count in ranks:
            other = self.prepare(count)
            self.assertTrue(other == alone, f"{count} ranks: {other[:200]} {alone[:200]}")
        return alone

    def makes(self, *ranks):
        made = self.compare(*(ranks or [3]))
        self.assertIsInstance(made, bytes, made)

    def refuses(self, *words):
        code, said = self.compare(3)
        self.assertEqual(code, 2, said)
        for word in words:
            self.assertIn(word, said)

    def test_words_and_characters(self):
        self.write_tabs()
        self.assertGreater((self.folder / "train.tsv").stat().st_size, 5 * BLOCK)
        self.configure("vocabulary: words, size: 500", "vocabulary: characters, symbols: [ké]")
        self.makes(1, 2, 3)

    def test_sentencepiece(self):
        self.write_tabs()
        self.configure("vocabulary: sentencepiece, size: 200", vocabulary="joint")
        self.makes()

    def test_words_beside_sentencepiece_that_are_copied_nowhere(self):
        self.write_tabs()
        self.configure("vocabulary: words", "vocabulary: sentencepiece, size: 150")
        self.makes()

    def test_copied_words(self):
        self.write_tabs()
        self.configure("vocabulary: words, size: 300", model="copy: true, tie: none, ")
        self.makes()

    def test_two_files_one_of_them_compressed(self):
        for name, count in (("train", 3000), ("valid", 300)):
            self.save(f"{name}.de", self.sources[:count])
            with gzip.open(self.folder / f"{name}.en.gz", "wt", encoding="utf-8") as file:
                file.write("\n".join(self.targets[:count]))
        self.configure("vocabulary: words, minimum_count: 2", vocabulary="joint",
                       files="source: {}.de, target: {}.en.gz")
        self.makes()

    def write_conll(self):
        text = []
        for number, line in enumerate(self.sources):
            text += [f"{word} x {'AB'[len(word) % 2]}" for word in line.split()]
            text.append("" if number % 3 else " \u00a0")
        self.save("train.conll", text)
        self.save("valid.conll", text[:4000], end="")
        return text

    def test_tags(self):
        self.write_conll()
        self.configure("vocabulary: characters", files="conll: {}.conll",
                       model="task: tag, ")
        self.makes()

    def test_labels(self):
        self.targets = [f"label {len(line) % 5}" for line in self.sources]
        self.write_tabs()
        self.configure("vocabulary: words", model="task: label, ")
        self.makes()

    def test_the_first_error_of_the_file_is_told(self):
        self.write_tabs()
        path = self.folder / "train.tsv"
        lines = path.read_bytes().split(b"\n")
        for number, bad, words in ((2900, b"no tab", "no tab"), (2500, b"a\tb\xff", "0xff"),
                                   (2499, b"a\tb\tc", "more than one tab")):
            lines[number - 1] = bad
            path.write_bytes(b"\n".join(lines))
            self.configure("vocabulary: words")
            self.refuses(f"train.tsv:{number}: ", words)

    def test_a_bad_line_of_the_second_corpus(self):
        self.write_tabs()
        path = self.folder / "valid.tsv"
        path.write_text(path.read_text() + "\nno tab\n")
        self.configure("vocabulary: words")
        self.refuses("data.valid: ", "valid.tsv:501: no tab")

    def test_files_of_different_lengths(self):
        for name in ("train", "valid"):
            self.save(f"{name}.de", self.sources)
            self.save(f"{name}.en", self.targets[:2990])
        self.configure("vocabulary: words", files="source: {}.de, target: {}.en")
        self.refuses("train.de has 3000 lines", "train.en has 2990")
        path = self.folder / "train.de"
        path.write_bytes(path.read_bytes() + b"\xff\n")
        self.refuses("train.de:3001: ", "0xff")

    def test_damaged_gzip(self):
        for name in ("train", "valid"):
            with gzip.open(self.folder / f"{name}.tsv.gz", "wt", encoding="utf-8") as file:
                file.write("".join(f"{s}\t{t}\n" for s, t in zip(self.sources, self.targets)))
        path = self.folder / "train.tsv.gz"
        path.write_bytes(path.read_bytes()[:-20000])
        self.configure("vocabulary: words", files="pairs: {}.tsv.gz")
        self.refuses("train.tsv.gz:", "end too early")

    def test_columns_that_change(self):
        text = self.write_conll()
        text[20000] = "word TAG"
        self.save("train.conll", text)
        self.configure("vocabulary: words", files="conll: {}.conll",
                       model="task: tag, ")
        self.refuses("train.conll:20001: 2 columns in this line, but 3")

    def test_lines_longer_than_a_message(self):
        self.sources[100] = "word " * 200000
        self.targets[101] = "x" * 700000
        self.write_tabs()
        self.configure("vocabulary: words, size: 300")
        self.makes()


if __name__ == "__main__":
    unittest.main()
