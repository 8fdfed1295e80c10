"""What bank A could do without bank B: the same operator over its own table, in the clear; prints the AUC.

    PYTHONPATH=… python3 bank_a_alone.py FILE --id COLUMN --label COLUMN --bad VALUE
"""

import argparse

import c2d
from c2d.operators.scorecard import operator


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file")
    for name in ("id", "label", "bad"):
        parser.add_argument("--" + name, required=True)
    given = parser.parse_args()
    task = operator.Task(
        {
            "inputs": {"0": given.file},
            "outputs": {"0": "nowhere"},
            "model_args": {"id": given.id, "label": given.label, "bad": given.bad},
        }
    )
    reports = c2d.mpc.run_local(
        lambda session, _: operator.program(session, task), [None] * 3, backend="clear", progress=False
    )
    print("%.4f" % reports[0]["auc"])


if __name__ == "__main__":
    main()
