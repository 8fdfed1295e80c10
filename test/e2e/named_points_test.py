"""A provider that ends itself at a named place, as by SIGKILL, and starts again; an operator and a relay that are
killed or stopped. Each job ends with one receipt for each token and the same outcome, nothing runs twice, and where the
terms have attempts it succeeds."""

import json
import os
import signal
import subprocess

from attempts_test import Attempts, CONFIGS, KEY, LOST, OPERATOR
from programs import descendants, healthy, is_operator, wait_until

FULL = os.environ.get("C2D_FULL", "") not in ("", "0")
# Where a provider ends, in the order in which a run passes by.
POINTS = (
    "job_admitted",
    "run_connecting",
    "peers_connected",
    "run_noted",
    "operator_started",
    "receipt_signed",
    "run_saved",
    "receipt_posted",
)
FEW = ("job_admitted", "peers_connected", "operator_started", "receipt_signed")
# Of each kind: killed, and stopped for longer than silence may last.
TIMES = 20 if FULL else 1


class NamedPoints(Attempts):
    operator = OPERATOR.replace("range(40)", "range(15)")
    # Of a job.
    tokens = 4

    def __init__(self):
        super().__init__()
        self.jobs = 0

    def begin(self):
        self.jobs += 1
        return self.start("dt-cli", "--json", *self.exec("--wait"))

    def end(self, waiting, what):
        """The job came to a good end: one receipt a token, the same outcome, no operator started twice in an
        attempt."""
        done = self.finish(waiting, 180)
        assert done.code == 0, "%s: %s" % (what, done)
        job = self.answer("job", "list")["total"]
        wait_until(lambda: len(self.receipts(job)) == self.tokens, 40, "%s: the receipts of job %d" % (what, job))
        receipts = self.receipts(job)
        assert len({receipt["dt"] for receipt in receipts}) == self.tokens, (what, receipts)
        assert {receipt["outcome"] for receipt in receipts} == {"succeeded"}, (what, receipts)
        attempts = max(part["attempt"] for part in self.parts(job))
        for owner in ("org1", "org2", "3rd"):
            document = json.loads(self.read("tests/%s/job_%d/receipt.json" % (owner, job)))
            assert 1 <= document["attempts"] <= attempts, (what, owner, document["attempts"], attempts)
        return attempts

    def restart(self, environment=None):
        process = self.providers.pop(LOST)
        process.kill()
        process.wait(timeout=20)
        config, port = CONFIGS[LOST]
        with open(self / (os.path.basename(config) + ".log"), "ab") as file:
            process = subprocess.Popen(
                ["c2d-provider-that-ends"],
                cwd=self.path,
                stdout=file,
                stderr=file,
                stdin=subprocess.DEVNULL,
                env={**self.environment, "CONFIG_FILE": config, **(environment or {})},
            )
        self.providers.insert(LOST, process)
        wait_until(lambda: process.poll() is not None or healthy(port), 20, "the provider to answer")


def a_provider_ends(folder, point):
    ended = folder / ("ended_%d" % folder.jobs)
    folder.restart({"C2D_TEST_END_AT": point, "C2D_TEST_ENDED": ended})
    waiting = folder.begin()
    wait_until(lambda: folder.providers[LOST].poll() is not None, 60, "the provider to end at " + point)
    assert os.path.exists(ended), point
    folder.restart()
    folder.end(waiting, point)


def a_provider_ends_alone(folder):
    """Between the others' success and its own: the job is not tried again, since what succeeded is there."""
    folder.restart({"C2D_TEST_END_AT": "operator_ended", "C2D_TEST_ENDED": folder / ("ended_%d" % folder.jobs)})
    waiting = folder.begin()
    wait_until(lambda: folder.providers[LOST].poll() is not None, 60, "the provider to end behind its operator")
    folder.restart()
    done = folder.finish(waiting, 180)
    job = folder.jobs
    outcomes = {part["party"]: part["outcome"] for part in done.json()["parts"]}
    assert outcomes == {0: "succeeded", 1: "interrupted", 2: "succeeded"}, str(done)
    wait_until(lambda: len(folder.receipts(job)) == folder.tokens, 40, "the receipts of job %d" % job)
    assert (
        sorted(receipt["outcome"] for receipt in folder.receipts(job)) == ["aborted"] + ["succeeded"] * 3
    ), folder.receipts(job)


def operator_of(folder):
    found = [pid for pid in descendants(folder.providers[LOST].pid) if is_operator(pid)]
    return found[0] if found else None


def a_provider_is_stopped(folder):
    """With its relay, for longer than a peer may be silent."""
    waiting = folder.begin()
    wait_until(lambda: operator_of(folder), 40, "the operator")
    folder.providers[LOST].send_signal(signal.SIGSTOP)
    job = folder.jobs
    try:
        wait_until(
            lambda: "peer_lost %d" % LOST in folder.cli("--json", "job", "status", "--job_id", str(job), *KEY).out,
            60,
            "the others to lose the stopped one",
        )
    finally:
        folder.providers[LOST].send_signal(signal.SIGCONT)
    folder.end(waiting, "stopped")


def an_operator_is_killed(folder):
    """Its owner's machine is well: that is a failure of the operator, and no reason to try again."""
    waiting = folder.begin()
    wait_until(lambda: operator_of(folder), 40, "the operator")
    os.kill(operator_of(folder), signal.SIGKILL)
    done = folder.finish(waiting, 120)
    job = folder.jobs
    assert done.code != 0, str(done)
    wait_until(lambda: len(folder.receipts(job)) == 4, 40, "the receipts")
    # The others' did not fail by themselves.
    outcomes = sorted(receipt["outcome"] for receipt in folder.receipts(job))
    assert outcomes == ["aborted", "aborted", "aborted", "failed"], folder.receipts(job)
    assert all(part["attempt"] == 1 and not part["again"] for part in folder.parts(job)), folder.parts(job)


def an_operator_is_stopped(folder):
    """For less than a provider may be silent: nothing comes of it."""
    waiting = folder.begin()
    wait_until(lambda: operator_of(folder), 40, "the operator")
    operator = operator_of(folder)
    os.kill(operator, signal.SIGSTOP)
    try:
        wait_until(lambda: open("/proc/%d/stat" % operator).read().rsplit(")", 1)[1].split()[0] == "T", 5, "it to stop")
    finally:
        os.kill(operator, signal.SIGCONT)
    assert folder.end(waiting, "an operator stopped") == 1


def main():
    with NamedPoints() as folder:
        for _ in range(TIMES):
            for point in POINTS if FULL else FEW:
                a_provider_ends(folder, point)
            folder.restart()
            a_provider_ends_alone(folder)
            folder.restart()
            for act in (an_operator_is_killed, an_operator_is_stopped, a_provider_is_stopped):
                act(folder)


if __name__ == "__main__":
    main()
