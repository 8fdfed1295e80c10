"""Joint jobs that lose a party, and are tried again: by `job exec --wait` itself, and by `job start`. Each has one
receipt a token, of all attempts."""

import json
import signal

from joint_risk import JointRisk
from programs import COMPANY_C, options, wait_until

# Computes for some seconds with the others, so that one can be lost meanwhile.
OPERATOR = """import time, c2d
with c2d.mpc.Session.from_environment() as session:
    for _ in range(40):
        session.exchange(b"still here")
        time.sleep(0.1)
    rows = session.input(0, [[0.5]] * 16 if session.party == 0 else None)
    total = session.reveal(rows.sum(axis=0), to=[0])
    if total is not None:
        with open("outputs/rtt_log.txt", "w") as file: file.write("%.1f\\n" % total.to_rows()[0][0])
"""
CONFIGS = [
    ("samples/config/%s_config.ini" % name, port) for name, port in (("org1", 8090), ("org2", 8091), ("3rd", 8092))
]
LEAVES = ("org1_feature", "org1_label", "org2_feature", "3rd_compute")
ATTEMPTS = 3
LOST = 1
KEY = ("--private_key", COMPANY_C[1])


class Attempts(JointRisk):
    operator = OPERATOR
    # Of each provider's configuration.
    more = ""
    silence = 5

    def __init__(self):
        super().__init__(options())
        self.write("samples/op/rtt_op.py", self.operator)
        for config, _ in CONFIGS:
            self.write(
                config,
                self.read(config).decode()
                + "\npeer_silence_seconds = %d\npeer_seconds = 30\n%s" % (self.silence, self.more),
            )
        for leaf in LEAVES:
            name = "samples/ddo/%s_attr.json" % leaf
            document = json.loads(self.read(name))
            for service in document["services"]:
                service.setdefault("attributes", {})["attempts"] = ATTEMPTS
            self.write(name, json.dumps(document))
        self.cdt = self.compose()
        self.task = self.answer("job", "init", "--name", "t", "--desc", "d", *KEY)["task_id"]

    def exec(self, *more):
        return "job", "exec", "--task_id", str(self.task), "--cdt", self.cdt, *more, *KEY

    def wait_for_states(self, job, states, what, seconds=90):
        wait_until(lambda: {part["state"] for part in self.parts(job)} <= states, seconds, what)

    def kill_and_start_again(self, lost=LOST):
        """The provider of one party, as by a machine that lost its power."""
        process = self.providers.pop(lost)
        process.kill()
        process.wait(timeout=20)
        config, port = CONFIGS[lost]
        self.start_provider(config, port)
        self.providers.insert(lost, self.providers.pop())

    def check_receipts(self, job, outcome, attempts, owners=("org1", "org2", "3rd")):
        """One a token on the ledger; the owners' own say how often the operator was started."""
        receipts = self.receipts(job)
        assert [receipt["outcome"] for receipt in receipts] == [outcome] * 4, receipts
        for owner in owners:
            document = json.loads(self.read("tests/%s/job_%d/receipt.json" % (owner, job)))
            assert document["attempts"] == attempts, (owner, document["attempts"])

    def receipts(self, job):
        return self.answer("job", "receipt", "--job_id", str(job))["receipts"]


def exec_wait_tries_again(folder):
    waiting = folder.start("dt-cli", "--json", *folder.exec("--wait"))
    wait_until(lambda: folder.answer("job", "list")["total"] == 1, 30, "the job")
    wait_until(lambda: folder.cli("--json", "job", "status", "--job_id", "1", *KEY).code == 0, 30, "all to know it")
    folder.wait_for_states(1, {"running"}, "all parts to run")
    folder.kill_and_start_again()
    done = folder.finish(waiting)
    assert done.code == 0, str(done)
    assert "job 1: attempt 2 of %d" % ATTEMPTS in done.err, str(done)
    parts = done.json()["parts"]
    assert {(part["outcome"], part["attempt"], part["again"]) for part in parts} == {("succeeded", 2, False)}, parts
    wait_until(lambda: len(folder.receipts(1)) == 4, 30, "the receipts")
    folder.check_receipts(1, "succeeded", 2)
    # What succeeded is not tried again.
    again = folder.cli("--json", "job", "start", "--job_id", "1", *KEY)
    assert again.code == 1 and "state_conflict" in again.out + again.err, str(again)


def start_sends_the_next(folder):
    job = folder.answer(*folder.exec())["job_id"]
    folder.wait_for_states(job, {"running"}, "all parts to run")
    early = folder.cli("--json", "job", "start", "--job_id", str(job), *KEY)
    assert early.code == 1 and "under way" in early.err + early.out, str(early)
    folder.providers[LOST].send_signal(signal.SIGSTOP)
    try:
        # Its own state is not known meanwhile.
        wait_until(
            lambda: "peer_lost %d" % LOST in folder.cli("--json", "job", "status", "--job_id", str(job), *KEY).out,
            60,
            "the others to lose the stopped one",
        )
    finally:
        folder.providers[LOST].send_signal(signal.SIGCONT)
    folder.wait_for_states(job, {"failed"}, "all parts to end")
    parts = folder.parts(job)
    assert all(part["again"] and part["attempt"] == 1 for part in parts), parts
    assert {part["receipt"] for part in parts} <= {"waiting", ""}, parts
    assert not folder.receipts(job)

    done = folder.cli("--json", "job", "start", "--job_id", str(job), "--wait", *KEY)
    assert done.code == 0, str(done)
    assert {(part["outcome"], part["attempt"]) for part in done.json()["parts"]} == {("succeeded", 2)}, str(done)
    wait_until(lambda: len(folder.receipts(job)) == 4, 30, "the receipts")
    folder.check_receipts(job, "succeeded", 2)


def cancel_gives_up(folder):
    job = folder.answer(*folder.exec())["job_id"]
    folder.wait_for_states(job, {"running"}, "all parts to run")
    folder.kill_and_start_again()
    folder.wait_for_states(job, {"failed"}, "all parts to end")
    folder.answer("job", "cancel", "--job_id", str(job), *KEY)
    wait_until(lambda: len(folder.receipts(job)) == 4, 30, "the receipts")
    # What the killed one says of its run is drawn up from its state, and lies in no folder.
    folder.check_receipts(job, "aborted", 1, ("org1", "3rd"))
    again = folder.cli("--json", "job", "start", "--job_id", str(job), *KEY)
    assert again.code == 1 and "is not tried again" in again.err + again.out, str(again)


def main():
    with Attempts() as folder:
        exec_wait_tries_again(folder)
        start_sends_the_next(folder)
        cancel_gives_up(folder)


if __name__ == "__main__":
    main()
