#!/usr/bin/python3
"""Let espeak-ng say words: recordings for speech to text that any machine can make.

    scripts/spoken_words.py data/spoken-words

The folder, a new one, gets {train,valid,test}/*.wav (16 kHz, mono) and their lists
{train,valid,test}.tsv, lines of RECORDING<TAB>WORDS. A recording says one to three words of a
list in the voice of one of some 60 speakers, with an accent, speed and pitch drawn for it. The
speakers of the test and of validation are in no other set. espeak-ng and sox come by
scripts/install.sh speech.
"""
import argparse
import concurrent.futures
import functools
import os
import random
import re
import subprocess
import wave

from recordings import ends_with_message, lines_of, new_folder, positive
from splits import SETS, write_atomically

RATE = 16000
# What Warden 2018, "Speech Commands", recorded of people.
WORDS = """zero one two three four five six seven eight nine yes no up down left right on off stop
go backward forward follow learn visual bed bird cat dog happy house marvin sheila tree wow""".split()
ACCENTS = ("en-gb", "en-gb-scotland", "en-gb-x-gbclan", "en-gb-x-gbcwmd", "en-gb-x-rp", "en-us",
           "en-029")
# espeak-ng's variants of a voice, robots and whispers left out.
SPEAKERS = {
    "train": """Alicia Andrea Denis Diogo Gene Henrique Hugo Jacky Lee Mario Michael antonio aunty
        belinda boris caleb david ed edward f1 f3 f5 grandma iven john kaukovalta m2 m3 m5 m6 m7
        marcelo max michel miguel norbert pablo paul pedro quincy rob robert sandro shelby travis
        zac""".split(),
    "valid": "Andy adam f4 linda m4".split(),
    "test": "Alex Annie Marco benjamin f2 grandpa m1 m8 Mike steph victor".split(),
}


def run(command):
    try:
        return subprocess.run(command, check=True, stdin=subprocess.DEVNULL, capture_output=True,
                              text=True, errors="replace").stdout
    except FileNotFoundError:
        raise ValueError(f"{command[0]} is missing; install it with: scripts/install.sh speech") from None
    except subprocess.CalledProcessError as error:
        said = error.stderr.strip().splitlines() or ["no message"]
        raise ValueError(f"{' '.join(command)} ended with {error.returncode}: {said[-1]}") from None


@functools.cache
def espeak():
    """Its command. From 1.52 on it takes the noise of a breath by the clock, but for -D, which
    earlier versions do not know."""
    steady = re.search(r"^-D\s.*deterministic", run(["espeak-ng", "--help"]), re.MULTILINE)
    return ["espeak-ng", "-D"] if steady else ["espeak-ng"]


def speak(job):
    """Write one recording: (path, text, voice, words a minute, pitch of 0 to 99)."""
    path, text, voice, speed, pitch = job
    spoken = path + ".espeak"
    run([*espeak(), "-v", voice, "-s", str(speed), "-p", str(pitch), "-w", spoken, "--", text])
    run(["sox", "-R", "-V1", "-t", "wav", spoken, "-r", str(RATE), "-c", "1", "-b", "16", path])
    os.unlink(spoken)
    with wave.open(path) as file:
        if file.getnframes() < RATE // 20:
            raise ValueError(f"espeak-ng says nothing for '{text}'")


def read_words(path):
    """A word on each line, each once."""
    words = []
    for number, line in lines_of(path):
        word = line.strip()
        if len(word.split()) > 1:
            raise ValueError(f"{path}:{number}: more than a word on a line")
        if word and not any(letter.isalnum() for letter in word):
            raise ValueError(f"{path}:{number}: '{word}' has no letter or digit to say")
        if word and word not in words:
            words.append(word)
    if not words:
        raise ValueError(f"{path}: no words")
    return words


def known_speakers():
    """{set: speakers}, of those that this version of espeak-ng knows: of others it would silently
    take the plain voice."""
    listed = set(re.findall(r"!v/(\S+)", run(["espeak-ng", "--voices=variant"])))
    known = {name: [speaker for speaker in own if speaker in listed] for name, own in SPEAKERS.items()}
    for name, own in known.items():
        if not own:
            raise ValueError(f"this espeak-ng knows none of the speakers for {name}")
    missing = sorted(set().union(*SPEAKERS.values()) - listed)
    if missing:
        print(f"without the speakers that this espeak-ng does not know: {' '.join(missing)}")
    return known


def jobs_of(name, speakers, words, folder, options):
    """What `speak` gets for each recording of a set."""
    numbers = random.Random(f"{options.seed} {name}")
    for number in range(getattr(options, name)):
        text = " ".join(numbers.choices(words, k=numbers.randint(1, options.most)))
        voice = f"{numbers.choice(ACCENTS)}+{numbers.choice(speakers)}"
        yield (os.path.join(folder, name, f"{number:05}.wav"), text, voice,
               numbers.randint(110, 200), numbers.randint(25, 75))


def make_set(name, jobs, folder, at_a_time):
    os.mkdir(os.path.join(folder, name))
    with concurrent.futures.ThreadPoolExecutor(at_a_time) as pool:
        try:
            for done, _ in enumerate(pool.map(speak, jobs), 1):
                if done % 1000 == 0:
                    print(f"{name}: {done} of {len(jobs)} recordings", flush=True)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    write_atomically(os.path.join(folder, name + ".tsv"),
                     (f"{name}/{os.path.basename(path)}\t{text}" for path, text, *_ in jobs))


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    add = parser.add_argument
    add("folder", nargs="?", default="data/spoken-words", help="a new one (data/spoken-words)")
    add("--words", metavar="FILE", help="a word on each line (35 of its own)")
    add("--most", type=positive, default=3, help="words in a recording, at most (3)")
    add("--train", type=positive, default=6000, help="recordings to train on (6000)")
    add("--valid", type=positive, default=300, help="recordings for validation (300)")
    add("--test", type=positive, default=600, help="recordings for the test (600)")
    add("--seed", type=int, default=1)
    add("--jobs", type=positive, default=len(os.sched_getaffinity(0)), help="at a time (one a core)")
    return parser.parse_args()


def main():
    options = parse()
    words = read_words(options.words) if options.words else WORDS
    speakers = known_speakers()
    with new_folder(options.folder) as folder:
        for name in SETS:
            jobs = list(jobs_of(name, speakers[name], words, folder, options))
            make_set(name, jobs, folder, options.jobs)
    for name in SETS:
        print(f"{options.folder}/{name}.tsv: {getattr(options, name)} recordings of {len(words)} words by "
              f"{len(speakers[name])} speakers")


if __name__ == "__main__":
    ends_with_message(main)
