"""Ranks that use a model wait for a person, and not for a rank that is stopped."""
import ctypes
import fcntl
import os
import pty
import re
import shlex
import shutil
import signal
import subprocess
import termios
import time
import unittest

import support

IN_OPEN = 0x20
STALL = support.settings("distributed.stall_seconds=1")
STUB = os.environ.get("LOCKSTEP_FAULT_STUB",
                      str(support.ROOT / "build/release/tests/libfault_stub.so"))


class Stalls(support.SystemTest):
    @classmethod
    def setUpClass(cls):
        cls.open_home()
        config = cls.home.make_toy(train=100)
        cls.home.passes("train", config, *support.settings("training.steps=2", "run.products=openblas",
                                                           "checkpoint.every=1"))
        cls.run_folder = cls.home.folder / "run"

    def start(self, *words, ranks=3, fault=None):
        self.log = open(self.folder / "log", "w+", encoding="utf-8")
        process = subprocess.Popen(support.command(words, ranks), text=True, bufsize=1,
                                   stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
                                   env=support.environment(**(fault or {})),
                                   start_new_session=True)
        for step in (self.log.close, process.stdin.close, process.stdout.close,
                     lambda: process.wait(60), lambda: support.kill_tree(process.pid)):
            self.addCleanup(step)
        return process

    def said(self):
        self.log.seek(0)
        return self.log.read()

    def assertNamed(self, process, rank):
        others = "".join(str(other) for other in range(3) if other != rank)
        self.assertEqual(process.wait(60), 1, self.said())
        self.assertRegex(self.said(), rf"rank [{others}] \(host .*\) has waited 1 s .*; "
                                      rf"rank {rank} \(host .*\) does not answer; distributed")
        self.assertEqual(self.said().count("error:"), 1, self.said())

    def answers(self, process, file, line):
        print(line, file=file, flush=True)
        self.assertTrue(process.stdout.readline().endswith("\n"), self.said())

    def check(self, process, file, line):
        """Somebody thinks for longer than a stall may take; then a rank stays away."""
        self.answers(process, file, line)
        time.sleep(2.5)
        self.answers(process, file, line)
        self.assertNotIn("error", self.said())
        os.kill(support.ranks_of(process.pid)[1], signal.SIGSTOP)
        begin = time.monotonic()
        print(line, file=file, flush=True)
        self.assertNamed(process, 1)
        self.assertLess(time.monotonic() - begin, 20)

    def test_predict(self):
        process = self.start("predict", self.run_folder, *STALL)
        self.check(process, process.stdin, "a b")

    def test_score(self):
        fifo = self.folder / "pairs"
        os.mkfifo(fifo)
        process = self.start("score", self.run_folder, "--pairs", fifo, *STALL)
        time.sleep(2)  # nobody writes yet
        with open(fifo, "w", encoding="utf-8") as file:
            self.check(process, file, "a b\tb a")

    @unittest.skipIf(support.SANITIZED, "a sanitizer wants to be loaded first")
    def test_who_computes_for_ever(self):
        """And would say that it works."""
        now = self.folder / "now"
        process = self.start("predict", self.run_folder, *STALL, fault={
            "LD_PRELOAD": STUB, "LOCKSTEP_FAULT": "2:0:loop:cblas_sgemm",
            "LOCKSTEP_FAULT_FILE": str(now)})
        self.answers(process, process.stdin, "a b")
        now.touch()
        print("\n".join(["a b c d e f g h"] * 300), file=process.stdin, flush=True)
        self.assertNamed(process, 2)

    def test_who_reads_the_input(self):
        process = self.start("predict", self.run_folder, *STALL)
        self.answers(process, process.stdin, "a b")
        os.kill(support.ranks_of(process.pid)[0], signal.SIGSTOP)
        self.assertNamed(process, 0)


