"""Many jobs at a provider, as its owner runs it: turns are fair beside a solver who floods the queue, and what the
process and its files take stays flat.

C2D_SOAK_MINUTES says for how long it is kept at half of what it can do; 50 with C2D_FULL=1, else a few seconds. Once a
minute nothing is sent until all that was has ended, and then memory, threads, descriptors and tables are looked at."""

import contextlib
import os
import re
import sqlite3
import threading
import time

from one_bank import LEAF, OneBank
from programs import ADMIN, BANK_A, options, wait_until

import c2d

FULL = os.environ.get("C2D_FULL", "") not in ("", "0")
MINUTES = int(os.environ.get("C2D_SOAK_MINUTES", "50" if FULL else "0"))
# Of a short one: so many rounds of so many seconds.
ROUNDS, SECONDS = (MINUTES, 60) if MINUTES else (5, 3)
#: In a long one so long that the provider has ended idle connections.
REST = 12 if MINUTES else 1
OPERATOR = "open('outputs/out.txt', 'w').write('1')\n"
#: More than three: each may have 4096 live nonces, and a job takes two for seven minutes.
SOLVERS = 8
#: In the second half, of an hour.
SLOPE_MAX = 0.01
#: By so few bytes a table of few rows may grow.
FEW_BYTES = 16 * 1024
#: What a short run may leave: caches fill.
SHORT_KIB_MAX = 16 * 1024
#: What SQLite keeps of the ledger's view (16 MiB at most) and of other files grows with them until it is full. On a
#: machine that comes to fewer jobs in the first half, memory is held against what a job may add to that.
JOBS_TILL_FULL, KIB_OF_A_JOB = 30000, 1.5


class Solver:
    """An organisation with an Algorithm of its own over the bank's data."""

    def __init__(self, bank, number):
        self.key = c2d.Key.generate()
        # A ledger connection of its own, as an organisation has.
        self.chain = c2d.Chain.open("ledger:" + (bank / "ledger.db"))
        self.registry = c2d.AssetRegistry(self.chain, c2d.DocumentStore.directory(bank / "documents"))
        admin = c2d.Key.from_hex(ADMIN[1])
        self.chain.register_enterprise(admin, self.key.address, "solver %d" % number)
        self.chain.add_provider(admin, self.key.address)
        self.client = c2d.Client(self.registry, self.key)
        self.cdt = self.client.compose(
            {
                "metadata": {"main": {"type": "Algorithm", "name": "model"}},
                "child_dts": [LEAF],
                "services": [
                    {
                        "index": "s",
                        "descriptor": {
                            "workflow": {LEAF: {"service": "s", "constraint": {"outputs": "./outputs/out.txt"}}}
                        },
                    }
                ],
            }
        )
        self.task = self.client.create_task("t")

    def execute(self):
        """A job that was started; None where the queue has no room."""
        try:
            return self.client.execute(self.task, self.cdt)
        except c2d.Error as refused:
            if refused.name != "busy":
                raise
            return None


def own_descriptors(pid):
    """How many it has, but for connections that are open at both ends: solvers keep theirs for a while."""
    with open("/proc/%d/net/tcp" % pid) as file:
        kept = {"socket:[%s]" % line.split()[9] for line in file if line.split()[3] == "01"}
    own = 0
    for name in os.listdir("/proc/%d/fd" % pid):
        with contextlib.suppress(FileNotFoundError):
            own += os.readlink("/proc/%d/fd/%s" % (pid, name)) not in kept
    return own


class Soaked(OneBank):
    def __init__(self, settings):
        super().__init__(options(), operator=OPERATOR, settings=settings)
        self.serve()
        self.ran = 0

    def ended(self):
        """Jobs in the order in which they ended."""
        return [int(job) for job in re.findall(r"job (\d+) party 0: succeeded ", self.read("bank.ini.log").decode())]

    def count(self, what):
        with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % self.state_file(), uri=True)) as state:
            return state.execute("SELECT count(*) FROM " + what).fetchone()[0]

    def is_at_rest(self):
        return (
            self.count("runs WHERE state NOT IN ('succeeded', 'failed', 'cancelled')") == 0
            and self.count("receipts WHERE posting = 'pending'") == 0
        )

    def figures(self):
        """What the process holds, and bytes in each table of its state and of the ledger."""
        pid = self.providers[-1].pid
        with open("/proc/%d/status" % pid) as file:
            status = dict(line.split(":", 1) for line in file)
        out = {
            "memory": int(status["VmRSS"].split()[0]),
            "threads": int(status["Threads"]),
            "descriptors": own_descriptors(pid),
        }
        for name, path in (("state", self.state_file()), ("ledger", self / "ledger.db")):
            with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % path, uri=True)) as db:
                # Of content: how full pages are depends on how many runs were under way at a time, as rows grow in
                # place.
                for table, size in db.execute("SELECT name, sum(payload) FROM dbstat GROUP BY name"):
                    out["%s.%s" % (name, table)] = size
        return out


