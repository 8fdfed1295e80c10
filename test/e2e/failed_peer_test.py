"""A joint run of three providers in which one party's operator fails: that party says how, the others say who
failed."""

from joint_risk import JointRisk
from programs import COMPANY_C, options, wait_until

FAILING = 1
OPERATOR = (
    """import sys, c2d
with c2d.mpc.Session.from_environment() as session:
    session.exchange(b"here")
    if session.party == %d: sys.exit(3)
    while True: session.exchange(b"still here")
"""
    % FAILING
)


def main():
    with JointRisk(options()) as folder:
        folder.write("samples/op/rtt_op.py", OPERATOR)
        cdt = folder.compose()
        task = folder.answer("job", "init", "--name", "t", "--desc", "d", "--private_key", COMPANY_C[1])["task_id"]
        job = folder.answer("job", "exec", "--task_id", str(task), "--cdt", cdt, "--private_key", COMPANY_C[1])[
            "job_id"
        ]
        ended = {part["endpoint"]: part["outcome"] for part in folder.wait_for_job(job)}
        # How its operator ended is the owner's to tell.
        assert ended == {
            "127.0.0.1:8090": "peer_failed 1",
            "127.0.0.1:8091": "failed",
            "127.0.0.1:8092": "peer_failed 1",
        }, ended

        def outcomes():
            receipts = folder.answer("job", "receipt", "--job_id", str(job))["receipts"]
            return sorted(receipt["outcome"] for receipt in receipts)

        wait_until(lambda: len(outcomes()) == 4, 30, "all receipts")
        assert outcomes() == ["aborted", "aborted", "aborted", "failed"], outcomes()


if __name__ == "__main__":
    main()
