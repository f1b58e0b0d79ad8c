"""The simulated exchange takes what computing and the network must take, and what is forecast."""
import json
import shutil
import unittest

import support

SCRIPT = support.ROOT / "scripts" / "simulate.sh"
COMPUTING = 0.2


def tensor(name, rows, cols, *filled):
    return {"name": name, "rows": rows, "cols": cols, "dimensions": 2, "filled": filled}


def event(what, number, seconds, **more):
    return {"what": what, "tensor": number, "seconds": seconds, "moves": 10, **more}


def recording(filled=1.0, **changes):
    """A pass through an embedding that is tied to the output, and four layers."""
    tensors = [tensor("embedding", 1024, 256, filled, 1.0)]
    tensors += [tensor(f"layer.{i}", 512, 512, 1.0) for i in range(4)]
    part = COMPUTING / 16
    events = [event("need", i, part) for i in range(5)]
    events += [event("ready_use", 0, part, use=1)]
    events += [event("ready", i, 2 * part) for i in range(4, 0, -1)]
    events += [event("ready", 0, part), event("end", 0, 0)]
    return {"ranks": 1, "threads": 1, "grains": 1, "half": False, "steps": 5, "tokens": 512,
            "rest": 0.0, "norm": 0.0, "update": part, "deviation": 0.0, "tensors": tensors,
            "events": events, **changes}


class Simulation(support.SystemTest):
    @classmethod
    def setUpClass(cls):
        if shutil.which("smpirun") is None:
            raise unittest.SkipTest("simulation left out: there is no smpirun: "
                                    "scripts/install.sh simulation")
        super().setUpClass()

    def setUp(self):
        super().setUp()
        text = support.CONFIG.replace("65536", "1048576").replace("grains: 8", "grains: 4")
        self.config = self.write_config(text)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def write_both(self, network, **changes):
        lines = "".join(f"{key}: {value}\n" for key, value in network.items())
        return (self.write("network.yaml", lines),
                self.write("recordings.jsonl", json.dumps(recording(**changes)) + "\n"))

    def simulate(self, network, hosts=4, options=(), **changes):
        path, recordings = self.write_both(network, **changes)
        done = support.run([SCRIPT, "--hosts", str(hosts), "--network", path, *options,
                            self.config, recordings], seconds=5 * support.SECONDS)
        self.assertEqual(done.returncode, 0, done.stderr)
        return support.read_json(done.stdout)

    def plan(self, network, hosts=4, options=(), **changes):
        path, recordings = self.write_both(network, **changes)
        done = support.lockstep("plan", self.config, "--hosts", hosts, "--network", path,
                                "--recording", recordings, "--json", *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return support.read_json(done.stdout)["rows"][-1]

    def test_a_network_that_takes_nothing(self):
        said = self.simulate({"bandwidth": 1e14, "latency": 1e-8, "message": 0, "byte": 0,
                              "add": 0})
        self.assertGreaterEqual(said["step_seconds"], said["computing_seconds"])
        self.assertLess(said["step_seconds"], said["computing_seconds"] * 1.01)

    def test_bandwidth(self):
        """A slow one is what limits, and as forecast."""
        before = COMPUTING
        for rate in (1e9, 1e8, 5e7):
            with self.subTest(rate=rate):
                network = {"bandwidth": rate}
                said, row = self.simulate(network), self.plan(network)
                self.assertGreaterEqual(said["step_seconds"], before)
                self.assertAlmostEqual(said["forecast_seconds"], row["step_seconds"], 5)
                self.assertLess(abs(said["step_seconds"] / row["step_seconds"] - 1), 0.15)
                before = said["step_seconds"]
        self.assertGreater(before, said["bytes"] * 8 / 5e7)

    def test_couriers(self):
        """They do what costs the processor much beside the computing."""
        network = {"bandwidth": 1e9, "byte": 2e-8, "add": 2e-8}
        options = ["--set", "distributed.courier=true"]
        alone, beside = self.simulate(network), self.simulate(network, options=options)
        row = self.plan(network, options=options)
        self.assertEqual(beside["bytes"], alone["bytes"])
        self.assertGreater(alone["step_seconds"] - beside["step_seconds"], 0.5 * COMPUTING)
        self.assertGreaterEqual(beside["step_seconds"], COMPUTING)
        self.assertAlmostEqual(beside["forecast_seconds"], row["step_seconds"], 5)
        self.assertLess(abs(beside["step_seconds"] / row["step_seconds"] - 1), 0.15)

    def test_the_same_again(self):
        first, second = (self.simulate({"bandwidth": 1e9}, deviation=0.1) for _ in range(2))
        self.assertEqual(first, second)

    def test_zeros_stay_behind(self):
        network, spared = {"bandwidth": 1e9}, 1024 * 256 * 4 * 3 / 4 * 0.75
        dense, sparse = self.simulate(network), self.simulate(network, filled=0.25)
        self.assertLess(abs(dense["bytes"] - sparse["bytes"] - spared), 0.1 * spared)
        self.assertLess(self.simulate(network, half=True)["bytes"], 0.8 * dense["bytes"])

    def test_points_to_draw(self):
        table = self.folder / "points.csv"
        options = ["--csv", table, "--weak", "--faster", "2", "--set", "batch.grains=1"]
        said = [self.simulate({"bandwidth": 1e9}, hosts, options) for hosts in (2, 4)]
        self.assertEqual([line["grains"] for line in said], [2, 4])
        self.assertLess(said[0]["computing_seconds"], 0.6 * COMPUTING)
        self.assertEqual(table.read_text(encoding="utf-8"),
                         "kind,hosts,ranks,threads,step_seconds\n" + "".join(
                             f"weak,{line['hosts']},1,1,{line['step_seconds']:.6f}\n"
                             for line in said))

    def test_hosts_of_several_ranks(self):
        """They share a cable."""
        said = self.simulate({"bandwidth": 1e8}, 2, ["--ranks", "2"], ranks=2)
        self.assertEqual((said["hosts"], said["ranks"]), (2, 4))
        row = self.plan({"bandwidth": 1e8}, 2, ranks=2)
        self.assertLess(abs(said["step_seconds"] / row["step_seconds"] - 1), 0.15)

    def test_a_thin_tree(self):
        thick = {"bandwidth": 1e8, "fat_tree": "{hosts: 2}"}
        thin = {**thick, "fat_tree": "{hosts: 2, uplink: 0.25}"}
        self.assertGreater(self.simulate(thin)["step_seconds"],
                           1.5 * self.simulate(thick)["step_seconds"])

    def test_what_is_refused(self):
        path, recordings = self.write_both({"bandwidth": 1e9})
        for hosts, ranks, words in ((8, 1, "8 ranks cannot share 4 grains"),
                                    (2, 2, "no recording is of 2 ranks on a host")):
            done = support.run([SCRIPT, "--hosts", str(hosts), "--ranks", str(ranks),
                                "--network", path, self.config, recordings])
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    unittest.main()
