"""A stranger's checkpoints and datasets: the checksum is right, and what it seals is not."""
import pathlib
import unittest

import h5py
import mutations
import numpy

import support


def self_link(file):
    file["parameters/again"] = file["parameters"]


def second_link(file):
    file["parameters/again"] = file["progress/step"]


def deep_groups(file):
    file.create_group("a/b/c/d/e/f")


def external_link(file):
    file["parameters/other"] = h5py.ExternalLink("other.h5", "/x")


def soft_link(file):
    file["parameters/other"] = h5py.SoftLink("/progress")


def put(name, make):
    """Put another data set where `name` is."""
    def edit(file):
        del file[name]
        make(file, name)
    return edit


def filtered(file, name):
    file.create_dataset(name, data=numpy.int64(range(10)), chunks=(5,), compression="gzip")


def chunked(file, name):
    file.create_dataset(name, data=numpy.int64(range(10)), chunks=(5,))


def external(file, name):
    file.create_dataset(name, (4,), "i8", external=[("/etc/passwd", 0, 32)])


def virtual(file, name):
    layout = h5py.VirtualLayout((4,), "i8")
    layout[:] = h5py.VirtualSource("other.h5", "x", (4,))
    file.create_virtual_dataset(name, layout)


def compact(file, name):
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    creation.set_layout(h5py.h5d.COMPACT)
    h5py.h5d.create(file.id, name.encode(), h5py.h5t.STD_I64LE,
                    h5py.h5s.create_simple((4,)), creation)


def huge(file, name):
    file.create_dataset(name, (1 << 40, 1 << 20), "<f4")


def cube(file, name):
    file.create_dataset(name, data=numpy.zeros((2, 2, 2), "<f4"))


def nothing(file, name):
    file.create_dataset(name, data=h5py.Empty("<f4"))


def committed(file, name):
    file["kind"] = numpy.dtype("<f4")
    file.create_dataset(name, data=numpy.zeros(4), dtype=file["kind"])


def typed(file, name):
    file[name] = numpy.dtype("<f4")


def compound(file, name):
    file.create_dataset(name, data=numpy.zeros(4, [("a", "<f4"), ("b", "<i8")]))


def lists(file, name):
    file.create_dataset(name, (4,), h5py.vlen_dtype("<i4"))


def fixed_text(file, name):
    file.create_dataset(name, data=numpy.bytes_([b"<unk>", b"<begin>", b"<end>"]))


STORAGE = [filtered, chunked, external, virtual, compact, huge, cube, nothing, committed, typed,
           compound, lists]


def attribute(name, value, where="/"):
    def edit(file):
        file[where].attrs[name] = value
    return edit


def model_of_doubles(file):
    file.attrs["source_vocabulary"] = numpy.int64(2)
    file.create_dataset("vocabulary/source/model", data=numpy.zeros(64)) \
        .attrs.create("xxh3", int.from_bytes(support.xxh3(bytes(512)), "little"), dtype="<u8")


WEIGHT = "parameters/generator.bias"

CHECKPOINTS = {
    "self link": (self_link, "more than one link"),
    "second link": (second_link, "more than one link"),
    "deep groups": (deep_groups, "too deep"),
    "external link": (external_link, "link to another place or file"),
    "soft link": (soft_link, "link to another place or file"),
    "fixed text": (put("vocabulary/source/symbols", fixed_text), "of a type or shape"),
    "numbers for one": (attribute("step", numpy.arange(4096)), "attribute step"),
    "a short number": (attribute("step", numpy.int8(2)), "attribute step"),
    "text for a number": (attribute("version", "two"), "attribute version"),
    "fixed attribute": (attribute("config", numpy.bytes_(b"run: {}")), "attribute config"),
    "texts for one": (attribute("config", ["a"] * 4096), "attribute config"),
    "checksums for one": (attribute("xxh3", numpy.arange(4096), WEIGHT), "attribute xxh3"),
    "model": (model_of_doubles, "not a model's bytes"),
    **{make.__name__: (put(WEIGHT, make), "generator.bias") for make in STORAGE
       if make is not committed},
    "committed": (put(WEIGHT, committed), "more than one link"),
}


def put_again(file):
    file["train/again"] = file["train"]


def move_offsets(file):
    del file["pieces"]  # as in a dataset of version 1
    file["train/source/offsets"][3] = 1 << 40


def shorten(file):
    del file["pieces"]
    file["train/source/offsets"][-1] -= 1


def wide_ids(file):
    old = file["train/source/ids"]
    del file["train/source/ids"]
    made = file.create_dataset("train/source/ids", data=old[()].astype("<i8"))
    made.attrs["xxh3"] = old.attrs["xxh3"]