class Readers(support.SystemTest):
    """The run script between mpirun and who reads."""

    @classmethod
    def setUpClass(cls):
        cls.open_home()
        config = cls.home.make_toy(train=100)
        cls.home.passes("train", config, *support.settings("training.steps=2"))

    def script(self, *words, **options):
        return support.run(["scripts/run.sh", "-n", "2", *words], cwd=support.ROOT,
                           env=support.environment(LOCKSTEP=support.LOCKSTEP), **options)

    @staticmethod
    def without_mpirun(text):
        """What Open MPI 5 adds, which cannot be told to be quiet: that a rank ended with an error,
        and of hosts with unusual networks that ranks do not reach each other by TCP, which two
        ranks may say at once."""
        text = re.sub(r"\[\S+\[\[\S+\]\[\S+btl_tcp_proc\.c\S+\] |Unable to find reachable pairing.*\n",
                      "", text)
        return re.sub(r"^-{70,}\nprterun detected.*?\n-{70,}\n", "", text, flags=re.M | re.S)

    def test_a_reader_that_goes(self):
        text = self.folder / "text"
        text.write_text("a b c d e f g h\n" * 20000)
        words = ["bash", "-c", 'scripts/run.sh -n 2 predict "$0" <"$1" | head -n 2; '
                               'echo "${PIPESTATUS[0]}"', self.home.folder / "run", text]
        done = support.run(words, cwd=support.ROOT,
                           env=support.environment(LOCKSTEP=support.LOCKSTEP))
        self.assertEqual(len(done.stdout.splitlines()), 3, done.stdout)
        self.assertEqual(done.stdout.splitlines()[2], "141")
        self.assertRegex(self.without_mpirun(done.stderr), r"\A[^\n]*: step 2\n\Z")

    def test_a_terminal(self):
        """What is typed is answered, and Ctrl-C ends it."""
        terminal, end = pty.openpty()
        words = [support.ROOT / "scripts/run.sh", "-n", "2", "predict", self.home.folder / "run"]
        process = subprocess.Popen(words, stdin=end, stdout=subprocess.PIPE, text=True,
                                   stderr=subprocess.PIPE, start_new_session=True,
                                   env=support.environment(LOCKSTEP=support.LOCKSTEP),
                                   preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
        self.addCleanup(os.close, terminal)
        self.addCleanup(support.kill_tree, process.pid)
        os.close(end)
        os.write(terminal, b"a b\n")
        answer = process.stdout.readline()
        os.write(terminal, b"\x03")
        rest, said = process.communicate(timeout=60)
        self.assertEqual((process.returncode, rest), (128 + signal.SIGINT, ""), said)
        self.assertEqual(answer, self.passes("predict", self.home.folder / "run",
                                             stdin="a b\n").stdout)

    def test_input_and_status_pass_through(self):
        run = self.home.folder / "run"
        want = self.passes("predict", run, stdin="a b\nc\n").stdout
        done = self.script("predict", run, stdin="a b\nc\n")
        self.assertEqual((done.returncode, done.stdout), (0, want), done.stderr)
        done = self.script("score", run, "--split", "none")
        said = self.without_mpirun(done.stderr)
        self.assertEqual((done.returncode, said.count("\n")), (2, 1), done.stderr)


class Opened:
    """How often a file has been opened (inotify)."""

    def __init__(self, path):
        libc = ctypes.CDLL(None)
        self.events = libc.inotify_init()
        libc.inotify_add_watch(self.events, bytes(path), IN_OPEN)

    def wait(self, times):
        while times > 0:
            times -= len(os.read(self.events, 4096)) // 16

    def close(self):
        os.close(self.events)


class Gone(support.SystemTest):
    """Rank 0 chooses a checkpoint that the others do not find."""

    def setUp(self):
        super().setUp()
        config = self.make_toy(train=100)
        self.passes("train", config, *support.settings("training.steps=2", "checkpoint.every=1",
                                                       "run.folder=" + str(self.folder / "a/run")))
        shutil.copytree(self.folder / "a", self.folder / "b")
        self.newest = sorted((self.folder / "b/run/checkpoints").glob("*"))[-1]

    def words(self):
        """Two ranks that see the folders as two hosts might."""
        words = support.command(["predict", "run"], 2)
        program = words.index(support.LOCKSTEP)
        places = (f"cd {shlex.quote(str(self.folder / name))}" for name in "ab")
        return [*words[:program], *support.by_rank(*places), *words[program:]]

    def test_is_said(self):
        self.newest.unlink()
        done = support.run(self.words(), stdin="a b\n")
        self.assertEqual(done.returncode, 2, done.stderr)
        self.assertEqual(done.stderr.count("error:"), 1, done.stderr)
        self.assertRegex(done.stderr, r"rank 1: run/checkpoints/step-0000000002.h5: is there for "
                                      r"rank 0 \(host .*\), and not for rank 1 \(host .*\); .*"
                                      "checkpoint.keep")

    def test_is_chosen_anew(self):
        hidden = self.newest.rename(self.folder / "hidden")
        opened = Opened(self.folder / "a/run/checkpoints/step-0000000002.h5")
        self.addCleanup(opened.close)
        process = subprocess.Popen(self.words(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.STDOUT, text=True, start_new_session=True,
                                   env=support.environment())
        self.addCleanup(support.kill_tree, process.pid)
        self.addCleanup(process.stdout.close)
        opened.wait(12)  # twice at each try
        hidden.rename(self.newest)
        out, _ = process.communicate("a b\n", timeout=60)
        self.assertEqual(process.returncode, 0, out)
        self.assertIn("step-0000000002.h5: step 2", out)


if __name__ == "__main__":
    unittest.main()
