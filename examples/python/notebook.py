#!/usr/bin/env python3
"""The whole flow as a notebook: cells to run one by one and to change, in any editor that knows `# %%`.

PYTHONPATH=<prefix>/share/c2d/python python3 notebook.py

A bank and a clinic each hold a column that may not be shown; a company wants their correlation. The
bank and the clinic publish terms, verify by themselves what the company asks for, and take part in a
computation with it. Three parties run in threads here, so that everything can be looked at: in a real
setting each is a program in its owner's sandbox (see joint_risk.py). Matrices, traces, receipts and reports of
sandboxes show themselves as tables in a notebook, and long calls as bars (pip install 'c2d[notebook]').
"""

# %% Three organisations and a ledger, all in memory

import random

import c2d


def show(value):
    """As a table in a notebook, as text elsewhere."""
    try:
        from IPython import get_ipython
        from IPython.display import display
    except ImportError:
        get_ipython = lambda: None  # noqa: E731
    if get_ipython() is None:
        print(value)
    else:
        display(value)


admin, bank, clinic, company = (c2d.Key.generate() for _ in range(4))
chain = c2d.Chain.create("ledger::memory:", admin)
registry = c2d.AssetRegistry(chain, c2d.DocumentStore.memory())
for key, name in ((bank, "Bank"), (clinic, "Clinic"), (company, "Company")):
    chain.register_enterprise(admin, key.address, name)
    chain.add_provider(admin, key.address)
print(chain, registry, bank, sep="\n")

# %% The operator: what everybody reviewed, and what each party will run


def correlation(session, column):
    """Pearson's correlation of party 0's and party 1's columns (n x 1), opened to party 2 alone."""
    x, y = (session.input(owner, column if session.party == owner else None) for owner in (0, 1))
    rows = x.shape[0]
    opened = session.reveal(session.scale(x.transpose() @ y, 1.0 / rows), to=[2])
    return None if opened is None else opened.row(0)[0]


PARAMS = {"party": {}, "peers": {}, "column": {}, "outputs": {}}
tid = registry.publish_operator(
    admin,
    {
        "main": {
            "type": "Operation",
            "name": "correlation",
            "mpc": {"parties": 3, "threshold": 1, "party": "party", "endpoints": "peers"},
        }
    },
    "import c2d  # as above\n",
    PARAMS,
)
print(tid)

# %% Terms: the bank lets its column be used by this code, with these peers, for nothing but this column

PEERS = {str(n): "127.0.0.1:%d" % (9000 + n) for n in range(3)}
OUTPUTS = {"2": "./outputs/correlation.txt"}


def offer(owner, party, name, kind="Dataset"):
    terms = {
        "party": party,
        "peers": PEERS,
        "outputs": OUTPUTS,
        "column": {"$schema": {"type": "string", "enum": ["standardised"]}},
    }
    attributes = {"path": "./inputs/%s.csv" % name} if kind == "Dataset" else {}
    return registry.publish(
        owner,
        {
            "metadata": {"main": {"type": kind, "name": name}},
            "services": [
                {
                    "index": "joint",
                    "endpoint": "127.0.0.1:1",
                    "attributes": attributes,
                    "descriptor": {"template": tid, "constraint": terms},
                }
            ],
        },
    )


parties = {
    offer(bank, 0, "income"): 0,
    offer(clinic, 1, "blood_pressure"): 1,
    offer(company, 2, "third party", "Computa"): 2,
}
for asset in registry:
    print(asset["name"], asset["type"], asset["dt"])

# %% The company composes: with terms that the bank did not offer it is refused


def compose(column):
    arguments = {"peers": PEERS, "column": column, "outputs": OUTPUTS}
    return registry.publish(
        company,
        {
            "metadata": {"main": {"type": "Algorithm", "name": "income and blood pressure"}},
            "child_dts": list(parties),
            "services": [
                {
                    "index": "all",
                    "descriptor": {
                        "workflow": {
                            dt: {"service": "joint", "constraint": dict(arguments, party=party)}
                            for dt, party in parties.items()
                        }
                    },
                }
            ],
        },
    )


try:
    compose("raw")
except c2d.Refused as refused:
    print("refused:", refused.name, "-", refused)
algorithm = compose("standardised")

# %% Each owner verifies by itself before it grants


def ask(owner, dt, method, key=company, job=0):
    """What the owner's verifier says to a request: True, or the reason and what the owner sees of it."""
    verifier = c2d.JobVerifier(registry, owner.address, c2d.NonceStore.memory())
    return verifier.verify(
        method, c2d.sign_request(chain, key, method, audience=owner.address, dt=dt, algo_dt=algorithm, job_id=job)
    )


owners = dict(zip(parties, (bank, clinic, company)))
print(ask(bank, list(parties)[0], "grantPermission", key=clinic))  # not the composition's owner
for dt, owner in owners.items():
    assert ask(owner, dt, "grantPermission")
    registry.grant(owner, dt, algorithm)
registry.activate(company, algorithm)

# %% A task, a job, and every owner's verdict on it

job = chain.add_job(company, algorithm, chain.create_task(company, "correlation"))
for dt, owner in owners.items():
    verdict = ask(owner, dt, "verify", job=job)
    print(verdict)
    assert verdict

# %% The computation, tried out here: three parties in threads, and the same in the clear to compare with


def standardised(values):
    mean = sum(values) / len(values)
    deviation = (sum((value - mean) ** 2 for value in values) / len(values)) ** 0.5
    return [(value - mean) / deviation for value in values]


rng = random.Random(1)
income = [rng.gauss(0, 1) for _ in range(500)]
pressure = [0.6 * value + 0.8 * rng.gauss(0, 1) for value in income]
income, pressure = standardised(income), standardised(pressure)
# A product of two columns weighs each row by another's: it is opened only where all owners' terms allow anything.
rules = {"reveal_any": True}
results = c2d.mpc.run_local(correlation, [income, pressure, None], rules=rules)
in_the_clear = c2d.mpc.run_local(correlation, [income, pressure, None], backend="clear", rules=rules)
print("opened to the company alone:", results, "in the clear:", in_the_clear)
assert results[:2] == [None, None] and abs(results[2] - in_the_clear[2]) < 0.001

# %% What a party holds meanwhile: a shape, and no value


def look(session, column):
    x = session.input(0, column if session.party == 0 else None)
    if session.party == 1:
        show(x)
    return x.shape


c2d.mpc.run_local(look, [income, None, None])
show(c2d.mpc.Matrix(income))  # the bank's own

# %% The regulator walks from the bank's column

trace = c2d.Tracer(registry).walk(list(parties)[0])
show(trace)
for depth, node in trace:
    print("  " * depth, node["kind"], node.get("name") or "%d: %s" % (node["job_id"], node["state"]))
