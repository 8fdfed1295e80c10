"""Two banks' common customers, and a statistic over them that neither bank could make alone.

PYTHONPATH=<prefix>/share/c2d/python python3 joint_customers.py

In earnest each party runs at its own organisation; here one program starts all three.
"""

import sys

import c2d

#: Of each bank by customer: what is owed to A, and what lies at B. Other rows, another order, other spelling.
OWED = {"4400-%03d" % number: 1.0 + number % 7 for number in range(0, 300)}
SAVED = {"4400%03d" % number: 0.5 + number % 5 for number in reversed(range(100, 420))}


def owed_beyond_savings(session, own):
    """How many customers are common, and how much more they owe together than they have, for party 0 alone."""
    ids = None if own is None else list(own)
    # Who is common is known to the two banks from here on, and to the helper how many.
    found = session.align(ids, "helper", rule={"digits_only": True}, common_min=50)
    column = [[own[ids[row]]] for row in found.rows]
    owed, saved = (session.input(bank, column if session.party == bank else None) for bank in (0, 1))
    # A sum in which each customer stands once may be opened; whether a single one owes more may not.
    opened = session.reveal((owed - saved).sum(), to=[0])
    return found.common, None if opened is None else opened.row(0)[0]


def main():
    results = c2d.mpc.run_local(owed_beyond_savings, [OWED, SAVED, None], progress=False)
    common, beyond = results[0]
    assert results[1] == results[2] == (common, None)
    ids = {name.replace("-", "") for name in OWED} & set(SAVED)
    assert common == len(ids)
    assert beyond == sum(OWED["%s-%s" % (name[:4], name[4:])] - SAVED[name] for name in ids)
    print("%d common customers, who owe %.1f more than they have" % (common, beyond))
    return 0


if __name__ == "__main__":
    sys.exit(main())
