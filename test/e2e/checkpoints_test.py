"""A joint training that loses a provider goes on where its last checkpoint stands, with what each party sealed of it.
With C2D_FULL=1 also one that loses providers at random points, again and again."""

import glob
import json
import os
import random
import time

from attempts_test import Attempts, CONFIGS, KEY
from programs import wait_until

FULL = os.environ.get("C2D_FULL", "") not in ("", "0")
ROUNDS = int(os.environ.get("C2D_ROUNDS", "20" if FULL else "0"))
DRAWS = random.Random(int(os.environ.get("C2D_SEED", "21")))

# Trains for some seconds: party 0 takes its time at each evaluation, and the others wait for it.
OPERATOR = """import json, random, time, c2d
draws = random.Random(5)
rows = [[draws.gauss(0, 1) for _ in range(4)] for _ in range(300)]
labels = [[1.0 if row[0] - row[2] + draws.gauss(0, 0.5) > 0 else 0.0] for row in rows]
told = []
with c2d.mpc.Session.from_environment() as session:
    first = session.input(0, [row[:2] for row in rows] if session.party == 0 else None)
    second = session.input(1, [row[2:] for row in rows] if session.party == 1 else None)
    y = session.input_labels(0, labels if session.party == 0 else None)
    def progress(iteration, auc):
        told.append([iteration, auc])
        if session.party == 0: time.sleep(PAUSE)
    model = session.train_logistic(session.hconcat([first, second]), y, iterations=ITERATIONS, lr=1 / 256, batch_size=32,
                                   split=250, evaluate_every=100, auc_to=0, progress=progress)
    opened = session.reveal(model, to=[0])
    if opened is not None:
        result = {"told": told, "model": [row[0] for row in opened.to_rows()],
                  "opened": session.disclosures}
        with open("outputs/rtt_log.txt", "w") as file: json.dump(result, file)
"""
ITERATIONS = 1500
LOST = 1


class Checkpoints(Attempts):
    iterations, pause = ITERATIONS, 0.2
    more = "checkpoint_seconds = 1\n"

    def __init__(self):
        self.operator = OPERATOR.replace("ITERATIONS", str(self.iterations)).replace("PAUSE", str(self.pause))
        super().__init__()

    def sealed(self, owner):
        return glob.glob(self / ("tests/%s/checkpoints_*/*.sealed" % owner))

    def result(self, job):
        self.answer("job", "result", "--job_id", str(job), "--out", "out_%d" % job, *KEY)
        [name] = glob.glob(self / ("out_%d/**/rtt_log.txt" % job), recursive=True)
        with open(name) as file:
            return json.load(file)

    def log_of(self, name):
        return self.read(name).decode()


OWNERS = ("org1", "org2", "3rd")


def undisturbed(folder):
    """Writes checkpoints, and leaves none behind."""
    done = folder.finish(folder.start("dt-cli", "--json", *folder.exec("--wait")), 300)
    assert done.code == 0, str(done)
    job = done.json()["job_id"]
    result = folder.result(job)
    assert [told[0] for told in result["told"]] == [*range(0, folder.iterations, 100), folder.iterations], result[
        "told"
    ]
    for owner in OWNERS:
        wait_until(lambda: not folder.sealed(owner), 10, "the checkpoints of %s to be removed" % owner)
        document = json.loads(folder.read("tests/%s/job_%d/receipt.json" % (owner, job)))
        assert "resumed" not in document["run"], document["run"]
    return result


def lost_and_resumed(folder, lose):
    """`lose` ends something while it trains; the job goes on by itself. The result, and each owner's receipt."""
    before = folder.answer("job", "list")["total"]
    waiting = folder.start("dt-cli", "--json", *folder.exec("--wait"))
    wait_until(lambda: all(folder.sealed(owner) for owner in OWNERS), 60, "a checkpoint of each party")
    for owner in OWNERS:
        for sealed in folder.sealed(owner):
            assert os.stat(sealed).st_mode & 0o777 == 0o600, sealed
    lose()
    done = folder.finish(waiting, 180)
    job = before + 1
    assert done.code == 0 and "attempt 2 of" in done.err, str(done)
    assert {(part["outcome"], part["attempt"]) for part in done.json()["parts"]} == {("succeeded", 2)}, str(done)
    wait_until(lambda: len(folder.receipts(job)) == 4, 30, "the receipts")
    folder.check_receipts(job, "succeeded", 2)
    receipts = [json.loads(folder.read("tests/%s/job_%d/receipt.json" % (owner, job))) for owner in OWNERS]
    for owner in OWNERS:
        wait_until(lambda: not folder.sealed(owner), 10, "the checkpoints of %s to be removed" % owner)
    return folder.result(job), receipts


