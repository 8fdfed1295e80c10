"""The procedures of docs/recovery.md, command by command as they stand there, on the demo's own folder with
three providers: a clock that is wrong, blocks that are cut, files that vanish, backups, a lost state file."""

import contextlib
import ctypes
import glob
import os
import re
import shutil
import sqlite3

from joint_risk import JointRisk
from programs import BANK_A, BANK_B, COMPANY_C, options, wait_until

ALGORITHM = "dt:ownership:34940ace7bdacfff97f4c5dd348f523119fdf1c82aa3ec2bf99149e88499a961"
PROVIDERS = (("org1", 8090), ("org2", 8091), ("3rd", 8092))
SOLVER = ("--private_key", COMPANY_C[1])
TASK = ("job", "init", "--name", "x", "--desc", "y", *SOLVER)
#: A machine of its own, whose clock is wrong. Its uptime is left as it is.
FAST = {"C2D_TRUST_DIR": "fast", "DONT_FAKE_MONOTONIC": "1"}
#: What `chain init` and the solver use: config.ini says so.
KEEPER = {"C2D_TRUST_DIR": "trust", "LEDGER": "ledger.db", "BACKUP": "backup.db"}


class Page:
    """The commands of the page, by section; remembers which were run."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            sections = re.split(r"^## ", file.read(), flags=re.M)[1:]
        self.blocks = {
            section.split("\n", 1)[0]: re.findall(r"^```sh\n# (keeper|reader)\n(.*?)^```", section, re.M | re.S)
            for section in sections
        }
        self.left = {(title, role) for title, blocks in self.blocks.items() for role, _ in blocks}

    def run(self, folder, title, role, env, fails=()):
        """Runs the commands of a role in a section; `fails`: numbers of those that end with 1."""
        out = []
        for found, text in self.blocks[title]:
            if found != role:
                continue
            for number, line in enumerate(text.splitlines()):
                done = folder.run("sh", "-c", line, env=env)
                assert done.code == (1 if number in fails else 0), str(done)
                out.append(done)
        assert out, (title, role)
        self.left.discard((title, role))
        return out


def clock_is_synchronised():
    """As c2d asks the kernel: adjtimex, and STA_UNSYNC in its status."""
    state = (ctypes.c_int * 64)()
    answer = ctypes.CDLL(None).adjtimex(state)
    # struct timex: unsigned modes, then four longs, then int status
    return answer not in (-1, 5) and not state[10] & 0x40


def failure(done, code):
    assert done.code == 1, str(done)
    error = done.json()["error"]
    assert error["code"] == code, str(done)
    return error["message"]


def faked(folder, offset, *words, env=FAST):
    return folder.run("faketime", "-f", offset, "dt-cli", "--json", *words, env=env)


def start(folder):
    for name, port in PROVIDERS:
        folder.start_provider("./samples/config/%s_config.ini" % name, port)


def memory_of(name):
    return {"C2D_TRUST_DIR": "tests/%s/trust" % name}


def receipts(folder, job=1):
    return folder.answer("job", "receipt", "--job_id", str(job))["receipts"]


def play_a_job(folder, task):
    job = folder.answer("job", "exec", "--task_id", str(task), "--cdt", ALGORITHM, *SOLVER)["job_id"]
    assert {p["state"] for p in folder.wait_for_job(job)} == {"succeeded"}
    wait_until(lambda: len(receipts(folder, job)) == 4, 60, "the receipts of job %d" % job)
    return job


def prepare(folder):
    folder.prepare_by_hand()
    for name, who in (
        ("org1_feature", BANK_A),
        ("org1_label", BANK_A),
        ("org2_feature", BANK_B),
        ("3rd_compute", COMPANY_C),
    ):
        folder.answer("asset", "dt", "--attr_file", "./samples/ddo/%s_attr.json" % name, "--private_key", who[1])
    start(folder)
    folder.answer("asset", "cdt", "--attr_file", "./samples/ddo/3rd_algo_attr.json", *SOLVER)
    assert folder.answer(*TASK)["task_id"] == 1
    assert play_a_job(folder, 1) == 1


def receipts_in_cut_blocks(folder, page):
    """Posted receipts that the keeper cuts away are on the ledger again, the same, once providers are back."""
    before = receipts(folder)
    folder.stop_providers()
    first = min(r["block"] for r in before)
    done = page.run(folder, "A block is ahead of its time", "keeper", {**KEEPER, "BLOCK": str(first)})
    assert "--force" in done[1].err and "from block %d on" % first in done[1].err, str(done[1])
    cut = done[2].json()
    assert cut["blocks"] >= 1 and os.path.exists(folder / cut["saved"]), str(done[2])
    assert receipts(folder) == []
    for name, _ in PROVIDERS:
        failure(folder.cli("--json", "chain", "info", env=memory_of(name)), "ledger_rolled_back")
        another = cut["head"][:-1] + ("0" if cut["head"][-1] != "0" else "1")
        failure(folder.cli("--json", "chain", "accept", "--head", another, env=memory_of(name)), "ledger_rolled_back")
        done = page.run(folder, "A block is ahead of its time", "reader", {**memory_of(name), "HEAD": cut["head"]})
        assert "given_up" in done[0].json(), str(done[0])
    start(folder)
    wait_until(lambda: len(receipts(folder)) == 4, 60, "the receipts to be posted again")
    again = receipts(folder)
    assert {r["dt"]: r["digest"] for r in again} == {r["dt"]: r["digest"] for r in before}, again


def three_minutes_fast(folder, page):
    """The case: one fast clock holds writers up for a minute, is named as what it is, and is cut if need be."""
    jumped = faked(folder, "+3m", *TASK, env={**FAST, **KEEPER})
    if not clock_is_synchronised():
        failure(jumped, "clock_jumped")
        done = faked(folder, "+3m", "--clock_ok", *TASK, env={**FAST, **KEEPER, "C2D_TRUST_DIR": "fast"})
        assert done.code == 0, str(done)
    else:
        assert jumped.code == 0, str(jumped)
    message = failure(folder.cli("--json", *TASK), "ledger_ahead")
    assert "that of its writer was wrong, or this one is" in message and "wait" in message, message
    info = folder.answer("chain", "info")
    assert 0 < info["ledger_ahead"]["wait"] <= 60, info
    assert len(folder.answer("asset", "list")["tokens"]) >= 4

    # A solver whose clock is fast asks providers whose clocks are not.
    done = faked(folder, "+3m", "job", "exec", "--task_id", "1", "--cdt", ALGORITHM, *SOLVER)
    message = failure(done, "ledger_ahead")
    assert "ask again in" in message, message

    # An hour, and nobody waits.
    assert faked(folder, "+1h", *TASK, env={**FAST, "C2D_TRUST_DIR": "faster"}).code == 0
    ahead = folder.answer("chain", "info")["ledger_ahead"]
    done = page.run(folder, "A block is ahead of its time", "keeper", {**KEEPER, "BLOCK": str(ahead["block"])})
    head = done[2].json()["head"]
    failure(folder.cli("--json", "chain", "info", env={"C2D_TRUST_DIR": "fast"}), "ledger_rolled_back")
    page.run(folder, "A block is ahead of its time", "reader", {"C2D_TRUST_DIR": "fast", "HEAD": head})
    # The providers never believed it, and go on.
    play_a_job(folder, folder.answer(*TASK)["task_id"])
    page.run(folder, "This machine's clock jumped", "reader", KEEPER)


def back_up(folder, page):
    """The backup has what stands in the ledger's log: an open reader keeps programs that end from writing it into the
    file."""
    with contextlib.closing(sqlite3.connect(folder / "ledger.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM sqlite_master").fetchone()
        folder.answer(*TASK)
        folder.stop_providers()
        assert os.path.getsize(folder / "ledger.db-wal") > 0
        head = page.run(folder, "Backups", "keeper", KEEPER)[2]
    start(folder)
    return re.search(r"\d+:0x[0-9a-f]{64}", head.out).group(0)


def deleted_under_providers(folder, page, head):
    """They notice at the next request; the backup is older than what everybody saw, and all accept it."""
    folder.answer(*TASK)
    with sqlite3.connect(folder / "ledger.db") as true, sqlite3.connect(folder / "other.db") as copy:
        true.backup(copy)
    os.remove(folder / "ledger.db")
    other = ("--ledger", "other.db")
    done = folder.cli(
        "--json", "job", "exec", "--task_id", "1", "--cdt", ALGORITHM, *SOLVER, *other, env={"C2D_TRUST_DIR": "another"}
    )
    failure(done, "ledger_replaced")
    folder.stop_providers()

    section = "The ledger file was deleted, moved or replaced"
    done = page.run(folder, section, "keeper", KEEPER, fails=(3,))
    failure(done[3], "ledger_rolled_back")
    page.run(folder, "A backup older than what was seen", "keeper", {**KEEPER, "HEAD": head})
    for name, _ in PROVIDERS:
        page.run(folder, "A backup older than what was seen", "reader", {**memory_of(name), "HEAD": head})
    start(folder)
    play_a_job(folder, folder.answer(*TASK)["task_id"])


def state_file_lost_and_restored(folder, page):
    folder.stop_providers()
    (state,) = glob.glob(folder / "tests/org1/provider_*.db")
    shutil.copy(state, folder / "state.db")
    os.remove(state)
    start(folder)
    page.run(folder, "A provider's state file", "reader", {**KEEPER, "JOB": "1", "JOB_FOLDER": "tests/org1/job_1"})
    folder.stop_providers()
    for end in ("", "-wal", "-shm"):
        if os.path.exists(state + end):
            os.remove(state + end)
    shutil.copy(folder / "state.db", state)
    start(folder)
    parts = folder.answer("job", "status", "--job_id", "1", *SOLVER)["parts"]
    assert {p["receipt"] for p in parts} == {"posted"}, parts


def main():
    given = options()
    page = Page(os.path.join(given.source, "docs", "recovery.md"))
    with JointRisk(given) as folder:
        prepare(folder)
        receipts_in_cut_blocks(folder, page)
        three_minutes_fast(folder, page)
        head = back_up(folder, page)
        deleted_under_providers(folder, page, head)
        state_file_lost_and_restored(folder, page)
    assert not page.left, "commands of the page that no test runs: %s" % page.left
    print("every procedure of docs/recovery.md was run")


if __name__ == "__main__":
    main()
