"""examples/demo.sh on small data sets of one's own, as a visitor runs it: once with header lines,
once without. Checks what it prints, and that nothing but the folder build has changed.

    demo_small_test.py --source SOURCE
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile

from sample import ALGORITHM, SAMPLE_PORTS, bindable, wait_until

ROWS, SPLIT, BATCH, EPOCH = 400, 300, 64, 101
SECONDS_MAX = 240
AUC_LINE = re.compile(r"^AUC at round (\d+): ((?:0\.\d{4})|1\.0000)$", re.M)

problems = []


def check(holds, text):
    print("  %s %s" % ("ok  " if holds else "FAIL", text), flush=True)
    if not holds:
        problems.append(text)


def tree_state(source):
    """What git sees besides the folder build: modified and new files, with size and time. Empty
    outside of a clone."""
    listed = subprocess.run(
        ["git", "-c", "core.quotePath=false", "status", "--porcelain", "-z", "--untracked-files=all"],
        cwd=source,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    if listed.returncode != 0:
        return None
    return sorted(line for line in listed.stdout.decode().split("\0") if line)


def run_demo(source, data, options):
    """Output and exit status; colours taken away."""
    done = subprocess.run(
        [os.path.join(source, "examples", "demo.sh"), "--data", data, *options],
        cwd=data,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=SECONDS_MAX,
    )
    return re.sub(r"\x1b\[\d*m", "", done.stdout.decode("utf-8", "replace")), done.returncode


def section(text, begin, end):
    """The lines between the heading that has `begin` in it and the one that has `end` in it."""
    return text.partition(begin)[2].partition(end)[0]


def play(source, header):
    print("with header lines" if header else "without header lines", flush=True)
    with tempfile.TemporaryDirectory(prefix="c2d-demo-") as data:
        subprocess.run(
            [
                sys.executable,
                "-B",
                os.path.join(source, "examples/joint_risk/generate_data.py"),
                "--out",
                data,
                "--rows",
                str(ROWS),
                *(["--header"] if header else []),
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        # The sample's ports are fixed: somebody's own demo on this machine may have to end first.
        wait_until(lambda: all(map(bindable, SAMPLE_PORTS)), "the ports of the sample", 60, 0.5)
        text, status = run_demo(
            source, data, ["--split", str(SPLIT), "--batch_size", str(BATCH), "--epoch", str(EPOCH)]
        )
    before = len(problems)
    check(status == 0, "exit status 0, found %d" % status)
    check("72 columns, training on the first %d" % SPLIT in text, "the columns are counted")
    check("%d rows," % (ROWS + header) in text or "%d rows," % ROWS in text, "the rows are counted")
    check(
        "Row i of all three files is taken as the same customer, and nobody can check that" in text,
        "the order of rows is told",
    )
    auc = AUC_LINE.findall(text)
    check([int(number) for number, _ in auc] == list(range(0, EPOCH, 100)), "AUC lines: %s" % auc)
    trace = section(text, "The regulator walks", "\nDone.")
    for word in ("org1", "org2", "3rd-party", "test", "job 1", ALGORITHM):
        check(re.search(r"\b%s\b" % re.escape(word), trace) is not None, "the trace names %s" % word)
    log = os.path.join(source, "build/demo/tests/org1/job_1/outputs/rtt_log.txt")
    with open(log, encoding="ascii") as file:
        check(AUC_LINE.findall(file.read()) == auc, "the file of the result has the same lines")
    check(all(map(bindable, SAMPLE_PORTS)), "no provider is left behind")
    if len(problems) > before:
        print(text)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", required=True, type=os.path.abspath)
    source = parser.parse_args().source
    before = tree_state(source)
    play(source, header=True)
    play(source, header=False)
    if before is None:
        print("  no git clone: what changed is not checked")
    else:
        check(tree_state(source) == before, "nothing but build/ has changed")
    print("FAILED: %d" % len(problems) if problems else "passed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
