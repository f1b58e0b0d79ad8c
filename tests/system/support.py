"""What the system tests share: small data made on the spot, the program with and
without mpirun under a time limit, and checkpoints compared bit by bit."""
import ctypes
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import h5py

ROOT = pathlib.Path(os.environ.get("LOCKSTEP_ROOT", pathlib.Path(__file__).parents[2]))
LOCKSTEP = os.environ.get("LOCKSTEP", str(ROOT / "build/release/lockstep"))
PROGRAM = pathlib.Path(LOCKSTEP).read_bytes() if os.path.exists(LOCKSTEP) else b""
SANITIZED = b"__asan_init" in PROGRAM  # and wants to be loaded first
# No single run of the program may take longer.
SECONDS = int(os.environ.get("LOCKSTEP_SECONDS", 120))

CONFIG = """\
run:
  folder: {folder}/run
  seed: 7
data:
  source: {{kind: text, vocabulary: words}}
  target: {{kind: text, vocabulary: words}}
  vocabulary: separate
  train: {{pairs: {folder}/train.tsv}}
  valid: {{pairs: {folder}/valid.tsv}}
  test: {{pairs: {folder}/test.tsv}}
  max_length: 32
model:
  width: 64
  heads: 4
  feed_forward: 128
  encoder_layers: 2
  decoder_layers: 2
  dropout: 0.1
  tie: target
batch:
  tokens: 512
  grains: 8
training:
  steps: 40
  label_smoothing: 0.1
  schedule: {{name: inverse_sqrt, peak: 0.002, warmup: 20}}
  clip_norm: 1.0
validation: {{every: 20, metric: loss, patience: 0}}
checkpoint: {{every: 20, keep: 5}}
distributed: {{bucket_bytes: 65536}}
decode: {{search: greedy, max_length: 32}}
"""


def toy_pairs(count, seed):
    """Sentences of 1 to 12 letters and their reversal."""
    numbers = random.Random(seed)
    pairs = []
    for _ in range(count):
        letters = numbers.choices("abcdefghijklmnop", k=numbers.randint(1, 12))
        pairs.append((" ".join(letters), " ".join(reversed(letters))))
    return pairs


def write_pairs(path, pairs):
    pathlib.Path(path).write_text("".join(f"{s}\t{t}\n" for s, t in pairs), encoding="utf-8")


def environment(**more):
    """For the program: without what a caller's mpirun or Slurm left behind, or OpenBLAS is told."""
    clean = {key: value for key, value in os.environ.items()
             if not key.startswith(("OMPI_", "PMIX_", "PRTE_", "SLURM_", "OPENBLAS_"))}
    # More ranks and threads than cores: who waits must give way.
    clean.update(OMPI_MCA_mpi_yield_when_idle="1", OMP_WAIT_POLICY="passive")
    clean.update(more)
    return clean


def by_rank(*each):
    """Words between mpirun's and the program's: a shell does each[r] in rank r before it begins.
    (Debian 13's mpirun crashes where a colon parts what ranks run.)"""
    cases = "".join(f" {rank}) {what};;" for rank, what in enumerate(each))
    return ["sh", "-c", f'case $OMPI_COMM_WORLD_RANK in{cases} esac; exec "$@"', "sh"]


def command(arguments, ranks=0, program=LOCKSTEP):
    """`ranks` 0: without mpirun."""
    start = []
    if ranks:
        start = ["mpirun", "--oversubscribe", "--bind-to", "none", "-n", str(ranks)]
        if os.geteuid() == 0:
            start.append("--allow-run-as-root")
    return start + [program] + [str(argument) for argument in arguments]


def run(words, stdin=None, seconds=SECONDS, **options):
    """The finished process, output as text; a hang is a failure, not a wait."""
    process = subprocess.Popen(words, text=True, start_new_session=True,
                               stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                               env=options.pop("env", environment()), **options)
    try:
        out, err = process.communicate(stdin, timeout=seconds)
    except subprocess.TimeoutExpired:
        kill_tree(process.pid)
        out, err = process.communicate()
        raise AssertionError(f"no end after {seconds} s: {words}\n{out}\n{err}") from None
    return subprocess.CompletedProcess(words, process.returncode, out, err)


def lockstep(*arguments, ranks=0, **options):
    return run(command(arguments, ranks), **options)


def settings(*pairs):
    """--set for each "key=value"."""
    return [word for pair in pairs for word in ("--set", pair)]


def children(pid):
    """Process ids below `pid`, itself not included."""
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in task.read_text().split():
                found += [int(child)] + children(int(child))
        except OSError:
            pass
    return found


def ranks_of(mpirun):
    """{rank: process id} of the ranks that have begun."""
    found = {}
    for pid in children(mpirun):
        try:
            words = pathlib.Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
            program = pathlib.Path(f"/proc/{pid}/exe").readlink().name
        except OSError:
            continue
        for word in words:
            if word.startswith(b"OMPI_COMM_WORLD_RANK=") and program == pathlib.Path(LOCKSTEP).name:
                found[int(word.split(b"=")[1])] = pid
    return found


def kill_tree(pid, number=signal.SIGKILL):
    for victim in [pid] + children(pid):
        try:
            os.kill(victim, number)
        except ProcessLookupError:
            pass


def wait_until(condition, seconds=SECONDS, what="it", pause=0.01):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"{what} did not happen in {seconds} s")
        time.sleep(pause)


