"""Writes made-up credit data for the joint risk example: two banks' columns and one label.

    python3 generate_data.py [--out DIR] [--rows N] [--seed S] [--header]

Makes org1_feature.csv (30 columns), org1_label.csv (1 if the loan defaulted, about 18 %) and
org2_feature.csv (42 columns) of the same customers, row by row. Columns are standard normal, some
of them correlated; the label follows a logistic law with noise, so that the best possible AUC is
about 0.84. The same seed gives the same files. Needs only Python; 50,000 rows take about 8 s.
"""

import argparse
import math
import os
import random

ORG1_COLUMNS, ORG2_COLUMNS = 30, 42


def truth(rng, columns):
    """Weights of the law behind the label; their length sets how much the columns tell."""
    weights = [rng.gauss(0, 1) for _ in range(columns)]
    length = math.sqrt(sum(w * w for w in weights))
    return [1.7 * w / length for w in weights]


def customer(rng, weights):
    """One row of all columns, and whether the loan defaulted."""
    gauss = rng.gauss
    common = gauss(0, 1)
    row = [0.6 * common + 0.8 * gauss(0, 1) if j % 5 == 0 else gauss(0, 1) for j in range(len(weights))]
    logit = -2.15 + sum(w * x for w, x in zip(weights, row))
    return row, rng.random() < 1 / (1 + math.exp(-logit))


def names(bank, columns):
    return ",".join("%s_%02d" % (bank, j) for j in range(columns)) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=".", help="a folder, made if it is missing")
    parser.add_argument("--rows", type=int, default=50000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--header", action="store_true", help="column names in the first line")
    options = parser.parse_args()
    os.makedirs(options.out, exist_ok=True)
    rng = random.Random(options.seed)
    weights = truth(rng, ORG1_COLUMNS + ORG2_COLUMNS)
    positives = 0
    line1 = ",".join(["%.4f"] * ORG1_COLUMNS) + "\n"
    line2 = ",".join(["%.4f"] * ORG2_COLUMNS) + "\n"

    def create(name):
        return open(os.path.join(options.out, name), "w", encoding="ascii")

    with create("org1_feature.csv") as org1, create("org2_feature.csv") as org2, create("org1_label.csv") as label:
        if options.header:
            org1.write(names("org1", ORG1_COLUMNS))
            org2.write(names("org2", ORG2_COLUMNS))
            label.write("defaulted\n")
        for _ in range(options.rows):
            row, defaulted = customer(rng, weights)
            org1.write(line1 % tuple(row[:ORG1_COLUMNS]))
            org2.write(line2 % tuple(row[ORG1_COLUMNS:]))
            label.write("1\n" if defaulted else "0\n")
            positives += defaulted
    print("%d rows, %.1f %% positive" % (options.rows, 100 * positives / max(options.rows, 1)))


if __name__ == "__main__":
    main()
