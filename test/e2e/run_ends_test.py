"""How runs end, in state, answers and receipts: missing data, killed providers, a disk that fills up."""

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import unittest

from one_bank import ALGORITHM, BANK_A, COMPANY_C, FINAL, LEAF, ROW, OneBank
from programs import options, run_cases, wait_until

OPTIONS = options()
#: Does what the first word of its data says.
OBEDIENT = """import os, sys, time
word = open("inputs/rows.csv").read().split()[0]
if word.startswith("exit"): sys.exit(int(word[4:]))
if word == "sleep": time.sleep(600)
if word in ("nap", "nap-and-fail"):
    print("said before the grant was taken back", flush=True)
    time.sleep(10)
if word == "nap-and-fail": sys.exit(3)
if word == "watch":
    open("outputs/out.txt", "w").write("looks")
    while len(open("inputs/rows.csv").read()) < 10: time.sleep(0.05)
open("outputs/out.txt", "w").write("done")
"""


JOB = ("job", "exec", "--task_id", "1", "--cdt", ALGORITHM, "--private_key", COMPANY_C[1])


class Case(unittest.TestCase):
    def open(self, **more):
        bank = OneBank(OPTIONS, operator=OBEDIENT, **more)
        self.addCleanup(bank.__exit__)
        return bank

    def refused(self, bank, text):
        done = bank.cli("--json", "job", "exec", "--task_id", "1", "--cdt", ALGORITHM, "--private_key", COMPANY_C[1])
        self.assertEqual(done.code, 1, str(done))
        self.assertIn(text, done.json()["error"]["message"], str(done))


class Runtimes(Case):
    """Which c2d an owner's terms accept."""

    def shown(self, bank):
        return bank.answer("operator", "runtime")

    def test_this_one(self):
        with OneBank(OPTIONS) as first:
            shown = self.shown(first)
        bank = self.open(attributes={"runtime": [{"version": "0.0.1"}, shown]})
        bank.write("data/rows.csv", "ok\n")
        bank.serve()
        bank.compose()
        job = bank.exec()
        self.assertEqual(bank.wait_for(job, FINAL)["state"], "succeeded")
        self.assertEqual(bank.receipt(job)["runtime"], shown)

    def test_another_one(self):
        bank = self.open(attributes={"runtime": [{"package_sha256": "0x" + "1" * 64}]})
        bank.serve()
        bank.compose()
        done = bank.cli("--json", *JOB)
        self.assertEqual((done.code, done.json()["error"]["code"]), (1, "runtime_not_accepted"), str(done))
        self.assertEqual(bank.runs(), {})
        self.assertIn(b"package_sha256", bank.read("bank.ini.log"))


class Settings(Case):
    def test_numbers_that_no_run_could_use(self):
        bank = self.open()
        for line in (
            "waiting_minutes = 0",
            "waiting_minutes = 1441",
            "peer_seconds = 0",
            "peer_silence_seconds = 4",
            "wall_seconds = 0",
            "memory_mb = 0",
            "workers = 0",
            "workers = 65",
            "peer_ports = 9-3",
            "peer_ports = 0",
            "disk_mb_min = -1",
        ):
            with self.subTest(line):
                bank.settings = line
                bank.write_config()
                code, said = bank.start_again("bank.ini")
                self.assertEqual(code, 1, said)
                self.assertIn("[provider] %s: expected a whole number" % line.split()[0], said)


