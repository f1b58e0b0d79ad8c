"""lockstep plan: steps measured here, forecast for hosts that are not there."""
import json
import unittest

import support

RANDOM = ("--vocabulary", "300", "--length", "9", "--steps", "3")
TENSORS = [("a.weight", 1024, 1024), ("b.weight", 1024, 1024)]
BYTES = 2 * 4 * 1024 * 1024


def recording(ranks=1, threads=1, grains=8, seconds=0.6):
    """Of a model of 8 MiB: forward a third of the time, backward the rest, in many moves."""
    parts = [("need", 0, 0), ("need", 1, 1), ("ready", 1, 3), ("ready", 0, 2), ("end", 0, 0)]
    return {"ranks": ranks, "threads": threads, "grains": grains, "half": False, "steps": 3,
            "tokens": 125 * grains, "rest": 0, "norm": 0, "update": 0, "deviation": 0,
            "tensors": [{"name": name, "rows": rows, "cols": cols, "dimensions": 2, "filled": [1]}
                        for name, rows, cols in TENSORS],
            "events": [{"what": what, "tensor": tensor, "seconds": seconds * part / 6,
                        "moves": 100 * part} for what, tensor, part in parts]}


class Plan(support.SystemTest):
    def setUp(self):
        super().setUp()
        self.config = self.write_config()

    def write_recordings(self, *recordings):
        path = self.folder / "recordings.jsonl"
        path.write_text("".join(json.dumps(r) + "\n" for r in recordings), encoding="utf-8")
        return path

    def write_network(self, text):
        path = self.folder / "network.yaml"
        path.write_text(text, encoding="utf-8")
        return path

    def rows(self, *words, **options):
        result = self.passes("plan", self.config, "--json", *words, **options)
        return json.loads(result.stdout)["rows"]

    def test_measures_and_forecasts(self):
        """What was recorded gives the same forecast again."""
        path = self.folder / "new.jsonl"
        rows = self.rows("--hosts", "3", *RANDOM, "--record", path, ranks=2)
        self.assertEqual([row["hosts"] for row in rows], [1, 2, 3])
        self.assertEqual([row["ranks"] for row in rows], [2, 4, 6])
        self.assertEqual([row["grains_of_a_rank"] for row in rows], [4, 2, 2])
        for row in rows:
            parts = ("computing", "message", "waiting", "agreeing", "slowest")
            self.assertAlmostEqual(sum(row[f"{part}_seconds"] for part in parts),
                                   row["step_seconds"], delta=1e-5)
            self.assertGreater(row["computing_seconds"], 0)
            self.assertFalse(row["scaled"])
        recorded = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
        self.assertEqual([r["grains"] for r in recorded], [4, 2])
        again = self.rows("--hosts", "3", "--recording", path)
        for row, same in zip(rows, again):
            self.assertAlmostEqual(row["step_seconds"], same["step_seconds"], delta=1e-5)
            self.assertEqual(row["bytes"], same["bytes"])
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()),
                         ["new.jsonl", self.config.name])

    def test_ranks_that_stand_for_hosts(self):
        """Two ranks of one host as two hosts of one rank."""
        rows = self.rows("--hosts", "2", *RANDOM, "--ranks", "1", ranks=2)
        self.assertEqual([(row["hosts"], row["ranks"], row["grains_of_a_rank"]) for row in rows],
                         [(1, 1, 8), (2, 2, 4)])

    def test_computing_is_that_of_a_step(self):
        """Measured by bench and recorded by plan it is about the same."""
        for _ in range(5):  # something else may run
            step = json.loads(self.passes("bench", self.config, "--json", *RANDOM[:-1],
                                          "10").stdout)["step_seconds"]
            row, = self.rows("--hosts", "1", *RANDOM[:-1], "10")
            if 0.8 < row["step_seconds"] / step < 1.25:
                return
        self.fail(f"{row['step_seconds']} s for {step} s")

    def test_network(self):
        """A slow one is the limit, one without cost none."""
        path = self.write_recordings(recording(grains=4), recording(grains=8))
        slow = self.write_network("bandwidth: 1e8\n")
        one, two = self.rows("--hosts", "2", "--recording", path, "--network", slow)
        self.assertEqual(one["waiting_seconds"], 0)
        self.assertEqual(two["limited_by"], "the network")
        cable = 2 * BYTES / 2 * 8 / 1e8  # half of it goes, gradients and parameters
        self.assertAlmostEqual(two["cable_seconds"], cable, delta=1e-3)
        self.assertGreater(two["step_seconds"], cable)
        free = self.write_network("{bandwidth: 1e15, latency: 0, message: 0, byte: 0, add: 0}")
        _, two = self.rows("--hosts", "2", "--recording", path, "--network", free, "--weak")
        self.assertAlmostEqual(two["step_seconds"], 0.6, places=4)
        self.assertAlmostEqual(two["efficiency"], 1, places=3)
        self.assertEqual((two["grains"], two["grains_of_a_rank"]), (16, 8))
        self.assertEqual(two["limited_by"], "")

    def test_faster_hosts(self):
        """Their computing takes less, and hides less."""
        path = self.write_recordings(recording())
        network = self.write_network("bandwidth: 1e9\n")
        words = ("--hosts", "2", "--weak", "--recording", path, "--network", network)
        here, there = self.rows(*words), self.rows(*words, "--faster", "10")
        self.assertAlmostEqual(there[0]["step_seconds"], 0.06, places=5)
        self.assertEqual(there[1]["bytes"], here[1]["bytes"])
        self.assertLess(there[1]["efficiency"], here[1]["efficiency"])

    def test_much_work_for_messages(self):
        """More ranks share it, a courier does it beside: both are reckoned, and said."""
        path = self.write_recordings(recording(threads=4, seconds=0.1))
        costly = self.write_network("{bandwidth: 1e15, latency: 0, message: 0, byte: 1e-9, "
                                    "add: 0, within_host: {latency: 0, message: 0, byte: 0}}")
        words = ("plan", self.config, "--hosts", "2", "--weak", "--recording", path,
                 "--network", costly)
        result = json.loads(self.passes(*words, "--json").stdout)
        step = result["rows"][1]["step_seconds"]
        advice = result["advice"]
        self.assertEqual(result["rows"][1]["limited_by"], "the processor's work for messages")
        self.assertEqual(advice["ranks_of_a_host"], 4)  # as many as threads
        shared = result["rows"][1]["message_seconds"] / 4
        self.assertAlmostEqual(advice["ranks_step_seconds"], 0.1 + shared, delta=1e-3)
        self.assertLess(advice["courier_step_seconds"], step)
        text = self.passes(*words).stdout
        self.assertIn("4 ranks of each host, which share its threads and grains", text)
        self.assertIn("distributed.courier: true would take", text)
        courier, = (row for row in self.rows(*words[2:], "--set", "distributed.courier=true")
                    if row["hosts"] == 2)
        self.assertEqual(courier["message_seconds"], 0)
        self.assertAlmostEqual(courier["step_seconds"], advice["courier_step_seconds"])
        self.assertGreater(courier["courier_seconds"], 0)

    def test_nothing_to_advise(self):
        path = self.write_recordings(recording())
        result = self.passes("plan", self.config, "--hosts", "1", "--recording", path, "--json")
        self.assertEqual(json.loads(result.stdout)["advice"], {})

    def test_kinds_of_ranks(self):
        """Each number of ranks and threads has its rows; the best one is named."""
        path = self.write_recordings(recording(seconds=0.6), recording(2, 1, 4, 0.3),
                                     recording(1, 2, 8, 0.4))
        rows = self.rows("--hosts", "2", "--recording", path)
        self.assertEqual([(r["hosts"], r["ranks"], r["threads"], r["scaled"]) for r in rows],
                         [(1, 1, 1, False), (2, 2, 1, True), (1, 2, 1, False), (2, 4, 1, True),
                          (1, 1, 2, False), (2, 2, 2, True)])
        text = self.passes("plan", self.config, "--hosts", "2", "--recording", path).stdout
        self.assertIn("fastest: 2 hosts with 2 ranks of 1 thread each", text)
        self.assertNotIn("batch.grains", text)
        text = self.passes("plan", self.config, "--hosts", "3", "--recording", path).stdout
        self.assertIn("batch.grains: 12 would give all of these ranks as many grains", text)

    def test_batch_norm(self):
        """Its sums are not foretold, and that is said."""
        path = self.write_recordings(recording())
        words = ("plan", self.config, "--hosts", "2", "--recording", path)
        self.assertNotIn("batch norm", self.passes(*words).stderr)
        self.assertIn("batch norm sums over all ranks",
                      self.passes(*words, "--set", "model.encoder_norm=batch").stderr)

    def test_more_ranks_than_grains(self):
        path = self.write_recordings(recording())
        result = self.passes("plan", self.config, "--hosts", "16", "--recording", path, "--json")
        self.assertIn("1 ranks on each of 16 hosts need a batch.grains of at least 16; it is 8",
                      result.stderr)
        self.assertEqual([row["hosts"] for row in json.loads(result.stdout)["rows"]],
                         [1, 2, 4, 8])

    def test_refusals(self):
        path = self.write_recordings(recording())
        bad = self.write_network("bandwith: 5\n")
        for code, says, words in [
                (2, "--hosts says on how many hosts", ()),
                (2, "--hosts", ("--hosts", "0")),
                (2, "--vocabulary and --length go together",
                 ("--hosts", "2", "--vocabulary", "9")),
                (2, "--ranks is of what is measured",
                 ("--hosts", "2", "--recording", path, "--ranks", "2")),
                (2, "give one", ("--hosts", "2", "--recording", path, "--record", path)),
                (2, "/no/such", ("--hosts", "2", "--recording", "/no/such")),
                (2, "no recording stands in it", ("--hosts", "2", "--recording", self.config)),
                (2, "network.yaml:1: unknown key `bandwith`",
                 ("--hosts", "2", "--recording", path, "--network", bad)),
                (1, "toy.yaml", ("--hosts", "2", *RANDOM, "--record", self.config / "file"))]:
            self.fails(code, says, "plan", self.config, *words)


if __name__ == "__main__":
    unittest.main()
