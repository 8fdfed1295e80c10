"""Every command of dt-cli shows an example, and the example is good usage.

cli_examples_test.py --bin FOLDER --source DIR
"""

import argparse
import re
import subprocess
import sys
import tempfile
import unittest

OPTIONS = argparse.Namespace()
#: What stands for the variables of the examples.
VARIABLES = {
    "DT": "dt:ownership:" + "1" * 64,
    "CDT": "dt:ownership:" + "2" * 64,
    "HEAD": "7:0x" + "3" * 64,
    "ADDRESS": "0x7080b17af4b29F621A5Ef3B1802B2a778Af595d0",
    "NEW_KEY": "0x0148D6F66D4759aC7CcE98673dC9b75974E6bAe4",
    "SECRET": "46" * 32,
    "SHA256": "0x" + "4" * 64,
}


def help_of(*words):
    return subprocess.run(
        [OPTIONS.bin + "/dt-cli", *words, "--help"], capture_output=True, text=True, timeout=60, check=True
    ).stdout


def commands(*words):
    """(words, help) of each command that is no group."""
    text = help_of(*words)
    below = re.findall(r"^  (\S+)", text.partition("\nSubcommands:\n")[2], re.M)
    if not below:
        yield words, text
    for name in below:
        yield from commands(*words, name)


class Examples(unittest.TestCase):
    def test_every_command_has_one_that_the_parser_takes(self):
        checked = 0
        for words, text in commands():
            if "not in this build" in text:
                continue
            with self.subTest(command=words):
                example = re.search(r"^Example:\n  ((?:\w+=\S+ )?dt-cli .*)$", text, re.M)
                self.assertIsNotNone(example, text)
                self.assertIn("dt-cli %s" % " ".join(words), example[1])
                unknown = set(re.findall(r"\$(\w+)", example[1])) - set(VARIABLES)
                self.assertEqual(unknown, set())
                self.run_it(example[1])
                checked += 1
        self.assertGreater(checked, 30)

    def test_the_page_names_no_flag_that_is_not_there(self):
        with open(OPTIONS.source + "/docs/dt-cli.md", encoding="utf-8") as file:
            told = {flag.replace("-", "_") for flag in re.findall(r"(?<![\w-])--([a-z][\w-]*)", file.read())}
        flags = {flag for _, text in [((), help_of()), *commands()] for flag in re.findall(r"--(\w+)", text)}
        self.assertGreater(len(told), 30)
        self.assertEqual(told - flags, set())

    def run_it(self, line):
        """Where nothing is: it may fail, but not for how it is written."""
        with tempfile.TemporaryDirectory() as folder:
            done = subprocess.run(
                ["sh", "-c", line],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=60,
                env={"PATH": OPTIONS.bin + ":/usr/bin:/bin", "HOME": folder, **VARIABLES},
            )
            self.assertIn(done.returncode, (0, 1), "%s\n%s" % (line, done.stderr))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--source", required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=sys.argv[:1] + rest)
