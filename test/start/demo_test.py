"""examples/demo.sh before and around what it plays: what is checked first, what is shown of the build, what it leaves.

demo_test.py --source DIR
"""

import argparse
import os
import re
import socket
import sys
import unittest

from pretended import Clone

OPTIONS = argparse.Namespace()

# Builds two programs that pretend; fails where $CALLS.broken is.
CMAKE = """[[ $* == --build* ]] || { mkdir -p build; touch build/build.ninja; exit 0; }
for number in {1..40}; do echo "[$number/40] Building CXX object $number.o"; done
[ ! -e "$CALLS.broken" ] || { echo "FAILED: 41.o"; echo "41.cpp:7: error: no such thing"; exit 1; }
mkdir -p bin
cp "$CALLS.programs"/* bin/"""

DT_CLI = """#!/bin/bash
echo "dt-cli $*" >>"$CALLS"
case "$*" in
  'sandbox probe') cat "$CALLS.layers" ;;
  'job exec'*) mkdir -p tests/org1/job_1/outputs; echo "AUC at round 0: 0.5000" >tests/org1/job_1/outputs/rtt_log.txt ;;
esac
"""

PROVIDER = """#!/usr/bin/python3
import os, re, socket, signal
port = int(re.search(r"^query_port = (\\d+)$", open(os.environ["CONFIG_FILE"]).read(), re.M)[1])
with socket.create_server(("127.0.0.1", port)):
    signal.pause()
"""


class Demo(unittest.TestCase):
    def setUp(self):
        self.clone = Clone(OPTIONS.source, ".ci", "examples")
        self.addCleanup(self.clone.__exit__)
        self.clone.pretend("cmake", CMAKE)
        programs = self.clone.path / "calls.programs"
        programs.mkdir()
        for name, text in (("dt-cli", DT_CLI), ("c2d-provider", PROVIDER)):
            (programs / name).write_text(text)
            (programs / name).chmod(0o755)
        self.layers("user_ns        on")
        self.data = self.clone.path / "data"
        self.data.mkdir()
        for name, row in (("org1_feature", "1,2"), ("org1_label", "1"), ("org2_feature", "3,4,5")):
            (self.data / (name + ".csv")).write_text((row + "\n") * 10)

    def layers(self, text):
        (self.clone.path / "calls.layers").write_text(text + "\n")

    def run_demo(self, *arguments):
        code, said = self.clone.run("examples/demo.sh", "--data", str(self.data), *arguments)
        return code, re.sub(r"\x1b\[\d*m", "", said)

    def occupy(self, port):
        """Somebody listens there: a socket of this test, or whoever did before."""
        server = socket.socket()
        self.addCleanup(server.close)
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server.bind(("127.0.0.1", port))
            server.listen()
        except OSError:
            return False
        return True

    def test_plays_and_says_what_it_leaves(self):
        code, said = self.run_demo()
        self.assertEqual(code, 0, said)
        self.assertIn("10 rows, 5 columns, training on the first 8", said)
        self.assertEqual(said.splitlines()[-1], "Left behind: %s/build. Nothing runs any more." % self.clone.root)

    def test_packages_that_it_installed_are_left(self):
        self.clone.pretend("dpkg-query", '[[ $* != *ccache* ]] && echo install ok installed')
        self.clone.pretend("apt-get", "")
        self.clone.pretend("id", "echo 0")
        code, said = self.run_demo()
        self.assertEqual(code, 0, said)
        self.assertIn("and the packages ccache. Nothing", said.splitlines()[-1])

    def test_walls_before_all(self):
        self.clone.pretend("unshare", "echo 'unshare: unshare failed: No space left on device'; exit 1")
        code, said = self.run_demo()
        self.assertEqual(code, 1)
        self.assertIn("raise user.max_user_namespaces", said)
        self.assertEqual(self.clone.called("cmake") + self.clone.called("dpkg-query"), [])
        self.assertFalse((self.clone.root / "build").exists())

    def test_layers_after_the_build(self):
        self.layers("landlock       off   boot with lsm=landlock,...")
        code, said = self.run_demo()
        self.assertEqual(code, 1)
        self.assertIn("landlock       off   boot with lsm=landlock", said)

    def test_packages_before_the_build(self):
        self.clone.pretend("dpkg-query", "exit 1")
        self.clone.pretend("id", "echo 1000")
        code, said = self.run_demo()
        self.assertEqual(code, 1)
        self.assertIn("As root, run: apt-get install g++", said)
        self.assertEqual(self.clone.called("cmake"), [])

    def test_busy_ports(self):
        ours = self.occupy(8091)
        self.occupy(8912)
        code, said = self.run_demo()
        self.assertEqual(code, 0, said)
        before, _, _ = said.partition("Building")
        self.assertRegex(before, r"Port 8091 is busy: .* listens on it\. This run uses (\d+)91 instead\.")
        if ours:
            self.assertRegex(before, r"Port 8091 is busy: process %d \(" % os.getpid())
        query, peer = re.search(r"uses (\d+91)", before)[1], re.search(r"uses (\d+12)", before)[1]
        samples = self.clone.root / "build/demo/samples"
        config = (samples / "config/org2_config.ini").read_text()
        self.assertIn("query_port = %s\n" % query, config)
        self.assertIn("peer_ports = %s\n" % peer, config)
        self.assertIn('"127.0.0.1:%s"' % query, (samples / "ddo/org2_feature_attr.json").read_text())
        algorithm = (samples / "ddo/3rd_algo_attr.json").read_text()
        self.assertEqual(
            algorithm.count("127.0.0.1:%s" % peer),
            (self.clone.root / "examples/joint_risk/samples/ddo/3rd_algo_attr.json")
            .read_text()
            .count("127.0.0.1:8912"),
        )
        self.assertNotIn("127.0.0.1:8912", algorithm)

    def test_the_build_shows_its_progress(self):
        _, said = self.run_demo()
        shown = re.findall(r"^\[(\d+)/40\] Building", said, re.M)
        self.assertGreaterEqual(len(shown), 15)
        self.assertLess(len(shown), 25)

    def test_on_a_terminal_in_one_line(self):
        code, said = self.clone.run_on_terminal("examples/demo.sh", "--data", str(self.data))
        self.assertEqual(code, 0, said)
        lines = [line for line in said.split("\n") if "Building CXX" in line]
        self.assertEqual(len(lines), 1, said)
        self.assertEqual(lines[0].count("\r\x1b[K["), 40)

    def test_a_failed_build_shows_its_end(self):
        (self.clone.path / "calls.broken").touch()
        code, said = self.run_demo()
        self.assertEqual(code, 1)
        self.assertIn("41.cpp:7: error: no such thing", said.partition("The build failed")[2])

    def test_evm_behind_a_proxy(self):
        for folder in ("evm", "ipfs"):
            (self.clone.root / "test" / folder).mkdir(parents=True)
        self.clone.pretend("npm", "echo npm ERR! code SELF_SIGNED_CERT_IN_CHAIN; exit 1")
        code, said = self.run_demo("--evm")
        self.assertEqual(code, 1)
        self.assertIn("export NODE_EXTRA_CA_CERTS=", said)
        self.assertEqual(self.clone.called("cmake"), [])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0]] + rest)