class Data(Case):
    def test_data_that_are_not_there(self):
        """Said at the start, to who verifies, and to who asks for the run; not first by a run on the ledger."""
        bank = self.open()
        bank.write("data/rows.csv", "done\n")
        bank.serve()
        bank.compose()
        self.assertEqual(bank.wait_for(bank.exec(), FINAL)["state"], "succeeded")
        bank.stop(bank.providers[0])
        os.rename(bank / "data/rows.csv", bank / "data/away.csv")
        bank.serve()
        self.assertIn(
            "cannot be opened, jobs on them are refused as data_unavailable", bank.read("bank.ini.log").decode()
        )
        self.refused(bank, "the data behind the token cannot be opened")
        os.symlink("nowhere.csv", bank / "data/rows.csv")
        self.refused(bank, "the data behind the token cannot be opened")
        self.assertIn("data/nowhere.csv", bank.read("bank.ini.log").decode())
        os.unlink(bank / "data/rows.csv")
        os.rename(bank / "data/away.csv", bank / "data/rows.csv")
        self.assertEqual(bank.wait_for(bank.exec(), FINAL)["state"], "succeeded")

    def test_data_that_the_owner_names_by_a_link(self):
        """A file of each month, and a link to the newest: the configuration names the link."""
        bank = self.open()
        bank.write("data/2024-11.csv", "done\n")
        bank.write("data/2024-12.csv", "done differently\n")
        os.unlink(bank / "data/rows.csv")
        os.symlink("2024-11.csv", bank / "data/rows.csv")
        bank.serve()
        self.assertNotIn("cannot be opened", bank.read("bank.ini.log").decode())
        bank.compose()
        digests = []
        for month in ("2024-11", "2024-12"):
            os.symlink(month + ".csv", bank / "data/next")
            os.rename(bank / "data/next", bank / "data/rows.csv")
            job = bank.exec()
            self.assertEqual(bank.wait_for(job, FINAL)["state"], "succeeded")
            bank.wait_for_receipt(job)
            digests.append(json.dumps(bank.receipt(job)))
            with open(bank / "data/%s.csv" % month, "rb") as file:
                self.assertIn(hashlib.sha256(file.read()).hexdigest(), digests[-1])

    def test_a_job_that_was_not_started(self):
        bank = self.open(settings="workers = 1")
        provider = bank.serve()
        bank.compose()
        # What a provider would not take is not registered.
        os.rename(bank / "data/rows.csv", bank / "data/away.csv")
        self.refused(bank, "no job was registered")
        self.assertEqual(bank.answer("job", "list")["total"], 0)
        os.rename(bank / "data/away.csv", bank / "data/rows.csv")
        bank.stop(provider)
        self.assertIn("job 1 is registered but was not started", bank.exec_unstarted().json()["error"]["message"])
        bank.serve()
        done = bank.cli("--json", "job", "status", "--job_id", "1", "--private_key", COMPANY_C[1])
        error = done.json()["error"]
        self.assertEqual((done.code, error["code"]), (1, "not_found"), str(done))
        self.assertIn("job 1 is registered, but was not started at 127.0.0.1:%d" % bank.port, error["message"])
        started = bank.answer("job", "start", "--job_id", "1", "--private_key", COMPANY_C[1])
        self.assertEqual(started, {"job_id": 1, "attempt": 1})
        self.assertIn(bank.wait_for(1, FINAL)["state"], FINAL)

    def test_data_that_go_between_admission_and_launch(self):
        bank = self.open(settings="workers = 1")
        bank.write("data/rows.csv", "sleep\n")
        bank.serve()
        bank.compose()
        running = bank.exec()
        bank.wait_for(running, ("running",))
        queued = bank.exec()
        os.rename(bank / "data/rows.csv", bank / "data/away.csv")
        bank.answer("job", "cancel", "--job_id", str(running), "--private_key", COMPANY_C[1])
        part = bank.wait_for(queued, FINAL)
        self.assertEqual((part["state"], part["outcome"]), ("failed", "data_unavailable"))
        self.assertEqual(bank.wait_for_receipt(queued), ["aborted"])
        document = bank.receipt(queued)
        self.assertEqual(
            (document["outcome"], document["run"]["outcome"], document["run"]["verdict"]),
            ("aborted", "data_unavailable", "accepted"),
        )
        self.assertEqual(bank.wait_for_receipt(running), ["cancelled"])

    def test_data_that_change_while_they_are_read(self):
        bank = self.open()
        bank.write("data/rows.csv", "watch\n")
        bank.serve()
        bank.compose()
        job = bank.exec()
        bank.wait_for(job, ("running",))
        with open(bank / "data/rows.csv", "a") as file:
            file.write("more rows\n")
        part = bank.wait_for(job, FINAL)
        self.assertEqual((part["state"], part["outcome"]), ("failed", "data_changed"))
        self.assertEqual(bank.wait_for_receipt(job), ["aborted"])

    def test_data_that_are_replaced_by_renaming(self):
        """The run goes on with the file that it began with, and its receipt says which that was."""
        bank = self.open()
        bank.write("data/rows.csv", "watch\n")
        bank.serve()
        bank.compose()
        job = bank.exec()
        bank.wait_for(job, ("running",))
        bank.wait_for_operator()
        bank.write("data/new.csv", "done with other rows\n")
        os.rename(bank / "data/new.csv", bank / "data/rows.csv")
        bank.answer("job", "cancel", "--job_id", str(job), "--private_key", COMPANY_C[1])
        self.assertEqual(bank.wait_for(job, FINAL)["outcome"], "cancelled")
        self.assertEqual(bank.receipt(job)["inputs"][0]["bytes"], len("watch\n"))
        again = bank.exec()
        self.assertEqual(bank.wait_for(again, FINAL)["state"], "succeeded")
        self.assertEqual(bank.receipt(again)["inputs"][0]["bytes"], len("done with other rows\n"))


