"""Does any value of bank B reach the others? Searches everything that A, C and the relays hold.

A real job of three providers is searched while it runs: files, process memory, plain frames. The
same search over the same set-up with the clear backend must find bank B's values, and the search at
bank B itself must find them in both: otherwise its silence would prove nothing.

    markers_test.py --build BUILD --source SOURCE
"""

import argparse
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import markers
from sample import ENDED, PARTIES, Sample, descendants, wait_until

ROWS, SPLIT, BATCH = 600, 400, 64
IN_DIM = 30 + markers.COLUMNS
MATRIX_BYTES = ROWS * markers.COLUMNS * 8  # of bank B, in doubles or in ring elements
# Of what bank B's relay sends to A in the whole job, about an eighth; a memory pass follows each.
STEP_BYTES = 800_000
SECONDS_MAX = 120
CANCEL_SECONDS_MAX = 30  # from a cancellation to the end, however late that was
WORK = "joint_risk_markers"  # below the build folder
OTHERS = ("org1", "3rd")
PASSES_MIN = 2

# The owner keeps its plain matrix until the end, so that there is something to find at bank B. What
# travels does not change.
KEEP = [
    ("LABEL_SLOT = 2\n", "LABEL_SLOT = 2\nKEPT = []\n"),
    ("            data.close()\n", "            KEPT.append(data)\n"),
]
# More iterations than anyone waits for: these jobs are cancelled once the search has succeeded.
ITERATIONS_ENDLESS = 10_000_001
TERMS = ("org1_feature", "org1_label", "org2_feature", "3rd_compute")
CLEAR = [("Session.from_environment()", 'Session.from_environment(backend="clear")')]
SHARE = "            tensors[number] = session.input(owner, data, MAGNITUDE_MAX)\n"
REVEAL = [
    (
        SHARE,
        SHARE + "            if number == 1:\n"
        "                KEPT.append(session.reveal(tensors[number], to=[0]))\n",
    )
]

problems = []


def may_trace():
    """Memory and sandboxes of other processes are for root alone: CAP_SYS_PTRACE is bit 19."""
    with open("/proc/self/status", encoding="ascii") as file:
        effective = next(line.split()[1] for line in file if line.startswith("CapEff:"))
    return os.geteuid() == 0 and int(effective, 16) >> 19 & 1 == 1


ROOT = may_trace()


def check(holds, text):
    print("  %s %s" % ("ok  " if holds else "FAIL", text), flush=True)
    if not holds:
        problems.append(text)


class Search:
    """Runs marker_scan and adds up what it says, by group."""

    def __init__(self, program, patterns):
        self.program, self.patterns = program, patterns
        self.bytes, self.hits, self.shown = {}, {}, {}
        self.seconds = 0.0

    def run(self, groups):
        """Searches {group: [targets]}; returns the hits found now."""
        start = time.monotonic()
        owners = [group for group, targets in groups.items() for _ in targets]
        found = 0
        for number, source, size, hits, shown in self.lines(sum(groups.values(), [])):
            if size == "unreadable":
                raise RuntimeError("cannot read " + source)
            if size == "gone":
                continue
            group = owners[int(number)]
            found += int(hits)
            self.bytes[group] = self.bytes.get(group, 0) + int(size)
            self.hits[group] = self.hits.get(group, 0) + int(hits)
            if int(hits):
                self.shown.setdefault(group, "%s: %s" % (source, shown))
        self.seconds += time.monotonic() - start
        return found

    def lines(self, targets):
        done = subprocess.run([self.program, self.patterns, *targets], stdout=subprocess.PIPE, check=True)
        return [line.split("\t") for line in done.stdout.decode("utf-8", "replace").splitlines()]

    def print(self):
        for group in sorted(self.bytes):
            print(
                "  %-22s %8.1f MB  %7d hits  %s"
                % (group, self.bytes[group] / 1e6, self.hits[group], self.shown.get(group, "")[:150])
            )
        print("  the searches took %.1f s" % self.seconds, flush=True)


