"""Attention made visible: predict --attention, and scripts/plot_attention.py."""
import contextlib
import io
import math
import pathlib
import random
import signal
import subprocess
import sys
import unittest
import unittest.mock
import warnings
import xml.etree.ElementTree

import numpy

import support

sys.path.insert(0, str(support.ROOT / "scripts"))
import plot_attention  # noqa: E402 (after the path)
import plots  # noqa: E402

WORDS = ["我们", "今天", "去", "niño", "¿qué?", "a$b$", "the", "x"]
SCRIPT = support.ROOT / "scripts/plot_attention.py"


class Reference:
    """The toy's Transformer (post-norm, relu, sinusoids) in float64, one sentence at a time."""

    def __init__(self, checkpoint):
        with support.h5py.File(checkpoint) as file:
            self.of = {name: value[()].astype(float) for name, value in file["parameters"].items()}
            self.symbols = {side: list(file[f"vocabulary/{side}/symbols"].asstr())
                            for side in ("source", "target")}

    def embed(self, side, tokens):
        table = self.of[f"{side}_embedding.weight"]
        x = table[[self.symbols[side].index(token) for token in tokens]] * math.sqrt(table.shape[1])
        angles = numpy.arange(len(x))[:, None] / 10000 ** (numpy.arange(0, x.shape[1], 2) / x.shape[1])
        x[:, 0::2] += numpy.sin(angles)
        x[:, 1::2] += numpy.cos(angles)
        return x

    def norm(self, at, x):
        centred = x - x.mean(axis=1, keepdims=True)
        scaled = centred / numpy.sqrt(centred.var(axis=1, keepdims=True) + 1e-5)
        return scaled * self.of[at + ".weight"] + self.of[at + ".bias"]

    def attend(self, at, x, memory, causal, weights):
        """What attention adds; its [heads, queries, keys] are appended to `weights`."""
        parts = zip(numpy.split(self.of[at + ".in_proj_weight"], 3),
                    numpy.split(self.of[at + ".in_proj_bias"], 3), (x, memory, memory))
        heads, rows = [], []
        for q, k, v in zip(*(numpy.split(y @ w.T + b, 4, axis=1) for w, b, y in parts)):
            scores = q @ k.T / math.sqrt(q.shape[1])
            if causal:
                scores[numpy.triu_indices(len(x), 1)] = -numpy.inf
            scores = numpy.exp(scores - scores.max(axis=1, keepdims=True))
            heads.append(scores / scores.sum(axis=1, keepdims=True))
            rows.append(heads[-1] @ v)
        weights.append(heads)
        return numpy.hstack(rows) @ self.of[at + ".out_proj.weight"].T + self.of[at + ".out_proj.bias"]

    def forward(self, at, x):
        hidden = x @ self.of[at + ".linear1.weight"].T + self.of[at + ".linear1.bias"]
        return numpy.maximum(hidden, 0) @ self.of[at + ".linear2.weight"].T + self.of[at + ".linear2.bias"]

    def run(self, source, fed):
        """{kind: [layers, heads, queries, keys]}, and what the decoder finds likeliest."""
        found = {"encoder": [], "decoder": [], "cross": []}
        x, y = self.embed("source", source), self.embed("target", fed)
        for at in ("encoder.layers.0", "encoder.layers.1"):
            x = self.norm(at + ".norm1", x + self.attend(at + ".self_attn", x, x, False, found["encoder"]))
            x = self.norm(at + ".norm2", x + self.forward(at, x))
        for at in ("decoder.layers.0", "decoder.layers.1"):
            y = self.norm(at + ".norm1", y + self.attend(at + ".self_attn", y, y, True, found["decoder"]))
            y = self.norm(at + ".norm2", y + self.attend(at + ".multihead_attn", y, x, False, found["cross"]))
            y = self.norm(at + ".norm3", y + self.forward(at, y))
        logits = y @ self.of["target_embedding.weight"].T + self.of["generator.bias"]
        return found, [self.symbols["target"][best] for best in logits.argmax(axis=1)]