class Grants(Case):
    def test_a_grant_that_is_taken_back_meanwhile(self):
        for word in ("nap", "nap-and-fail"):
            with self.subTest(word):
                self.take_back_during(word)

    def take_back_during(self, word):
        bank = self.open(attributes={"release": {"log": "full"}})
        bank.write("data/rows.csv", word + "\n")
        bank.serve()
        bank.compose()
        job = bank.exec()
        bank.wait_for(job, ("running",))
        bank.answer("asset", "revoke", "--dt", LEAF, "--cdt", ALGORITHM, "--private_key", BANK_A[1])
        part = bank.wait_for(job, FINAL, 10)
        self.assertEqual((part["state"], part["outcome"]), ("cancelled", "revoked"))
        self.assertEqual(bank.wait_for_receipt(job), ["cancelled"])
        self.assertEqual(bank.receipt(job)["run"]["outcome"], "revoked")
        self.assertEqual(bank.answer("job", "result", "--job_id", str(job), "--private_key", COMPANY_C[1])["files"], [])
        log = bank.answer("job", "logs", "--job_id", str(job), "--private_key", COMPANY_C[1])["logs"][0]
        self.assertEqual((log["release"], log["log"]), ("none", ""))

    def test_a_grant_is_asked_for_again(self):
        """A grant of one job is renewed as often as the document says; then, or once it was taken back, by its owner
        alone."""
        bank = self.open(attributes={"grant": {"jobs": 1, "renew": 1}})
        bank.serve()
        bank.compose()
        grant = ("--dt", LEAF, "--cdt", ALGORITHM)
        ask = ("asset", "request_grant", *grant, "--private_key", COMPANY_C[1])
        ours = ("--private_key", BANK_A[1])
        self.assertEqual(bank.wait_for(bank.exec(), FINAL)["state"], "succeeded")
        spent = bank.cli(*JOB)
        self.assertEqual(spent.code, 1)
        self.assertIn("used up; ask for a new one: " + LEAF, spent.err)
        self.assertEqual(bank.answer(*ask)["granted"], True)
        self.assertEqual(bank.wait_for(bank.exec(), FINAL)["state"], "succeeded")

        self.needs_owner(bank, ask)
        pending = bank.answer("asset", "grants", "--pending", *ours)["pending"]
        self.assertEqual(
            [(row["dt"], row["cdt"], row["composer_name"]) for row in pending], [(LEAF, ALGORITHM, "3rd-party")]
        )
        self.assertIn("3rd-party", bank.cli("asset", "grants", "--pending", *ours).out)
        self.assertEqual(bank.answer("asset", "grant", *grant, "--jobs", "2", *ours)["granted"], True)
        self.assertEqual(bank.answer("asset", "grants", "--pending", *ours)["pending"], [])
        self.assertEqual(bank.wait_for(bank.exec(), FINAL)["state"], "succeeded")

        bank.answer("asset", "revoke", *grant, *ours)
        self.refused(bank, "is not granted all that it is composed of: " + LEAF)
        self.needs_owner(bank, ask)
        self.assertIn("taken back in block", bank.read("bank.ini.log").decode())
        self.assertEqual(bank.answer("asset", "grant", *grant, *ours)["granted"], True)
        self.assertEqual(bank.wait_for(bank.exec(), FINAL)["state"], "succeeded")

    def needs_owner(self, bank, ask):
        done = bank.cli("--json", *ask)
        self.assertEqual((done.code, done.json()["error"]["code"]), (1, "grant_needs_owner"), str(done))

    def test_a_closed_token(self):
        """By the owner, during a run: the run ends, and nothing begins until it is opened."""
        bank = self.open()
        bank.write("data/rows.csv", "sleep\n")
        bank.serve()
        bank.compose()
        job = bank.exec()
        bank.wait_for(job, ("running",))
        ours = ("--private_key", BANK_A[1])
        self.assertEqual(bank.answer("asset", "close", LEAF, *ours)["closed"], True)
        part = bank.wait_for(job, FINAL, 10)
        self.assertEqual((part["state"], part["outcome"]), ("cancelled", "revoked"))
        done = bank.cli("--json", *JOB)
        self.assertEqual((done.code, done.json()["error"]["code"]), (1, "token_closed"), str(done))
        self.assertEqual(bank.answer("asset", "open", LEAF, *ours)["closed"], False)
        bank.write("data/rows.csv", "done\n")
        self.assertEqual(bank.wait_for(bank.exec(), FINAL)["state"], "succeeded")


