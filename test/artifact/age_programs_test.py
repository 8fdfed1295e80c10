"""age files both ways: what c2d encrypts the program `age` reads, and the other way round; keys of one are keys of the
other.

age_programs_test.py --bin DIR --source DIR
"""

import argparse
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import unittest

OPTIONS = None
#: Around the chunks of 64 KiB.
SIZES = (0, 1, 65535, 65536, 65537, 200000)


@unittest.skipUnless(shutil.which("age"), "age is not installed")
class Programs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def at(self, name):
        return os.path.join(self.folder, name)

    def write(self, name, content):
        with open(self.at(name), "wb") as file:
            file.write(content)
        return self.at(name)

    def read(self, name):
        with open(self.at(name), "rb") as file:
            return file.read()

    def run_age(self, *arguments):
        return subprocess.run(["age", *arguments], check=True, capture_output=True)

    def cli(self, *arguments):
        return subprocess.run(
            [os.path.join(OPTIONS.bin, "dt-cli"), *arguments], capture_output=True, text=True, check=False
        )

    def test_a_key_of_ours_reads_what_age_encrypted(self):
        made = self.cli("--json", "key", "new", "--age", "--out", self.at("id"))
        self.assertEqual(made.returncode, 0, made.stderr)
        self.assertEqual(stat.S_IMODE(os.stat(self.at("id")).st_mode), 0o600)
        recipient = age.recipient(self.at("id"))
        self.assertIn(recipient, made.stdout)
        for size in SIZES:
            content = os.urandom(size)
            self.run_age("-r", recipient, "-o", self.at("file%d" % size), self.write("plain", content))
            age.decrypt(self.at("file%d" % size), self.at("id"), self.at("back%d" % size))
            self.assertEqual(self.read("back%d" % size), content)
        again = self.cli("key", "new", "--age", "--out", self.at("id"))
        self.assertEqual(again.returncode, 1)
        self.assertIn("exists already", again.stderr)

    def test_age_reads_what_we_encrypted(self):
        subprocess.run(["age-keygen", "-o", self.at("id")], check=True, capture_output=True)
        for size in SIZES:
            content = os.urandom(size)
            age.encrypt(self.write("plain", content), age.recipient(self.at("id")), self.at("file%d" % size))
            self.assertEqual(self.run_age("-d", "-i", self.at("id"), self.at("file%d" % size)).stdout, content)

    def test_one_of_several_recipients(self):
        for name in ("one", "two"):
            age.create_identity(self.at(name))
        recipients = [part for name in ("one", "two") for part in ("-r", age.recipient(self.at(name)))]
        self.run_age(*recipients, "-o", self.at("file"), self.write("plain", b"for two"))
        for name in ("one", "two"):
            age.decrypt(self.at("file"), self.at(name), self.at("back_" + name))
            self.assertEqual(self.read("back_" + name), b"for two")
        age.create_identity(self.at("three"))
        with self.assertRaises(c2d.Refused) as refused:
            age.decrypt(self.at("file"), self.at("three"), self.at("none"))
        self.assertEqual(refused.exception.name, "age_other_identity")
        self.assertFalse(os.path.exists(self.at("none")))

    def test_a_recipient_of_another_kind_beside_ours(self):
        """A passphrase or a key of SSH is passed over."""
        age.create_identity(self.at("id"))
        if not shutil.which("ssh-keygen"):
            self.skipTest("ssh-keygen is not installed")
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.at("ssh")], check=True)
        self.run_age(
            "-R",
            self.at("ssh.pub"),
            "-r",
            age.recipient(self.at("id")),
            "-o",
            self.at("file"),
            self.write("plain", b"mixed"),
        )
        age.decrypt(self.at("file"), self.at("id"), self.at("back"))
        self.assertEqual(self.read("back"), b"mixed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--source", required=True)
    OPTIONS, rest = parser.parse_known_args()
    sys.path.insert(0, os.path.join(OPTIONS.source, "bindings", "python"))
    os.environ.setdefault("C2D_LIBRARY", os.path.join(os.path.dirname(OPTIONS.bin), "lib", "libc2d.so"))
    import c2d
    from c2d import age

    unittest.main(argv=[sys.argv[0]] + rest)
