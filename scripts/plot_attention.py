#!/usr/bin/python3
"""Draw what a model attended to, out of a file of `lockstep predict RUN --attention FILE.h5`.

    scripts/plot_attention.py FILE.h5 [--line N] [--layer L|all] [--head H|mean|all] --output PREFIX

writes heat maps of one line with its tokens on the axes, PREFIX-encoder.png and
PREFIX-decoder.png (attention of each side to itself) and PREFIX-cross.png (of the output to
the source), and PREFIX.svg, one page with all heads of the layer in all three; with
--layer all a page, and pictures, of every layer's mean (or of a head of it). A model of labels
or tags has an encoder alone. Of a model that copies (model.copy) also PREFIX-copy.png: where its
pointer stands, and how much is copied.

Needs python3-h5py and python3-matplotlib, and for Chinese and its like a font:
fonts-wqy-microhei (scripts/install.sh plots). A character that no font has is an error that
names the package.
"""
import argparse

import plots
from plots import Wrong, font_manager, is_wide, pyplot

try:
    import h5py
except ImportError as missing:
    plots.leave(missing)

# What a picture shows: its name, its title, the tokens of its rows and of its columns, and
# what those are.
KINDS = {
    "encoder": ("encoder, to itself", "source", "source", "reads", "attends to"),
    "decoder": ("decoder, to itself", "target", "fed", "output", "is fed"),
    "cross": ("decoder, to the source", "target", "source", "output", "source"),
    "copy": ("pointer, to the source", "target", "source", "output", "source"),
}
LONGEST = 20  # characters of a token that are shown
COLUMNS = 4  # panels side by side


def shown(token):
    """A token as it can be seen: spaces marked, long ones cut."""
    text = "".join("␣" if c == " " else c if c.isprintable() else f"U+{ord(c):04X}" for c in token)
    return text if len(text) <= LONGEST else text[:LONGEST - 1] + "…"


def is_upright(text):
    """Chinese and its like stand upright in a column; so does one letter."""
    return len(text) == 1 or bool(text) and all(is_wide(character) for character in text)


# ---- what to draw


def load(path, number):
    """(number, {name of a data set: its content}) of a line; the first when None."""
    try:
        with h5py.File(path, "r") as file:
            if file.attrs.get("format") != "lockstep attention":
                raise Wrong(f"{path}: holds no attention; predict --attention writes it")
            lines = sorted(map(int, file.get("lines", ())))
            if not lines:
                raise Wrong(f"{path}: holds no lines")
            number = lines[0] if number is None else number
            if number not in lines:
                raise Wrong(f"{path}: has no line {number}; its {len(lines)} lines are of "
                            f"{lines[0]} to {lines[-1]}, those without an output left out")
            line = {name: list(data.asstr()) if data.dtype.kind == "O" else data[()]
                    for name, data in file[f"lines/{number}"].items()}
            line.setdefault("fed", [])  # labels and tags: no decoder
            line["target"] += [""] * (len(line["fed"]) - len(line["target"]))
            return number, line
    except OSError as error:
        raise Wrong(f"{path}: cannot be read: {error}") from None


def index_of(word, count, what):
    if not word.isdigit() or int(word) >= count:
        raise Wrong(f"--{what} {word}: there are {what}s 0 to {count - 1}")
    return int(word)


def head_of(layer, head):
    """The weights of a head, or their mean, out of [heads, queries, keys]; and its name."""
    if head in ("mean", "all"):
        return f"mean of {len(layer)} heads", layer.mean(axis=0)
    return f"head {head}", layer[index_of(head, len(layer), "head")]


def panels_of(weights, layer, head):
    """[(title, [queries, keys])] for the pictures, and for the page."""
    if layer == "all":
        named = [(number, *head_of(one, head)) for number, one in enumerate(weights)]
        panels = [(f"layer {number}, {name}", values) for number, name, values in named]
        return panels, panels
    number = len(weights) - 1 if layer is None else index_of(layer, len(weights), "layer")
    every = [(f"layer {number}, head {h}", values) for h, values in enumerate(weights[number])]
    name, values = head_of(weights[number], head)
    return every if head == "all" else [(f"layer {number}, {name}", values)], every


def pointer_of(line):
    """The panels of a pointer: its weights, and what of them the gate lets through."""
    panels = [("weights", line["copy"]), ("copied", (1 - line["gate"][:, None]) * line["copy"])]
    return panels, panels


# ---- drawing


