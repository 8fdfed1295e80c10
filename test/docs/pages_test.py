"""Tables of the pages are held against what they describe.

pages_test.py --source DIR
"""

import argparse
import pathlib
import re
import sys
import unittest

OPTIONS = argparse.Namespace()


def source(name):
    return (pathlib.Path(OPTIONS.source) / name).read_text(encoding="utf-8")


def section(page, title):
    """What stands below a heading, up to the next one of its kind or a higher one."""
    text = source("docs/" + page)
    head = re.search(r"^(#+) %s$" % re.escape(title), text, re.M)
    rest = text[head.end():]
    following = re.search(r"^#{1,%d} " % len(head[1]), rest, re.M)
    return rest[:following.start()] if following else rest


class Pages(unittest.TestCase):
    def test_reasons(self):
        told = re.findall(r"^\| `(\w+)` \| (\d+) \| (.*) \|$", section("errors.md", "Reasons"), re.M)
        self.assertEqual(told, re.findall(r'X\((\w+), (\d+), "(.*)"\)', source("include/c2d/reason_codes.h")))

    def test_statuses(self):
        told = re.findall(r"^\| (\d+) \| `(\w+)` \| ", section("errors.md", "Status"), re.M)
        listed = re.findall(r"X\((\w+), (\d+)", source("include/c2d/status_codes.h"))
        self.assertEqual(told, [(number, name.lower()) for name, number in listed])

    def test_configuration_keys(self):
        for title, file, read in (("[keeper]", "settings.cpp", r'"keeper", "(\w+)"|keeper_number\(config, "(\w+)"'),
                                  ("[provider]", "provider/provider_settings.cpp",
                                   r'kSection, "(\w+)"|(?:flag|words)\(config, "(\w+)"')):
            rows = re.findall(r"^\| (`.*?`) \|", section("configuration.md", title), re.M)
            told = set(re.findall(r"`(\w+)`", " ".join(rows)))
            keys = {one or other for one, other in re.findall(read, source("src/tools/" + file))}
            self.assertGreater(len(keys), 10)
            self.assertEqual(keys - told, set(), "read, and not described in " + title)

    def test_modules(self):
        rows = re.findall(r"^\| `(\w+)` \| [^|]* \| ([^|]*) \|", section("architecture.md", "Layers"), re.M)
        checked = 0
        for module, told in rows:
            path = "src/%s/CMakeLists.txt" % module
            if module == "tools" or not (pathlib.Path(OPTIONS.source) / path).exists():
                continue
            call = re.search(r"c2d_module\(%s\b(.*?)\)" % module, source(path), re.S)[1]
            declared = call.split("DEPENDS")[1].split("LINK")[0].split() if "DEPENDS" in call else []
            self.assertEqual(set(told.replace("nothing", "").split()), set(declared), module)
            checked += 1
        self.assertGreater(checked, 12)

    def test_tables_of_the_state_file(self):
        told = re.findall(r"^\| `(\w+)` \| ", section("formats.md", "The provider's state"), re.M)
        made = [name for file in ("src/provider/state_schema.cpp", "src/job/nonce_store.cpp")
                for name in re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", source(file))]
        self.assertGreater(len(made), 6)
        self.assertEqual(sorted(told), sorted(made))

    def test_tables_are_whole(self):
        """An empty line ends a table: the rows behind it would show as text."""
        for page in [*pathlib.Path(OPTIONS.source, "docs").rglob("*.md"), *pathlib.Path(OPTIONS.source).glob("*.md")]:
            lines = [""] + page.read_text("utf-8").splitlines() + [""]
            for number in range(1, len(lines) - 1):
                if re.match(r"\| .*\|$", lines[number]) and not lines[number - 1].startswith("|"):
                    self.assertRegex(lines[number + 1], r"^\|[-: |]+$", "%s:%d" % (page.name, number))

    def test_paths(self):
        for page in pathlib.Path(OPTIONS.source, "docs").rglob("*.md"):
            for path in re.findall(r"`((?:src|test|include|examples|bindings|capi)/[\w/]+\.\w+)`", page.read_text("utf-8")):
                self.assertTrue((pathlib.Path(OPTIONS.source) / path).exists(), "%s names %s" % (page.name, path))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=sys.argv[:1] + rest)
