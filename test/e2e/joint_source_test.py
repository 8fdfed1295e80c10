"""A joint run of three providers in which one bank's table comes out of a database: asked once the peers are there.
Where the query fails, or its answer is not what the bank's document states, its owner reads all that is wrong and the
others that it cannot be used; where the answer is another one than before, they say so."""

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
FIELDS = [{"name": "x", "type": "number", "role": "feature"}, {"name": "y", "type": "integer", "role": "feature"}]


def change(folder, *statements):
    with contextlib.closing(sqlite3.connect(folder / "bank.db")) as database:
        for statement in statements:
            database.execute(statement)
        database.commit()


def answer(folder, columns):
    """What the bank's query gives from now on."""
    change(folder, "DROP VIEW IF EXISTS answer", "CREATE VIEW answer AS SELECT %s FROM features ORDER BY id" % columns)


def run(folder, cdt, task):
    job = folder.answer("job", "exec", "--task_id", str(task), "--cdt", cdt, "--private_key", COMPANY_C[1])["job_id"]
    return job, {part["endpoint"]: part["outcome"] for part in folder.wait_for_job(job)}


def unusable(folder, job, ended, *told):
    """Its owner reads what is wrong; log, receipt and the solver's status say of it elsewhere only that it cannot be
    used."""
    # How it ended is each owner's to tell.
    assert set(ended.values()) <= {"failed", "input_unusable"}, ended
    log = folder.read("org2_config.ini.log").decode()
    for text in told:
        assert text in log, (text, log)
    wait_until(lambda: len(folder.answer("job", "receipt", "--job_id", str(job))["receipts"]) == 4, 30, "all receipts")
    for name, config in (("org1", "org1"), ("3rd", "3rd")):
        others = folder.read("%s_config.ini.log" % config).decode()
        assert "the input of party 1 is not usable" in others, others
        receipt = folder.read("tests/%s/job_%s/receipt.json" % (name, job)).decode()
        assert json.loads(receipt)["run"]["outcome"] == "input_unusable", receipt
        for text in told + (SECRET,):
            assert text not in others and text not in receipt, (text, others, receipt)


def main():
    with JointRisk(options()) as folder:
        folder.write("samples/op/rtt_op.py", OPERATOR)
        change(
            folder,
            "CREATE TABLE features (id TEXT, x REAL, y INTEGER)",
            "INSERT INTO features VALUES ('A', 1.5, 2), ('B', NULL, 3), ('C', 4, 5)",
        )
        answer(folder, "x, y")
        config = "samples/config/org2_config.ini"
        source = {"sqlite": "./bank.db", "query": "SELECT * FROM answer"}
        folder.write(
            config, folder.read(config).decode().replace('"./samples/data/org2_feature.csv"', json.dumps(source))
        )
        terms = json.loads(folder.read("samples/ddo/org2_feature_attr.json"))
        terms["services"][0]["attributes"]["schema"] = {"fields": FIELDS}
        folder.write("samples/ddo/org2_feature_attr.json", json.dumps(terms))
        cdt = folder.compose()
        task = folder.answer("job", "init", "--name", "t", "--desc", "d", "--private_key", COMPANY_C[1])["task_id"]
        job, ended = run(folder, cdt, task)
        assert set(ended.values()) == {"succeeded"}, ended
        assert folder.read("tests/org1/job_%s/outputs/rtt_log.txt" % job) == b"3 x 2"

        change(folder, "UPDATE features SET x = '%s' WHERE id = 'C'" % SECRET)
        unusable(folder, *run(folder, cdt, task), "column x: row 3 holds a text, row 1 a number")
        change(folder, "UPDATE features SET x = 4 WHERE id = 'C'")
        answer(folder, "x AS z, '%s' AS y" % SECRET)
        unusable(
            folder,
            *run(folder, cdt, task),
            "column x: it states it, the file does not have it",
            "column z: the file has it, it does not state it",
            "column y: the schema says integer, the table file holds string"
        )

        # Equal rows are the same input, however they came there; others are not, until bank A gives its grants anew.
        answer(folder, "x, y")
        change(folder, "DELETE FROM features", "INSERT INTO features VALUES ('C', 4, 5), ('A', 1.5, 2), ('B', NULL, 3)")
        job, ended = run(folder, cdt, task)
        assert set(ended.values()) == {"succeeded"}, ended
        change(folder, "UPDATE features SET x = 5 WHERE id = 'C'")
        job, ended = run(folder, cdt, task)
        assert ended.pop("127.0.0.1:8090") == "input_changed", ended
        assert set(ended.values()) <= {"peer_failed 0", "peer_lost 0"}, ended


if __name__ == "__main__":
    main()
