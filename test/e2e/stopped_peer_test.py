"""A joint run of three providers, one of which is stopped, as a machine that hangs: the others lose it, both name it,
and say so while it cannot."""

import signal

from joint_risk import JointRisk
from programs import COMPANY_C, options, wait_until

# Computes with the others until one is lost.
OPERATOR = """import c2d
with c2d.mpc.Session.from_environment() as session:
    while True: session.exchange(b"still here")
"""
CONFIGS = ["samples/config/%s_config.ini" % name for name in ("org1", "org2", "3rd")]
STOPPED = 1
FINAL = ("succeeded", "failed", "cancelled")


def parts_by_party(done):
    """What a `job status` says, by party."""
    found = {}
    for part in done.json()["parts"]:
        found.setdefault(part["endpoint"], part)
    return [found["127.0.0.1:%d" % port] for port in (8090, 8091, 8092)]


def main():
    with JointRisk(options()) as folder:
        folder.write("samples/op/rtt_op.py", OPERATOR)
        for config in CONFIGS:
            folder.write(config, folder.read(config).decode() + "\npeer_silence_seconds = 5\n")
        cdt = folder.compose()
        task = folder.answer("job", "init", "--name", "t", "--desc", "d", "--private_key", COMPANY_C[1])["task_id"]
        job = folder.answer("job", "exec", "--task_id", str(task), "--cdt", cdt, "--private_key", COMPANY_C[1])[
            "job_id"
        ]
        wait_until(lambda: {part["state"] for part in folder.parts(job)} == {"running"}, 60, "all parts to run")
        status = ("--json", "job", "status", "--job_id", str(job), "--private_key", COMPANY_C[1])

        folder.providers[STOPPED].send_signal(signal.SIGSTOP)
        try:
            last = []

            def others_ended():
                last[:] = [folder.cli(*status)]
                parts = parts_by_party(last[0])
                return all(part["state"] in FINAL for party, part in enumerate(parts) if party != STOPPED)

            wait_until(others_ended, 60, "the other parties to lose the stopped one")
        finally:
            folder.providers[STOPPED].send_signal(signal.SIGCONT)
        parts = parts_by_party(last[0])
        assert last[0].code == 1, str(last[0])
        assert (parts[STOPPED]["state"], parts[STOPPED]["unanswered"]["status"]) == ("unknown", "timeout"), parts
        for party in (0, 2):
            assert parts[party]["outcome"] == "peer_lost %d" % STOPPED, parts

        ended = {part["endpoint"]: part["outcome"] for part in folder.wait_for_job(job)}
        assert ended["127.0.0.1:8091"] in ("peer_lost 0", "peer_lost 2"), ended


if __name__ == "__main__":
    main()
