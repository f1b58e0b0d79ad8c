"""Runs under scripts/run.sh --retries."""
import re

import support

RUN_SCRIPT = support.ROOT / "scripts/run.sh"
TRIES = re.compile(r"run\.sh: .*; try (\d+) of \d+ in \d+ s goes on from step (\d+)\.")

# Starts mpirun's daemon of a host: all of them are this one, but some are lost. Daemons that
# share a folder for what is temporary take it away from each other. Open MPI 5 does not bear
# several daemons on a host.
AGENT = """\
#!/bin/sh
host=$1
shift
[ ! -e {folder}/$host.lost ] || exit 255
echo $$ >{folder}/$host.pid
export OMPI_MCA_orte_tmpdir_base={folder}/$host OMPI_MCA_rtc_hwloc_vmhole=none
mkdir -p {folder}/$host
exec sh -c "$*"
"""

ONE_DAEMON = " 5." in support.run(["mpirun", "--version"]).stdout


class Runs(support.LoggedTest):
    # What else this host has may belong to others.
    ONE_CABLE = ("--mca", "btl_tcp_if_include", "lo")

    def agent(self):
        path = self.folder / "agent"
        path.write_text(AGENT.format(folder=self.folder))
        path.chmod(0o755)
        return str(path)

    def setUp(self):
        super().setUp()
        self.config = self.make_toy(text=support.CONFIG.replace("every: 20", "every: 10"))
        self.settings = support.settings("validation.every=1000000", "training.report_every=1",
                                         f"data.dataset={self.folder}/data.h5")

    def start(self, *words, **environment):
        return self.start_logged([RUN_SCRIPT, *words, self.config, *self.settings],
                                 env=support.environment(**environment))

    def wait_for_checkpoints(self, process, count):
        support.wait_until(lambda: len(self.checkpoints()) >= count or process.poll() is not None,
                           what="checkpoints")

    def assertTries(self, code, tries, *words):
        self.assertEqual(self.code, code, self.log())
        self.assertEqual([int(k) for k, _ in TRIES.findall(self.log())], tries, self.log())
        for word in words:
            self.assertEqual(self.log().count(word), 1, self.log())