class Told(Case):
    """Eight bits of the operator's choice reach the solver only when the owner's terms say so."""

    def run_it(self, attributes, word):
        bank = self.open(attributes=attributes)
        bank.write("data/rows.csv", word + "\n")
        bank.serve()
        bank.compose()
        job = bank.exec()
        part = bank.wait_for(job, FINAL)
        bank.wait_for_receipt(job)
        return part, bank.receipt(job)["run"]["outcome"], bank.posted(job)

    def test_exit_status(self):
        for attributes, word, told, kept, posted in (
            ({}, "exit173", "failed", "exited 173", "failed"),
            ({"release": {"exit": True}}, "exit173", "exited 173", "exited 173", "failed"),
            ({"release": {"exit": False, "log": "full"}}, "exit65", "failed", "input_unusable", "failed"),
            ({"release": {"exit": True}}, "exit12", "limit", "limit", "failed"),
            ({}, "done", "succeeded", "succeeded", "succeeded"),
        ):
            with self.subTest("%s %s" % (attributes, word)):
                part, end, outcomes = self.run_it(attributes, word)
                self.assertEqual((part["outcome"], end, outcomes), (told, kept, [posted]))


class Kills(Case):
    def check_nothing_left(self, bank):
        self.assertEqual(bank.files_with(ROW), [])

    def test_no_row_stays_after_a_kill(self):
        """SIGKILL in every state of a run; nothing of the data lies anywhere below exec_dirpath."""
        bank = self.open(settings="workers = 1")
        bank.write("data/rows.csv", "sleep\n" + (ROW + "\n") * 200000)
        process = bank.serve()
        bank.compose()
        bank.stop(process)
        for state in ("queued", "preparing", "running", "running", "preparing"):
            with self.subTest(state):
                process = bank.serve()
                job = bank.exec()
                if state != "queued":
                    wait_until(lambda: bank.runs().get(job) in (state, "running"), 30, "job %d to be %s" % (job, state))
                bank.kill(process)
                self.check_nothing_left(bank)
        process = bank.serve()
        bank.wait_for(job, FINAL)
        self.check_nothing_left(bank)

    def test_what_older_versions_left_is_swept(self):
        bank = self.open()
        bank.write("data/rows.csv", "done\n")
        process = bank.serve()
        bank.compose()
        job = bank.exec()
        bank.wait_for(job, FINAL)
        bank.stop(process)
        bank.write("exec/job_%d/inputs/rows.csv" % job, ROW)
        bank.write("exec/job_%d/outputs.partial-Ab12Cd/out.txt" % job, ROW)
        bank.serve()
        self.check_nothing_left(bank)
        self.assertEqual(bank.read("exec/job_%d/outputs/out.txt" % job), b"done")

    def test_what_was_signed_decides(self):
        """The process ends between the signature and the state, or an older state file is restored."""
        bank = self.open(settings="workers = 1")
        bank.write("data/rows.csv", "sleep\n")
        process = bank.serve()
        bank.compose()
        first = bank.exec()
        bank.wait_for(first, ("running",))
        second = bank.exec()
        bank.kill(process)
        shutil.copytree(bank / "exec", bank / "before")
        # Both run to their ends with the state as it is ...
        bank.write("data/rows.csv", "done\n")
        process = bank.serve()
        self.assertEqual(bank.wait_for_receipt(first), ["aborted"])
        self.assertEqual(bank.wait_for_receipt(second), ["succeeded"])
        digest = bank.part(second)
        bank.stop(process)
        # ... and once more with the one from before, where `second` is queued.
        shutil.rmtree(bank / "exec")
        os.rename(bank / "before", bank / "exec")
        bank.serve()
        part = bank.wait_for(second, FINAL)
        self.assertEqual(
            (part["state"], part["outcome"], part["receipt"]), ("succeeded", "recorded succeeded", "posted")
        )
        self.assertFalse(os.path.exists(bank / ("exec/job_%d" % second)), "it was run again")
        wait_until(lambda: bank.part(first)["receipt"] == "posted", 30, "the first to be as it was posted")
        self.assertEqual(bank.part(first)["outcome"], "recorded aborted")
        self.assertEqual((bank.posted(first), bank.posted(second)), (["aborted"], ["succeeded"]))
        self.assertEqual(digest["receipt"], "posted")

    def test_a_receipt_waits_for_its_job(self):
        """Job and receipt were in blocks that the keeper took out: no transaction is spent until the job is there
        again."""
        bank = self.open()
        provider = bank.serve()
        bank.compose()
        before = int(bank.answer("chain", "info")["head"].split(":")[0])
        job = bank.exec()
        bank.wait_for(job, FINAL)
        self.assertEqual(bank.wait_for_receipt(job), ["succeeded"])
        bank.stop(provider)
        head = bank.answer("chain", "cut", "--from", str(before + 1), "--force")["head"]
        bank.answer("chain", "accept", "--head", head, env={"C2D_TRUST_DIR": "exec/trust"})
        bank.serve()
        log = lambda: bank.read("bank.ini.log").decode()
        wait_until(lambda: "the ledger has no job %d any more" % job in log(), 30, "the provider to look for the job")
        self.assertEqual(bank.answer("chain", "info")["head"], head)
        self.assertEqual(bank.exec(), job)
        self.assertEqual(bank.part(job)["state"], "succeeded")
        self.assertEqual(bank.wait_for_receipt(job, 90), ["succeeded"])
        wait_until(lambda: bank.part(job)["receipt"] == "posted", 30, "the provider to know")

    def test_a_sealed_receipt_stands(self):
        bank = self.open()
        bank.write("data/rows.csv", "done\n")
        process = bank.serve()
        bank.compose()
        job = bank.exec()
        bank.wait_for_receipt(job)
        bank.stop(process)
        # The end was signed, and its state lost.
        with contextlib.closing(sqlite3.connect(bank.state_file())) as state:
            state.execute("UPDATE runs SET state = 'running', end_kind = '', end_named = ''")
            state.execute("DELETE FROM receipts")
            state.commit()
        bank.serve()
        part = bank.part(job)
        self.assertEqual((part["state"], part["outcome"]), ("succeeded", "recorded succeeded"))