def contents(path, *groups):
    """{name: (shape, bytes)} of every dataset of an HDF5 file below those `groups` it has."""
    found = {}

    def collect(name, node):
        if isinstance(node, h5py.Dataset):
            found[name] = (node.shape, node[()].tobytes())

    with h5py.File(path, "r") as file:
        for group in filter(file.__contains__, groups):
            file[group].visititems(lambda name, node, group=group: collect(f"{group}/{name}", node))
    return found


def xxh3(content):
    hash64 = ctypes.CDLL("libxxhash.so.0").XXH3_64bits
    hash64.restype, hash64.argtypes = ctypes.c_uint64, (ctypes.c_char_p, ctypes.c_size_t)
    return hash64(content, len(content)).to_bytes(8, "little")


def with_version(content, version):
    """The same file, its user block (store/user_block.h) saying another version."""
    block = content[:40] + version.to_bytes(8, "little") + content[48:504]
    return block + xxh3(block) + content[512:]


def sealed(content):
    """The file with a user block that is right for what follows it."""
    rest = content[512:]
    block = content[:48] + len(rest).to_bytes(8, "little") + xxh3(rest) + content[64:504]
    return block + xxh3(block) + rest


def read_json(text):
    """As the standard has it: Python alone would take NaN and Infinity for numbers."""
    def refuse(word):
        raise AssertionError(f"{word} is no JSON: {text}")

    return json.loads(text, parse_constant=refuse)


def checked(script, files):
    """(exit status, output) of a checker of scripts/ on a tree of {path: text}."""
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        done = subprocess.run([sys.executable, ROOT / "scripts" / script, folder], text=True,
                              stdout=subprocess.PIPE, check=False)
        return done.returncode, done.stdout


class SystemTest(unittest.TestCase):
    """Each test has an empty folder of its own, `self.folder`."""

    @classmethod
    def open_home(cls):
        """What all tests of the class share: `cls.home`, a test with a folder that lasts."""
        cls.home = cls("setUp")
        cls.home.setUp()
        cls.addClassCleanup(cls.home.doCleanups)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="lockstep-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def make_toy(self, train=1000, text=CONFIG):
        """Data and a configuration; gives the configuration's path."""
        for name, count, seed in (("train", train, 1), ("valid", 40, 2), ("test", 40, 3)):
            write_pairs(self.folder / f"{name}.tsv", toy_pairs(count, seed))
        return self.write_config(text)

    def write_config(self, text=CONFIG, name="toy.yaml"):
        path = self.folder / name
        path.write_text(text.format(folder=self.folder))
        return path

    def passes(self, *arguments, **options):
        done = lockstep(*arguments, **options)
        self.assertEqual(done.returncode, 0, f"{done.args}\n{done.stdout}\n{done.stderr}")
        return done

    def fails(self, code, words, *arguments, **options):
        """Ends with `code` and one clear line that holds every one of `words`."""
        done = lockstep(*arguments, **options)
        said = f"{done.args}\n{done.stdout}\n{done.stderr}"
        self.assertEqual(done.returncode, code, said)
        errors = [line for line in done.stderr.splitlines() if "error:" in line]
        self.assertEqual(len(errors), 1, said)
        for word in [words] if isinstance(words, str) else words:
            self.assertIn(word.lower(), errors[0].lower(), said)
        for noise in ("Sanitizer", "Assertion", "HDF5-DIAG", "Segmentation", "check failed"):
            self.assertNotIn(noise, said)
        return done

    def small_disk(self, size):
        """A folder that holds `size` bytes."""
        disk = self.folder / "disk"
        disk.mkdir()
        words = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(disk)]
        if os.geteuid() != 0 or subprocess.run(words, stderr=subprocess.DEVNULL, check=False).returncode:
            self.skipTest("mounting a small disk needs root")
        self.addCleanup(subprocess.run, ["umount", "-l", str(disk)], check=False)
        return disk

    def checkpoints(self, run="run"):
        """Paths of a run's checkpoints, oldest first."""
        return sorted((self.folder / run / "checkpoints").glob("step-*.h5"))

    def metrics(self, run="run"):
        lines = (self.folder / run / "metrics.jsonl").read_text().splitlines()
        return [read_json(line) for line in lines]

    def assertSameState(self, one, other):
        """Parameters, buffers, average and optimizer state are equal to the last bit."""
        groups = ("parameters", "buffers", "average", "optimizer")
        a, b = (contents(path, *groups) for path in (one, other))
        self.assertGreater(len(a), 10)
        self.assertEqual(a.keys(), b.keys())
        different = [name for name in a if a[name] != b[name]]
        self.assertEqual(different, [], f"{one} and {other}")


class LoggedTest(SystemTest):
    """Of what runs in the background and is looked at meanwhile."""

    def start_logged(self, words, **options):
        """What it says goes to self.log(); it ends with the test at the latest."""
        log = open(self.folder / "log", "w", encoding="utf-8")
        self.addCleanup(log.close)
        process = subprocess.Popen(words, **{
            "stdin": subprocess.DEVNULL, "stdout": log, "stderr": log, "start_new_session": True,
            "env": environment(), **options})
        self.addCleanup(process.wait, 60)
        self.addCleanup(kill_tree, process.pid)
        return process

    def log(self):
        return (self.folder / "log").read_text()

    def step(self):
        """Of the newest checkpoint."""
        return max((int(path.stem.split("-")[1]) for path in self.checkpoints()), default=0)