def self_test(search, folder, rows):
    """Every form, planted at an odd place and over the border of two pieces, is found as itself."""
    noise = random.Random(7).randbytes(3 << 20)
    path = os.path.join(folder, "planted")
    wrong = []
    for form in markers.FORMS:
        values = rows[markers.GROUPS[0][0]][10 : 10 + markers.RUN]
        planted = markers.encode(form, values)
        # The first place is odd; the second lies over the end of the scanner's first piece.
        content = bytearray(noise)
        for place in (4321, (1 << 20) - len(planted) // 2):
            content[place : place + len(planted)] = planted
        with open(path, "wb") as file:
            file.write(content)
        [[_, _, size, hits, shown]] = search.lines([path])
        runs = 2 * (markers.RUN if form.startswith(("text", "double")) else 1)
        if int(size) != len(noise) or int(hits) != runs or any("=%s:" % form not in hit for hit in shown.split()):
            wrong.append("%s (%s hits: %s)" % (form, hits, shown))
    with open(path, "wb") as file:
        file.write(noise)
    [[_, _, _, hits, _]] = search.lines([path])
    os.unlink(path)
    check(not wrong, "the scanner finds every one of %d forms where planted %s" % (len(markers.FORMS), wrong or ""))
    check(hits == "0", "and nothing in random bytes")


def write_data(sample, rows):
    """The sample's generator, then bank B's marker rows in its file."""
    subprocess.run(
        [
            sys.executable,
            "-B",
            sample.path("generate_data.py"),
            "--out",
            sample.path("samples/data"),
            "--rows",
            str(ROWS),
        ],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    path = sample.path("samples/data/org2_feature.csv")
    with open(path, encoding="ascii") as file:
        lines = file.read().splitlines()
    for row, values in rows.items():
        lines[row] = ",".join(values)
    with open(path, "w", encoding="ascii") as file:
        file.write("\n".join(lines) + "\n")


def search_memory(sample, search):
    """One pass over the processes of every party; returns {name: pid} of the operators seen before
    and after it. They stand still meanwhile, so that a pass sees one moment of all three."""
    before = sample.operators()
    with stopped(before.values()):
        search_processes(sample, search, before)
        after = sample.operators()
    return {name: pid for name, pid in before.items() if after.get(name) == pid}


@contextlib.contextmanager
def stopped(pids):
    """The processes, stopped; they go on afterwards."""

    def send(number):
        for pid in pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    send(signal.SIGSTOP)
    try:
        yield
    finally:
        send(signal.SIGCONT)


def search_processes(sample, search, operators):
    groups = {}
    for name in PARTIES:
        provider = sample.providers[name].pid
        groups["memory %s provider" % name] = ["pid:%d" % provider]
        groups["memory %s sandbox" % name] = ["pid:%d" % pid for pid in descendants(provider)]
        if name in operators:
            # What the operator sees as files; some of it exists only inside.
            inside = "/proc/%d/root" % operators[name]
            groups["inside %s sandbox" % name] = [inside + "/job", inside + "/tmp", inside + "/dev/shm"]
    search.run(groups)


def search_files(sample, search):
    """Folders, state and logs of A and C, what C's command line saw, the ledger, the documents."""
    groups = {"files " + name: [sample.path("tests", name), sample.path(name + ".log")] for name in OTHERS}
    groups["files 3rd"] += [sample.path("solver.log"), sample.path("solver_result")]
    ledger = [entry for entry in os.listdir(sample.folder) if entry.startswith("ledger.db")]
    groups["ledger, documents"] = [sample.path(entry) for entry in ledger + ["documents"]]
    search.run(groups)


def search_frames(sample, search):
    groups = {"frames of " + name: [sample.path("frames", name)] for name in OTHERS}
    for peer in (0, 2):
        groups["frames org2 to %d" % peer] = [sample.path("frames", "org2", "to_%d.bin" % peer)]
    search.run(groups)


def inputs_are_shared(sample):
    """Bank B's matrix has gone out and the training, which only then begins, sends."""
    return sample.recorded("org2", "to_0") > MATRIX_BYTES and sample.recorded("org1", "from_1") > MATRIX_BYTES


def let_it_go_on(sample, sent):
    """Until bank B's relay has sent so much to A, or an operator has ended, or for 5 s."""
    end = time.monotonic() + 5
    while sample.recorded("org2", "to_0") < sent and time.monotonic() < end and len(sample.operators()) == len(PARTIES):
        time.sleep(0.02)


def prepare(sample, rows, changes):
    """The banks' files, and an operator with terms that allow what it is changed to do."""
    os.makedirs(sample.path("samples/data"), exist_ok=True)
    write_data(sample, rows)
    sample.edit("samples/op/rtt_op.py", *changes)
    for terms in TERMS:  # the samples' own bound is below an endless run
        sample.edit("samples/ddo/%s_attr.json" % terms, ('"maximum": 100001', '"maximum": %d' % ITERATIONS_ENDLESS))
    if set(changes) & set(CLEAR + REVEAL):  # which the samples' terms do not allow
        for terms in TERMS[:3]:
            sample.edit(
                "samples/ddo/%s_attr.json" % terms,
                ('"minimum": {', '"release": { "reveal": "any" },\n"minimum": {'),
            )


def play(options, name, rows, changes, epoch, enough=lambda sample, search: False):
    """One job, searched from `running` to its end, or until `enough`; returns the search, the final
    states and how many passes lay wholly within the training."""
    print("%s: %d rows, %d iterations" % (name, ROWS, epoch), flush=True)
    start = time.monotonic()
    folder = os.path.join(options.build, WORK, name)
    with Sample(folder, options.source, options.build) as sample:
        prepare(sample, rows, changes)
        patterns = sample.path("patterns")
        markers.write_patterns(patterns, rows)
        search = Search(os.path.join(options.build, "test", "marker_scan"), patterns)
        self_test(search, sample.folder, rows)
        check(
            search.run({"bank B's own file": [sample.path("samples/data/org2_feature.csv")]})
            == len(rows) * markers.COLUMNS,
            "every marker is found in bank B's own file",
        )

        job = sample.start(IN_DIM, SPLIT, BATCH, epoch)
        wait_until(
            lambda: "running" in sample.states(job).values()
            or all(state in ENDED for state in sample.states(job).values()),
            "the job to run",
            120,
        )
        started, passes, during, cancelled = time.monotonic(), 0, 0, False
        until = started + SECONDS_MAX
        while True:
            sent = sample.recorded("org2", "to_0")
            shared = inputs_are_shared(sample)
            seen = search_memory(sample, search) if ROOT else {}
            search_files(sample, search)
            states = sample.states(job)
            passes += 1
            during += shared and set(seen) == set(PARTIES)
            if all(state in ENDED for state in states.values()):
                break
            if shared and not cancelled and enough(sample, search):
                done = sample.cli("3rd", "job", "cancel", "--job_id", str(job))
                cancelled = done.returncode == 0
                if cancelled:
                    until = max(until, time.monotonic() + CANCEL_SECONDS_MAX)
                print(
                    "  cancelled after %.1f s" % (time.monotonic() - started)
                    if cancelled
                    else "  cancel: " + done.stderr.decode(),
                    flush=True,
                )
            if time.monotonic() > until:
                check(
                    False,
                    "the job ends in time; states: %s, inputs shared: %s, cancelled: %s, operators: %s"
                    % (states, shared, cancelled, sample.operators()),
                )
                break
            if shared:  # a pass a step, from the first to the last iteration
                let_it_go_on(sample, sent + STEP_BYTES)
        ran = time.monotonic() - started
        # After the end: everything once more, released results and logs included.
        sample.cli("3rd", "job", "logs", "--job_id", str(job))
        sample.cli("3rd", "job", "result", "--job_id", str(job), "--out", sample.path("solver_result"))
        search_files(sample, search)
        search_frames(sample, search)
        if ROOT:
            search_memory(sample, search)
    print(
        "  %d passes in %.1f s of running, %d of them wholly within the training; %.1f s in all"
        % (passes, ran, during, time.monotonic() - start)
    )
    search.print()
    return search, states, during


def hits(search, *starts):
    return sum(count for group, count in search.hits.items() if group.startswith(starts))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", required=True, type=os.path.abspath)
    parser.add_argument("--source", required=True, type=os.path.abspath)
    parser.add_argument("--epoch", type=int, default=2001)
    options = parser.parse_args()
    rows = markers.marker_rows()
    if not ROOT:
        print("memory: skipped, since only root may read it; files and frames are searched", flush=True)

    search, states, during = play(options, "rep3", rows, KEEP, options.epoch)
    check(set(states.values()) == {"succeeded"}, "the job succeeds; states: %s" % states)
    for name in OTHERS:
        check(search.bytes.get("frames of " + name, 0) > MATRIX_BYTES, "frames of %s were recorded" % name)
    found = {
        group: search.shown[group]
        for group in search.shown
        if "org2 provider" not in group and "org2 sandbox" not in group and "own file" not in group
    }
    check(not found, "no marker of bank B in files, frames or memory of the others %s" % (found or ""))
    if ROOT:
        check(during >= PASSES_MIN, "memory was searched %d times wholly within the training" % during)
        check(hits(search, "memory org2 sandbox") > 0, "the same passes find them in bank B's own operator")
        check(hits(search, "inside org2 sandbox") > 0, "and in the input file inside bank B's sandbox")

    def seen_at_others(sample, so_far):
        return sample.recorded("3rd", "from_1") > MATRIX_BYTES and (
            not ROOT or all(hits(so_far, "memory %s sandbox" % name) for name in PARTIES)
        )

    search, _, _ = play(options, "clear", rows, KEEP + CLEAR, ITERATIONS_ENDLESS, seen_at_others)
    for name in OTHERS:
        check(hits(search, "frames of " + name) > 0, "negative control: found in the frames of %s" % name)
        if ROOT:
            check(hits(search, "memory %s sandbox" % name) > 0, "negative control: found in the memory of %s" % name)
    check(
        hits(search, "frames org2 to 0") > 0 and hits(search, "frames org2 to 2") > 0,
        "negative control: found in what bank B's relay sent to A and C",
    )

    # The real backend, and an operator that opens bank B's columns to A: what A then holds went through
    # the engine's fixed point, and C still holds nothing.
    if ROOT:
        search, _, _ = play(
            options,
            "reveal",
            rows,
            KEEP + REVEAL,
            ITERATIONS_ENDLESS,
            lambda _, so_far: hits(so_far, "memory org1 sandbox"),
        )
        check(hits(search, "memory org1 sandbox") > 0, "opened to A: found in the memory of org1")
        check(not hits(search, "memory 3rd", "inside 3rd", "frames of 3rd", "files"), "and nowhere at C")

    if not problems:  # else they stay, to be looked at
        shutil.rmtree(os.path.join(options.build, WORK))
    print("FAILED: %d" % len(problems) if problems else "passed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
