"""Writes made-up raw tables of two banks: text, gaps, other order, customers that only one of them has.

    python3 generate_data.py [--out DIR] [--rows N] [--overlap SHARE] [--seed S]

Makes bank_a.csv (customer_id, default, 10 columns) and bank_b.csv (customer_id, 10 columns), of --rows customers each,
of whom --overlap are customers of both. About 12 % default. The same seed gives the same files. Needs only Python.
"""

import argparse
import csv
import math
import os
import random

CITIES = ["Bern", "Basel", "Chur", "Genf", "Lugano", "Zug"]
JOBS = ["employee", "official", "self-employed", "retired", "student"]
PRODUCTS = ["current account", "savings", "mortgage", "card, gold"]


def person(chance):
    """What is true of somebody, whichever bank looks."""
    return {"wealth": chance.gauss(0, 1), "care": chance.gauss(0, 1), "age": chance.randint(19, 84)}


def gap(chance, share, value):
    """A value that is not there for some."""
    return "" if chance.random() < share else value


def at_a(chance, who):
    """Bank A's columns of a customer, and what they tell of the risk."""
    income = math.exp(8.2 + 0.5 * who["wealth"] + 0.3 * chance.gauss(0, 1))
    arrears = max(0, int(1.2 - 1.1 * who["care"] + chance.gauss(0, 1)))
    job = chance.choice(JOBS) if who["age"] < 65 else "retired"
    home = chance.choice(["owner", "tenant", "parents"])
    row = [
        "%.2f" % income,
        who["age"],
        job,
        home,
        chance.choice(CITIES),
        gap(chance, 0.08, arrears),
        gap(chance, 0.15, "%.1f" % max(0, chance.gauss(4, 3))),
        chance.randint(0, 6),
        "%04d-%02d-%02d" % (chance.randint(2015, 2024), chance.randint(1, 12), chance.randint(1, 28)),
        "%.3f" % chance.random(),
    ]
    return row, 0.5 * arrears - 0.9 * who["wealth"] + (0.6 if job == "student" else 0) - (0.4 if home == "owner" else 0)


def at_b(chance, who):
    """Bank B's columns of a customer, and what they tell of the risk."""
    savings = math.exp(7 + 1.1 * who["wealth"] + 0.8 * chance.gauss(0, 1))
    turnover = math.exp(7.5 + 0.4 * who["wealth"] + 0.4 * chance.gauss(0, 1))
    overdraft = max(0.0, 300 - 260 * who["care"] + 200 * chance.gauss(0, 1))
    returned = max(0, int(0.4 - 0.9 * who["care"] + chance.gauss(0, 1)))
    product = chance.choice(PRODUCTS)
    row = [
        gap(chance, 0.05, "%.2f" % savings),
        "%.2f" % turnover,
        gap(chance, 0.1, "%.2f" % overdraft),
        returned,
        product,
        gap(chance, 0.03, chance.choice(["low", "middle", "high"])),
        chance.choice(["yes", "no"]),
        chance.randint(1, 40),
        "%.2f" % chance.gauss(0, 1),
        "%.4f" % chance.random(),
    ]
    return row, 0.7 * returned + 0.003 * overdraft - 0.5 * math.log(savings + 1) + (
        0.3 if product.startswith("card") else 0
    )


A_COLUMNS = ["income", "age", "job", "home", "city", "arrears", "years_at_address", "dependants", "opened", "noise_a"]
B_COLUMNS = [
    "savings",
    "turnover",
    "overdraft",
    "returned_debits",
    "product",
    "activity",
    "online",
    "months",
    "trend",
    "noise_b",
]


def tables(rows, overlap, seed):
    """(bank A's rows, bank B's rows), each in an order of its own."""
    chance = random.Random(seed)
    common = round(rows * overlap)
    a, b = [], []
    for number in range(2 * rows - common):
        customer, who = "C-%07d" % (1000003 * (number + 1) % 9999991), person(chance)
        (row_a, risk_a), (row_b, risk_b) = at_a(chance, who), at_b(chance, who)
        bad = chance.random() < 1 / (1 + math.exp(0.4 - risk_a - risk_b))
        if number < rows:
            a.append([customer, "yes" if bad else "no"] + row_a)
        if number < common or number >= rows:
            b.append([customer] + row_b)
    chance.shuffle(a)
    chance.shuffle(b)
    return a, b


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=".", help="a folder, made if it is missing")
    parser.add_argument("--rows", type=int, default=6000)
    parser.add_argument("--overlap", type=float, default=0.85)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    a, b = tables(options.rows, options.overlap, options.seed)
    for name, header, rows in (
        ("bank_a", ["customer_id", "default"] + A_COLUMNS, a),
        ("bank_b", ["customer_id"] + B_COLUMNS, b),
    ):
        with open(os.path.join(options.out, name + ".csv"), "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header)
            writer.writerows(rows)
    bad = sum(row[1] == "yes" for row in a)
    print(
        "%d customers each, %d of both, %.1f %% of bank A's default"
        % (len(a), round(options.rows * options.overlap), 100 * bad / max(len(a), 1))
    )


if __name__ == "__main__":
    main()