class Failures(Case):
    def test_an_end_that_the_state_refuses(self):
        """Injected: the state file takes no final state of one job. It is tried again, and others go on."""
        bank = self.open(settings="workers = 1")
        bank.write("data/rows.csv", "done\n")
        bank.serve()
        bank.compose()
        job = 1
        with contextlib.closing(sqlite3.connect(bank.state_file())) as state:
            state.execute(
                "CREATE TRIGGER fault BEFORE UPDATE ON runs WHEN NEW.job_id = %d AND NEW.state = 'succeeded' "
                "BEGIN SELECT RAISE(ABORT, 'injected'); END" % job
            )
            state.commit()
        self.assertEqual(bank.exec(), job)
        log = lambda: bank.read("bank.ini.log").decode()
        wait_until(
            lambda: "the end of job 1 party 0 is not stored yet, it is tried again: " in log(), 30, "the failed write"
        )
        self.assertRegex(log(), "tried again: .*/exec/provider_[0-9a-f]+.db: injected")
        # The one worker is free for others, and the run cannot be cancelled any more.
        self.assertEqual(bank.wait_for(bank.exec(), FINAL)["state"], "succeeded")
        self.assertEqual(bank.part(job)["state"], "running")
        bank.cli("job", "cancel", "--job_id", str(job), "--private_key", COMPANY_C[1])
        self.assertIn("a job that has not ended", log())
        self.assertEqual(bank.posted(job), [])
        with contextlib.closing(sqlite3.connect(bank.state_file())) as state:
            state.execute("DROP TRIGGER fault")
            state.commit()
        self.assertEqual(bank.wait_for(job, FINAL)["outcome"], "succeeded")
        self.assertEqual(bank.wait_for_receipt(job), ["succeeded"])

    def test_an_end_that_was_never_stored(self):
        """Killed meanwhile: the receipt in the run's folder decides."""
        bank = self.open(settings="workers = 1")
        bank.write("data/rows.csv", "done\n")
        process = bank.serve()
        bank.compose()
        with contextlib.closing(sqlite3.connect(bank.state_file())) as state:
            state.execute(
                "CREATE TRIGGER fault BEFORE UPDATE ON runs WHEN NEW.state = 'succeeded' "
                "BEGIN SELECT RAISE(ABORT, 'injected'); END"
            )
            state.commit()
        job = bank.exec()
        wait_until(lambda: "is not stored yet" in bank.read("bank.ini.log").decode(), 30, "the failed write")
        bank.kill(process)
        with contextlib.closing(sqlite3.connect(bank.state_file())) as state:
            state.execute("DROP TRIGGER fault")
            state.commit()
        bank.serve()
        self.assertEqual(bank.wait_for(job, FINAL)["outcome"], "recorded succeeded")
        self.assertEqual(bank.wait_for_receipt(job), ["succeeded"])


