#!/usr/bin/python3
"""Make data/bible/{train,valid,test}.tsv: the Bible, verse by verse, ENGLISH<TAB>SPANISH.

The texts are the World English Bible and Reina-Valera 1909, both in the public
domain, from Debian's sword-text-web and sword-text-sparv, printed by mod2imp of
libsword-utils. Notes, headings and markup are stripped. Whole chapters are held
out for valid and test, as neighbouring verses resemble each other.
"""
import argparse
import html
import re
import subprocess
import sys

from splits import SETS, set_of, write_sets

ENGLISH, SPANISH = "engWEB2015eb", "spaRV1909eb"
KEY = re.compile(r"^\$\$\$(.+) (\d+):(\d+)$")
# A psalm's title is canonical and part of its first verse in both texts.
DROPPED = re.compile(
    r"<note\b.*?</note>|<speaker\b.*?</speaker>|<title\b(?! canonical).*?</title>",
    re.DOTALL)
SPACING = re.compile(r"<(div|l|lg|lb|milestone|chapter|item|list|title|/title|/item)\b[^>]*>")
MARKUP = re.compile(r"<[^>]*>")
# The first word of a chapter is set in capitals in the Spanish text.
CAPITALS = re.compile(r"\b[A-ZÁÉÍÓÚÜÑ]{2,}\b")


def plain(markup):
    text = DROPPED.sub(" ", markup).replace("</transChange><w", "</transChange> <w")
    text = MARKUP.sub("", SPACING.sub(" ", text))
    text = " ".join(html.unescape(text).replace("¶", " ").split())
    text = re.sub(r" ([,.;:!?”’)])", r"\1", text)
    return re.sub(r"([“‘(¿¡]) ", r"\1", text)


def read_module(module):
    """{(book, chapter, verse): text} of a SWORD module, in its order."""
    try:
        printed = subprocess.run(["mod2imp", module], check=True,
                                 stdout=subprocess.PIPE).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"{error}\nInstall the texts with: scripts/install.sh data")
    verses, key, lines = {}, None, []
    for line in printed.decode("utf-8").splitlines() + ["$$$"]:
        if not line.startswith("$$$"):
            lines.append(line)
            continue
        if key and key[1] > 0 and key[2] > 0:
            verses[key] = plain("\n".join(lines))
        found = KEY.match(line)
        key = found and (found[1], int(found[2]), int(found[3]))
        lines = []
    return verses


def same_verse(english, spanish):
    shorter, longer = sorted((len(english), len(spanish)))
    return shorter > 0 and longer <= 2.5 * shorter + 10


def misnumbered(english, spanish):
    """Chapters whose verses the texts number differently. Lengths that fall apart
    give them away; a verse that only the English one has moved to the next chapter
    of the Spanish one, and shifted that too."""
    chapters = set()
    for (book, chapter, verse), source in english.items():
        target = spanish.get((book, chapter, verse), "")
        if source and not same_verse(source, target):
            chapters.add((book, chapter))
            if not target:
                chapters.add((book, chapter + 1))
    return chapters


def align(english, spanish):
    pairs, left_out = {name: [] for name in SETS}, misnumbered(english, spanish)
    for (book, chapter, verse), source in english.items():
        target = spanish.get((book, chapter, verse), "")
        if verse == 1:
            target = CAPITALS.sub(lambda word: word[0].capitalize(), target, count=1)
        if source and target and (book, chapter) not in left_out:
            pairs[set_of(f"{book} {chapter}", valid=33, test=33)].append((source, target))
    shared = {key[0] for key in spanish}
    count = sum(chapter[0] in shared for chapter in left_out)
    print(f"{count} chapters left out: their verses are numbered differently")
    return pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("folder", nargs="?", default="data/bible")
    arguments = parser.parse_args()
    write_sets(arguments.folder, align(read_module(ENGLISH), read_module(SPANISH)))


if __name__ == "__main__":
    main()
