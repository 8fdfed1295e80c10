"""dt-cli provider: an owner looks at the queue of its running provider, holds, releases and drains it, and cancels
runs."""


from one_bank import ALGORITHM, LEAF, OneBank
from programs import BANK_A, COMPANY_C, options, wait_until

SLOW = "import time\ntime.sleep(4)\nopen('outputs/out.txt', 'w').write('done')\n"
OWNER = ("--private_key", BANK_A[1])
SOLVER = ("--private_key", COMPANY_C[1])


def queue(bank, *command):
    return bank.answer("provider", *(command or ("queue",)), *OWNER)


def shows_and_holds(bank):
    """A held queue takes requests and runs none of them; what it has is shown to the owner alone."""
    assert queue(bank) == {
        "endpoint": "127.0.0.1:%d" % bank.port,
        "held": False,
        "workers": 1,
        "queue_max": 8,
        "queue_share": 2,
        "runs": [],
    }
    assert queue(bank, "hold", "--dt", LEAF)["held"]
    jobs = [bank.exec(), bank.exec()]
    found = queue(bank)
    assert [(run["job_id"], run["state"], run["algo_dt"], run["solver"]) for run in found["runs"]] == [
        (job, "queued", ALGORITHM, COMPANY_C[0]) for job in jobs
    ], found
    text = bank.cli("provider", "queue", *OWNER)
    assert "held" in text.out and "job %d" % jobs[0] in text.out, str(text)
    return jobs


def refuses_others(bank):
    """The client says so before it asks; the provider refuses a request that is signed by somebody else."""
    for command in (("queue",), ("hold",), ("release",), ("drain",)):
        done = bank.cli("--json", "provider", *command, "--dt", LEAF, *SOLVER)
        assert done.code == 1 and "wrong_signer" in done.out + done.err, str(done)
    done = bank.cli("--json", "provider", "cancel", "--job_id", "1", *SOLVER)
    assert done.code == 1 and "uses no token" in done.out + done.err, str(done)


def releases_and_cancels(bank, jobs):
    queue(bank, "cancel", "--job_id", str(jobs[1]))
    assert bank.part(jobs[1])["outcome"] == "cancelled"
    again = bank.cli("--json", "provider", "cancel", "--job_id", str(jobs[1]), *OWNER)
    assert again.code == 1 and "state_conflict" in again.out + again.err, str(again)
    assert not queue(bank, "release")["held"]
    bank.wait_for(jobs[0], ("running",))


def drains(bank, jobs):
    """Returns once what runs has ended; what is queued stays, and goes on with the next start."""
    left = bank.exec()
    done = bank.cli("--json", "provider", "drain", *OWNER)
    assert done.code == 0, str(done)
    assert [(run["job_id"], run["state"]) for run in done.json()["runs"]] == [(left, "queued")], str(done)
    assert "runs are under way" in done.err, str(done)
    assert bank.part(jobs[0])["outcome"] == "succeeded"
    bank.stop(bank.providers[-1])
    bank.serve()
    assert not queue(bank)["held"]
    bank.wait_for(left, ("succeeded",))


def main():
    with OneBank(options(), operator=SLOW, settings="workers = 1\nqueue_max = 8") as bank:
        bank.serve()
        bank.compose()
        jobs = shows_and_holds(bank)
        refuses_others(bank)
        releases_and_cancels(bank, jobs)
        drains(bank, jobs)


if __name__ == "__main__":
    main()
