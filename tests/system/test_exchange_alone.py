"""The exchange stands without BLAS, HDF5 and a model, and keeps its bits."""
import os
import shutil
import subprocess
import unittest

import support

PROGRAM = os.environ["LOCKSTEP_EXCHANGE_ALONE"]


def said(*words):
    return subprocess.run([*words, PROGRAM], text=True, capture_output=True, check=True).stdout


def may_name_hosts():
    unshare = shutil.which("unshare")
    return unshare and subprocess.run([unshare, "-u", "hostname", "h"]).returncode == 0


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

    def test_the_same_bits_by_any_route(self):
        """With names of hosts that a wrapper makes up, where it may."""
        self.config = self.write_config()
        alone = self.hash(0)
        if not may_name_hosts():
            self.skipTest("naming hosts takes root and namespaces")
        for each, routes in {1: ["auto", "hosts"], 2: ["auto", "hosts", "halving"],
                             4: ["hosts", "direct"]}.items():
            for route in routes:
                with self.subTest(route=route, each=each):
                    done = self.on_hosts(each, route)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual(done.stdout.strip(), alone)
        done = self.on_hosts(3, "hosts")
        self.assertEqual(done.returncode, 2)
        self.assertIn("as many ranks on each host", done.stderr)

    def on_hosts(self, each, route):
        """Four ranks, `each` on a host."""
        text = self.config.read_text()
        config = self.folder / f"{route}.yaml"
        config.write_text(text.replace("distributed: {", f"distributed: {{exchange: {route}, "))
        self.assertNotEqual(config.read_text(), text)
        named = f'hostname h$((OMPI_COMM_WORLD_RANK / {each})); exec "$@"'
        words = ["-u", "sh", "-c", named, "sh", PROGRAM, config, 5]
        return support.run(support.command(words, 4, program=shutil.which("unshare")))

    def test_the_same_bits_on_any_number_of_ranks(self):
        self.config = self.write_config()
        alone = self.hash(0)
        self.assertRegex(alone, "^[0-9a-f]{16}$")
        self.assertNotEqual(alone, self.hash(0, steps=4))
        for ranks in (2, 3, 4):
            self.assertEqual(self.hash(ranks), alone, ranks)


if __name__ == "__main__":
    unittest.main()