def tags_too_many(file):
    """As many in all, but one more for the first pair that may take one from the next."""
    del file["pieces"]
    file.attrs["tags"] = numpy.int64(1)
    offsets = file["train/target/offsets"]
    lengths = numpy.diff(offsets[()])
    offsets[1 + int(numpy.argmax(lengths[1:] > 1))] += 1


DATASETS = {
    "self link": (put_again,
                  "more than one link"),
    "fingerprint": (attribute("fingerprint", numpy.arange(4096)), "attribute fingerprint"),
    "offsets": (move_offsets, "has no tokens, or more"),
    "last offset": (shorten, "offsets of"),
    "ids": (wide_ids, "not a list of whole numbers"),
    "text": (put("valid/source/text", fixed_text), "of a type or shape"),
    "tags": (tags_too_many, "has not one tag for each token"),
    "labels": (attribute("target_vocabulary", numpy.int64(3)), "has not one label"),
    "sources": (attribute("source_vocabulary", numpy.int64(3)), "its sources are labels"),
}


class Crafted(support.SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.open_home()
        cls.config = cls.home.make_toy(train=300)
        cls.small = ["--set", "training.steps=2", "--set", "validation.every=2",
                     "--set", "model.width=16", "--set", "model.feed_forward=16"]
        cls.home.passes("train", cls.config, *cls.small)
        cls.dataset = cls.home.folder / "run/dataset.h5"
        cls.checkpoint = cls.home.checkpoints()[-1]

    def crafted(self, good, edit):
        path = self.folder / "crafted.h5"
        path.write_bytes(good.read_bytes())
        with h5py.File(path, "r+") as file:
            edit(file)
        path.write_bytes(support.sealed(path.read_bytes()))
        return path

    def test_checkpoints(self):
        for kind, (edit, words) in CHECKPOINTS.items():
            with self.subTest(kind):
                path = self.crafted(self.checkpoint, edit)
                self.fails(2, [str(path), words], "inspect", path)

    def test_every_verb(self):
        path = self.crafted(self.checkpoint, self_link)
        self.fails(2, "more than one link", "predict", path, stdin="a b\n")
        self.fails(2, "more than one link", "score", path)
        self.fails(2, "more than one link", "train", self.config, *self.small,
                   "--set", f"run.folder={self.folder}/new",
                   "--set", f"training.initialize_from={path}")

    def test_what_is_not_read(self):
        """An optimizer's state is nothing to who uses the model, and not looked at."""
        def edit(file):
            file["optimizer/again"] = h5py.ExternalLink("other.h5", "/x")
        path = self.crafted(self.checkpoint, edit)
        self.fails(2, "link to another place or file", "inspect", path)
        self.home.passes("predict", path, stdin="a b\n")

    def test_datasets(self):
        """Read as training reads it."""
        for kind, (edit, words) in DATASETS.items():
            with self.subTest(kind):
                path = self.crafted(self.dataset, edit)
                done = support.run([mutations.READ_FILES, path])
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("refused: ", done.stdout)
                self.assertIn(words, done.stdout)

    def test_a_configuration_opens_nothing(self):
        """What the file says of other files is nobody's wish."""
        bait = self.folder / "bait"
        text = h5py.File(self.checkpoint, "r").attrs["config"].replace(str(self.home.folder),
                                                                       str(bait))
        text = text.replace("training:\n", f"training:\n  initialize_from: {bait}/from.h5\n")
        path = self.crafted(self.checkpoint, attribute("config", text))
        self.assertIn(str(bait), text)
        for name in ("train", "valid"):
            bait.mkdir(exist_ok=True)
            support.os.mkfifo(bait / f"{name}.tsv")
        support.write_pairs(self.folder / "pairs.tsv", support.toy_pairs(5, 1))
        before = sorted(bait.rglob("*"))
        self.passes("inspect", "--config", path)
        self.passes("predict", path, stdin="a b\n")
        self.passes("score", path, "--pairs", self.folder / "pairs.tsv")
        self.assertEqual(sorted(bait.rglob("*")), before)

    def test_mutations(self):
        ours, _ = mutations.run([self.dataset, self.checkpoint], self.folder, 200)
        self.assertEqual([report for _, report in ours], [])

    def test_the_checksum_of_headers(self):
        """Else mutations never get past HDF5's own."""
        self.assertGreater(len(mutations.headers(pathlib.Path(self.checkpoint).read_bytes())), 50)


if __name__ == "__main__":
    unittest.main()
