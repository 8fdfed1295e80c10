"""Joint jobs of one Algorithm at a time over one port a provider, more of them than there are workers."""

from joint_risk import JointRisk
from programs import COMPANY_C, options, wait_until

#: Their requests meet the providers in orders of their own.
JOBS = 10
WORKERS = {"org1": 1, "org2": 2, "3rd": 8}
OPERATOR = """import os, c2d
with c2d.mpc.Session.from_environment() as session:
    rows = session.input(0, [[0.5]] * 16 if session.party == 0 else None)
    total = session.reveal(rows.sum(axis=0), to=[0])
    if total is not None:
        with open("outputs/rtt_log.txt", "w") as file: file.write("%.1f\\n" % total.to_rows()[0][0])
"""


def main():
    with JointRisk(options()) as folder:
        folder.write("samples/op/rtt_op.py", OPERATOR)
        for name, workers in WORKERS.items():
            config = "samples/config/%s_config.ini" % name
            text = folder.read(config).decode()
            assert "peer_ports = " in text
            folder.write(config, text.replace("peer_ports = ", "peer_port = ") + "\nworkers = %d\n" % workers)
        cdt = folder.compose()
        task = folder.answer("job", "init", "--name", "t", "--desc", "d", "--private_key", COMPANY_C[1])["task_id"]
        exec_job = (
            "dt-cli",
            "--json",
            "job",
            "exec",
            "--task_id",
            str(task),
            "--cdt",
            cdt,
            "--private_key",
            COMPANY_C[1],
        )
        # Started together.
        started = [folder.start(*exec_job) for _ in range(JOBS)]
        jobs = []
        for process in started:
            done = folder.finish(process)
            assert done.code == 0, str(done)
            jobs.append(done.json()["job_id"])
        assert len(set(jobs)) == JOBS, jobs
        for job in jobs:
            parts = folder.wait_for_job(job)
            assert {part["outcome"] for part in parts} == {"succeeded"}, parts
        wait_until(
            lambda: all(len(folder.answer("job", "receipt", "--job_id", str(job))["receipts"]) == 4 for job in jobs),
            60,
            "the receipts",
        )


if __name__ == "__main__":
    main()
