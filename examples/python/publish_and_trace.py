#!/usr/bin/env python3
"""Two data sets are published, composed and used in a job; then their whole life is traced.

PYTHONPATH=<prefix>/share/c2d/python python3 publish_and_trace.py

Everything happens in memory: the ledger, the documents and three fresh keys. A call that fails
raises a subclass of `c2d.Error`, which ends the program with the library's own explanation.
"""

import sys

import c2d

COUNT_ROWS = """\
import json, sys
args = json.load(open(sys.argv[2]))
rows = sum(1 for _ in open(args["input"]))
open(args["outputs"]["0"], "w").write(str(rows))
"""


def register_organisation(chain, admin, key, name):
    """Registers an organisation that may publish."""
    chain.register_enterprise(admin, key.address, name)
    chain.add_provider(admin, key.address)


def publish_operator(registry, admin):
    """Code that was reviewed: it counts the rows of one file."""
    return registry.publish_operator(
        admin, {"main": {"type": "Operation", "name": "count rows"}}, COUNT_ROWS, {"input": {}, "outputs": {}}
    )


def publish_data(registry, owner, tid, name):
    """A data set, on offer for that operator alone: its terms leave nothing free."""
    path = "./inputs/%s.csv" % name
    return registry.publish(
        owner,
        {
            "metadata": {"main": {"type": "Dataset", "name": name}},
            "services": [
                {
                    "index": "count",
                    "endpoint": "127.0.0.1:8090",
                    "descriptor": {
                        "template": tid,
                        "constraint": {"input": path, "outputs": {"0": "./outputs/rows.txt"}},
                    },
                    "attributes": {"price": 10, "path": path},
                }
            ],
        },
    )


def publish_algorithm(registry, owner, children):
    """An Algorithm: both data sets, with every argument fixed."""
    return registry.publish(
        owner,
        {
            "metadata": {"main": {"type": "Algorithm", "name": "rows of both"}},
            "child_dts": list(children),
            "services": [
                {
                    "index": "all",
                    "endpoint": {},
                    "attributes": {},
                    "descriptor": {
                        "workflow": {
                            child: {
                                "service": "count",
                                "constraint": {
                                    "input": "./inputs/%s.csv" % name,
                                    "outputs": {"0": "./outputs/rows.txt"},
                                },
                            }
                            for child, name in children.items()
                        }
                    },
                }
            ],
        },
    )


def main():
    admin, bank, fintech = (c2d.Key.generate() for _ in range(3))
    with c2d.Chain.create("ledger::memory:", admin) as chain, c2d.AssetRegistry(
        chain, c2d.DocumentStore.memory()
    ) as registry:
        register_organisation(chain, admin, bank, "Bank A")
        register_organisation(chain, admin, fintech, "Fintech C")

        tid = publish_operator(registry, admin)
        children = {publish_data(registry, bank, tid, name): name for name in ("features", "labels")}
        algorithm = publish_algorithm(registry, fintech, children)

        # The bank permits it, twice; only then can the composition be activated.
        for child in children:
            registry.grant(bank, child, algorithm)
        registry.activate(fintech, algorithm)

        task = chain.create_task(bank, "count", "how many rows?")
        job = chain.add_job(fintech, algorithm, task)
        print("job %d of task %d" % (job, task))

        print(c2d.Tracer(registry).walk(next(iter(children))), end="")


if __name__ == "__main__":
    try:
        main()
    except c2d.Error as problem:
        sys.exit("%s (%s)" % (problem, problem.status))
