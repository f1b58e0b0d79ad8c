"""Training reads a window of the data and the next one, however many pairs there are
(stream_cost.py measures it at a million)."""
import pathlib
import tempfile
import unittest

import stream_cost
import support

FEW, MANY, BYTES_A_PAIR = 4096, 80000, 4 * (20 + 20)


class Stream(unittest.TestCase):
    @unittest.skipIf(support.SANITIZED, "memory is a sanitizer's")
    def test_memory_does_not_grow_with_the_pairs(self):
        most = []
        with tempfile.TemporaryDirectory(prefix="lockstep-stream-") as folder:
            for pairs in (FEW, MANY):
                config = stream_cost.make(pathlib.Path(folder) / str(pairs), pairs, 1)
                _, memory = stream_cost.train(config, 0, "training.steps=20", "data.window=1024")
                most.append(memory["RssAnon"])
        growth, data = most[1] - most[0], (MANY - FEW) * BYTES_A_PAIR / 1e6
        self.assertLess(growth, data / 3, f"{most} MB of {data:.0f} MB of data")


if __name__ == "__main__":
    unittest.main()
