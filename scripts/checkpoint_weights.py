"""A Lockstep checkpoint for other programs: weights under the names of torch.nn.Transformer,
configuration and vocabularies. Needs h5py alone, and that only when a file is opened.
"""
import pathlib
import re
import sys

BEGIN, END = 1, 2


def settings_in(text):
    """{"section.key": value as text} of a configuration as Lockstep writes it."""
    found, path = {}, []
    for line in text.splitlines():
        key = re.match(r"( *)([\w.]+): *([^#]*)", line)
        if key:
            path[len(key[1]) // 2:] = [key[2]]
            if key[3].strip():
                found[".".join(path)] = key[3].strip().strip('"')
    return found


def checkpoint_path(run):
    """A checkpoint itself, or the newest one in a run's folder."""
    path = pathlib.Path(run)
    if path.is_dir():
        steps = sorted((path / "checkpoints").glob("step-*.h5"))
        if not steps:
            sys.exit(f"{run}: no checkpoint in its folder checkpoints")
        path = steps[-1]
    if not path.is_file():
        sys.exit(f"{run}: neither a run's folder nor a checkpoint")
    return path


class Vocabulary:
    """Symbols of one side. Lines are cut at white space, or into characters."""

    def __init__(self, symbols, kind, continuation=""):
        if kind not in ("words", "characters"):
            sys.exit(f"a vocabulary of {kind}: this script knows words and characters")
        self.symbols, self.kind, self.continuation = symbols, kind, continuation
        self.numbers = {symbol: number for number, symbol in enumerate(symbols)}

    def cut(self, line):
        return line.split() if self.kind == "words" else list(line)

    def join(self, symbols):
        if self.kind == "characters":
            return "".join(symbols)
        text = " ".join(symbols)
        if self.continuation:
            text = (text + " ").replace(self.continuation + " ", "").rstrip(" ")
        return text


class Checkpoint:
    """tensors: {name: float32 array}, the moving average where there is one; norms are layer
    norms (a batch norm is refused), `pre` tells where they stand."""

    def __init__(self, path):
        import h5py

        with h5py.File(path, "r") as file:
            group = file.get("average", file["parameters"])
            self.tensors = {name: value[()] for name, value in group.items()}
            self.settings = settings_in(file.attrs["config"])
            symbols = [[symbol.decode() for symbol in file[f"vocabulary/{side}/symbols"][()]]
                       for side in ("source", "target")]
            if "buffers" in file:
                sys.exit(f"{path}: batch norm; this script compares models with layer norm")
        self.path = path
        self.width = self.tensors["source_embedding.weight"].shape[1]
        self.heads = int(self.settings["model.heads"])
        self.activation = self.settings["model.activation"]
        self.pre = self.settings["model.norm_position"] == "pre"
        self.source, self.target = (self.vocabulary(*side) for side in
                                    zip(("source", "target"), symbols))

    def vocabulary(self, side, symbols):
        shared = self.settings["data.vocabulary"] == "joint"
        place = "data." + ("source" if shared else side)
        return Vocabulary(symbols, self.settings.get(f"{place}.vocabulary", "words"),
                          self.settings.get(f"{place}.continuation", ""))

    def layers(self, side):
        return len({name.split(".")[2] for name in self.tensors
                    if name.startswith(f"{side}.layers.")})

    def under(self, prefix):
        """{rest of the name: tensor} of the names that begin so."""
        return {name[len(prefix):]: value for name, value in self.tensors.items()
                if name.startswith(prefix)}

    def embedding(self, side):
        """[symbols, width]; to be multiplied by the root of the width."""
        return self.tensors.get(f"{side}_embedding.weight",
                                self.tensors["source_embedding.weight"])

    def generator(self):
        return (self.tensors.get("generator.weight", self.embedding("target")),
                self.tensors["generator.bias"])

    def positions(self, side, places):
        """[places, width]: learned ones (then as many as there are), or sinusoids."""
        import numpy

        learned = self.tensors.get(f"{side}_positions.weight")
        if learned is not None:
            return learned
        angles = (numpy.arange(places)[:, None]
                  / 10000 ** (numpy.arange(0, self.width, 2) / self.width))
        both = numpy.stack((numpy.sin(angles), numpy.cos(angles)), axis=2)
        return both.reshape(places, self.width).astype("float32")
