"""The exchange stands without BLAS, HDF5 and a model, and keeps its bits."""
import os
import subprocess
import unittest

import support

PROGRAM = os.environ["LOCKSTEP_EXCHANGE_ALONE"]


def said(*words):
    return subprocess.run([*words, PROGRAM], text=True, capture_output=True, check=True).stdout


class ExchangeAlone(support.SystemTest):
    def hash(self, ranks, steps=5):
        words = support.command([self.config, steps], ranks, program=PROGRAM)
        done = support.run(words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.strip()

    def test_it_links_none_of_what_it_does_not_need(self):
        needed = said("readelf", "-d")
        self.assertIn("libmpi", needed)
        for library in ("blas", "hdf5", "sentencepiece", "utf8proc", "libz"):
            self.assertNotIn(library, needed)
        symbols = said("nm")
        self.assertIn("exchange_create", symbols)
        for symbol in ("gemm", "transformer_create", "kernels_get"):
            self.assertNotIn(symbol, symbols)

    def test_the_same_bits_on_any_number_of_ranks(self):
        self.config = self.write_config()
        alone = self.hash(0)
        self.assertRegex(alone, "^[0-9a-f]{16}$")
        self.assertNotEqual(alone, self.hash(0, steps=4))
        for ranks in (2, 3, 4):
            self.assertEqual(self.hash(ranks), alone, ranks)


if __name__ == "__main__":
    unittest.main()