def run_all(works):
    """Each on a thread of its own; the first failure is raised."""
    failures = []

    def guarded(work):
        try:
            work()
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=guarded, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def take_turns():
    """One worker, one solver who floods and two who do not: while all three wait, each has every third turn."""
    each = 10
    with Soaked("workers = 1\nqueue_max = 64") as bank:
        solvers = [Solver(bank, number) for number in range(3)]
        owner = ("--private_key", BANK_A[1])
        bank.answer("provider", "hold", "--dt", LEAF, *owner)
        who = {}
        share = 16
        for number, solver in enumerate(solvers):
            for _ in range(share if number == 0 else each):
                who[solver.execute()] = number
        assert None not in who, "the queue was full before its time"
        assert solvers[0].execute() is None, "the flood was not held to its share"
        is_over = threading.Event()

        def flood():
            while not is_over.is_set():
                job = solvers[0].execute()
                who[job] = 0
                if job is None:
                    time.sleep(0.02)

        def release():
            bank.answer("provider", "release", "--dt", LEAF, *owner)
            try:
                wait_until(lambda: len(bank.ended()) >= 3 * each + 3, 120, "the jobs to end")
            finally:
                is_over.set()

        run_all([flood, release])
        turns = [who[job] for job in bank.ended()[: 3 * each]]
        for number in range(3):
            assert abs(turns.count(number) - each) <= 1, "solver %d had %d of %d turns: %s" % (
                number,
                turns.count(number),
                len(turns),
                turns,
            )


def send(solvers, seconds, rate=None):
    """Jobs of all solvers in turn, so many a second, or as many as go; how many were started."""
    started, until, begun = [0] * len(solvers), time.monotonic() + seconds, time.monotonic()

    def one(number):
        sent = 0
        while time.monotonic() < until:
            if solvers[number].execute() is None:
                time.sleep(0.05)
                continue
            started[number] += 1
            sent += 1
            if rate:
                time.sleep(max(0.0, begun + sent * len(solvers) / rate - time.monotonic()))

    run_all([lambda number=number: one(number) for number in range(len(solvers))])
    return sum(started)


def slope(values, hours):
    """Of the line of least squares, in an hour, over the mean."""
    times = [hours * i / max(1, len(values) - 1) for i in range(len(values))]
    time_mean, mean = sum(times) / len(times), sum(values) / len(values)
    spread = sum((at - time_mean) ** 2 for at in times)
    if not spread or not mean:
        return 0.0
    return sum((at - time_mean) * (value - mean) for at, value in zip(times, values)) / spread / mean


def grows(name, looks, hours):
    """Of the second half: flat, or a table in step with the jobs that have a row of it each. What is said of what is
    neither."""
    half = looks[len(looks) // 2 :]
    values = [look.get(name, 0) for look in half]
    absolute = slope(values, hours)
    of_a_job = slope([value / look["jobs"] for value, look in zip(values, half)], hours)
    # A few rows of one that has few are no trend.
    steps_along = "." in name and (of_a_job < SLOPE_MAX or of_a_job * hours * values[-1] < FEW_BYTES)
    print("%-45s %12.0f  %+7.2f %% an hour  %+7.2f %% a job" % (name, values[-1], 100 * absolute, 100 * of_a_job))
    return None if absolute < SLOPE_MAX or steps_along else "%s grows by %.1f %% an hour" % (name, 100 * absolute)


def fills_caches(looks):
    """Whether so few jobs ran that memory may still grow, and by how little it did."""
    half, last = looks[len(looks) // 2], looks[-1]
    of_a_job = (last["memory"] - half["memory"]) / max(1, last["jobs"] - half["jobs"])
    print("%.2f KiB of memory a job in the second half, which began after %d jobs" % (of_a_job, half["jobs"]))
    return half["jobs"] < JOBS_TILL_FULL and of_a_job < KIB_OF_A_JOB


def check_long(looks):
    began = looks[len(looks) // 2]["time"]
    hours = (looks[-1]["time"] - began) / 3600
    names = [name for name in looks[-1] if name not in ("time", "jobs")]
    wrong = [
        said
        for name in names
        for said in [grows(name, looks, hours)]
        if said and not (name == "memory" and fills_caches(looks))
    ]
    assert not wrong, wrong


def check_short(looks):
    """The first round fills what is filled once."""
    first, last = looks[1], looks[-1]
    # A connection of each client may be about to end.
    for name, more in (("threads", 0), ("descriptors", SOLVERS)):
        assert last[name] <= first[name] + more, (name, [look[name] for look in looks])
    assert last["memory"] - first["memory"] < SHORT_KIB_MAX, [look["memory"] for look in looks]


def stay_flat():
    with Soaked("workers = 2\nqueue_max = 64") as bank:
        solvers = [Solver(bank, number) for number in range(SOLVERS)]
        began, jobs = time.monotonic(), 0
        seconds = 20 if MINUTES else SECONDS
        jobs = send(solvers, seconds)
        wait_until(bank.is_at_rest, 120, "the jobs to end")
        most = jobs / (time.monotonic() - began)
        print("at most %.0f jobs a minute, with their solvers on the same machine" % (60 * most), flush=True)
        looks = []
        for _ in range(ROUNDS):
            jobs += send(solvers, SECONDS - REST, most / 2)
            wait_until(bank.is_at_rest, 120, "the jobs to end")
            time.sleep(REST)
            looks.append({**bank.figures(), "time": time.monotonic() - began, "jobs": jobs})
            if MINUTES:
                print(
                    {name: looks[-1][name] for name in ("time", "jobs", "memory", "threads", "descriptors")}, flush=True
                )
        assert (
            bank.count("runs WHERE state = 'succeeded'") == jobs == bank.count("receipts WHERE posting = 'posted'")
        ), jobs
        (check_long if MINUTES else check_short)(looks)


if __name__ == "__main__":
    take_turns()
    stay_flat()
