"""What a process may not have ends in one message, and in an end."""
import os
import resource
import unittest

import support


def limited(kind, size):
    return lambda: resource.setrlimit(kind, (size, size))


class Limits(support.SystemTest):
    def setUp(self):
        super().setUp()
        self.config = self.make_toy(train=100)
        self.words = ["train", self.config, "--set", "training.steps=1"]

    def test_a_pipe_in_place_of_a_file(self):
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        for verb in (["train", self.config, "--set", f"data.dataset={pipe}"],
                     ["prepare", self.config, "--set", f"data.dataset={pipe}"],
                     ["train", self.config, "--set", f"training.initialize_from={pipe}"],
                     ["predict", pipe], ["score", pipe], ["inspect", pipe]):
            with self.subTest(verb[0]):
                self.fails(2, "is a device or pipe", *verb, seconds=20)
        self.assertTrue(pipe.is_fifo())

    @unittest.skipIf("asan" in support.LOCKSTEP or "tsan" in support.LOCKSTEP,
                     "sanitizers want all address space")
    def test_address_space(self):
        for size in (150000, 200000, 300000):
            with self.subTest(size):
                self.fails(1, "ulimit -v", *self.words, seconds=20,
                           preexec_fn=limited(resource.RLIMIT_AS, size * 1024))

    def test_stack(self):
        for verb in (self.words, ["inspect", self.config]):
            self.fails(1, ["64 KiB", "ulimit -s"], *verb, seconds=20,
                       preexec_fn=limited(resource.RLIMIT_STACK, 64 * 1024))


if __name__ == "__main__":
    unittest.main()
