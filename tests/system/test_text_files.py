"""Texts as they come: compressed or not, from a file, a pipe or standard input, and what is no
text at all."""
import bz2
import gzip
import lzma
import os
import select
import subprocess
import threading
import unittest

import support


class TextTest(support.SystemTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_home()
        cls.config = cls.home.make_toy(train=100)
        cls.home.passes("train", cls.config, "--set", "training.steps=4")
        cls.run_folder = cls.home.folder / "run"
        cls.pairs = cls.home.folder / "valid.tsv"
        cls.plain = cls.pairs.read_bytes()
        cls.scores = cls.home.passes("score", cls.run_folder, "--pairs", cls.pairs).stdout

    def save(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def pipe(self, name, content):
        """A named pipe that somebody writes `content` to, in two halves."""
        path = self.folder / name
        os.mkfifo(path)

        def write():
            with open(path, "wb", buffering=0) as file:
                for part in (content[:len(content) // 2], content[len(content) // 2:]):
                    file.write(part)

        threading.Thread(target=write, daemon=True).start()
        return path


class Gzip(TextTest):
    def test_members_and_padding(self):
        half = self.plain.index(b"\n", len(self.plain) // 2) + 1
        joined = gzip.compress(self.plain[:half]) + gzip.compress(self.plain[half:])
        for name, content in (("joined.gz", joined), ("padded.gz", joined + bytes(100000)),
                              ("empty.gz", gzip.compress(b"") + joined)):
            with self.subTest(name):
                path = self.save(name, content)
                self.assertEqual(self.passes("score", self.run_folder, "--pairs", path).stdout,
                                 self.scores)

    def test_what_follows_the_last_member(self):
        packed = gzip.compress(self.plain)
        for name, content in (("text.gz", packed + self.plain), ("one.gz", packed + b"\x1f"),
                              ("far.gz", packed + bytes(100000) + b"x")):
            path = self.save(name, content)
            with self.subTest(name):
                at = len(content.rstrip(b"x")) + 1 if name == "far.gz" else len(packed) + 1
                self.fails(2, [f"{name}:41", f"byte {at} ", "gzip"], "score", self.run_folder,
                           "--pairs", path)
                self.fails(2, [name, "gzip"], "prepare", self.config,
                           "--set", f"data.train.pairs={path}",
                           "--set", f"data.dataset={self.folder}/data.h5")

    def test_on_standard_input(self):
        with open(self.save("pairs.gz", gzip.compress(self.plain)), "rb") as file:
            done = subprocess.run(support.command(["score", self.run_folder, "--pairs", "-"]),
                                  stdin=file, capture_output=True, text=True, timeout=60, check=True)
        self.assertEqual(done.stdout, self.scores)


class Pipes(TextTest):
    def test_pairs(self):
        for ranks in (0, 2):
            path = self.pipe(f"pairs{ranks}", self.plain)
            done = self.passes("score", self.run_folder, "--pairs", path, ranks=ranks, seconds=60)
            self.assertEqual(done.stdout, self.scores)
        path = self.pipe("packed", gzip.compress(self.plain))
        self.assertEqual(self.passes("score", self.run_folder, "--pairs", path, seconds=60).stdout,
                         self.scores)
        path = self.pipe("whole", self.plain)
        self.assertIn("40 pairs", self.passes("score", self.run_folder, "--summary", "--pairs",
                                              path, seconds=60).stdout)

    def test_source_and_target(self):
        columns = zip(*(line.split(b"\t") for line in self.plain.splitlines()))
        source, target = (b"".join(line + b"\n" for line in column) for column in columns)
        done = self.passes("score", self.run_folder, "--source", self.pipe("source", source),
                           "--target", self.pipe("target", target), seconds=60)
        self.assertEqual(done.stdout, self.scores)
        lines = self.passes("predict", self.run_folder, "--input", self.save("file", source)).stdout
        self.assertEqual(self.passes("predict", self.run_folder, "--input",
                                     self.pipe("input", source), seconds=60).stdout, lines)

    def test_training_text_is_read_twice(self):
        os.mkfifo(self.folder / "train")
        for verb in ("prepare", "train"):
            self.fails(2, ["data.train.pairs", "pipe", "only once"], verb, self.config, "--set",
                       f"data.train.pairs={self.folder}/train", "--set",
                       f"data.dataset={self.folder}/data.h5", "--set",
                       f"run.folder={self.folder}/run", seconds=60)

    def test_answers_come_at_once(self):
        """A service: who has asked gets the answer before the next question."""
        for verb, ranks, question in ((["predict", self.run_folder], 0, "a b\nc\n"),
                                      (["predict", self.run_folder], 2, "a b\nc\n"),
                                      (["score", self.run_folder, "--pairs", "-"], 0, "a\tb\nc\td\n")):
            process = subprocess.Popen(support.command(verb, ranks), stdin=subprocess.PIPE,
                                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                       env=support.environment(), start_new_session=True)
            self.addCleanup(process.stdout.close)
            self.addCleanup(support.kill_tree, process.pid)
            for _ in range(2):
                process.stdin.write(question.encode())
                process.stdin.flush()
                answer = b""
                while answer.count(b"\n") < 2:
                    ready = select.select([process.stdout], [], [], 20)[0]
                    self.assertTrue(ready, f"{verb} on {ranks} ranks: no answer")
                    answer += os.read(process.stdout.fileno(), 4096)
            process.stdin.close()
            self.assertEqual(process.wait(20), 0)

    def test_slow_and_fast_give_the_same(self):
        lines = [line.split("\t")[0] + "\n" for line in self.plain.decode().splitlines()]
        at_once = self.passes("predict", self.run_folder, stdin="".join(lines)).stdout
        process = subprocess.Popen(support.command(["predict", self.run_folder]), text=True,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, env=support.environment())
        self.addCleanup(process.kill)
        for line in lines:
            process.stdin.write(line[:3])
            process.stdin.flush()
            process.stdin.write(line[3:])
            process.stdin.flush()
        self.assertEqual(process.communicate(timeout=60)[0], at_once)


class Warned(TextTest):
    """What is text, and may not be what was meant."""

    def test_pairs_in_place_of_sources(self):
        done = self.passes("predict", self.run_folder, "--input", self.pairs)
        self.assertIn("every line has a tab", done.stderr)
        self.assertIn("cut -f1", done.stderr)
        some = self.save("some", b"a\tb\na\n")
        self.assertNotIn("tab", self.passes("predict", self.run_folder, "--input", some).stderr)

    def test_words_that_spell_specials(self):
        path = self.save("special.tsv", self.plain + b"a <end>\tb\n<begin> <unk> a\tb <end>\n<e\tb\n")
        done = self.passes("prepare", self.config, "--set", f"data.train.pairs={path}",
                           "--set", f"data.dataset={self.folder}/data.h5")
        self.assertRegex(done.stderr, r"warning.*special.tsv.*<end>.* 3 in the source, 1 in the target")
        self.assertEqual(done.stderr.count("3 in the source"), 1)
        characters = ["--set", "data.source.vocabulary=characters", "--set",
                      "data.target.vocabulary=characters"]
        done = self.passes("prepare", self.config, "--set", f"data.train.pairs={path}", *characters,
                           "--set", f"data.dataset={self.folder}/characters.h5")
        self.assertNotIn("<end>", done.stderr)

    def test_nothing_left_to_score(self):
        path = self.save("none.tsv", b"a\t\n" + b"a " * 40 + b"\tb\n\tb\n")
        for ranks in (0, 2):
            self.fails(2, ["none.tsv", "none of 3 pairs", "1 longer than data.max_length (32",
                           "2 with an empty side"],
                       "score", self.run_folder, "--summary", "--pairs", path, ranks=ranks)
        self.fails(2, ["empty.tsv", "empty;"], "score", self.run_folder, "--summary", "--pairs",
                   self.save("empty.tsv", b""))

    def test_one_is_no_plural(self):
        path = self.save("one.tsv", b"a\tb\n")
        done = self.passes("train", self.config, "--set", "training.steps=1", "--set",
                           f"data.train.pairs={path}", "--set", f"run.folder={self.folder}/run")
        for text in ("train: 1 pair in", "data: 1 pair;", "done: 1 step\n"):
            self.assertIn(text, done.stderr)
        self.assertIn("1 pair, 1 different source,", self.passes(
            "score", self.run_folder, "--summary", "--pairs", path).stdout)


class NoText(TextTest):
    def refused(self, words, content):
        path = self.save("bad.txt", content)
        self.fails(2, ["bad.txt", *words], "score", self.run_folder, "--pairs", path)
        self.fails(2, ["bad.txt", *words], "predict", self.run_folder, "--input", path)

    def test_compressed_otherwise(self):
        self.refused(["xz", "decompress"], lzma.compress(self.plain))
        self.refused(["bzip2", "decompress"], bz2.compress(self.plain))
        self.refused(["zstd", "decompress"], b"\x28\xb5\x2f\xfd\x04\x00")

    def test_utf16(self):
        text = self.plain.decode()
        for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
            self.refused(["utf-16", "convert"], text.encode(encoding))

    def test_carriage_returns_alone(self):
        self.refused(["carriage return"], self.plain.replace(b"\n", b"\r"))

    def test_a_zero_byte(self):
        self.refused(["bad.txt:2", "byte 2", "zero byte"], b"a\tb\na\0c\tb\n")

    def test_a_configuration_with_a_zero_byte(self):
        text = self.config.read_bytes()
        path = self.save("zero.yaml", text + b"\0" + b"model: {width: 32}\n")
        for verb, ranks in (("config", 0), ("prepare", 0), ("train", 0), ("train", 2), ("bench", 0)):
            self.fails(2, ["zero.yaml", "binary"], verb, path, ranks=ranks)
        path = self.save("large.yaml", text + b"# long\n" * 50000)
        self.fails(2, ["large.yaml", "too many"], "train", path)

    def test_a_home_that_only_the_shell_knows(self):
        for setting in ("run.folder=~/run", "data.train.pairs=~/train.tsv", "data.dataset=~/d.h5"):
            self.fails(2, [setting.split("=", maxsplit=1)[0], "shell", "~"], "train", self.config,
                       "--set", setting)
        self.fails(2, ["--output", "~/x"], "predict", self.run_folder, "--output=~/x")

    def test_not_there(self):
        folder = self.folder / "folder"
        folder.mkdir()
        for path, words in ((self.folder / "none", "no such file"), (folder, "is a folder")):
            for words_of in (["score", self.run_folder, "--pairs", path],
                             ["score", self.run_folder, "--source", path, "--target", self.pairs],
                             ["predict", self.run_folder, "--input", path],
                             ["prepare", path],
                             ["train", path],
                             ["prepare", self.config, "--set", f"data.train.pairs={path}"],
                             ["prepare", self.config, "--set", "data.source.vocabulary=sentencepiece",
                              "--set", f"data.source.model={path}"]):
                self.fails(2, [str(path), words], *words_of)
        for verb in ("predict", "score", "inspect", "average"):
            self.fails(2, [str(self.folder / "none"), "no such file"], verb, self.folder / "none")


if __name__ == "__main__":
    unittest.main()
