"""Tables of the pages are held against what they describe.

pages_test.py --source DIR
"""

import argparse
import json
import pathlib
import re
import sys
import unittest

OPTIONS = argparse.Namespace()
SENTENCE_WORDS_MAX = 40
#: Names that pages spell and that are not ours: of others' programs and of the original.
PLACEHOLDERS = ("use_trunc_pr", "use_split", "rtt_tracer", "authorized_keys", "artifacts_path")


def source(name):
    return (pathlib.Path(OPTIONS.source) / name).read_text(encoding="utf-8")


def section(page, title):
    """What stands below a heading, up to the next one of its kind or a higher one."""
    text = source("docs/" + page)
    head = re.search(r"^(#+) %s$" % re.escape(title), text, re.M)
    rest = text[head.end() :]
    following = re.search(r"^#{1,%d} " % len(head[1]), rest, re.M)
    return rest[: following.start()] if following else rest


def pages(folder=""):
    """Those of a folder and below; without one all of docs/ and those at the top."""
    root = pathlib.Path(OPTIONS.source)
    return (
        sorted((root / folder).rglob("*.md"))
        if folder
        else [*sorted((root / "docs").rglob("*.md")), *root.glob("*.md")]
    )


def without_code(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M)


def anchors(page):
    """Headings as links name them: small letters, dashes for spaces, no punctuation."""
    heads = re.findall(r"^#+ (.*)$", without_code(page.read_text("utf-8")), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def sentences(text):
    """Of paragraphs and items of lists, without headings, tables and code."""
    blocks, block = [], []
    for line in without_code(text).splitlines() + [""]:
        item = re.match(r"\s*(?:[-*]|\d+\.) (.*)", line)
        if item or not line.strip() or re.match(r"#|\||    ", line) and not block:
            blocks.append(" ".join(block))
            block = [item[1]] if item else []
        elif not line.startswith(("#", "|")):
            block.append(line.strip())
    return [s for b in blocks if b for s in re.split(r"(?<=[.!?])[*)\"]* ", b) if s]


class Pages(unittest.TestCase):
    def test_reasons(self):
        told = re.findall(r"^\| `(\w+)` \| (\d+) \| (.*) \|$", section("errors.md", "Reasons"), re.M)
        self.assertEqual(told, re.findall(r'X\((\w+), (\d+), "(.*)"\)', source("include/c2d/reason_codes.h")))

    def test_statuses(self):
        told = re.findall(r"^\| (\d+) \| `(\w+)` \| ", section("errors.md", "Status"), re.M)
        listed = re.findall(r"X\((\w+), (\d+)", source("include/c2d/status_codes.h"))
        self.assertEqual(told, [(number, name.lower()) for name, number in listed])

    def test_contract_codes(self):
        numbers = dict(
            re.findall(
                r"^    (k\w+) = (\d+),",
                re.search(r"enum Code .*?\};", source("src/contracts/interface.hpp"), re.S)[0],
                re.M,
            )
        )
        rows = re.findall(r'\{(k\w+), "(\w+)",\s*"(.*?)"\}', source("src/contracts/interface.cpp"))
        told = re.findall(r"^\| (\d+) \| `(\w+)` \| (.*) \|$", section("errors.md", "Contract codes"), re.M)
        self.assertEqual(told, [(numbers[code], name, text) for code, name, text in rows])
        solidity = source("src/contracts/Codes.sol").split("// Texts")[0]
        self.assertEqual(sorted(re.findall(r" = (\d+);", solidity), key=int), sorted(numbers.values(), key=int))

    def test_ends_of_runs(self):
        outcomes = {"succeeded": 1, "failed": 2, "cancelled": 3, "refused": 4, "aborted": 5, "as": 0}
        told = {}
        for ends, outcome in re.findall(
            r"^\| (.*?) \| (?:\d )?(\w+)[^|]* \| ", section("errors.md", "Outcomes of a run"), re.M
        ):
            for name in re.findall(r"`(\w+)[^`]*`", ends.replace("a reason's name", "`refused`")):
                told[name] = outcomes.get(outcome)
        listed = re.findall(r"X\((\w+), (\d), ", source("include/c2d/run_ends.h"))
        self.assertEqual(told, {name: int(number) for name, number in listed})

    def test_works_that_have_a_cost(self):
        table = source("docs/mpc/costs.md").split("| `work` |")[1].split("\n\n")[0]
        told = re.findall(r"^\| `(\w+)` \| ", table, re.M)
        self.assertEqual(told, re.findall(r'\{Work::\w+, "(\w+)", ', source("src/mpc/core/cost.cpp")))
        self.assertEqual(
            told,
            re.findall(r"\w+", re.search(r"enum class Work \{(.*?)\}", source("include/c2d/mpc_cost.hpp"), re.S)[1]),
        )

    def test_signatures_of_a_first_program(self):
        """What embedding.md shows stands in the headers, letter by letter but for white space."""
        page, shown = source("docs/embedding.md"), 0
        for language, folder in (("cpp", "include/c2d"), ("c", "include/c2d/capi")):
            block = re.search(
                r"\*\*The calls of a first program\*\*(?:(?!```).)*```%s\n(.*?)```" % language, page, re.S
            )[1]
            headers = {
                path.name: re.sub(r"\s+", " ", path.read_text(encoding="utf-8"))
                for path in (pathlib.Path(OPTIONS.source) / folder).glob("*.h*")
            }
            for line in filter(None, (re.sub(r" *(//.*|/\*.*)", "", line) for line in block.splitlines())):
                plain = re.sub(r"\b[A-Z]\w+::(?=\w+\()", "", line)
                self.assertTrue(any(plain in text for text in headers.values()), line)
                shown += 1
        self.assertGreater(shown, 25)

    def test_configuration_keys(self):
        """Of [keeper] here; the rows of [provider] are made from the table that is read (src/tools/codegen)."""
        rows = re.findall(r"^\| (`.*?`) \|", section("configuration.md", "[keeper]"), re.M)
        told = set(re.findall(r"`(\w+)`", " ".join(rows))) - {"artifacts_path"}  # of the original; not read
        read = r'"keeper", "(\w+)"|keeper_number\(config, "(\w+)"'
        keys = {one or other for one, other in re.findall(read, source("src/asset/settings.cpp"))}
        self.assertGreater(len(keys), 10)
        self.assertEqual(keys, told)
        # What else asks for a key of [provider] by its name finds it in the table.
        listed = set(re.findall(r'^    \{"(\w+)", "', source("src/tools/provider/provider_settings.cpp"), re.M))
        asked = {
            name
            for file in ("main.cpp", "provider_settings.cpp")
            for name in re.findall(r'(?:kSection|"provider"), "(\w+)"', source("src/tools/provider/" + file))
        }
        self.assertGreater(len(listed), 15)
        self.assertEqual(asked - listed, set())

    def test_environment(self):
        told = set(
            re.findall(
                r"`([A-Z0-9_]+)`",
                " ".join(re.findall(r"^\| (`.*?) \|", section("configuration.md", "Environment"), re.M)),
            )
        )
        files = [
            *pathlib.Path(OPTIONS.source, "src/tools").rglob("*.cpp"),
            pathlib.Path(OPTIONS.source, "src/asset/settings.cpp"),
        ]
        read = {
            name
            for file in files
            if "bench" not in file.parts
            for name in re.findall(r'\b(?:getenv|environment|take)\("([A-Z0-9_]+)"\)', file.read_text("utf-8"))
        }
        for file in (
            found for part in ("sandbox", "query") for found in pathlib.Path(OPTIONS.source, "src", part).glob("*.cpp")
        ):  # c2d's own parts
            read |= set(re.findall(r'(?:named_in_environment\(|Variable = )"([A-Z0-9_]+)"', file.read_text("utf-8")))
        self.assertGreater(len(read), 8)
        self.assertEqual(told, read)

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

    def test_presets_and_options(self):
        page = source("docs/development/building.md")
        presets = [p for p in json.loads(source("CMakePresets.json"))["configurePresets"] if not p.get("hidden")]
        told = re.findall(r"^\| `cmake --preset ([\w-]+)` \| `([\w/-]+)/` \|", page, re.M)
        self.assertEqual(sorted(told), sorted((p["name"], p["binaryDir"]) for p in presets))
        for kind in ("buildPresets", "testPresets"):
            made = {p["name"] for p in json.loads(source("CMakePresets.json"))[kind]}
            self.assertEqual({p["name"] for p in presets} - made, {"arm64"}, kind)
        root = pathlib.Path(OPTIONS.source)
        files = [root / "CMakeLists.txt", *(root / "src").rglob("CMakeLists.txt"), *(root / "src").rglob("*.cmake")]
        text = "\n".join(file.read_text("utf-8") for file in files)
        made = re.findall(r"^ *option\((C2D_\w+) ", text, re.M) + re.findall(r"^ *set\((C2D_\w+) .* CACHE ", text, re.M)
        self.assertGreater(len(made), 5)
        self.assertEqual(set(re.findall(r"`(C2D_\w+)`", re.search(r"Options: (.*?)\.\s", page, re.S)[1])), set(made))

    def test_tables_of_the_state_file(self):
        told = re.findall(r"^\| `(\w+)` \| ", section("formats.md", "The provider's state"), re.M)
        made = [
            name
            for file in ("src/provider/state/state_schema.cpp", "src/job/nonce_store.cpp")
            for name in re.findall(r"CREATE TABLE IF NOT EXISTS (\w+)", source(file))
        ]
        self.assertGreater(len(made), 6)
        self.assertEqual(sorted(told), sorted(made))

    def test_keys_of_the_ledgers_state(self):
        told = re.findall(r"`(\w+/?)`", " ".join(re.findall(r"^\| (`[^|]*) \|", section("chain.md", "State"), re.M)))
        folder = pathlib.Path(OPTIONS.source, "src")
        text = "".join(
            file.read_text("utf-8")
            for place in ("contracts", "chain/ledger")
            for file in (folder / place).glob("*.[ch]pp")
        )
        kept = set(re.findall(r'\bkey\("(\w+/)"', text)) | set(re.findall(r'(?:Key|Prefix) = "(\w+/?)"', text))
        self.assertGreater(len(kept), 15)
        self.assertEqual(sorted(told), sorted(kept))

    def test_tables_are_whole(self):
        """An empty line ends a table: the rows behind it would show as text."""
        for page in pages():
            lines = [""] + page.read_text("utf-8").splitlines() + [""]
            for number in range(1, len(lines) - 1):
                if re.match(r"\| .*\|$", lines[number]) and not lines[number - 1].startswith("|"):
                    self.assertRegex(lines[number + 1], r"^\|[-: |]+$", "%s:%d" % (page.name, number))

    def test_paths(self):
        for page in pages("docs"):
            for path in re.findall(
                r"`((?:src|test|include|examples|bindings|capi|docs)/[\w/]+\.\w+)`", page.read_text("utf-8")
            ):
                self.assertTrue((pathlib.Path(OPTIONS.source) / path).exists(), "%s names %s" % (page.name, path))

    def test_names_that_pages_spell(self):
        """What looks like a name of the code, `with_underscores`, occurs in it."""
        root, known = pathlib.Path(OPTIONS.source), set(PLACEHOLDERS)
        for place in ("include", "src", "capi", "bindings", "examples", "test", ".ci"):
            for file in (root / place).rglob("*"):
                if (
                    file.is_file()
                    and "node_modules" not in file.parts
                    and "corpus" not in file.parts
                    and file.suffix != ".md"
                ):
                    known.update(re.findall(r"\w+", file.read_text("utf-8", "replace") + " " + file.name))
        for page in pages("docs"):
            if page.name == "glossary.md":
                continue  # names what there is not
            for code in re.findall(r"`([^`\n]+)`", without_code(page.read_text("utf-8"))):
                for name in re.findall(r"(?<![\w*$])[a-z][a-z0-9]*(?:_[a-z0-9]+)+(?![\w*])", code):
                    group, rest = name.split("_", 1)  # a function of CMake makes the names of some tests
                    self.assertTrue(
                        name in known or group in ("sandbox", "fuzz") and rest in known,
                        "%s names %s" % (page.name, name),
                    )

    def test_links(self):
        """What a page links to exists, and so does the heading that it names."""
        checked = 0
        for page in pages():
            for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text("utf-8"))):
                if re.match(r"[a-z]+:", target):
                    continue
                file, _, anchor = target.partition("#")
                other = (page.parent / file) if file else page
                self.assertTrue(other.exists(), "%s links to %s" % (page.name, target))
                if anchor:
                    self.assertIn(anchor, anchors(other), "%s links to %s" % (page.name, target))
                checked += 1
        self.assertGreater(checked, 80)

    def test_comments_name_pages_that_exist(self):
        root = pathlib.Path(OPTIONS.source)
        for folder in ("include", "src", "capi", "bindings", "examples", "test"):
            for file in (root / folder).rglob("*"):
                if (
                    file.suffix in (".hpp", ".cpp", ".h", ".c", ".py", ".sol", ".sh")
                    and "node_modules" not in file.parts
                ):
                    for path in re.findall(r"\bdocs/[\w/-]+\.md", file.read_text("utf-8")):
                        self.assertTrue((root / path).exists(), "%s names %s" % (file, path))

    def test_how_tos_follow_the_code(self):
        """Each file of a how-to exists, and holds what the last cell of its row says of the example."""
        checked = 0
        for page in pages("docs/development"):
            for path, example in re.findall(
                r"^\|[^|]*\| `([\w./-]+)` \|.*\| ([^|]*) \|$", page.read_text("utf-8"), re.M
            ):
                text = source(path)
                for word in re.findall(r"`([^`]+)`", example):
                    self.assertTrue(word in text, "%s: %s does not hold %s" % (page.name, path, word))
                    checked += 1
        self.assertGreater(checked, 80)

    def test_figures_of_the_protocol(self):
        """They are numbered without gaps, each has its argument, and comments name none that is not there."""
        figures = [
            int(n)
            for n in re.findall(
                r"^\*\*Figure (\d+): ", source("docs/mpc/overview.md") + source("docs/mpc/protocol.md"), re.M
            )
        ]
        self.assertEqual(figures, list(range(1, len(figures) + 1)))
        argued = {
            int(n)
            for row in re.findall(r"^\| ([\d, ]+) ", section("mpc/security.md", "Figure by figure"), re.M)
            for n in row.split(",")
        }
        self.assertEqual(set(figures[1:]) - argued, set())
        for file in pathlib.Path(OPTIONS.source, "src/mpc").rglob("*.[ch]pp"):
            for number in re.findall(r"protocol\.md, Figure (\d+)", file.read_text("utf-8")):
                self.assertIn(int(number), figures, file)

    def test_sentences_can_be_read(self):
        """The pages of the protocol and of development: no sentence above 40 words."""
        for page in [*pages("docs/mpc"), *pages("docs/development")]:
            for sentence in sentences(page.read_text("utf-8")):
                self.assertLessEqual(len(sentence.split()), SENTENCE_WORDS_MAX, "%s: %s" % (page.name, sentence))

    def test_long_sentences_are_noticed(self):
        self.assertEqual(
            sentences("# A head\n\nOne two.\nThree\nfour. Five\n\n- six\n- seven\n\n| cell |\n\n```\ncode\n```\n"),
            ["One two.", "Three four.", "Five", "six", "seven"],
        )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True)
    OPTIONS, rest = parser.parse_known_args()
    unittest.main(argv=sys.argv[:1] + rest)
