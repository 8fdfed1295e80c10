"""A joint run of three providers whose data one bank takes back: every party's operator ends in time, and all say
why."""

import json
import time

from joint_risk import JointRisk
from programs import BANK_B, COMPANY_C, options, wait_until

#: From the block to the end of every sandbox, in seconds.
ENDS_WITHIN = 10
# Ends when a peer is gone, and then badly.
OPERATOR = """import os, sys
while os.read(int(os.environ["C2D_PEER_FD"]), 4096): pass
sys.exit(7)
"""


def main():
    with JointRisk(options()) as folder:
        folder.write("samples/op/rtt_op.py", OPERATOR)
        cdt = folder.compose()
        task = folder.answer("job", "init", "--name", "t", "--desc", "d", "--private_key", COMPANY_C[1])["task_id"]
        job = folder.answer("job", "exec", "--task_id", str(task), "--cdt", cdt, "--private_key", COMPANY_C[1])[
            "job_id"
        ]
        wait_until(lambda: {part["state"] for part in folder.parts(job)} == {"running"}, 60, "all parts to run")

        taken_back = json.loads(folder.read("samples/ddo/org2_feature_attr.json"))["id"]
        folder.answer("asset", "revoke", "--dt", taken_back, "--cdt", cdt, "--private_key", BANK_B[1])
        began = time.monotonic()
        wait_until(
            lambda: all(part["state"] not in ("running", "connecting") for part in folder.parts(job)),
            ENDS_WITHIN,
            "every party's operator to end",
        )
        parts = folder.wait_for_job(job)
        assert {(part["state"], part["outcome"]) for part in parts} == {("cancelled", "revoked")}, parts
        print("ended %.1f s after the revocation" % (time.monotonic() - began))

        def outcomes():
            return [receipt["outcome"] for receipt in folder.answer("job", "receipt", "--job_id", str(job))["receipts"]]

        wait_until(lambda: len(outcomes()) == len(parts), 30, "all receipts")
        assert outcomes() == ["cancelled"] * len(parts), outcomes()


if __name__ == "__main__":
    main()
