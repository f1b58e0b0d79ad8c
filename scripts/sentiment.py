#!/usr/bin/python3
"""Make {train,valid,test}.tsv, lines of SENTENCE<TAB>positive or negative, out of what people
rated for VADER.

    scripts/sentiment.py data/sentiment                        fetches it with pip (2.5 MB)
    scripts/sentiment.py data/sentiment --archive FILE.tar.gz  reads what you fetched yourself

The source distribution of the Python package vaderSentiment (MIT licence) holds sentences of movie
reviews, product reviews and tweets, each rated from -4 to 4 by 20 people or more (Hutto and
Gilbert 2014). Their mean rating decides; what is nearer to 0 than --least is left out. Words and
signs are set apart by spaces, in small letters. All sentences of a product review go to the
same set.
"""
import argparse
import html
import io
import os
import re
import subprocess
import sys
import tarfile
import tempfile

from recordings import ends_with_message
from splits import SETS, set_of, write_sets

PACKAGE = "vaderSentiment==3.3.2"
INNER = re.compile(r"(^|/)hutto_ICWSM_2014\.tar\.gz$")
RATED = re.compile(r"(^|/)(movieReviewSnippets|amazonReviewSnippets|tweets)_GroundTruth\.txt$")
# A word with its apostrophe, a smiley, or a sign of its own.
TOKEN = re.compile(r"\w+(?:['’]\w+)*|[:;=8][-']?[()\[\]dDpP/\\|*]+|<3|[!?.]{2,}|[^\w\s]")


def fetch(folder):
    """The path of the source distribution, downloaded to `folder`."""
    done = subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary",
                           ":all:", "--dest", folder, PACKAGE], capture_output=True, text=True, check=False)
    found = [name for name in os.listdir(folder) if name.endswith(".tar.gz")]
    if done.returncode or len(found) != 1:
        said = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ValueError(f"pip download {PACKAGE} failed: {said}\nInstall pip with scripts/install.sh sentiment, or fetch "
                         "the source distribution yourself and give it with --archive")
    return os.path.join(folder, found[0])


def rated_files(data, path):
    """{name: text} of the files with ratings, in a tar file or one inside it."""
    files = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            for member in archive:
                if member.isfile() and INNER.search(member.name):
                    return rated_files(archive.extractfile(member).read(), f"{path}: {member.name}")
                found = member.isfile() and RATED.search(member.name)
                if found:
                    files[found[2]] = archive.extractfile(member).read().decode()
    except (tarfile.TarError, EOFError, OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{path}: not the archive, or damaged: {error}") from None
    if len(files) != 3:
        raise ValueError(f"{path}: has {len(files)} of the 3 files with ratings; it must be the source "
                         f"distribution of {PACKAGE}")
    return files


def rated_sentences(name, text):
    """(what stays together, mean rating, sentence) of each line."""
    for number, line in enumerate(text.rstrip("\r\n").replace("\r\n", "\n").split("\n"), 1):
        fields = line.split("\t")
        try:
            key, rating, sentence = fields[0], float(fields[1]), fields[2]
        except (IndexError, ValueError):
            raise ValueError(f"{name}_GroundTruth.txt:{number}: not a number, a rating and a "
                             "sentence with tabs between them") from None
        words = " ".join(TOKEN.findall(html.unescape(sentence).lower().replace("''", '"')))
        review = key.partition("_")[0] if "_" in key else words
        yield f"{name} {review}", rating, words


def split(files, least):
    pairs, known = {name: [] for name in SETS}, set()
    for name, text in sorted(files.items()):
        for key, rating, words in rated_sentences(name, text):
            if words and words not in known and abs(rating) >= least:
                known.add(words)
                label = "positive" if rating > 0 else "negative"
                pairs[set_of(key, valid=50, test=100)].append((words, label))
    return pairs


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", default="data/sentiment", help="(data/sentiment)")
    parser.add_argument("--archive", metavar="FILE", help="the source distribution, instead of fetching it")
    parser.add_argument("--least", type=float, default=0.5, help="how far from 0 a mean rating is (0.5)")
    options = parser.parse_args()
    if not 0 < options.least <= 4:
        parser.error("--least must be above 0 and at most 4")
    with tempfile.TemporaryDirectory() as folder:
        path = options.archive or fetch(folder)
        with open(path, "rb") as file:
            files = rated_files(file.read(), path)
    write_sets(options.folder, split(files, options.least))


if __name__ == "__main__":
    ends_with_message(main)
