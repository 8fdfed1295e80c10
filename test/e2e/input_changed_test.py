"""A joint run of three providers: what a bank computed on once it computes on again under the same grant, or its
partner's provider says `input_changed`, over restarts, until its owner gives the grant anew. Receipts say which inputs
they were, and no digest can be tested without the owner's salt."""

import contextlib
import glob
import hashlib
import json
import os
import sqlite3

from joint_risk import JointRisk
from programs import BANK_A, COMPANY_C, options, wait_until

PORTS = {"org1": 8090, "org2": 8091, "3rd": 8092}
# Every party needs the others.
OPERATOR = """import c2d
with c2d.mpc.Session.from_environment() as session:
    session.exchange(b"here")
    if session.party == 0:
        open("outputs/rtt_log.txt", "w").write("done")
"""


class Story:
    def __init__(self, folder):
        self.folder, self.cdt = folder, folder.compose()
        self.task = folder.answer("job", "init", "--name", "t", "--desc", "d", "--private_key", COMPANY_C[1])["task_id"]
        found = folder.answer("asset", "list")["tokens"]
        self.tokens = {token["name"]: token["dt"] for token in found}

    def run(self):
        """(job, how each provider's part ended)."""
        job = self.folder.answer(
            "job", "exec", "--task_id", str(self.task), "--cdt", self.cdt, "--private_key", COMPANY_C[1]
        )["job_id"]
        ports = {"127.0.0.1:%d" % port: name for name, port in PORTS.items()}
        return job, {ports[part["endpoint"]]: part["outcome"] for part in self.folder.wait_for_job(job)}

    def receipt(self, name, job):
        path = "tests/%s/job_%s/receipt.json" % (name, job)
        wait_until(lambda: os.path.exists(self.folder / path), 30, "the receipt of job %s" % job)
        return json.loads(self.folder.read(path))

    def restart(self):
        self.folder.stop_providers()
        for name, port in PORTS.items():
            self.folder.start_provider("./samples/config/%s_config.ini" % name, port)

    def grant(self, child):
        return self.folder.answer("asset", "grant", "--dt", child, "--cdt", self.cdt, "--private_key", BANK_A[1])

    def salts(self, name):
        (state,) = glob.glob(self.folder / "tests/%s/provider_*.db" % name)
        with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % state, uri=True)) as database:
            return dict(database.execute("SELECT dt, salt FROM input_salts"))


def check_receipts(story, job):
    """All parties' say the same of all inputs, and the digests are those of docs/formats.md."""
    digests = {name: story.receipt(name, job)["input_digests"] for name in PORTS}
    assert digests["org1"] == digests["org2"] == digests["3rd"], digests
    assert sorted(one["party"] for one in digests["3rd"]) == [0, 0, 1], digests
    for name, files in (("org1", ("org1_feature", "org1_label")), ("org2", ("org2_feature",))):
        salts = story.salts(name)
        found = {
            hashlib.sha256(salt + story.folder.read("samples/data/%s.csv" % file)).hexdigest()
            for file in files
            for salt in salts.values()
        }
        told = [one["digest"][2:] for one in digests["3rd"] if one["party"] == (0 if name == "org1" else 1)]
        assert set(told) <= found, (told, found)
        for file in files:
            assert hashlib.sha256(story.folder.read("samples/data/%s.csv" % file)).hexdigest() not in told
    # Who is shown this member alone is not told of the files.
    shown = story.folder.answer(
        "job", "receipt", "--file", "tests/org1/job_%s/receipt.json" % job, "--member", "input_digests"
    )
    assert shown["member"] == "input_digests"
    read = story.folder.answer("job", "receipt", "--file", "tests/org1/job_%s/receipt.json" % job)
    assert read["input_digests"] == digests["org1"], read


def refused(story):
    job, ended = story.run()
    assert ended["org1"] == "input_changed", ended
    assert {ended["org2"], ended["3rd"]} <= {"peer_failed 0", "peer_lost 0"}, ended
    receipt = story.receipt("org1", job)
    assert receipt["run"]["verdict"] == "input_changed" and receipt["outcome"] == "refused", receipt
    assert len(receipt["input_digests"]) == 3, receipt
    log = story.folder.read("org1_config.ini.log").decode()
    assert "grant it anew (dt-cli asset grant)" in log, log
    for other in ("org2", "3rd"):
        assert "input_changed" not in story.folder.read("%s_config.ini.log" % other).decode()


def main():
    with JointRisk(options()) as folder:
        folder.write("samples/op/rtt_op.py", OPERATOR)
        story = Story(folder)
        first, ended = story.run()
        assert set(ended.values()) == {"succeeded"}, ended
        check_receipts(story, first)
        _, ended = story.run()
        assert set(ended.values()) == {"succeeded"}, ended

        row = "0.5," * 41 + "1\n"
        folder.write("samples/data/org2_feature.csv", row * 9)
        refused(story)
        story.restart()
        refused(story)
        # The grant of one token is anew, that of the other is not.
        features, labels = (
            story.tokens[name] for name in ("credit default features 0-30", "credit default label 0 or 1")
        )
        assert story.grant(features)["renewed"] is True
        refused(story)
        assert story.grant(labels)["renewed"] is True
        _, ended = story.run()
        assert set(ended.values()) == {"succeeded"}, ended
        # What was right before is another one now.
        folder.write("samples/data/org2_feature.csv", row * 10)
        refused(story)
        # The owner's own tables are the owner's to change, and so is bank B's word.
        for child in (features, labels):
            folder.answer("asset", "revoke", "--dt", child, "--cdt", story.cdt, "--private_key", BANK_A[1])
            assert story.grant(child)["renewed"] is False
        _, ended = story.run()
        assert set(ended.values()) == {"succeeded"}, ended


if __name__ == "__main__":
    main()
