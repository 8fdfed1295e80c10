"""The layout of the original demonstration, where bank A runs two of three parties: refused as
collusion, and run only when both banks' configurations say so, which log and report keep."""

import json

from joint_risk import JointRisk
from programs import BANK_A, BANK_B, COMPANY_C, options

SECOND_TRY = "dt:ownership:" + "7" * 64
ALGORITHM = "./samples/two_banks/3rd_algo_attr.json"


# One sum over party 0's rows is opened to it.
OPERATOR = """import c2d.mpc
with c2d.mpc.Session.from_environment() as session:
    rows = session.input(0, [[0.5]] * 20 if session.party == 0 else None)
    total = session.reveal(rows.sum(axis=0), to=[0])
    if session.party == 0:
        open("outputs/rtt_log.txt", "a").write("%.1f\\n" % total.to_rows()[0][0])
"""


def agree_on_a_secret(folder):
    """In both banks' configurations; the file's line ends as its editor liked."""
    for bank, other, end in (("org1", BANK_B, "\n"), ("org2", BANK_A, "\r\n")):
        folder.write_secret("samples/config/%s.secret" % bank, "5" * 64 + end)
        config = "samples/config/two_banks_override_%s_config.ini" % bank
        line = 'peer_psk = {"%s": "%s.secret"}\n' % (other[0], bank)
        folder.write(config, folder.read(config).decode().replace("[provider]\n", "[provider]\n" + line))


def check_receipts(folder, job, job_folder):
    """All three parts have one on the ledger; a document is checked offline, against its files and
    against the ledger, and no altered one passes."""
    posted = folder.answer("job", "receipt", "--job_id", str(job))["receipts"]
    assert [r["outcome"] for r in posted] == ["succeeded"] * 3, posted
    document = job_folder + "/receipt.json"
    body = folder.cli("--json", "--config", "nowhere.ini", "job", "receipt", "--file", document, "--folder", job_folder)
    assert body.code == 0 and body.json()["signature"] == "valid", str(body)
    assert body.json()["files_compared"] >= 1, str(body)
    held = folder.answer("job", "receipt", "--file", document, "--job_id", str(job))
    assert held["ledger"] == "holds it" and held["digest"] in [r["digest"] for r in posted], held

    assert held["disclosures"] == {"sum": 1}, held
    shown = folder.cli("job", "receipt", "--file", document)
    assert "opened: sum 1\n" in shown.out, str(shown)

    altered = json.loads(folder.read(document))
    altered["outcome"] = "failed"
    folder.write("altered.json", json.dumps(altered))
    refused = folder.cli("--json", "job", "receipt", "--file", "altered.json")
    assert refused.code == 1 and refused.json()["error"]["code"] == "receipt_altered", str(refused)
    folder.write(job_folder + "/code", "print('another')")
    refused = folder.cli("--json", "job", "receipt", "--file", document, "--folder", job_folder)
    assert refused.code == 1 and refused.json()["error"]["code"] == "receipt_differs", str(refused)


def main():
    with JointRisk(options()) as folder:
        folder.write("samples/op/rtt_op.py", OPERATOR)
        agree_on_a_secret(folder)
        folder.prepare_by_hand()
        for name, bank in (("org1_feature", BANK_A), ("org1_label", BANK_A), ("org2_feature", BANK_B)):
            folder.answer(
                "asset", "dt", "--attr_file", "./samples/two_banks/%s_attr.json" % name, "--private_key", bank[1]
            )

        def start(layout):
            return [
                folder.start_provider("./samples/config/%s_%s_config.ini" % (layout, bank), port)
                for bank, port in (("org1", 8090), ("org2", 8091))
            ]

        compose = ("asset", "cdt", "--attr_file", ALGORITHM, "--private_key", COMPANY_C[1])
        logs = start("two_banks")
        refused = folder.cli("--json", *compose)
        assert refused.code == 1, str(refused)
        assert refused.json()["error"]["code"] == "collusion", str(refused)
        assert "collusion" in folder.read(logs[0]).decode()
        folder.stop_providers()

        # The refused composition stands on the ledger, inactive: the second try needs its own id.
        logs = start("two_banks_override")
        for log in logs:
            assert "allow_collusion is set" in folder.read(log).decode()
        cdt = folder.answer(*compose, "--id", SECOND_TRY)["dt"]
        task = folder.answer("job", "init", "--name", "t", "--desc", "d", "--private_key", COMPANY_C[1])["task_id"]
        job = folder.answer("job", "exec", "--task_id", str(task), "--cdt", cdt, "--private_key", COMPANY_C[1])[
            "job_id"
        ]
        parts = folder.wait_for_job(job)
        assert sorted((p["party"], p["endpoint"], p["state"]) for p in parts) == [
            (0, "127.0.0.1:8090", "succeeded"),
            (1, "127.0.0.1:8091", "succeeded"),
            (2, "127.0.0.1:8090", "succeeded"),
        ], parts
        folder.stop_providers()

        for log in logs:
            text = folder.read(log).decode()
            assert "job %d: one organisation controls more parties" % job in text, text
        reports = {}
        for folder_name in ("two_banks_override_org1/job_1", "two_banks_override_org2/job_1"):
            reports[folder_name] = json.loads(folder.read("tests/%s/report.json" % folder_name))
        # Bank A's second run has a folder beside the first.
        second = "two_banks_override_org1/job_1_%s" % BANK_A[0][2:10].lower()
        reports[second] = json.loads(folder.read("tests/%s/report.json" % second))
        assert sorted(report["party"] for report in reports.values()) == [0, 1, 2]
        for report in reports.values():
            assert report["collusion_overridden"] is True
            assert [p["organisation"] for p in report["parties"]] == ["org1", "org2", "org1"], report["parties"]

        check_receipts(folder, job, "tests/%s" % second)


if __name__ == "__main__":
    main()