def check_goes_on(whole, result, receipts):
    resumed = [receipt["run"]["resumed"] for receipt in receipts]
    assert resumed[0] == resumed[1] == resumed[2], resumed
    assert resumed[0]["attempt"] == 1 and resumed[0]["step"] > 0, resumed
    assert [told[0] for told in result["told"]] == [told[0] for told in whole["told"]]
    assert max(abs(a - b) for a, b in zip(result["model"], whole["model"])) < 0.01, (result, whole)
    assert abs(result["told"][-1][1] - whole["told"][-1][1]) < 0.02, (result, whole)
    # This attempt opened what came after the checkpoint, and all of them what was opened in all.
    again = sum(told[0] > resumed[0]["step"] for told in result["told"])
    assert result["opened"]["auc"] == again < len(whole["told"]), (result["opened"], resumed)
    for receipt in receipts:
        opened = receipt["disclosures"]
        assert opened["model"] == 1 and opened["domain"] == 1, opened
        # Once, but for what was opened between the checkpoint and the loss.
        assert len(whole["told"]) <= opened["auc"] <= len(whole["told"]) + 20, opened


class Long(Checkpoints):
    """Trains for so long that a part of it is worth keeping."""

    pause = 1.0


def checkpoints_until_lost(folder, old):
    """Waits for a checkpoint of each party that is not in `old`, and for a while; how many all of them have sealed by
    then."""
    seen = {owner: set() for owner in OWNERS}

    def look():
        for owner in OWNERS:
            seen[owner] |= set(folder.sealed(owner)) - old[owner]
        return min(len(names) for names in seen.values())

    wait_until(look, 120, "a checkpoint of each party")
    until = time.monotonic() + DRAWS.uniform(0, 4)
    while time.monotonic() < until:
        look()
        time.sleep(0.05)
    return look()


def lost_at_random(folder, times):
    """Any party's provider, at any moment after the first checkpoint, so many times; nothing that all have sealed by
    then is lost."""
    job = folder.answer("job", "list")["total"] + 1
    waiting = folder.start("dt-cli", "--json", *folder.exec("--wait"))
    sealed, old = 0, {owner: set() for owner in OWNERS}
    for _ in range(times):
        sealed = checkpoints_until_lost(folder, old)
        assert waiting.poll() is None, "the training was too short"
        folder.kill_and_start_again(DRAWS.randrange(3))
        old = {owner: set(folder.sealed(owner)) for owner in OWNERS}
    done = folder.finish(waiting, 300)
    assert done.code == 0, str(done)
    assert {(part["outcome"], part["attempt"]) for part in done.json()["parts"]} == {("succeeded", times + 1)}, str(
        done
    )
    wait_until(lambda: len(folder.receipts(job)) == 4, 30, "the receipts")
    folder.check_receipts(job, "succeeded", times + 1)
    receipts = [json.loads(folder.read("tests/%s/job_%d/receipt.json" % (owner, job))) for owner in OWNERS]
    resumed = [receipt["run"]["resumed"] for receipt in receipts]
    assert resumed[0] == resumed[1] == resumed[2], resumed
    assert resumed[0]["attempt"] == times and resumed[0]["checkpoint"] >= sealed, (resumed, sealed)
    return folder.result(job), receipts


def check_as_undisturbed(whole, result, receipts, times):
    assert [told[0] for told in result["told"]] == [told[0] for told in whole["told"]]
    assert max(abs(a - b) for a, b in zip(result["model"], whole["model"])) < 0.01, (result["model"], whole["model"])
    assert abs(result["told"][-1][1] - whole["told"][-1][1]) < 0.02, (result["told"][-1], whole["told"][-1])
    for receipt in receipts:
        opened = receipt["disclosures"]
        assert opened["model"] == 1, opened
        assert len(whole["told"]) <= opened["auc"] <= len(whole["told"]) + 20 * times, opened


def random_rounds():
    with Long() as folder:
        whole = undisturbed(folder)
        for _ in range(ROUNDS):
            times = DRAWS.randint(1, 2)
            result, receipts = lost_at_random(folder, times)
            check_as_undisturbed(whole, result, receipts, times)


def main():
    with Checkpoints() as folder:
        whole = undisturbed(folder)
        result, receipts = lost_and_resumed(folder, folder.kill_and_start_again)
        check_goes_on(whole, result, receipts)
        logs = "".join(folder.log_of(os.path.basename(config) + ".log") for config, _ in CONFIGS)
        assert logs.count("went on from checkpoint") == 3, logs
    if ROUNDS:
        random_rounds()


if __name__ == "__main__":
    main()
