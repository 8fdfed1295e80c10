"""Plays the whole story with one of the examples, at small counts, and keeps its trace.

joint_risk_test.py --story DIR --traces DIR --name NAME -- PROGRAM…     plays
joint_risk_test.py --traces DIR --same NAME NAME…                       compares what was played
"""

import argparse
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile

#: What the regulator must see, whoever played.
SEEN = (
    "risk model  Algorithm  3rd-party",
    "union of",
    "credit default features 0-30  Dataset  org1",
    "credit default label 0 or 1  Dataset  org1",
    "credit default features 30-72  Dataset  org2",
    "third party of the protocol, no data  Computa  3rd-party",
    "job 1  test  3rd-party  3rd-party",
)
ROWS, SPLIT, BATCH, EPOCH = 300, 200, 32, 101
WHEN = re.compile(r"  [a-z]+ \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ, block \d+")
RECEIPT = re.compile(r"( *)(?:├──|└──) (receipt .*)  0x[0-9a-f]{64}\n")


def comparable(trace):
    """Without what differs from run to run: times and blocks, digests of receipts, and the order in which
    they came."""
    lines, receipts = WHEN.sub("", trace).splitlines(keepends=True), []
    out = []
    for line in lines + [""]:
        found = RECEIPT.fullmatch(line)
        if found:
            receipts.append("%s%s\n" % found.groups())
        else:
            out += sorted(receipts) + [line]
            receipts = []
    return "".join(out)


def free_ports(count):
    """The first of `count` neighbouring ports that nobody listens on."""
    for _ in range(100):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = probe.getsockname()[1]
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
            return first
        except (OSError, OverflowError):
            continue
    sys.exit("found no %d free ports" % count)


def play(options):
    story = options.story
    with tempfile.TemporaryDirectory(prefix="c2d-joint-risk-") as folder:
        subprocess.run(
            [sys.executable, os.path.join(story, "generate_data.py"), "--out", folder, "--rows", str(ROWS)],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        numbers = [free_ports(3), SPLIT, BATCH, EPOCH]
        done = subprocess.run(
            options.program + [story, folder, os.path.join(folder, "work"), *map(str, numbers), *options.more],
            capture_output=True,
            text=True,
        )
        if done.returncode:
            logs = [log.read_text(errors="replace") for log in pathlib.Path(folder).rglob("log")]
            sys.exit("ended with %d:\n%s%s%s" % (done.returncode, done.stdout, done.stderr, "\n".join(logs)))
    lines = done.stdout.splitlines(keepends=True)
    aucs = [line for line in lines if re.fullmatch(r"AUC at round \d+: 0\.\d{4}\n", line)]
    trace = "".join(lines[len(aucs) :])
    if [line.split()[3] for line in aucs] != ["0:", "100:"]:
        sys.exit("the bank's log is not what the job writes:\n" + done.stdout)
    for words in SEEN:
        if words not in trace:
            sys.exit("no %r in the trace:\n%s" % (words, trace))
    os.makedirs(options.traces, exist_ok=True)
    pathlib.Path(options.traces, options.name).write_text(comparable(trace))


def compare(options):
    traces = {name: pathlib.Path(options.traces, name).read_text() for name in options.same}
    for name, trace in traces.items():
        if trace != traces[options.same[0]]:
            sys.exit(
                "%s and %s end in different traces:\n%s\n%s" % (options.same[0], name, traces[options.same[0]], trace)
            )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--story", help="the folder examples/joint_risk")
    parser.add_argument("--traces", required=True)
    parser.add_argument("--name")
    parser.add_argument("--same", nargs="+")
    parser.add_argument("--more", nargs="*", default=[], help="arguments after the numbers")
    parser.add_argument("program", nargs="*")
    given = parser.parse_args()
    compare(given) if given.same else play(given)
