"""The default rule and scikit-learn give the same numbers to 1e-9, on a table of every kind of column with gaps.

sklearn_test.py   (C2D_LIBRARY names the library, PYTHONPATH the package; needs numpy and scikit-learn)
"""

import random
import sys
import unittest

import c2d

try:
    import numpy
    from sklearn.impute import SimpleImputer
    from sklearn.preprocessing import OneHotEncoder, StandardScaler
except ImportError as missing:
    print("scikit-learn is not installed: %s" % missing)
    sys.exit(77)

ROWS = 3000


def columns(seed):
    """Names and cells; None is a missing one."""
    chance = random.Random(seed)
    gap = lambda share, value: None if chance.random() < share else value
    return {
        "income": [gap(0.05, chance.lognormvariate(10, 1.2)) for _ in range(ROWS)],
        "age": [gap(0.002, chance.randrange(18, 95)) for _ in range(ROWS)],
        "rate": [chance.gauss(0, 1e-3) for _ in range(ROWS)],
        "city": [
            gap(0.03, chance.choices(["Bern", "Basel", "客户", "Chur", "Genf"], [50, 30, 15, 1, 0.2])[0])
            for _ in range(ROWS)
        ],
    }


def numbers_of(cells):
    return numpy.array([numpy.nan if cell is None else float(cell) for cell in cells]).reshape(-1, 1)


def of_number(cells):
    """Median, clip at 0.5 and 99.5 % of what is there, standardise; the flag where more than 1 % are missing."""
    raw = numbers_of(cells)
    low, high = numpy.nanquantile(raw, 0.005), numpy.nanquantile(raw, 0.995)
    filled = SimpleImputer(strategy="median").fit_transform(raw)
    out = [StandardScaler().fit_transform(numpy.clip(filled, low, high))]
    if numpy.isnan(raw).mean() > 0.01:
        out.append(numpy.isnan(raw).astype(float))
    return out


def of_text(cells):
    """One-hot of 30 rows and more, the others together, missing ones by themselves."""
    present = numpy.array([[cell] for cell in cells if cell is not None], dtype=object)
    encoder = OneHotEncoder(min_frequency=30, sparse_output=False).fit(present)
    width = encoder.transform(present[:1]).shape[1]
    out = numpy.zeros((len(cells), width + 1))
    for row, cell in enumerate(cells):
        if cell is None:
            out[row, width] = 1
        else:
            out[row, :width] = encoder.transform(numpy.array([[cell]], dtype=object))[0]
    return [out]


class SameNumbers(unittest.TestCase):
    def test_default_rule(self):
        for seed in range(3):
            with self.subTest(seed=seed):
                given = columns(seed)
                table = c2d.Table.of(given)
                rule = c2d.PreprocessingRule.fit(table)
                ours = numpy.asarray(rule.apply(table))
                theirs = numpy.hstack(
                    of_number(given["income"])
                    + of_number(given["age"])
                    + of_number(given["rate"])
                    + of_text(given["city"])
                )
                self.assertEqual(ours.shape, theirs.shape, rule.apply(table).names)
                self.assertLess(float(numpy.abs(ours - theirs).max()), 1e-9)

    def test_a_rule_that_was_read_again_gives_the_same_bits(self):
        table = c2d.Table.of(columns(7))
        rule = c2d.PreprocessingRule.fit(table)
        again = c2d.PreprocessingRule.parse(rule.to_json())
        self.assertEqual(again.digest, rule.digest)
        self.assertTrue((numpy.asarray(rule.apply(table)) == numpy.asarray(again.apply(table))).all())

    def test_scoring_one_row_is_scoring_all(self):
        table = c2d.Table.of(columns(8))
        rule = c2d.PreprocessingRule.fit(table)
        whole = numpy.asarray(rule.apply(table))
        for row in (0, 17, ROWS - 1):
            self.assertTrue((numpy.asarray(rule.apply(table.take([row])))[0] == whole[row]).all())


if __name__ == "__main__":
    unittest.main()
