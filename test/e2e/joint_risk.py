"""A copy of the demo's own folder, in which its tests play."""

import os
import shutil

from programs import ADMIN, BANK_A, BANK_B, COMPANY_C, Folder, require_free_ports, wait_until

PORTS = (8090, 8091, 8092, 8911, 8912, 8913)
ORGANISATIONS = (("org1", BANK_A), ("org2", BANK_B), ("3rd-party", COMPANY_C))

# In place of the training: the party that `outputs` names writes one line, the others nothing.
OPERATOR = """import os
if os.environ["C2D_PARTY"] == "0":
    open("outputs/rtt_log.txt", "a").write("AUC at round 0: 0.5000\\n")
"""


class JointRisk(Folder):
    def __init__(self, options):
        require_free_ports(PORTS)
        super().__init__(options.bin)
        shutil.copytree(os.path.join(options.source, "examples", "joint_risk"), self.path, dirs_exist_ok=True)
        self.write("samples/op/rtt_op.py", OPERATOR)
        for name, row in (
            ("org1_feature", "0.5," * 29 + "1"),
            ("org1_label", "1"),
            ("org2_feature", "0.5," * 41 + "1"),
        ):
            self.write("samples/data/%s.csv" % name, (row + "\n") * 10)
        self.answer("chain", "init", "--private_key", ADMIN[1])

    def prepare_by_hand(self):
        """What the seed's lines of the administrator do."""
        for name, who in ORGANISATIONS:
            self.answer("system", "org", "--name", name, "--desc", "d", "--address", who[0], "--private_key", ADMIN[1])
        self.answer("system", "op", "--attr_file", "./samples/op/rtt_op_attr.json", "--private_key", ADMIN[1])

    def compose(self):
        """Everything up to the Algorithm, with the three providers running; its id."""
        self.prepare_by_hand()
        for name, who in (
            ("org1_feature", BANK_A),
            ("org1_label", BANK_A),
            ("org2_feature", BANK_B),
            ("3rd_compute", COMPANY_C),
        ):
            self.answer("asset", "dt", "--attr_file", "./samples/ddo/%s_attr.json" % name, "--private_key", who[1])
        for name, port in (("org1", 8090), ("org2", 8091), ("3rd", 8092)):
            self.start_provider("./samples/config/%s_config.ini" % name, port)
        return self.answer(
            "asset", "cdt", "--attr_file", "./samples/ddo/3rd_algo_attr.json", "--private_key", COMPANY_C[1]
        )["dt"]

    def parts(self, job_id):
        return self.answer("job", "status", "--job_id", str(job_id), "--private_key", COMPANY_C[1])["parts"]

    def wait_for_job(self, job_id):
        """The parts of a job once all have ended."""
        parts = []

        def ended():
            parts[:] = self.parts(job_id)
            return all(part["state"] in ("succeeded", "failed", "cancelled") for part in parts)

        wait_until(ended, 60, "job %s to end" % job_id)
        return parts
