#!/usr/bin/env python3
"""Regression on shares beside scikit-learn and statsmodels, on the same columns.

    C2D_LIBRARY=…/libc2d.so PYTHONPATH=bindings/python test/mpc/regression_peers_test.py

Coefficients and p-values within 1e-3; AUC on breast cancer data, five seeds, at least scikit-learn's less 0.01 or one
standard error of Hanley and McNeil, whichever is more. With C2D_FULL=1 from as many bad as good customers to 1 in 500,
40,000 x 72, and AUC on credit and mortgage data of R packages, too; then python3-sklearn, python3-statsmodels,
r-cran-caret and r-cran-aer must be there. Without, 3,000 x 10, if the former are.
"""

import os
import io
import pathlib
import subprocess
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "bindings" / "python"))

import c2d  # noqa: E402

FULL = "C2D_FULL" in os.environ
ROWS, COLUMNS, RATES = (40000, 72, (0.5, 0.2, 0.02, 0.005, 0.002)) if FULL else (3000, 10, (0.5, 0.2))
try:
    import numpy
    import statsmodels.api
    from sklearn.linear_model import LogisticRegression
    from sklearn.metrics import roc_auc_score
except ImportError:
    if FULL:
        raise
    print("scikit-learn or statsmodels is not installed: nothing is compared")
    sys.exit(0)


def credit(rows, columns, rate, seed):
    """Columns of which every fifth shares a cause, and labels of this rate."""
    random = numpy.random.default_rng(seed)
    x = random.standard_normal((rows, columns))
    x[:, ::5] = 0.6 * random.standard_normal((rows, 1)) + 0.8 * x[:, ::5]
    x = numpy.round(x * 65536) / 65536
    truth = random.standard_normal(columns)
    z = x @ (truth * 1.8 / numpy.linalg.norm(truth))
    low, high = -20.0, 20.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if (1 / (1 + numpy.exp(-z - middle))).mean() > rate else (middle, high)
    return x, (random.random(rows) < 1 / (1 + numpy.exp(-z - low))).astype(float)


def fit(x, y, **options):
    """Half of the columns at party 0 with the labels, the rest at party 1; everything is opened to party 0."""
    half = x.shape[1] // 2

    def program(session, own):
        features = session.hconcat([session.input(party, own if session.party == party else None) for party in (0, 1)])
        labels = session.input_labels(0, y if session.party == 0 else None)
        model = session.fit_logistic(features, labels, statistics_to=[0], **options)
        return model.steps, model.converged, model.statistics

    steps, converged, statistics = c2d.mpc.run_local(program, [x[:, :half], x[:, half:], None])[0]
    return steps, converged, {name: numpy.array(values) for name, values in statistics.items()}


class Peers(unittest.TestCase):
    def test_scikit_learn_s_coefficients(self):
        for rate in RATES:
            with self.subTest(rate=rate):
                x, y = credit(ROWS, COLUMNS, rate, 5)
                steps, converged, found = fit(x, y, ridge=1e-4)
                model = LogisticRegression(C=1 / (1e-4 * len(y)), tol=1e-10, max_iter=1000).fit(x, y)
                difference = numpy.abs(found["coefficients"] - numpy.append(model.coef_[0], model.intercept_)).max()
                print("%g bad: %d steps, coefficients differ by %.1e" % (rate, steps, difference), flush=True)
                self.assertTrue(converged)
                self.assertLess(difference, 1e-3)

    def test_statsmodels_p_values(self):
        for rate in RATES[:4]:  # without a ridge, 80 bad customers of 72 columns separate almost
            with self.subTest(rate=rate):
                x, y = credit(ROWS, COLUMNS, rate, 6)
                _, _, found = fit(x, y, ridge=0)
                ones = numpy.hstack([x, numpy.ones((len(y), 1))])
                model = statsmodels.api.GLM(y, ones, family=statsmodels.api.families.Binomial()).fit(tol=1e-12)
                for name, ours, theirs in (
                    ("coefficients", found["coefficients"], model.params),
                    ("standard errors", found["standard_errors"], model.bse),
                    ("p-values", found["p_values"], model.pvalues),
                ):
                    difference = numpy.abs(ours - theirs).max()
                    print("%g bad: %s differ by %.1e" % (rate, name, difference), flush=True)
                    self.assertLess(difference, 1e-3)

    def test_auc_on_breast_cancer(self):
        data = numpy.loadtxt(ROOT / "test" / "mpc" / "data" / "breast_cancer.csv", delimiter=",", skiprows=1)
        self.compare_auc("breast cancer", data[:, :30], data[:, 30])

    @unittest.skipUnless(FULL, "R's data")
    def test_auc_on_german_credit(self):
        self.compare_auc("German credit", *data_of_r("caret", "GermanCredit", "Class", "Bad"))

    @unittest.skipUnless(FULL, "R's data")
    def test_auc_on_mortgages(self):
        self.compare_auc("HMDA", *data_of_r("AER", "HMDA", "deny", "yes"))

    def compare_auc(self, name, x, y):
        """Seven rows in ten train, the rest test; columns as the former's mean and deviation make them."""
        for seed in range(5):
            order = numpy.random.default_rng(seed).permutation(len(y))
            train, test = numpy.split(order, [7 * len(y) // 10])
            deviation = x[train].std(axis=0)
            columns = (x[:, deviation > 0] - x[train].mean(axis=0)[deviation > 0]) / deviation[deviation > 0]
            _, converged, found = fit(columns[train], y[train])
            model = LogisticRegression(max_iter=1000).fit(columns[train], y[train])
            theirs = roc_auc_score(y[test], model.decision_function(columns[test]))
            ours = roc_auc_score(y[test], columns[test] @ found["coefficients"][:-1])
            least = theirs - max(0.01, hanley_mcneil(theirs, y[test]))
            print(
                "%s, %d + %d x %d, seed %d: %.4f, scikit-learn %.4f, least %.4f"
                % (name, len(train), len(test), columns.shape[1], seed, ours, theirs, least),
                flush=True,
            )
            self.assertTrue(converged)
            self.assertGreaterEqual(ours, least)


def data_of_r(package, name, label, bad):
    """A data set of an R package: its columns as numbers, those of words as one of each word but the first; and whether
    a row is bad."""
    program = '''data("%s", package = "%s"); d <- %s
        write.csv(cbind(model.matrix(~ ., d[names(d) != "%s"])[, -1], d$%s == "%s"), row.names = FALSE)'''
    said = subprocess.run(
        ["Rscript", "--vanilla", "-e", program % (name, package, name, label, label, bad)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout
    numbers = numpy.loadtxt(io.StringIO(said), delimiter=",", skiprows=1)
    return numbers[:, :-1], numbers[:, -1]


def hanley_mcneil(auc, labels):
    """The standard error of an AUC."""
    positives, negatives = labels.sum(), (1 - labels).sum()
    one, two = auc / (2 - auc), 2 * auc**2 / (1 + auc)
    return numpy.sqrt(
        (auc * (1 - auc) + (positives - 1) * (one - auc**2) + (negatives - 1) * (two - auc**2))
        / (positives * negatives)
    )


if __name__ == "__main__":
    unittest.main()
