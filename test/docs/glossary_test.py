"""The words of docs/development/glossary.md: what we do not say occurs nowhere, what is to be renamed does not spread.

glossary_test.py --source DIR [--count]      --count shows in how many files each word to be renamed stands
"""

import argparse
import pathlib
import re
import sys
import unittest

OPTIONS = argparse.Namespace()
PAGE = "docs/development/glossary.md"
SOURCES = {".hpp", ".cpp", ".h", ".c", ".py", ".sol", ".mjs", ".sh", ".cmake", ".ini", ".md"}
PRONOUNS = ("he", "his", "him", "himself", "she", "her", "hers", "herself")


def read(name):
    return (pathlib.Path(OPTIONS.source) / name).read_text("utf-8")


def section(title):
    return re.search(r"^## %s\n(.*?)(?=^## |\Z)" % re.escape(title), read(PAGE), re.M | re.S)[1]


def forbidden():
    """Words in the last column of the tables that have a column `not`, and the American spellings."""
    words, columns = [], 0
    for line in read(PAGE).splitlines():
        cells = [cell.strip() for cell in line[1:-1].split("|")] if line.startswith("|") else []
        if cells and cells[-1] == "not":
            columns = len(cells)
        elif not cells:
            columns = 0
        elif len(cells) == columns:
            words += re.findall(r"`([^`]+)`", cells[-1])
    return words + re.findall(r"`([^`]+)`", re.search(r"^Spelling is British: not (.*?)\.$", read(PAGE), re.M)[1])


def to_be_renamed():
    return [
        (word, int(files))
        for word, files in re.findall(r"^\| `(\w+)` \|.*\| (\d+) \|$", section("To be renamed"), re.M)
    ]


def texts(*places):
    root = pathlib.Path(OPTIONS.source)
    for place in places:
        for file in [root / place] if (root / place).is_file() else sorted((root / place).rglob("*")):
            name = file.relative_to(root).as_posix()
            if (
                file.suffix in SOURCES
                and "node_modules" not in file.parts
                and name not in (PAGE, "test/docs/glossary_test.py")
            ):
                yield name, file.read_text("utf-8")


def pattern(words, flags=0):
    # systemd-analyze is a program's name, which is not ours to spell.
    return re.compile(r"(?<![A-Za-z0-9])(?<!systemd-)(?:%s)(?![A-Za-z0-9])" % "|".join(map(re.escape, words)), flags)


def files_with(word):
    found = pattern([word])
    return sum(1 for _, text in texts("include", "src", "capi", "bindings") if found.search(text))


class Glossary(unittest.TestCase):
    EVERYWHERE = (
        "include",
        "src",
        "capi",
        "bindings",
        "examples",
        "test",
        "docs",
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    )

    def absent(self, words, flags):
        found = pattern(words, flags)
        seen = 0
        for name, text in texts(*self.EVERYWHERE):
            seen += 1
            match = found.search(text)
            if match:
                self.fail("%s:%d says %s; see %s" % (name, text.count("\n", 0, match.start()) + 1, match[0], PAGE))
        self.assertGreater(seen, 500)

    def test_what_we_do_not_say(self):
        self.assertGreater(len(forbidden()), 25)
        self.absent(forbidden(), re.I)

    def test_nobody_has_a_gender(self):
        self.absent(PRONOUNS, re.I)

    def test_what_is_to_be_renamed_does_not_spread(self):
        rows = to_be_renamed()
        for word, files in rows:
            self.assertLessEqual(
                files_with(word), files, "%s is in more files than %s says: use its better name" % (word, PAGE)
            )

    def test_a_synonym_is_noticed(self):
        found = pattern(forbidden(), re.I)
        for text in ("a smart contract", "the dealer", "Whitelist", "LayerSet,", "its behavior"):
            self.assertTrue(found.search(text), text)
        for text in ("contract", "deal", "dealers_", "license"):
            self.assertFalse(found.search(text), text)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    parser.add_argument("--count", action="store_true")
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    if OPTIONS.count:
        for word, files in to_be_renamed():
            print("%-16s %3d files, the page says %d" % (word, files_with(word), files))
        sys.exit(0)
    unittest.main(argv=sys.argv[:1] + rest)
