"""Writes bank A's customers that were not trained on, without their labels: they stand for those of later months.

    python3 held_back.py FOLDER --id COLUMN --label COLUMN --out FILE      FOLDER holds bank_a.csv and bank_b.csv
"""

import argparse
import csv
import os

from c2d.operators import tables


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder")
    for name in ("id", "label", "out"):
        parser.add_argument("--" + name, required=True)
    given = parser.parse_args()
    a, b = (tables.read(os.path.join(given.folder, bank, bank + ".csv"), [given.id]) for bank in ("bank_a", "bank_b"))
    of_both = set(tables.id_texts(b, [given.id]))
    table = a.take([row for row, text in enumerate(tables.id_texts(a, [given.id])) if text in of_both])
    marks = tables.test_marks(table, [given.id], 0.8)
    table = table.take([row for row in range(table.rows) if marks[row]])
    names = [name for name in table.names if name != given.label]
    cells = [table.column(name) for name in names]
    with open(given.out, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(names)
        writer.writerows(zip(*cells))


if __name__ == "__main__":
    main()
