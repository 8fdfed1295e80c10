"""test/run.sh: what it runs, what it leaves out, and what it says at its end.

run_test.py --source DIR
"""

import argparse
import os
import sys
import unittest

from pretended import Clone

OPTIONS = argparse.Namespace()
PRESETS = ("release", "asan", "tsan")
TESTS = ("base_test", "mpc_ops", "mpc_views", "evm_bounds", "fuzz_rlp_replay", "fuzz_abi_replay")

CMAKE = """mkdir -p build/bin build/asan build/tsan
printf '#!/bin/bash\\necho user_ns on\\n' >build/bin/dt-cli
chmod +x build/bin/dt-cli"""

# Passes all tests but those of $CALLS.fail.
CTEST = """names=(%s)
words=" $* " number=0 failed=0 only=. list=false
[[ $words != *' -R '* ]] || { only=${words#* -R }; only=${only%%%% *}; }
[[ $words != *' -N '* ]] || list=true
for name in "${names[@]}"; do
  number=$((number + 1))
  if $list; then
    echo "  Test #$number: $name"
  elif ! [[ $name =~ $only ]]; then
    continue
  elif grep -qsx "$name" "$CALLS.fail"; then
    failed=$((failed + 1)); echo "1/4 Test #$number: $name .....***Failed    0.01 sec"
  else
    echo "1/4 Test #$number: $name .....   Passed    0.01 sec"
  fi
done
$list || echo "pretended: $failed tests failed out of ${#names[@]}"
[ "$failed" -eq 0 ] || exit 8""" % " ".join(
    TESTS
)

# Makes fuzzers of which the one for RLP finds something as long as $CALLS.fail names it.
NINJA = """case "$*" in *_fuzz)
  mkdir -p build/fuzz/test
  fuzzer=build/fuzz/test/${@: -1}
  printf '#!/bin/bash\\necho "fuzzer $*" >>"$CALLS"\\n! grep -qsx %s "$CALLS.fail"\\n' "${@: -1}" >"$fuzzer"
  chmod +x "$fuzzer"
esac"""

# test/mutate.sh [--minutes N] NAME…
MUTATE = """#!/bin/bash
echo "mutate $*" >>"$CALLS"
shift 2
for name; do echo "killed    $name: a_test: ERROR"; done"""