class Disk(Case):
    """In a mount namespace, so that a small tmpfs can stand in for the bank's disk."""

    def setUp(self):
        if os.environ.get("C2D_OWN_MOUNTS") != "yes":
            self.skipTest("run through main() below")

    def test_a_full_disk_pauses_the_queue(self):
        bank = self.open(settings="workers = 1\ndisk_mb_min = 4")
        os.mkdir(bank / "exec")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "none", bank / "exec"], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", bank / "exec"])
        bank.write("data/rows.csv", "done\n")
        bank.serve()
        bank.compose()
        self.assertEqual(bank.wait_for(bank.exec(), FINAL)["state"], "succeeded")
        with open(bank / "exec/ballast", "wb") as file:
            file.write(b"x" * (13 << 20))
        log = lambda: bank.read("bank.ini.log").decode()
        jobs = [bank.exec() for _ in range(3)]
        wait_until(lambda: "the queue pauses: ./exec has " in log(), 20, "the pause to be said")
        self.assertIn("bytes free, a run needs 4194304", log())
        self.assertEqual({bank.part(job)["state"] for job in jobs}, {"queued"})
        self.assertEqual([bank.posted(job) for job in jobs], [[], [], []])
        os.unlink(bank / "exec/ballast")
        for job in jobs:
            self.assertEqual(bank.wait_for(job, FINAL)["state"], "succeeded")
        self.assertEqual(log().count("the queue pauses"), 1)

    def test_an_end_that_cannot_be_stored_is_stored_later(self):
        bank = self.open(settings="workers = 1\ndisk_mb_min = 1\nwall_seconds = 5")
        os.mkdir(bank / "exec")
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m,mode=700", "none", bank / "exec"], check=True)
        self.addCleanup(subprocess.run, ["umount", "-l", bank / "exec"])
        bank.write("data/rows.csv", "sleep\n")
        bank.serve()
        bank.compose()
        job = bank.exec()
        bank.wait_for(job, ("running",))
        ballast = os.open(bank / "exec/ballast", os.O_WRONLY | os.O_CREAT)
        with self.assertRaises(OSError):
            while True:
                os.write(ballast, b"x" * 4096)
        os.close(ballast)
        log = lambda: bank.read("bank.ini.log").decode()
        wait_until(lambda: "job %d party 0 is not stored yet, it is tried again" % job in log(), 30, "the failed write")
        self.assertIn("./exec", log())
        self.assertEqual(bank.posted(job), [])
        os.unlink(bank / "exec/ballast")
        self.assertEqual(bank.wait_for(job, FINAL)["state"], "failed")
        self.assertEqual(bank.wait_for_receipt(job), ["failed"])
        self.assertEqual(bank.receipt(job)["run"]["outcome"], "wall_timeout")


def main():
    if os.environ.get("C2D_OWN_MOUNTS") is None:
        can = (
            subprocess.run(["unshare", "--map-root-user", "--user", "--mount", "true"]).returncode == 0
            and os.geteuid() == 0
        )
        command = ["unshare", "--mount", "--propagation", "private"] if can else []
        os.execvpe(
            (command or [sys.executable])[0],
            command + [sys.executable, "-B"] + sys.argv,
            {**os.environ, "C2D_OWN_MOUNTS": "yes" if can else "no"},
        )
    run_cases(OPTIONS)


if __name__ == "__main__":
    main()
