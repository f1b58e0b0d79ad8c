#!/usr/bin/python3
"""Fail if a file includes what its room may not see, goes round the door of a
library, or calls a function that is banned there, and if a public header is needed
in its own room alone.

    scripts/check_layers.py [ROOT]     default: the repository of this script

Which room may include which is read from the lockstep_room lines of ROOT/CMakeLists.txt;
cli, the program itself, may include them all, and simulation, a program of its own, those that
its CMakeLists.txt takes.
"""
import pathlib
import re
import sys

# One door per library: (header, room, only one file of it).
DOORS = [
    (r"mpi\.h", "comm", False),
    (r"actor\.h", "comm", True),  # SimGrid's
    (r"(cblas|openblas_config)\.h", "tensor", False),
    (r"(hdf5(_hl)?|H5\w+)\.h", "store", False),
    (r"xxhash\.h", "store", False),
    (r"libfyaml\.h", "config", False),
    (r"sentencepiece\w*\.h", "text", False),
    (r"utf8proc\.h", "text", False),
    (r"sndfile\.h", "data", True),
    (r"soxr\.h", "data", True),
    (r"fftw3\.h", "data", True),
    (r"zlib\.h", "data", True),
    (r"(protobuf-c|event\.pb-c)\.h", "train", True),
]

# Of src/simulation.
SIMULATION = {"base", "config", "comm", "slab", "exchange", "scaling"}

# (function, rooms where it is allowed, what to use).
BANNED = [
    ("strcpy|strcat|sprintf|vsprintf|gets", (), "a function that knows the size"),
    ("strtok", (), "strcspn and a pointer"),
    ("atoi|atol|atof", (), "strtol or strtod, which tell errors"),
    ("rand|srand|random|drand48", (), "base/random.h"),
    ("exit|_exit|quick_exit", ("cli",), "return a status"),
    # comm ends a job whose ranks have no common state left; an arena that runs out has
    # callers that cannot fail.
    ("_Exit", ("base", "comm"), "return a status"),
    (r"MPI_\w+", ("comm",), "comm/world.h"),
    (r"cblas_\w+", ("tensor",), "tensor"),
    ("malloc|calloc|realloc|aligned_alloc|posix_memalign|free|strdup|strndup",
     ("base",), "base/memory.h"),
]

ROOM = re.compile(r"^lockstep_room\((\w+)(?:\s+DEPENDS\s+([^)]*?))?(?:\s+USES[^)]*)?\)", re.MULTILINE)
INCLUDE = re.compile(r'\s*#\s*include\s*[<"]([^>"]+)[>"]')
# Comments, strings and characters: blanked, so that only code is searched.
SILENT = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', re.DOTALL)


def read_rooms(root):
    """{room: the rooms that it may include}"""
    text = (root / "CMakeLists.txt").read_text(encoding="utf-8")
    rooms = {found[1]: set((found[2] or "").split()) for found in ROOM.finditer(text)}
    return {**rooms, "cli": set(rooms), "simulation": SIMULATION}


def room_complaint(room, header, rooms):
    found = re.match(r"(?:lockstep/)?(\w+)/", header)
    seen = found and found[1]
    if seen not in rooms or seen == room:
        return None
    if seen not in rooms[room]:
        return f"{room} may not include {seen} ({header})"
    return None


def door_complaint(room, header, path, doors):
    for pattern, owner, single in DOORS:
        if not re.fullmatch(pattern, header.rsplit("/", 1)[-1]):
            continue
        if room != owner:
            return f"only {owner} may include {header}"
        first = doors.setdefault(pattern, path)
        if single and first != path:
            return f"{header} already has its one file: {first}"
        if path.suffix == ".h" and "include" in path.parts:
            return f"a public header may not show {header}"
    return None


def banned_complaints(room, line):
    for names, allowed, instead in BANNED:
        # `x->free(` is a member and `free_all(` another name.
        found = re.search(rf"(?<![\w.>])({names})\s*\(", line)
        if found and room not in allowed:
            yield f"{found[1]} is banned in {room}: use {instead}"


def blanked(text):
    return SILENT.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def check_file(path, room, rooms, doors):
    """Yields (line number, complaint)."""
    if room not in rooms:
        yield 1, f"{room} is not a room"
        return
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        included = INCLUDE.match(line)
        if included:
            complaints = (room_complaint(room, included[1], rooms),
                          door_complaint(room, included[1], path, doors))
            yield from ((number, why) for why in complaints if why)
    for number, line in enumerate(blanked(text).splitlines(), 1):
        yield from ((number, why) for why in banned_complaints(room, line))


def read_files(root):
    """Yields (path, room, whether it is a public header)."""
    for folder in ("include/lockstep", "src"):
        top = root / folder
        for path in sorted(top.rglob("*")):
            parts = path.relative_to(top).parts
            if path.suffix in (".c", ".h", ".cc") and len(parts) > 1:
                yield path, parts[0], folder != "src"


def includes(path):
    """The rooms' public headers that a file includes."""
    found = map(INCLUDE.match, path.read_text(encoding="utf-8").splitlines())
    return {f[1] for f in found if f and f[1].startswith("lockstep/")}


def home_headers(root, files):
    """Public headers that no other room includes, nor a header that another does."""
    public = {str(path.relative_to(root / "include")): (path, room)
              for path, room, shown in files if shown}
    needed = {header for path, room, _ in files for header in includes(path)
              if header in public and public[header][1] != room}
    fresh = needed
    while fresh:
        fresh = {h for n in fresh for h in includes(public[n][0]) if h in public} - needed
        needed |= fresh
    return [place for header, place in public.items()
            if header not in needed]


def check(root):
    """All complaints under `root`, as lines."""
    complaints, rooms, doors, files = [], read_rooms(root), {}, list(read_files(root))
    for path, room, _ in files:
        for number, why in check_file(path, room, rooms, doors):
            complaints.append(f"{path.relative_to(root)}:{number}: {why}")
    for path, room in home_headers(root, files):
        complaints.append(f"{path.relative_to(root)}:1: a public header that no other room "
                          f"includes; move it to src/{room}")
    return complaints, len(files)


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    complaints, count = check(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else here)
    print("\n".join(complaints) or f"Layers: {count} files.")
    return bool(complaints)


if __name__ == "__main__":
    sys.exit(main())
