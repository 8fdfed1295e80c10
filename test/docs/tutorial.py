"""Does what a page of docs/tutorials tells its reader to do, in an empty folder, and compares what is printed.

tutorial.py PAGE

Fenced blocks count in the order of the page:

    ```python first.py      the block is written to first.py (any language, one name)
    ```console              each line `$ command` is run by one bash for the whole page, so that `cd`, variables and
                            background jobs stay; a line that ends in \ goes on in the next. The lines below a command
                            are all that it prints, on both outputs. `…` stands for any text within a line, a line
                            that is `…` alone for any lines, also none. A command must end well; where the page shows a
                            failure, it says so: `$ command || echo refused`.

Any other block is for the reader's eyes. Where programs are found (PATH, PYTHONPATH, PKG_CONFIG_PATH, …) is said by the
environment of this test.
"""

import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
from typing import NamedTuple

SECONDS_MAX = 150
_FENCE = re.compile(r"^```(\S*)[ \t]*(\S*)[ \t]*\n(.*?)^```[ \t]*$", re.M | re.S)


class File(NamedTuple):
    """A block that the reader saves."""

    line: int
    name: str
    text: str


class Command(NamedTuple):
    """What the reader types, and what the page says that it prints."""

    line: int
    text: str
    expected: str


def steps(page):
    """The files and commands of a page, in order."""
    found = []
    for block in _FENCE.finditer(page):
        language, name, text = block.groups()
        line = page.count("\n", 0, block.start()) + 2
        if language == "console":
            found += _commands(text, line)
        elif name:
            found.append(File(line, name, text))
    return found


def _commands(text, first_line):
    commands, lines = [], text.splitlines()
    number = 0
    while number < len(lines):
        if not lines[number].startswith("$ "):
            if not commands:
                raise ValueError("line %d: a console block begins with `$ command`" % first_line)
            commands[-1] = commands[-1]._replace(expected=commands[-1].expected + lines[number] + "\n")
            number += 1
            continue
        start = number
        while lines[number].endswith("\\") and number + 1 < len(lines):
            number += 1
        number += 1
        commands.append(Command(first_line + start, "\n".join(lines[start:number])[2:], ""))
    return commands


def pattern(expected):
    """What matches an output that the page shows as `expected`."""
    whole = []
    for line in expected.splitlines():
        if line.strip() == "…":
            whole.append(r"(?:.*\n)*?")
        else:
            whole.append(".*".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ \t]*\n")
    return re.compile("".join(whole))


def run(page, folder):
    """Raises AssertionError at the first step that does not go as the page says; returns how many steps there were."""
    todo = steps(page)
    end = "c2d-tutorial-end-of-command"
    shell = subprocess.Popen(
        ["bash", "--norc"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        env={**os.environ, "HOME": str(folder)},
    )
    try:
        for step in todo:
            if isinstance(step, File):
                place = pathlib.Path(folder, step.name)
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_text(step.text, encoding="utf-8")
                continue
            # A command reads nothing: what follows on this input is the next one.
            shell.stdin.write("{ %s\n} </dev/null; printf '\\n%s %%d\\n' $?\n" % (step.text, end))
            shell.stdin.flush()
            printed, status = _until(shell.stdout, end)
            _compare(step, printed, status)
    finally:
        _end(shell)
    return len(todo)


def _until(stream, end):
    lines = []
    for line in stream:
        if line.startswith(end):
            # The end begins a line of its own, whatever stood before: that line end is not the command's.
            printed = "".join(lines)
            return (printed[:-1] if printed.endswith("\n") else printed), line.split()[1]
        lines.append(line)
    return "".join(lines), "that of a shell that is gone"


def _compare(step, printed, status):
    if printed and not printed.endswith("\n"):
        printed += "\n"
    place = "line %d: $ %s\n" % (step.line, step.text)
    if status != "0":
        raise AssertionError("%sended with status %s and printed:\n%s" % (place, status, printed))
    if not pattern(step.expected).fullmatch(printed):
        raise AssertionError("%sthe page says:\n%s\nit printed:\n%s" % (place, step.expected, printed))


def _end(shell):
    """The shell, and what it left running in the background."""
    shell.stdin.close()
    try:
        os.killpg(shell.pid, signal.SIGTERM)
    except ProcessLookupError:
        pass
    shell.stdout.close()
    shell.wait()


def _too_long(*_):
    raise AssertionError("the page took longer than %d seconds" % SECONDS_MAX)


def main(path):
    signal.signal(signal.SIGALRM, _too_long)
    signal.alarm(SECONDS_MAX)
    with tempfile.TemporaryDirectory(prefix="c2d-tutorial-") as folder:
        count = run(pathlib.Path(path).read_text(encoding="utf-8"), folder)
    if count == 0:
        raise SystemExit("%s: no step was found" % path)
    print("%s: %d steps went as it says" % (path, count))


if __name__ == "__main__":
    main(*sys.argv[1:])
