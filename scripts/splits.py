"""Split pairs into train, valid and test by a hash of what keeps them together,
and write the three files whole or not at all."""
import hashlib
import os
import tempfile

SETS = ("train", "valid", "test")


def set_of(key, valid, test):
    """The set of everything that shares `key`; `valid` and `test` are the
    thousandths that go there. A function of the key alone, on any machine."""
    digest = hashlib.blake2b(key.encode(), digest_size=8).digest()
    place = int.from_bytes(digest, "big") % 1000
    if place < test:
        return "test"
    return "valid" if place < test + valid else "train"


def write_atomically(path, lines):
    """A reader sees the old file or the new one, never a part."""
    folder = os.path.dirname(os.path.abspath(path))
    handle, temporary = tempfile.mkstemp(dir=folder, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as out:
            out.writelines(line + "\n" for line in lines)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def write_sets(folder, pairs):
    """`pairs`: {"train": [(source, target), ...], "valid": ..., "test": ...}"""
    os.makedirs(folder, exist_ok=True)
    for name in SETS:
        path = os.path.join(folder, name + ".tsv")
        write_atomically(path, (f"{source}\t{target}" for source, target in pairs[name]))
        print(f"{path}: {len(pairs[name])} pairs")
