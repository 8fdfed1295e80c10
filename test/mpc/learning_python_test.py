"""Statistics, training and regression from Python, and what they cost.

Run by mpc_learning_python (ctest) with the path of libc2d.so in C2D_LIBRARY.
"""

import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "bindings", "python"), os.path.join(ROOT, "test", "support")]
import c2d  # noqa: E402
from three_parties import three_parties  # noqa: E402


class Learning(unittest.TestCase):
    def test_training_and_auc(self):
        rows = [[((i * 7919) % 101) / 50 - 1, ((i * 104729) % 97) / 48 - 1] for i in range(400)]
        labels = [1 if 2 * r[0] - r[1] + ((i * 31) % 17) / 17 > 0.5 else 0 for i, r in enumerate(rows)]

        def program(s, precise=False):
            x = s.input(0, rows if s.party == 0 else None)
            y = s.input_labels(1, labels if s.party == 1 else None)
            seen = []
            w = s.train_logistic(
                x,
                y,
                iterations=201,
                split=300,
                auc_to=2,
                precise=precise,
                progress=lambda i, auc: seen.append((i, auc)),
            )
            score = s.auc(s.matmul(x, w.rows([0, 1])), y, to=0)
            return seen, s.reveal(w, to=[0]), score

        clear = three_parties(program, "clear")
        shared = three_parties(program, "rep3")
        self.assertEqual([i for i, _ in shared[2][0]], [0, 100, 200])
        self.assertTrue(all(auc is None for _, auc in shared[0][0] + shared[1][0]))
        for (_, got), (_, want) in zip(shared[2][0], clear[2][0]):
            self.assertAlmostEqual(got, want, delta=2e-3)
        self.assertIsNone(shared[1][1])
        for got, want in zip(shared[0][1].to_rows(), clear[0][1].to_rows()):
            self.assertAlmostEqual(got[0], want[0], delta=2e-2)
        precise = three_parties(lambda s: program(s, precise=True), "rep3")
        for got, want in zip(precise[0][1].to_rows(), clear[0][1].to_rows()):
            self.assertAlmostEqual(got[0], want[0], delta=1e-3)
        distant = three_parties(
            lambda s: s.reveal(
                s.train_logistic(
                    s.input(0, rows if s.party == 0 else None),
                    s.input_labels(1, labels if s.party == 1 else None),
                    iterations=201,
                    split=300,
                    wide_area=True,
                ),
                to=[0],
            ),
            "rep3",
        )
        for got, want in zip(distant[0].to_rows(), clear[0][1].to_rows()):
            self.assertAlmostEqual(got[0], want[0], delta=2e-2)
        self.assertAlmostEqual(shared[0][2], clear[0][2], delta=2e-3)
        self.assertIsNone(shared[1][2])

    def test_statistics_and_linear_regression(self):
        rows = [[((i * 7919) % 101) / 5 - 4, ((i * 104729) % 97) / 48] for i in range(400)]
        targets = [[0.5 * r[0] - 2 * r[1] + 1] for r in rows]
        member = [1 if i % 3 == 0 else 0 for i in range(400)]

        def program(s):
            parts = [s.input(0, rows[:250] if s.party == 0 else None), s.input(1, rows[250:] if s.party == 1 else None)]
            x = s.vconcat(parts)
            bits = s.input_labels(2, member if s.party == 2 else None)
            found = s.column_statistics(x, [1], count_min=100, included=bits)
            with self.assertRaises(c2d.DomainViolation):
                s.column_statistics(x, [1], count_min=200, included=bits)
            self.assertEqual(s.iterations_per_second, 0)
            w = s.train_linear(
                s.standardise(x),
                s.input(0, targets if s.party == 0 else None),
                iterations=300,
                lr=0.003,
                l2=0.5,
                lr_decay=0.9,
                lr_decay_every=50,
            )
            self.assertGreater(s.iterations_per_second, 0)
            return found, s.reveal(w, to=[0])

        clear, shared = three_parties(program, "clear"), three_parties(program, "rep3")
        self.assertIsNone(shared[0][0])
        self.assertEqual(shared[1][0]["count"], 134)
        for name in ("mean", "variance"):
            for got, want in zip(shared[1][0][name], clear[1][0][name]):
                self.assertAlmostEqual(got, want, delta=2**-13)
        self.assertIsNone(shared[1][1])
        for got, want in zip(shared[0][1].to_rows(), clear[0][1].to_rows()):
            self.assertAlmostEqual(got[0], want[0], delta=1e-3)

    def test_regression_without_a_rate(self):
        rows = [[((i * 7919) % 101) / 50 - 1, ((i * 104729) % 97) / 48 - 1] for i in range(400)]
        labels = [1 if rows[i][0] - rows[i][1] + ((i * 31) % 17) / 8 - 1 > 0.3 else 0 for i in range(400)]

        def program(s):
            x = s.hconcat(
                [
                    s.input(0, [[r[0]] for r in rows] if s.party == 0 else None),
                    s.input(1, [[r[1]] for r in rows] if s.party == 1 else None),
                ]
            )
            y = s.input_labels(0, labels if s.party == 0 else None)
            logistic = s.fit_logistic(x, y, ridge=0, statistics_to=[0, 2])
            self.assertTrue(logistic.converged)
            self.assertEqual(logistic.weights.shape, (3, 1))
            early = s.fit_logistic(x, y, steps_max=1, sample_weight=s.input(1, [1] * 400 if s.party == 1 else None))
            self.assertFalse(early.converged)
            self.assertIsNone(early.statistics)
            twice = s.hconcat([x, x])
            with self.assertRaises(c2d.DomainViolation) as caught:
                s.fit_logistic(twice, y, ridge=0)
            self.assertEqual(caught.exception.name, "collinear")
            return logistic.steps, logistic.statistics, repr(early)

        clear, shared = three_parties(program, "clear"), three_parties(program, "rep3")
        self.assertIsNone(shared[1][1])
        self.assertEqual(clear[0][0], shared[0][0])
        self.assertIn("3 coefficients, 1 steps, not converged", shared[0][2])
        for name in ("coefficients", "standard_errors", "p_values"):
            for got, want in zip(shared[2][1][name], clear[2][1][name]):
                self.assertAlmostEqual(got, want, delta=1e-3)

    def test_weight_of_evidence(self):
        bins = [[i % 2, (i * 7919) % 5] for i in range(400)]
        labels = [1 if (i * 31) % 17 < 3 + 2 * bins[i][1] else 0 for i in range(400)]

        def program(s):
            own = bins if s.party == 1 else None
            counts = s.bin_counts(1, own, count=5, labels=s.input_labels(0, labels if s.party == 0 else None))
            value = s.reveal(s.information_value(counts), to=[2])
            kept = s.select_columns(counts, iv_min=0.1)
            woe = s.weight_of_evidence(counts, smoothing=0.5)
            some = [[row[column] for column in kept] for row in own] if own else None
            encoded = s.encode_bins(1, some, values=woe[:, kept])
            self.assertEqual(encoded.shape, (400, len(kept)))
            all_of_them = s.encode_bins(1, own, values=woe)
            related = s.reveal(s.correlations(all_of_them), to=[0])
            points = s.bin_points(
                woe, s.fit_logistic(all_of_them, s.input_labels(0, labels if s.party == 0 else None)).weights
            )
            self.assertEqual(points.shape, (5, 2))
            codes = s.reveal(s.reason_codes(s.encode_bins(1, own, values=points), points, count=1), to=[0])
            if s.party == 0:
                self.assertLessEqual({row[0] for row in codes}, {0.0, 1.0, 2.0})
                self.assertGreater(sum(row[0] == 2 for row in codes), 100)
            both = s.contributions(all_of_them, s.constant([[1.0], [1.0], [0.0]]), [2])
            self.assertEqual(both.shape, (400, 1))
            if s.party == 0:
                self.assertAlmostEqual(related.to_rows()[1][1], 1, delta=0.01)
            return value, kept, s.reveal(woe, to=[0]), s.reveal(encoded, to=[0]), s.disclosures

        clear, shared = three_parties(program, "clear"), three_parties(program, "rep3")
        self.assertEqual(shared[0][1], [1])
        self.assertEqual([party[1] for party in shared], [[1]] * 3)
        self.assertIsNone(shared[0][0])
        self.assertEqual(shared[0][4]["information_value"], 2)
        for which, party in ((0, 2), (2, 0), (3, 0)):
            for got, want in zip(shared[party][which].to_rows(), clear[party][which].to_rows()):
                for one, other in zip(got, want):
                    self.assertAlmostEqual(one, other, delta=1.1e-3 if which == 0 else 2**-16)
        self.assertAlmostEqual(shared[0][2].to_rows()[2][0], 0, delta=2**-16)
        with self.assertRaises(TypeError):
            three_parties(lambda s: s.bin_counts(1, None, count="5", labels=s.constant([[1]])), "rep3")


