#!/usr/bin/env python3
"""Why counts of labels are bounded in number: 42 columns of 10 bins, each bin with 790 and more of each class, give the
labels of all 600 customers that the columns' owner chose. And that a session refuses so many.

    C2D_LIBRARY=…/libc2d.so PYTHONPATH=bindings/python test/mpc/label_counts_attack_test.py
"""

import os
import sys
import unittest

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
try:
    import numpy
except ImportError:
    print("numpy is not installed: nothing is attacked")
    sys.exit(77)

import c2d

COLUMNS, BINS, CHOSEN, COVER = 42, 10, 600, 790


def world(columns):
    """(labels of the chosen, in which bin each is, one-hot, counts of ones): all other rows stand in the same bin of
    every column."""
    draw = numpy.random.default_rng(5)
    labels = draw.integers(0, 2, CHOSEN)
    place = draw.integers(0, BINS, (columns, CHOSEN))
    hot = numpy.zeros((columns, BINS, CHOSEN))
    for column in range(columns):
        hot[column, place[column], numpy.arange(CHOSEN)] = 1
    return labels, place, hot, hot @ labels + COVER


def found(labels, hot, counts, steps=3000):
    """How many labels follow: least squares between 0 and 1, by accelerated gradients. What is the same in every column
    falls out."""
    a = (hot - hot.mean(axis=0)).reshape(-1, CHOSEN)
    b = (counts - counts.mean(axis=0)).ravel()
    x = numpy.full(CHOSEN, 0.5)
    y, speed, length = x.copy(), 1.0, 1 / numpy.linalg.norm(a, 2) ** 2
    for _ in range(steps):
        new = numpy.clip(y - length * (a.T @ (a @ y - b)), 0, 1)
        faster = (1 + (1 + 4 * speed * speed) ** 0.5) / 2
        y, x, speed = new + (speed - 1) / faster * (new - x), new, faster
    return int(((x > 0.5) == (labels == 1)).sum())


class Attack(unittest.TestCase):
    def test_without_a_bound_all_labels_follow(self):
        labels, _, hot, counts = world(COLUMNS)
        self.assertGreaterEqual(counts.min(), COVER)
        self.assertEqual(found(labels, hot, counts), CHOSEN)
        # Rounding alone hides few of them; a bound on their number most.
        self.assertGreater(found(labels, hot, 5 * numpy.round(counts / 5)), CHOSEN * 0.75)
        few, _, hot, counts = world(COLUMNS // 10)
        self.assertLess(found(few, hot, 5 * numpy.round(counts / 5)), CHOSEN * 0.7)

    def test_a_session_refuses_so_many(self):
        labels, place, _, _ = world(COLUMNS)
        cover = [[row % BINS] * COLUMNS for row in range(2 * COVER * BINS)]
        bins = place.T.tolist() + cover
        ones = labels.tolist() + [row // BINS % 2 for row in range(len(cover))]

        def program(session, own):
            y = session.input_labels(0, own if session.party == 0 else None)
            counts = session.bin_counts(1, own if session.party == 1 else None, count=BINS, labels=y)
            try:
                session.reveal_bin_counts(counts)
            except c2d.Refused as refused:
                return refused.name
            return "opened"

        # What bank A may let be opened at most: a tenth of the positives of a bin.
        names = c2d.mpc.run_local(
            program,
            [ones, bins, None],
            progress=False,
            rules={"rows": 10, "positives": 5, "negatives": 5, "label_counts": COVER // 10},
        )
        self.assertEqual(names, ["budget_spent"] * 3)


if __name__ == "__main__":
    unittest.main()