class Run(unittest.TestCase):
    def setUp(self):
        self.clone = Clone(
            OPTIONS.source,
            ".ci",
            ".gitignore",
            "test/run.sh",
            "test/full.sh",
            "test/mutants/mpc.txt",
            "test/mutants/chain.txt",
        )
        self.addCleanup(self.clone.__exit__)
        (self.clone.root / "test/evm").mkdir()
        (self.clone.root / "test/evm/package-lock.json").touch()
        mutate = self.clone.root / "test/mutate.sh"
        mutate.write_text(MUTATE)
        mutate.chmod(0o755)
        self.clone.pretend("cmake", CMAKE)
        self.clone.pretend("ctest", CTEST)
        self.clone.pretend("ninja", NINJA)

    def fail_tests(self, *names):
        (self.clone.path / "calls.fail").write_text("".join(name + "\n" for name in names))

    def test_ends_with_the_summary_of_ctest(self):
        code, said = self.clone.run(".ci/run")
        self.assertEqual(code, 0, said)
        self.assertEqual(said.splitlines()[-1], "pretended: 0 tests failed out of 6")
        self.assertNotIn("-E", self.clone.called("ctest")[0])
        self.assertNotIn("--repeat", self.clone.called("ctest")[0])

    def test_failed_tests_fail(self):
        self.fail_tests("mpc_ops")
        code, said = self.clone.run("test/run.sh")
        self.assertEqual(code, 8, said)

    def test_no_evm_needs_no_node(self):
        self.clone.forget("node", "npm")
        self.clone.pretend("dpkg-query", '[[ $* != *nodejs* && $* != *npm* ]] && echo install ok installed')
        code, said = self.clone.run("test/run.sh", "--no-evm")
        self.assertEqual(code, 0, said)
        self.assertIn("-E ^evm_", self.clone.called("ctest")[0])
        self.assertEqual(said.splitlines()[-1], "The tests of EVM networks (evm_…) were not run: --no-evm")

    def refused_by_npm(self, text):
        self.clone.pretend("npm", "echo '%s' >&2; exit 1" % text)
        code, said = self.clone.run(".ci/run")
        self.assertEqual(code, 1, said)
        self.assertIn("-E ^evm_", self.clone.called("ctest")[0])
        return said.partition("pretended: 0 tests failed")[2]  # after the other tests have run

    def test_a_proxy_that_reads_tls(self):
        for name in (
            "SELF_SIGNED_CERT_IN_CHAIN",
            "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
            "UNABLE_TO_GET_ISSUER_CERT",
            "DEPTH_ZERO_SELF_SIGNED_CERT",
            "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        ):
            end = self.refused_by_npm("npm ERR! code " + name)
            for word in (name, "A proxy on the way reads TLS", "export NODE_EXTRA_CA_CERTS=/", "--no-evm"):
                self.assertIn(word, end)

    def test_packages_behind_a_link_stay(self):
        """`npm ci` empties the folder that it installs into, also through a link."""
        shared, lock = self.clone.path / "shared", self.clone.root / "test/evm/package-lock.json"
        shared.mkdir()
        (shared / ".package-lock.json").touch()
        os.utime(lock, (2**31, 2**31))  # newer, as in a fresh checkout
        (self.clone.root / "test/evm/node_modules").symlink_to(shared)
        code, said = self.clone.run("test/run.sh")
        self.assertEqual((code, self.clone.called("npm")), (0, []), said)
        (shared / ".package-lock.json").unlink()
        code, said = self.clone.run("test/run.sh")
        self.assertEqual((code, self.clone.called("npm")), (1, []), said)
        self.assertIn("node_modules is a link to a folder without the packages", said)

    def test_npm_cannot_for_another_reason(self):
        end = self.refused_by_npm("npm ERR! code EAI_AGAIN")
        self.assertIn("npm ERR! code EAI_AGAIN", end)
        self.assertNotIn("NODE_EXTRA_CA_CERTS", end)

    def test_walls_come_first(self):
        self.clone.pretend("unshare", "echo 'unshare: unshare failed: Operation not permitted'; exit 1")
        code, said = self.clone.run("test/run.sh")
        self.assertEqual(code, 1)
        for word in ("denies walls", "Operation not permitted", "docs/sandbox.md"):
            self.assertIn(word, said)
        self.assertEqual(self.clone.called("cmake") + self.clone.called("dpkg-query"), [])

    def test_wrong_words(self):
        for words, told in ((["--fast"], "unknown option --fast"), (["mpc"], "go with --full")):
            code, said = self.clone.run("test/run.sh", *words)
            self.assertEqual(code, 2)
            self.assertIn(told, said)
            self.assertEqual(self.clone.called("ctest"), [])

    def test_fedora(self):
        self.clone.forget("dpkg-query")
        self.clone.pretend("rpm", '[[ $* == *"cmake"* ]]')
        self.clone.pretend("dnf", "")
        self.clone.pretend("id", "echo 0")
        code, said = self.clone.run("test/run.sh", "--no-evm")
        self.assertEqual(code, 0, said)
        self.assertIn("nobody has tried", said)
        asked = " ".join(self.clone.called("dnf"))
        for name in ("gcc-c++", "openssl-devel", "fmt-devel", "sqlite-devel", "libsecp256k1-devel", "libabigail"):
            self.assertIn(" %s" % name, asked)
        self.assertNotIn(" cmake", asked)
        self.assertNotRegex(asked, r"lib\S*-dev ")

    def kinds(self):
        """The tests that --full ran, by preset."""
        return [
            (line.split()[2], line.partition("-R ")[2].split()[0])
            for line in self.clone.called("ctest")
            if " -R " in line
        ]

    def test_full_goes_on_where_it_stopped(self):
        self.clone.commit()
        self.fail_tests("mpc_views")
        code, said = self.clone.run("test/run.sh", "--full", "mpc")
        self.assertEqual(code, 1, said)
        self.assertEqual(self.kinds(), [(preset, "^(mpc_ops|mpc_views)$") for preset in PRESETS])
        self.assertRegex(said, r"mpc: FAILED in \d+ min: release 1 of 2 \(left: mpc_views\); asan")
        mutants = self.clone.called("mutate")
        self.assertEqual(len(mutants), 1)
        self.assertEqual(self.clone.called("npm"), [])
        self.fail_tests()
        code, said = self.clone.run("test/run.sh", "--full", "mpc")
        self.assertEqual(code, 0, said)
        self.assertEqual(self.kinds(), [(preset, "^(mpc_views)$") for preset in PRESETS])
        self.assertEqual(self.clone.called("mutate"), [])
        code, said = self.clone.run("test/run.sh", "--full", "mpc")
        self.assertEqual((code, self.kinds()), (0, []), said)
        self.assertIn("full: 0 of 1 topics failed", said.splitlines()[-1])

    def test_full_of_a_changed_tree_begins_anew(self):
        self.clone.commit()
        (self.clone.root / "test/new.py").touch()
        for _ in range(2):
            code, said = self.clone.run("test/run.sh", "--full", "base")
            self.assertEqual(code, 0, said)
            self.assertEqual(len(self.kinds()), 3)

    def test_mutants_of_a_topic(self):
        self.clone.commit()
        self.clone.run("test/run.sh", "--full", "mpc")
        chosen = self.clone.called("mutate")[0].split()[3:]
        text = (self.clone.root / "test/mutants/mpc.txt").read_text()
        self.assertEqual(sorted(chosen), sorted(line[7:] for line in text.splitlines() if line.startswith("mutant ")))

    def test_fuzzers_go_on_where_they_stopped(self):
        for name in ("rlp", "abi"):
            (self.clone.root / "test/fuzz/corpus" / name).mkdir(parents=True)
            (self.clone.root / "test/fuzz" / (name + "_fuzz.cpp")).touch()
        self.clone.commit()
        self.fail_tests("rlp_fuzz")
        code, said = self.clone.run("test/run.sh", "--full", "fuzz")
        self.assertEqual(code, 1, said)
        self.assertRegex(said, r"fuzz: FAILED in \d+ min:.* fuzzers 1 of 2 \(left: rlp_fuzz\)")
        self.assertEqual(len(self.clone.called("fuzzer")), 2)
        self.fail_tests()
        code, said = self.clone.run("test/run.sh", "--full", "fuzz")
        self.assertEqual(code, 0, said)
        self.assertEqual(len(self.clone.called("fuzzer")), 1)
        self.assertIn("test/fuzz/corpus/rlp", self.clone.called("fuzzer")[0])

    def test_debian_13_as_root_and_as_a_user(self):
        systems = self.clone.root / "test/systems.sh"
        systems.write_text('#!/bin/bash\necho "systems $*" >>"$CALLS"\n! grep -qsx "$2" "$CALLS.fail"\n')
        systems.chmod(0o755)
        self.clone.pretend("id", "echo 0")
        self.clone.commit()
        self.fail_tests("user")
        code, said = self.clone.run("test/run.sh", "--full", "systems")
        self.assertEqual(code, 1, said)
        self.assertRegex(said, r"systems: FAILED in \d+ min: Debian 13 as 1 of 2 \(left: user\)")
        self.assertEqual(self.clone.called("systems"), ["systems --as root trixie", "systems --as user trixie"])
        self.fail_tests()
        code, said = self.clone.run("test/run.sh", "--full", "systems")
        self.assertEqual((code, self.clone.called("systems")), (0, ["systems --as user trixie"]), said)

    def test_arm64(self):
        script = self.clone.root / "test/arm64.sh"
        script.write_text('#!/bin/bash\necho arm64 >>"$CALLS"\n')
        script.chmod(0o755)
        self.clone.pretend("id", "echo 0")
        self.clone.commit()
        for times in (1, 0):
            code, said = self.clone.run("test/run.sh", "--full", "arm64")
            self.assertEqual((code, len(self.clone.called("arm64"))), (0, times), said)

    def test_no_such_topic(self):
        self.clone.commit()
        code, said = self.clone.run("test/run.sh", "--full", "mcp")
        self.assertEqual(code, 1)
        self.assertIn("no topic mcp; there are: base mpc evm fuzz arm64 systems", said)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0]] + rest)
