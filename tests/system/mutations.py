"""Good files changed at random places, with right checksums again, and what the reader
makes of them.

    LOCKSTEP=build/asan/lockstep LOCKSTEP_READ_FILES=build/asan/tests/read_files \\
        mutations.py INPUTS [SEED]

A crash whose innermost frames are HDF5's own is counted and shown, not held against us.
"""
import os
import pathlib
import random
import re
import subprocess
import sys

import support

READ_FILES = os.environ.get("LOCKSTEP_READ_FILES",
                            str(support.ROOT / "build/release/tests/read_files"))
BATCH = 200
NUMBERS = [0, 1, 2, 7, 8, 255, 256, 0x7fff, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff,
           1 << 40, (1 << 63) - 1, 1 << 63, (1 << 64) - 1]


def lookup3(data):
    """Jenkins' hash, with which HDF5 seals its headers."""
    def rotate(x, k):
        return ((x << k) | (x >> (32 - k))) & 0xffffffff

    a = b = c = (0xdeadbeef + len(data)) & 0xffffffff
    if not data:
        return c
    blocks = max(0, (len(data) - 1) // 12)
    words = [int.from_bytes(data[i:i + 4].ljust(4, b"\0"), "little")
             for i in range(0, 12 * (blocks + 1), 4)]
    for i in range(blocks):
        a, b, c = ((old + new) & 0xffffffff for old, new in zip((a, b, c), words[3 * i:]))
        for k, r in enumerate((4, 6, 8, 16, 19, 4)):
            if k % 3 == 0:
                a = ((a - c) & 0xffffffff) ^ rotate(c, r)
                c = (c + b) & 0xffffffff
            elif k % 3 == 1:
                b = ((b - a) & 0xffffffff) ^ rotate(a, r)
                a = (a + c) & 0xffffffff
            else:
                c = ((c - b) & 0xffffffff) ^ rotate(b, r)
                b = (b + a) & 0xffffffff
    a, b, c = ((old + new) & 0xffffffff for old, new in zip((a, b, c), words[3 * blocks:]))
    for k, r in enumerate((14, 11, 25, 16, 4, 14, 24)):
        if k % 3 == 0:
            c = ((c ^ b) - rotate(b, r)) & 0xffffffff
        elif k % 3 == 1:
            a = ((a ^ c) - rotate(c, r)) & 0xffffffff
        else:
            b = ((b ^ a) - rotate(a, r)) & 0xffffffff
    return c


def headers(content):
    """[begin, end) of the object headers and the superblock; 4 bytes of checksum follow."""
    found = [(512, 512 + 44)]
    for match in re.finditer(b"OHDR\\x02", content):
        at = match.start()
        flags = content[at + 5]
        size_at = at + 6 + (16 if flags & 0x20 else 0) + (4 if flags & 0x10 else 0)
        width = 1 << (flags & 3)
        end = size_at + width + int.from_bytes(content[size_at:size_at + width], "little")
        found.append((at, end))
    return [(at, end) for at, end in found
            if lookup3(content[at:end]) == int.from_bytes(content[end:end + 4], "little")]


def change(content, places, numbers):
    """A few changes; most of them where HDF5 says what is what."""
    changed = bytearray(content)
    for _ in range(numbers.randint(1, 3)):
        begin, end = numbers.choice(places) if numbers.random() < 0.8 else (512, len(content))
        at = numbers.randrange(begin, end)
        kind = numbers.randrange(4)
        if kind == 0:
            changed[at] ^= 1 << numbers.randrange(8)
        elif kind == 1:
            changed[at] = numbers.randrange(256)
        elif kind == 2:
            width = numbers.choice([2, 4, 8])
            value = numbers.choice(NUMBERS) & ((1 << (8 * width)) - 1)
            changed[at:at + width] = value.to_bytes(width, "little")
        else:
            size, other = numbers.randint(1, 64), numbers.randrange(512, len(content))
            changed[at:at + size] = content[other:other + size]
    if numbers.random() < 0.05:
        del changed[numbers.randrange(600, len(content)):]
    return changed[:len(content)]


def mutated(content, places, numbers):
    changed = change(content, places[1:] + places[:1], numbers)
    for begin, end in places:
        if end + 4 <= len(changed):
            changed[end:end + 4] = lookup3(bytes(changed[begin:end])).to_bytes(4, "little")
    return support.sealed(bytes(changed))


def read(paths):
    """[(path, what was wrong)] of the files that the reader did not survive."""
    trouble = []
    while paths:
        done = subprocess.run([READ_FILES, *paths], text=True, errors="replace", check=False,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              env=support.environment(ASAN_OPTIONS="detect_leaks=0:"
                                                      "max_allocation_size_mb=2048:"
                                                      "allocator_may_return_null=1"))
        if done.returncode == 0:
            break
        at = [i for i, path in enumerate(paths) if str(path) + " " in done.stdout][-1]
        trouble.append((paths[at], f"status {done.returncode}\n{done.stderr}"))
        paths = paths[at + 1:]
    return trouble


def is_hdf5(report):
    """Is the innermost frame that is neither the sanitizer's nor the C library's HDF5's? The
    alarm is its own: nothing of ours loops over what a file says. So is a broken heap, which
    shows after the deed, where no sanitizer stands by."""
    if "status -14" in report or ("corrupted" in report and "Sanitizer" not in report):
        return True
    for line in report.splitlines():
        if re.match(r"\s*#\d+ |/.*\[0x", line) and not re.search(
                r"sanitizer|asan|interceptor|libc\.so|sysdeps", line):
            return "libhdf5" in line
    return False


def run(good, folder, inputs, seed=1):
    """Change the files `good` and read them; gives (ours, HDF5's) troubles."""
    numbers = random.Random(seed)
    sources = [(content, headers(content)) for content in map(pathlib.Path.read_bytes, good)]
    ours, theirs = [], []
    for first in range(0, inputs, BATCH):
        paths = []
        for i in range(first, min(first + BATCH, inputs)):
            paths.append(folder / f"input-{i:06d}.h5")
            paths[-1].write_bytes(mutated(*numbers.choice(sources), numbers))
        troubles = read(paths)
        for path, report in troubles:
            (theirs if is_hdf5(report) else ours).append((path, report))
        for path in paths:
            if path not in [at for at, _ in troubles]:
                path.unlink()
    return ours, theirs


class Home(support.SystemTest):
    """Where the good files are made."""

    def files(self):
        config = self.make_toy(train=300)
        small = ["--set", "training.steps=2", "--set", "validation.every=2",
                 "--set", "model.width=16", "--set", "model.feed_forward=16"]
        self.passes("train", config, *small)
        return [self.folder / "run/dataset.h5", *self.checkpoints()]


def main():
    home = Home("files")
    home.setUp()
    inputs, seed = int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1
    ours, theirs = run(home.files(), home.folder, inputs, seed)
    for path, report in ours:
        print(f"==== {path}\n{report}")
    print(f"{inputs} inputs from seed {seed}: {len(ours)} troubles of ours, {len(theirs)} of HDF5's")
    for _, report in theirs:
        print("  HDF5:", next((line.strip() for line in report.splitlines()
                              if "libhdf5" in line), report.splitlines()[0]))
    home.doCleanups()
    return 1 if ours else 0


if __name__ == "__main__":
    sys.exit(main())
