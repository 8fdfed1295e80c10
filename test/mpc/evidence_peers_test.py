#!/usr/bin/env python3
"""Weight of evidence and information value on shares beside pandas, on the same columns.

    C2D_LIBRARY=…/libc2d.so PYTHONPATH=bindings/python test/mpc/evidence_peers_test.py

Quantile bins made by pandas, a bin of missing values, and text categories. With C2D_FULL=1 20,000 rows, and then
python3-pandas must be there; without, 3,000, if it is.
"""

import os
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bindings" / "python"))

import c2d  # noqa: E402

FULL = "C2D_FULL" in os.environ
try:
    import numpy
    import pandas
except ImportError:
    if FULL:
        raise
    print("pandas is not installed: nothing is compared")
    sys.exit(0)

ROWS, BINS = (20000, 10) if FULL else (3000, 10)


def customers(seed):
    """Income with gaps, a region, and a number that says nothing; whether they paid."""
    random = numpy.random.default_rng(seed)
    income = random.lognormal(10, 0.5, ROWS)
    income[random.random(ROWS) < 0.08] = numpy.nan
    frame = pandas.DataFrame(
        {"income": income, "region": random.choice(list("nesw"), ROWS), "noise": random.standard_normal(ROWS)}
    )
    z = -2 - 1.2 * (numpy.log(frame.income.fillna(1e4)) - 10) + 0.8 * (frame.region == "s")
    return frame, (random.random(ROWS) < 1 / (1 + numpy.exp(-z))).astype(int).to_numpy()


def bins_of(frame):
    """Quantiles, the last bin for what is missing; a number for each region."""

    def quantiles(column):
        return pandas.qcut(column, BINS - 1, labels=False).fillna(BINS - 1).astype(int)

    return pandas.DataFrame(
        {
            "income": quantiles(frame.income),
            "region": frame.region.map(dict(zip("nesw", range(4)))),
            "noise": quantiles(frame.noise),
        }
    )


def in_the_clear(bins, label, smoothing):
    """{column: (weight by bin, information value)} as a risk department computes them."""
    out = {}
    good, bad = (label == 0).sum(), (label == 1).sum()
    for name in bins:
        table = pandas.crosstab(bins[name], label)
        goods = (table[0] + smoothing * good / len(label)) / good
        bads = (table[1] + smoothing * bad / len(label)) / bad
        woe = numpy.log(goods / bads)
        out[name] = woe, float(((table[0] / good - table[1] / bad) * woe).sum())
    return out


class Evidence(unittest.TestCase):
    def test_pandas_finds_the_same(self):
        frame, label = customers(3)
        bins = bins_of(frame)
        for smoothing in (1.0, 0.0625):
            wanted = in_the_clear(bins, label, smoothing)

            def program(session, own):
                y = session.input_labels(0, own if session.party == 0 else None)
                counts = session.bin_counts(1, own if session.party == 1 else None, count=BINS, labels=y)
                woe = session.weight_of_evidence(counts, smoothing)
                value = session.reveal(session.information_value(counts, smoothing), to=[1])
                opened = session.reveal(woe, to=[1])
                encoded = session.reveal(
                    session.encode_bins(1, own if session.party == 1 else None, values=woe), to=[1]
                )
                return [None if one is None else numpy.asarray(one).copy() for one in (opened, value, encoded)]

            woe, value, encoded = c2d.mpc.run_local(program, [label.tolist(), bins, None], rules={"reveal_any": True})[
                1
            ]
            for column, name in enumerate(bins):
                weights, information = wanted[name]
                for bin_, weight in weights.items():
                    self.assertAlmostEqual(woe[bin_, column], weight, delta=2**-16)
                self.assertAlmostEqual(value[0, column], information, delta=2**-11 + 2**-15)
                self.assertTrue((numpy.abs(encoded[:, column] - bins[name].map(weights)) < 2**-16).all())


if __name__ == "__main__":
    unittest.main()