class Attention(support.SystemTest):
    """One run of few steps; `seen` is the file of its lines, of which two have no output."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.open_home()
        cls.model = cls.home.folder / "run"
        numbers = random.Random(4)
        config = cls.home.make_toy()
        for name, count in (("train", 300), ("valid", 10), ("test", 10)):
            lines = [" ".join(numbers.choices(WORDS, k=numbers.randint(1, 9))) for _ in range(count)]
            support.write_pairs(cls.home.folder / f"{name}.tsv", [(line, line) for line in lines])
        cls.home.passes("train", config, *support.settings(
            "training.steps=60", "validation.every=60", "checkpoint.every=30"), ranks=2)
        cls.lines = ["我们 今天 去 x", "", "niño the ¿qué?", "x " * 40, "a$b$ unseen"]
        cls.seen = cls.home.folder / "seen.h5"
        cls.outputs = cls.predict(cls.home, cls.seen).stdout.splitlines()

    def predict(self, path, *options, **more):
        return self.passes("predict", self.model, "--attention", path, *options,
                           stdin="".join(f"{line}\n" for line in self.lines), **more)

    def tokens(self, line, name):
        with support.h5py.File(self.seen) as file:
            return list(file[f"lines/{line}/{name}"].asstr())

    # ---- the file

    def test_tokens_are_those_of_lines_and_outputs(self):
        with support.h5py.File(self.seen) as file:
            self.assertEqual(sorted(file["lines"]), ["1", "3", "5"])
            self.assertEqual(file.attrs["format"], "lockstep attention")
            self.assertEqual((file.attrs["step"], file.attrs["version"]), (60, 1))
            self.assertEqual(file.attrs["model"], str(self.home.checkpoints()[-1]))
        for line in (1, 3, 5):
            source = [word if word in WORDS else "<unk>" for word in self.lines[line - 1].split()]
            target = self.outputs[line - 1].split()
            self.assertEqual(self.tokens(line, "source"), source + ["<end>"])
            self.assertIn(self.tokens(line, "target"), (target, target + ["<end>"]))
            self.assertEqual(self.tokens(line, "fed"), (["<begin>"] + self.tokens(line, "target"))[:-1])

    def test_weights_are_those_of_a_forward_pass(self):
        reference = Reference(self.home.checkpoints()[-1])
        for line in (1, 3, 5):
            found, likeliest = reference.run(self.tokens(line, "source"), self.tokens(line, "fed"))
            self.assertEqual(likeliest, self.tokens(line, "target"))
            with support.h5py.File(self.seen) as file:
                for kind, expected in found.items():
                    weights = file[f"lines/{line}/{kind}"]
                    self.assertEqual(weights.dtype, "float32")
                    numpy.testing.assert_allclose(weights, expected, atol=2e-5, err_msg=f"{line} {kind}")
                self.assertGreater(numpy.ptp(file[f"lines/{line}/cross"]), 0.1)

    def test_any_number_of_ranks_writes_the_same_bytes(self):
        for ranks, more in ((2, ()), (3, ("--set", "run.threads=2"))):
            path = self.folder / f"{ranks}.h5"
            self.assertEqual(self.predict(path, *more, ranks=ranks).stdout.splitlines(), self.outputs)
            self.assertEqual(path.read_bytes(), self.seen.read_bytes())

    def test_what_it_replaces(self):
        older, link = self.folder / "older.h5", self.folder / "link.h5"
        older.write_bytes(self.seen.read_bytes())
        link.symlink_to(older)
        checkpoint, text = self.home.checkpoints()[-1], self.folder / "notes"
        text.write_text("notes\n")
        words = ["predict", self.model, "--attention"]
        for path, said in ((checkpoint, "is a checkpoint"), (self.model / "dataset.h5", "is a dataset"),
                           (text, "not"), (self.folder, "folder")):
            before = path.read_bytes() if path.is_file() else None
            done = self.fails(1 if path.is_dir() else 2, [path.name, said], *words, path, stdin="x\n")
            self.assertEqual(done.stdout, "")
            self.assertEqual(before, path.read_bytes() if path.is_file() else None)
        self.passes(*words, link, "--output", self.folder / "out", stdin="x\n", ranks=2)
        self.assertTrue(link.is_symlink())
        with support.h5py.File(older) as file:
            self.assertEqual(list(file["lines"]), ["1"])

    def test_a_failure_leaves_no_file(self):
        bad, path = self.folder / "bad", self.folder / "new.h5"
        bad.write_bytes(b"x\n\xff\n")
        self.fails(2, "bad:2", "predict", self.model, "--input", bad, "--attention", path, ranks=2)
        self.assertEqual([found.name for found in self.folder.iterdir()], ["bad"])
        for words in (["--attention", "-"], ["--attention", path, "--output", path]):
            self.fails(2, "--attention", "predict", self.model, *words, stdin="x\n")

    def test_a_parallel_decoder_sees_all_of_what_it_is_fed(self):
        places, path = 14, self.folder / "places.h5"
        config = self.home.write_config(support.CONFIG.replace("search: greedy, ", ""), "places.yaml")
        self.passes("train", config, *support.settings(
            "model.decoder=parallel", "model.length.kind=fixed", f"model.length.tokens={places}",
            f"data.max_length={places - 1}", "training.steps=40", "validation.every=40", "checkpoint.every=40",
            f"run.folder={self.folder}/run"))
        said = self.passes("predict", self.folder / "run", "--attention", path, stdin="x the\n去\n").stdout
        with support.h5py.File(path) as file:
            for number, output in enumerate(said.splitlines(), start=1):
                line = file[f"lines/{number}"]
                tokens = [token for token in line["target"].asstr() if token != "<end>"]
                self.assertEqual(tokens, output.split())
                self.assertEqual(list(line["fed"].asstr()), places * ["<begin>"])
                self.assertEqual(line["cross"].shape, (2, 4, places, len(line["source"])))
                self.assertGreater(numpy.min(line["decoder"]), 0)
                numpy.testing.assert_allclose(numpy.sum(line["decoder"], axis=3), 1, rtol=1e-5)
        self.assertEqual(len(self.plot(path=path)), 4)

    def test_a_signal_leaves_no_file(self):
        words = ["predict", self.model, "--attention", self.folder / "new.h5"]
        with subprocess.Popen(support.command(words), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, text=True, env=support.environment()) as process:
            process.stdin.write("x x\n")
            process.stdin.flush()
            process.stdout.readline()
            process.send_signal(signal.SIGTERM)
            said = process.stderr.read()
        self.assertEqual(process.returncode, 128 + signal.SIGTERM)
        self.assertIn("after 1 line; no file was written", said)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_inspect_knows_it(self):
        shown = support.read_json(self.passes("inspect", self.seen, "--json").stdout)
        self.assertEqual((shown["kind"], shown["lines"], shown["step"]), ("attention", 3, 60))
        shapes = {tensor["name"]: tensor["shape"] for tensor in shown["tensors"]}
        self.assertEqual(shapes["/lines/1/encoder"], [2, 4, 5, 5])
        damaged = self.folder / "damaged.h5"
        damaged.write_bytes(self.seen.read_bytes()[:-8])
        self.fails(2, "damaged.h5", "inspect", damaged)

    # ---- the pictures

    def plot(self, *words, path=None):
        """The pictures' paths, or what is wrong."""
        argv = ["plot_attention.py", str(path or self.seen), "--output", str(self.folder / "p"), *words]
        said = io.StringIO()
        with unittest.mock.patch("sys.argv", argv), contextlib.redirect_stdout(said):
            try:
                plot_attention.main()
            except SystemExit as end:
                return str(end)
        return said.getvalue().split()

    def test_pictures_and_a_page(self):
        done = support.run([SCRIPT, self.seen, "--output", self.folder / "p"])
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        names = [str(self.folder / f"p-{kind}.png") for kind in ("encoder", "decoder", "cross")]
        names.append(str(self.folder / "p.svg"))
        self.assertEqual(done.stdout.split(), names)
        for words, panels in ((["--line", "3"], 12), (["--layer", "all", "--head", "2"], 6)):
            self.assertEqual(self.plot(*words), names)
            for name in names[:3]:
                picture = pathlib.Path(name).read_bytes()
                self.assertEqual(picture[:8], b"\x89PNG\r\n\x1a\n")
                self.assertGreater(len(picture), 5000)
            page = xml.etree.ElementTree.parse(names[3])
            images = page.findall(".//{http://www.w3.org/2000/svg}image")
            self.assertEqual(len(images), panels + 1)  # and the scale

    def test_a_character_without_a_font_is_no_empty_box(self):
        choose, wrong = plots.choose_fonts, plots.Wrong
        installed = plots.font_manager.findSystemFonts()
        self.assertEqual(choose(["niño", "¿qué?"], []), ["DejaVu Sans"])
        with self.assertRaisesRegex(wrong, r"今 \(U\+4ECA\).*apt-get install fonts-wqy-microhei"):
            choose(["今"], [])
        with self.assertRaisesRegex(wrong, r"U\+F0000.*fonts-noto-core"):
            choose(["今\U000f0000"], installed)
        self.assertEqual(len(choose(WORDS, installed)), 2)
        with warnings.catch_warnings():
            warnings.filterwarnings("error", message="Glyph")
            with self.assertRaisesRegex(UserWarning, "Glyph"):
                page = plot_attention.Page(4, ["DejaVu Sans"])
                page.measure(["今"])

    def test_wrong_questions(self):
        text = self.folder / "text"
        text.write_text("none\n")
        for words, said in ((["--line", "2"], "no line 2"), (["--layer", "2"], "layers 0 to 1"),
                            (["--head", "x"], "heads 0 to 3"), (["--layer", "all", "--head", "all"], "one")):
            self.assertIn(said, self.plot(*words))
        for path in (text, self.home.checkpoints()[-1], self.folder / "nowhere"):
            self.assertIn(f"plot_attention.py: {path}: ", self.plot(path=path))


if __name__ == "__main__":
    unittest.main()