class Page:
    """Panels on a grid, sized by their tokens, all lengths in inches."""

    def __init__(self, largest, fonts):
        self.cell = min(0.42, max(0.19, 5.0 / largest))
        self.size = 9 if self.cell < 0.3 else 11  # of the tokens, in points
        self.fonts = fonts
        self.rows = []
        self.width = 0

    def measure(self, texts):
        renderer = pyplot.figure(dpi=72).canvas.get_renderer()
        properties = font_manager.FontProperties(family=self.fonts, size=self.size)
        widths = [renderer.get_text_width_height_descent(text, properties, False)[0] for text in texts]
        pyplot.close()
        return max(widths) / 72 + 0.1

    def height_of(self, texts):
        """Of the labels of columns."""
        upright = [len(text) for text in texts if is_upright(text)]
        return max(self.measure(texts), 1.3 * self.size / 72 * max(upright, default=0) + 0.1)

    def add(self, kind, line, panels, columns):
        """The panels of one kind of attention, `columns` beside one another."""
        title, queries, keys, left, top = KINDS[kind]
        labels = [[shown(token) for token in line[name]] for name in (queries, keys)]
        left_room, top_room = self.measure(labels[0]) + 0.25, self.height_of(labels[1]) + 0.5
        size = (len(labels[1]) * self.cell, len(labels[0]) * self.cell)
        pitch = max(left_room + size[0] + 0.3, 2.6)
        for first in range(0, len(panels), columns):
            self.rows.append((title, labels, (left, top), (left_room, top_room), size, pitch,
                              panels[first:first + columns]))
            self.width = max(self.width, pitch * min(columns, len(panels)))

    def draw(self, heading, largest):
        """The figure; `largest` is the weight at the dark end of the scale."""
        head, bar = 0.45, 0.7
        height = head + bar + sum(room[1] + size[1] + 0.15 for _, _, _, room, size, _, _ in self.rows)
        self.width = max(self.width, 4.2)
        figure = pyplot.figure(figsize=(self.width, height))
        figure.text(0.12 / self.width, 1 - 0.12 / height, heading, size=12, weight="bold", va="top",
                    family="DejaVu Sans")
        y = height - head
        for title, labels, names, room, size, pitch, panels in self.rows:
            y -= room[1] + size[1]
            for number, (name, values) in enumerate(panels):
                box = (number * pitch + room[0], y, *size)
                axes = figure.add_axes([box[0] / self.width, box[1] / height, box[2] / self.width, box[3] / height])
                image = axes.imshow(values, cmap="Blues", vmin=0, vmax=largest, aspect="auto")
                self.label(axes, labels, names)
                figure.text((number * pitch + 0.12) / self.width, (y + size[1] + room[1] - 0.1) / height,
                            f"{title}: {name}", size=9, va="top")
            y -= 0.15
        scale = figure.add_axes([0.3 / self.width, 0.45 / height, 3.0 / self.width, 0.12 / height])
        figure.colorbar(image, cax=scale, orientation="horizontal").set_label("weight", size=9)
        scale.tick_params(labelsize=8)
        return figure

    def label(self, axes, labels, names):
        axes.set_yticks(range(len(labels[0])), labels[0], size=self.size)
        columns = ["\n".join(text) if is_upright(text) else text for text in labels[1]]
        axes.set_xticks(range(len(columns)), columns, size=self.size)
        axes.tick_params(length=2, top=True, labeltop=True, bottom=False, labelbottom=False)
        for tick, text in zip(axes.get_xticklabels(), labels[1]):
            tick.set(rotation=0 if is_upright(text) else 90, linespacing=1.0)
        axes.set_ylabel(names[0], size=8, color="0.4")
        axes.set_xlabel(names[1], size=8, color="0.4")
        axes.xaxis.set_label_position("top")
        height, width = (len(texts) for texts in labels)
        axes.hlines([i + 0.5 for i in range(height - 1)], -0.5, width - 0.5, "0.9", linewidth=0.4)
        axes.vlines([i + 0.5 for i in range(width - 1)], -0.5, height - 0.5, "0.9", linewidth=0.4)


def save(page, heading, panels, path):
    figure = page.draw(heading, max(values.max() for _, values in panels))
    plots.save(figure, path)


def plot(arguments):
    number, line = load(arguments.file, arguments.line)
    if arguments.layer == "all" and arguments.head == "all":
        raise Wrong("--layer all and --head all: give one of them")
    texts = [shown(token) for name in ("source", "target", "fed") for token in line[name]]
    fonts = plots.use_fonts_for(texts)
    heading, largest = f"line {number}", max(len(line["source"]), len(line["target"]))
    whole, everything = Page(largest, fonts), []
    for kind in filter(line.__contains__, KINDS):
        pictures, page = (pointer_of(line) if kind == "copy" else
                          panels_of(line[kind], arguments.layer, arguments.head))
        picture = Page(largest, fonts)
        picture.add(kind, line, pictures, COLUMNS)
        save(picture, heading, pictures, f"{arguments.output}-{kind}.png")
        whole.add(kind, line, page, COLUMNS)
        everything += page
    save(whole, heading, everything, f"{arguments.output}.svg")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", metavar="FILE.h5")
    parser.add_argument("--line", type=int, help="its number in the input, from 1; the first there is")
    parser.add_argument("--layer", metavar="L", help="from 0, as in the parameters' names, or all; the last layer")
    parser.add_argument("--head", metavar="H", default="mean", help="from 0, or mean (the default), or all")
    parser.add_argument("--output", metavar="PREFIX", required=True, help="what the pictures' names begin with")
    plots.run(lambda: plot(parser.parse_args()))


if __name__ == "__main__":
    main()
