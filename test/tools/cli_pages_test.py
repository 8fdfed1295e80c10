"""Man pages and completions name every command and flag that the programs' --help names.

cli_pages_test.py --build DIR --programs BIN
"""

import argparse
import gzip
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

OPTIONS = argparse.Namespace()
PROGRAMS = ("dt-cli", "c2d-provider")


def output(*command, **more):
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=60, **more)
    if done.returncode:
        raise AssertionError("%s ended with %d:\n%s%s" % (command, done.returncode, done.stdout, done.stderr))
    return done.stdout


def described(program, *words):
    """Yields (words, names) for the program and each command below it, from --help: all of the first column."""
    text = output(OPTIONS.programs / program, *words, "--help")
    before, _, commands = text.partition("\nExample:\n")[0].partition("\nSubcommands:\n")
    names = [name for first in re.findall(r"^  (\S+)", before.split("\n\n", 1)[-1], re.M) for name in first.split(",")]
    yield words, names
    for command in re.findall(r"^  (\S+)", commands, re.M):
        yield from described(program, *words, command)


class Pages(unittest.TestCase):
    def page(self, program):
        return gzip.decompress((OPTIONS.build / "pages/man/man1" / (program + ".1.gz")).read_bytes()).decode()

    def test_every_command_and_flag_is_in_the_manual(self):
        for program in PROGRAMS:
            page = self.page(program).replace("\\-", "-")
            head, *sections = re.split(r"^\.SS (.*)$", page, flags=re.M)
            told = {(): head, **{tuple(title.split()): text for title, text in zip(sections[::2], sections[1::2])}}
            commands = dict(described(program))
            self.assertEqual(set(told), set(commands))
            for words, names in commands.items():
                for name in names:
                    if words == () or name not in ("-h", "--help"):
                        self.assertIn("\\fB%s\\fR" % name, told[words], words)
                example = re.search(r"^Example:\n  (.*)$", output(OPTIONS.programs / program, *words, "--help"), re.M)
                if example:
                    self.assertIn(".B %s\n" % example[1], told[words])
        self.assertIn(("asset", "cdt"), set(dict(described("dt-cli"))))

    def test_manual_pages_are_clean(self):
        if not shutil.which("groff"):
            self.skipTest("groff is not installed")
        for program in PROGRAMS:
            done = subprocess.run(
                ["groff", "-man", "-ww", "-z"], input=self.page(program), capture_output=True, text=True
            )
            self.assertEqual((done.returncode, done.stderr), (0, ""), program)

    def complete(self, *words):
        """What bash offers for the last word."""
        script = (
            "source \"$1\"; shift; COMP_WORDS=(\"$@\"); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); compopt() { :; };"
            "_%s; printf '%%s\\n' \"${COMPREPLY[@]}\"" % words[0].replace("-", "_")
        )
        return output(
            "bash", "-c", script, "bash", OPTIONS.build / "pages/bash-completion/completions" / words[0], *words
        ).split()

    def test_bash_completes_everything(self):
        for program in PROGRAMS:
            for words, names in described(program):
                flags = [name for name in names if name.startswith("-")]
                self.assertEqual(set(flags) - set(self.complete(program, *words, "-")), set(), words)
                if words:
                    self.assertIn(words[-1], self.complete(program, *words[:-1], words[-1][:-1]), words)

    def test_bash_completes_what_is_typed(self):
        self.assertEqual(self.complete("dt-cli", "as"), ["asset"])
        self.assertEqual(self.complete("dt-cli", "--ledger", "job", "chain", "ser"), ["serve"])
        self.assertEqual(self.complete("dt-cli", "asset", "dt", "--attr"), ["--attr_file"])
        self.assertEqual(self.complete("dt-cli", "asset", "dt", "--led"), ["--ledger"])
        self.assertEqual(self.complete("dt-cli", "job", "status", "--job_id", ""), [])
        self.assertIn("CMakeLists.txt", self.complete("dt-cli", "--config", "CMakeL"))

    def test_zsh_completes(self):
        if not shutil.which("zsh"):
            self.skipTest("zsh is not installed")
        folder = OPTIONS.build / "pages/zsh/site-functions"
        # A terminal of its own; what is typed and a tab, until the completed word shows.
        script = """zmodload zsh/zpty
            zpty shell zsh -f -i
            zpty -w shell "PS1=; fpath=($1 \\$fpath); autoload -U compinit; compinit -u -D; print rea''dy"
            zpty -r -m shell line '*ready*'
            zpty -w -n shell "$2"$'\\t'
            zpty -r -m shell line "*$3*" && print found
            zpty -d shell"""
        for typed, wanted in (
            ("dt-cli as", "dt-cli asset"),
            ("dt-cli chain ser", "dt-cli chain serve"),
            ("dt-cli asset dt --attr", "asset dt --attr_file"),
            ("c2d-provider --led", "--ledger"),
        ):
            self.assertIn("found", output("zsh", "-fc", script, "zsh", folder, typed, wanted), typed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=pathlib.Path, required=True)
    parser.add_argument("--programs", type=pathlib.Path, required=True)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    unittest.main(argv=[sys.argv[0]] + rest)
