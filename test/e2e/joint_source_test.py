"""A joint run of three providers in which one bank's table comes out of a database: asked once the peers are there, and where the
query fails the others are told whose run ended, and nothing else."""

import contextlib
import json
import sqlite3

from joint_risk import JointRisk
from programs import COMPANY_C, options, wait_until

SECRET = "cell-of-bank-b-4711"
OPERATOR = """import os, c2d
with c2d.mpc.Session.from_environment() as session:
    path = "inputs/org2_feature.csv"
    own = b"%d x %d" % c2d.Table.read(path).shape if os.path.exists(path) else b""
    said = session.exchange(own)
    if session.party == 0:
        open("outputs/rtt_log.txt", "w").write(said[1].decode())
"""


def change(folder, *statements):
    with contextlib.closing(sqlite3.connect(folder / "bank.db")) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def run(folder, cdt, task):
    job = folder.answer("job", "exec", "--task_id", str(task), "--cdt", cdt, "--private_key", COMPANY_C[1])["job_id"]
    return job, {part["endpoint"]: part["outcome"] for part in folder.wait_for_job(job)}


def main():
    with JointRisk(options()) as folder:
        folder.write("samples/op/rtt_op.py", OPERATOR)
        change(folder, "CREATE TABLE features (id TEXT, x REAL, y REAL)",
               "INSERT INTO features VALUES ('A', 1.5, 2), ('B', NULL, 3), ('C', 4, 5)")
        config = "samples/config/org2_config.ini"
        source = {"sqlite": "./bank.db", "query": "SELECT x, y FROM features ORDER BY id"}
        folder.write(config, folder.read(config).decode().replace('"./samples/data/org2_feature.csv"', json.dumps(source)))
        cdt = folder.compose()
        task = folder.answer("job", "init", "--name", "t", "--desc", "d", "--private_key", COMPANY_C[1])["task_id"]
        job, ended = run(folder, cdt, task)
        assert set(ended.values()) == {"succeeded"}, ended
        assert folder.read("tests/org1/job_%s/outputs/rtt_log.txt" % job) == b"3 x 2"

        change(folder, "UPDATE features SET x = '%s' WHERE id = 'C'" % SECRET)
        job, ended = run(folder, cdt, task)
        # How it ended is its owner's to tell. The others name the party; an operator that speaks to it only after that has lost it.
        assert ended.pop("127.0.0.1:8091") == "failed", ended
        assert len(ended) == 2 and set(ended.values()) <= {"peer_failed 1", "peer_lost 1"}, ended
        log = folder.read("org2_config.ini.log").decode()
        assert "column x: row 3 holds a text, row 1 a number" in log, log
        wait_until(lambda: len(folder.answer("job", "receipt", "--job_id", str(job))["receipts"]) == 4, 30, "all receipts")
        for other in ("org1", "3rd"):
            assert "row 3" not in folder.read("%s_config.ini.log" % other).decode()


if __name__ == "__main__":
    main()
