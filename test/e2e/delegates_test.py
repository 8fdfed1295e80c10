"""A joint run in which no organisation's own key stands on a server: three providers and the solver work by delegates.
A provider that may not grant leaves the request to its owner, and a delegate that is taken back ends what it could
do."""

import glob
import json
import os

from joint_risk import OPERATOR, JointRisk
from programs import BANK_A, BANK_B, COMPANY_C, options, wait_until

SERVER_A, SERVER_B, SERVER_C, CLERK = ("%02x" % n * 32 for n in (0x11, 0x22, 0x33, 0x44))
PROVIDERS = (
    ("org1", 8090, BANK_A, SERVER_A, ("work", "grant")),
    ("org2", 8091, BANK_B, SERVER_B, ("work",)),
    ("3rd", 8092, COMPANY_C, SERVER_C, ("work",)),
)


class Delegates(JointRisk):
    def address(self, secret):
        return self.answer("key", "address", "--private_key", secret)["address"]

    def delegate(self, command, owner, use, secret):
        return self.answer(
            "system",
            command,
            "--address",
            owner[0],
            "--use",
            use,
            "--delegate",
            self.address(secret),
            "--private_key",
            owner[1],
        )

    def publish(self):
        self.prepare_by_hand()
        for name, who in (
            ("org1_feature", BANK_A),
            ("org1_label", BANK_A),
            ("org2_feature", BANK_B),
            ("3rd_compute", COMPANY_C),
        ):
            self.answer("asset", "dt", "--attr_file", "./samples/ddo/%s_attr.json" % name, "--private_key", who[1])

    def start_by_delegates(self):
        for name, port, owner, server, uses in PROVIDERS:
            for use in uses:
                self.delegate("add_delegate", owner, use, server)
            config = "samples/config/%s_config.ini" % name
            text = self.read(config).decode()
            assert text.count(owner[1]) == 1, text
            self.write(config, text.replace(owner[1], server))
            self.start_provider(config, port)

    def execute(self, cdt):
        task = self.answer("job", "init", "--name", "t", "--desc", "d", "--private_key", CLERK)["task_id"]
        return self.cli("--json", "job", "exec", "--task_id", str(task), "--cdt", cdt, "--private_key", CLERK)

    def parts(self, job_id):
        return self.answer("job", "status", "--job_id", str(job_id), "--private_key", CLERK)["parts"]


def check_receipts(folder, job):
    """Each owner's name stands over its delegate's signature, on the ledger and in the document."""

    def owners():
        return [receipt["owner"] for receipt in folder.answer("job", "receipt", "--job_id", str(job))["receipts"]]

    wait_until(lambda: len(owners()) == 4, 30, "all receipts")
    assert sorted(owners()) == sorted(who[0] for who in (BANK_A, BANK_A, BANK_B, COMPANY_C)), owners()
    for name, _, owner, server, _ in PROVIDERS:
        (path,) = glob.glob(folder / "tests/%s/**/receipt.json" % name.partition("-")[0], recursive=True)
        document = json.loads(folder.read(os.path.relpath(path, folder.path)))
        assert (document["owner"], document["signer"]) == (owner[0], folder.address(server)), document
        folder.answer("job", "receipt", "--file", path, "--job_id", str(job))


def main():
    with Delegates(options()) as folder:
        folder.publish()
        folder.start_by_delegates()
        folder.delegate("add_delegate", COMPANY_C, "work", CLERK)
        compose = ("--json", "asset", "cdt", "--attr_file", "./samples/ddo/3rd_algo_attr.json", "--private_key", CLERK)
        refused = folder.cli(*compose).json()["error"]
        assert refused["code"] == "grant_needs_owner", refused
        assert [refused["message"].count(port) for port in ("8090", "8091", "8092")] == [0, 1, 1], refused

        # A server that may not grant may not do it either by the owner's command; the owner may.
        for owner, server in ((BANK_B, SERVER_B), (COMPANY_C, SERVER_C)):
            (waiting,) = folder.answer("asset", "grants", "--pending", "--private_key", server)["pending"]
            assert waiting["cdt"] in refused["message"], refused
            grant = ("asset", "grant", "--dt", waiting["dt"], "--cdt", waiting["cdt"], "--private_key")
            assert folder.cli("--json", *grant, server).json()["error"]["status"] == "refused"
            folder.answer(*grant, owner[1])
        cdt = folder.answer(*compose)["dt"]
        assert cdt == waiting["cdt"]

        job = folder.execute(cdt).json()["job_id"]
        parts = folder.wait_for_job(job)
        assert {part["state"] for part in parts} == {"succeeded"} and len(parts) == 4, parts
        check_receipts(folder, job)

        folder.delegate("revoke_delegate", BANK_B, "work", SERVER_B)
        refused = folder.execute(cdt)
        assert refused.code == 1 and "8091" in refused.json()["error"]["message"], str(refused)


if __name__ == "__main__":
    main()
