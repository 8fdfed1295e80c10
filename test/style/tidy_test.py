"""clang-tidy finds nothing of what .clang-tidy asks for, in any source or header of ours.

tidy_test.py --source DIR --build DIR [--below FOLDER]

With C2D_FULL=1, since it takes an hour of a processor for every 500 files; otherwise only .clang-tidy itself is
checked. DIR/tidy of the build keeps what was clean, whatever commit it was: a file is looked at again when its text,
its flags, a header of ours that it includes, or .clang-tidy has changed. So the same command goes on after an
interruption.
"""

import argparse
import concurrent.futures
import hashlib
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import unittest

OPTIONS = argparse.Namespace()
FULL = os.environ.get("C2D_FULL") == "1"
VERSION = 14
FOLDERS = ("include", "src", "capi", "examples", "test")
FINDING = re.compile(r"^(/\S+?:\d+:\d+: )(?:warning|error): (.*) \[([\w.-]+)(?:,-warnings-as-errors)?\]$", re.M)
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.M)
#: What g++ knows and clang does not, or what is for making an object; with how many words behind it.
DROPPED = {"-c": 1, "-o": 1, "-include": 1, "-Winvalid-pch": 0, "-fno-ipa-modref": 0}


def program():
    """The clang-tidy whose findings we agree on: other versions know other checks."""
    for name in ("clang-tidy-%d" % VERSION, "clang-tidy"):
        if (
            shutil.which(name)
            and "version %d." % VERSION
            in subprocess.run([name, "--version"], capture_output=True, text=True, check=True, timeout=60).stdout
        ):
            return name
    return None


def flags_of(command):
    words, flags = iter(shlex.split(command)[1:-1]), []
    for word in words:
        if word in DROPPED:
            for _ in range(DROPPED[word]):
                next(words, None)
        else:
            flags.append(word)
    return flags + ["-Wno-unknown-warning-option"]


def units():
    """{file: flags} of each source that is compiled, once, however many programs it is part of."""
    found = {}
    for entry in json.loads((OPTIONS.build / "compile_commands.json").read_text("utf-8")):
        file = pathlib.Path(entry["file"])
        ours = any(file.is_relative_to(OPTIONS.source / folder) for folder in FOLDERS)
        if ours and file.is_relative_to(OPTIONS.below):
            found.setdefault(file, flags_of(entry["command"]))
    return dict(sorted(found.items()))


class Digests:
    """Of everything of ours that decides what clang-tidy says of a file. Conditions around an #include do not count."""

    def __init__(self):
        self.texts, self.includes = {}, {}

    def text(self, file):
        if file not in self.texts:
            self.texts[file] = file.read_bytes()
        return self.texts[file]

    def included(self, file):
        if file not in self.includes:
            places = [file.parent, *(OPTIONS.source / folder for folder in ("include", "src", "test"))]
            paths = ([place / name for place in places] for name in INCLUDE.findall(self.text(file).decode("utf-8")))
            found = (next((path for path in same if path.is_file()), None) for same in paths)
            self.includes[file] = {path.resolve() for path in found if path}
        return self.includes[file]

    def of(self, file, flags):
        seen, left = {file}, [file]
        while left:
            new = self.included(left.pop()) - seen
            seen |= new
            left += new
        sha = hashlib.sha256(repr((VERSION, flags)).encode())
        configured = (folder / ".clang-tidy" for folder in file.parents if folder.is_relative_to(OPTIONS.source))
        for part in [*filter(pathlib.Path.is_file, configured), *sorted(seen)]:
            sha.update(b"%d\n" % len(self.text(part)) + self.text(part))
        return sha.hexdigest()


def findings(tidy, file, flags, clean):
    """The lines that clang-tidy has to say of the file; without any, `clean` is made."""
    done = subprocess.run([tidy, "--quiet", str(file), "--", *flags], capture_output=True, text=True, check=False)
    found = ["%s%s [%s]" % line for line in FINDING.findall(done.stdout)]
    if done.returncode != 0 and not found:
        said = (done.stdout + done.stderr).strip()[-2000:]
        found = ["%s: clang-tidy ended with %d: %s" % (file, done.returncode, said)]
    if not found:
        clean.touch()
    return found


class Tidy(unittest.TestCase):
    def test_every_check_that_is_left_out_has_its_reason(self):
        text = (OPTIONS.source / ".clang-tidy").read_text("utf-8")
        reasons = re.findall(r"^#   (\S+) {2,}\S.*$", text, re.M)
        for check in re.findall(r"^  -([a-z][\w-]+),?$", text, re.M):
            self.assertTrue(any(check == name or check.endswith("-" + name) for name in reasons), check)

    @unittest.skipUnless(FULL, "C2D_FULL=1 runs clang-tidy")
    def test_nothing_is_found(self):
        tidy = program()
        self.assertIsNotNone(tidy, "needs clang-tidy %d" % VERSION)
        clean = OPTIONS.build / "tidy"
        clean.mkdir(exist_ok=True)
        digests = Digests()
        files = [(tidy, file, flags, clean / digests.of(file, flags)) for file, flags in units().items()]
        todo = [entry for entry in files if not entry[-1].exists()]
        print(
            "%d files, %d of them as they were when they were clean" % (len(files), len(files) - len(todo)), flush=True
        )
        self.assertGreater(len(files), 0)
        lines = {}
        with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
            for found in pool.map(lambda entry: findings(*entry), todo):
                for line in found:
                    if line not in lines:  # of a header, each file that includes it says so
                        print(line, flush=True)
                    lines[line] = True
        self.assertFalse(lines, "%d findings" % len(lines))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--source", required=True, type=pathlib.Path)
    parser.add_argument("--build", required=True, type=pathlib.Path)
    parser.add_argument("--below", type=pathlib.Path)
    _, rest = parser.parse_known_args(namespace=OPTIONS)
    OPTIONS.source, OPTIONS.build = OPTIONS.source.resolve(), OPTIONS.build.resolve()
    OPTIONS.below = OPTIONS.below.resolve() if OPTIONS.below else OPTIONS.source
    unittest.main(argv=sys.argv[:1] + rest)
