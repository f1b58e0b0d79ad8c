"""Hosts on this machine (hosts/hosts.sh), whose cables can be pulled and whose power can fail."""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import support

SCRIPT = pathlib.Path(__file__).parent / "hosts/hosts.sh"
DAEMONS = ("orted", "prted")  # of Open MPI 4 and 5
SECONDS = 30


def first_missing(*tools):
    path = os.environ["PATH"] + ":/usr/sbin:/sbin"
    return next((tool for tool in tools if not shutil.which(tool, path=path)), None)


def why_not():
    """Why there can be none here, or nothing."""
    if os.geteuid() != 0:
        return "it takes root"
    missing = first_missing("ip", "tc", "unshare", "nsenter", "setsid", "mpirun")
    if missing:
        return f"there is no {missing}: scripts/install.sh tests"
    with tempfile.TemporaryDirectory(prefix="lockstep-hosts-") as folder:
        done = subprocess.run([SCRIPT, folder, "up", "1"], stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS,
                              check=False)
    if "up" not in done.stdout.splitlines():
        return "they do not come up: " + " ".join(done.stdout.split())
    return None


def require():
    """Skips the tests, and says so where ctest looks for it (tests/CMakeLists.txt)."""
    reason = why_not()
    if reason:
        raise unittest.SkipTest("virtual hosts left out: " + reason)


class VirtualHosts:
    """host1 ... hostN and head; they are there until close(), or the end of this process."""

    def __init__(self, folder, count):
        self.folder = folder
        self.names = [f"host{number}" for number in range(1, count + 1)]
        self.life = subprocess.Popen([SCRIPT, folder, "up", str(count)], text=True,
                                     stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.life.stdout.readline() != "up\n":
            raise AssertionError("the hosts did not come up")

    def close(self):
        self.life.stdin.close()
        self.life.wait(SECONDS)
        self.life.stdout.close()

    def do(self, *words):
        """cable HOST out|in, rate RATE|off, crash HOST, boot HOST, on HOST COMMAND; its output."""
        return subprocess.run([SCRIPT, self.folder, *words], stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, timeout=SECONDS, check=True).stdout

    def command(self, host, words):
        """The words that start a command on a host."""
        return [SCRIPT, self.folder, "on", host, *words]

    def processes(self, host, *names):
        """Ids, as this process sees them, of what is called so on a host."""
        place = self.do("on", host, "readlink", "/proc/self/ns/pid").strip()
        found = []
        for process in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if (process / "comm").read_text().strip() in names and \
                        os.readlink(process / "ns/pid") == place:
                    found.append(int(process.name))
            except OSError:
                pass
        return found

    def ranks(self, host):
        return self.processes(host, pathlib.Path(support.LOCKSTEP).name)

    def daemons(self, host):
        return self.processes(host, *DAEMONS)


class HostsTest(support.LoggedTest):
    """Trains a toy on virtual hosts, and alone to compare."""
    HOSTS = 4

    @classmethod
    def setUpClass(cls):
        require()
        cls.open_home()
        cls.config = cls.home.make_toy(
            train=200, text=support.CONFIG.replace("every: 20, keep", "every: 10, keep"))
        cls.dataset = cls.home.folder / "toy.h5"
        cls.hosts = VirtualHosts(cls.home.folder / "hosts", cls.HOSTS)
        cls.addClassCleanup(cls.hosts.close)
        cls.undisturbed_at = {}

    def words(self, steps, folder, *more):
        return ["train", self.config, *support.settings(
            f"run.folder={folder}", f"data.dataset={self.dataset}", f"training.steps={steps}",
            "validation.every=1000000", *more)]

    def undisturbed(self, step):
        """The checkpoint of one process alone at that step."""
        if step not in self.undisturbed_at:
            folder = self.home.folder / f"undisturbed-{step}"
            self.passes(*self.words(step, folder))
            self.undisturbed_at[step] = folder / f"checkpoints/step-{step:010}.h5"
        return self.undisturbed_at[step]