class Cost(unittest.TestCase):
    def test_what_work_costs(self):
        near, far = c2d.mpc.cost("fit", 40000, 72), c2d.mpc.cost("fit", 40000, 72, round_trip_ms=40, megabits=100)
        self.assertEqual(sorted(near), ["bytes_sent", "memory_bytes", "rounds", "seconds"])
        self.assertEqual(near["bytes_sent"], far["bytes_sent"])
        self.assertGreater(far["seconds"], 5 * near["seconds"])
        self.assertGreater(near["bytes_sent"][2], 1e8)
        self.assertGreater(c2d.mpc.cost("fit", 10**6, 100)["memory_bytes"], 5e9)
        self.assertEqual(c2d.mpc.cost("auc", 100)["rounds"], 180)
        for arguments in (("fits", 5, 5), ("fit", 0, 5), ("evidence", 5, 0)):
            with self.assertRaises(c2d.InvalidArgument):
                c2d.mpc.cost(*arguments)
        with self.assertRaisesRegex(c2d.InvalidArgument, "expected str, found int"):
            c2d.mpc.cost(5, 5, 5)
        with self.assertRaisesRegex(c2d.InvalidArgument, "one of labels, .*, reasons, found fits"):
            c2d.mpc.cost("fits", 5, 5)


if __name__ == "__main__":
    unittest.main()
