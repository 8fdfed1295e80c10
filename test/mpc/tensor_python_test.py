"""Tensors from Python: operations on both backends, operators, and what a secret does not answer.

Run by mpc_tensor_python (ctest) with the path of libc2d.so in C2D_LIBRARY.
"""

import inspect
import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "bindings", "python"), os.path.join(ROOT, "test", "support")]
import c2d  # noqa: E402
from c2d import mpc  # noqa: E402
from three_parties import three_parties  # noqa: E402


class Tensors(unittest.TestCase):
    def test_arithmetic_on_both_backends(self):
        a, b = [[1.5, -2], [3, 4]], [[0.5, 1], [-1, 2]]

        def program(s):
            x = s.input(0, a if s.party == 0 else None)
            y = s.input(1, b if s.party == 1 else None)
            values = [
                x + y,
                x - y,
                x * y,
                x @ y,
                x * 2,
                x.transpose(),
                x.rows([1, 1]),
                x < y,
                s.select(x < y, x, y),
                s.hconcat([x, y]),
                s.add(x, s.constant(b)),
                s.sigmoid(y),
                s.sigmoid(x, by="comparison"),
                x.sum(),
                x.sum(axis=0),
                x.sum(axis=1),
                x.sum(axis=0).repeat(2, 2),
                x / (y * y),
                x / 4,
                s.reciprocal(y * y),
                s.inverse_sqrt(y * y),
            ]
            for bad in (lambda: s.sum(x, axis=2), lambda: s.sigmoid(x, by="magic")):
                with self.assertRaises(c2d.InvalidArgument):
                    bad()
            return [s.reveal(v, to=[0, 1, 2]).to_rows() for v in values]

        expected = three_parties(program, "clear")[0]
        for party in three_parties(program, "rep3"):
            for got, want in zip(party, expected):
                self.assertEqual(len(got), len(want))
                for got_row, want_row in zip(got, want):
                    for g, w in zip(got_row, want_row):
                        self.assertAlmostEqual(g, w, delta=3e-4)

    def test_whatever_takes_tensors_alone_on_both_backends(self):
        """Every method of Session whose arguments are tensors, also those to come."""
        methods = {
            name: list(inspect.signature(method).parameters.values())[1:]
            for name, method in inspect.getmembers(c2d.mpc.Session, inspect.isfunction)
            if not name.startswith("_") and method.__annotations__.get("return") == "Tensor"
        }
        methods = {
            name: parameters
            for name, parameters in methods.items()
            if all(parameter.annotation == "Tensor" for parameter in parameters)
        }
        self.assertGreaterEqual(len(methods), 10)
        a, b = [[1.5, 2], [3, 4.25]], [[0.5, 2], [3.5, 1]]

        def program(s):
            x, y = (s.input(owner, values if s.party == owner else None) for owner, values in ((0, a), (1, b)))
            tensors = {
                "bit": s.less(x, y),
                "b": y,
                "correlations": s.constant([[1, 0.5], [0.5, 1]]),
                "model": s.constant([[0.5], [-1], [2]]),
            }
            return [
                s.reveal(
                    getattr(s, name)(*[tensors.get(parameter.name, x) for parameter in parameters]), to=[0, 1, 2]
                ).to_rows()
                for name, parameters in sorted(methods.items())
            ]

        expected = three_parties(program, "clear")[0]
        for party in three_parties(program, "rep3"):
            for name, got, want in zip(sorted(methods), party, expected):
                for g, w in zip(sum(got, []), sum(want, [])):
                    self.assertAlmostEqual(g, w, delta=3e-4, msg=name)

    def both_agree(self, program, expected, delta=3e-4):
        """program(session) is a list of tensors; both backends reveal what is expected of it."""
        for backend in ("clear", "rep3"):
            for party in three_parties(lambda s: [s.reveal(v, to=[0, 1, 2]).to_rows() for v in program(s)], backend):
                self.assertEqual(len(party), len(expected))
                for number, (got, want) in enumerate(zip(party, expected)):
                    self.assertEqual([len(row) for row in got], [len(row) for row in want], (backend, number))
                    for g, w in zip(sum(got, []), sum(want, [])):
                        self.assertAlmostEqual(g, w, delta=delta, msg="%s, value %d" % (backend, number))

    A = [[1.5, -2.0, 0.25], [3.0, 4.0, -0.5]]

    def each(self, function):
        return [[function(value) for value in row] for row in self.A]

    def test_public_numbers(self):
        def program(s):
            x = s.input(0, self.A if s.party == 0 else None)
            return [
                x + 1,
                1 - x,
                x - 0.5,
                -x,
                +x,
                2 * x,
                x * 0.5,
                x / 4,
                2 / (x * x),
                x**1,
                x**2,
                x**3,
                abs(x),
                x < 0.5,
                0.5 < x,
                x > 0.5,
                x <= -0.5,
                x >= 3,
                3 >= x,
                x + True,
            ]

        self.both_agree(
            program,
            [
                self.each(f)
                for f in (
                    lambda v: v + 1,
                    lambda v: 1 - v,
                    lambda v: v - 0.5,
                    lambda v: -v,
                    lambda v: v,
                    lambda v: 2 * v,
                    lambda v: v * 0.5,
                    lambda v: v / 4,
                    lambda v: 2 / (v * v),
                    lambda v: v,
                    lambda v: v**2,
                    lambda v: v**3,
                    abs,
                    lambda v: v < 0.5,
                    lambda v: 0.5 < v,
                    lambda v: v > 0.5,
                    lambda v: v <= -0.5,
                    lambda v: v >= 3,
                    lambda v: 3 >= v,
                    lambda v: v + 1,
                )
            ],
            delta=2e-3,
        )

    def test_comparisons_give_bits(self):
        def program(s):
            x = s.input(0, self.A if s.party == 0 else None)
            return [s.select(bit, x, -x) for bit in (x < 0.5, x > 0.5, x <= 0.25, x >= 4)]

        self.both_agree(
            program,
            [
                self.each(f)
                for f in (
                    lambda v: v if v < 0.5 else -v,
                    lambda v: v if v > 0.5 else -v,
                    lambda v: v if v <= 0.25 else -v,
                    lambda v: v if v >= 4 else -v,
                )
            ],
        )

    def test_rows_columns_and_means(self):
        (a, b, c), (d, e, f) = self.A

        def program(s):
            x = s.input(0, self.A if s.party == 0 else None)
            return [
                x.T,
                x[0],
                x[-1],
                x[:, 0],
                x[:, -1],
                x[1:2],
                x[:, 1:],
                x[1, 2],
                x[[1, 0]],
                x[:, [2, 0]],
                x[::-1],
                x.mean(),
                x.mean(0),
                x.mean(axis=1),
                x[:, :2].mean(),
            ]

        self.both_agree(
            program,
            [
                [[a, d], [b, e], [c, f]],
                [[a, b, c]],
                [[d, e, f]],
                [[a], [d]],
                [[c], [f]],
                [[d, e, f]],
                [[b, c], [e, f]],
                [[f]],
                [[d, e, f], [a, b, c]],
                [[c, a], [f, d]],
                [[d, e, f], [a, b, c]],
                [[(a + b + c + d + e + f) / 6]],
                [[(a + d) / 2, (b + e) / 2, (c + f) / 2]],
                [[(a + b + c) / 3], [(d + e + f) / 3]],
                [[(a + b + d + e) / 4]],
            ],
        )

    def test_means_of_many(self):
        """1 / 1000 in 16 fractional bits would be off by 0.7 percent."""
        self.both_agree(lambda s: [s.input(0, [[64.0]] * 1000 if s.party == 0 else None).mean()], [[[64.0]]], 2**-13)

    def test_broadcasting(self):
        row, column = [10.0, 20.0, 30.0], [[1.0], [2.0]]

        def program(s):
            x = s.input(0, self.A if s.party == 0 else None)
            r, c = s.constant([row]), s.input(1, column if s.party == 1 else None)
            return [
                x + r,
                x + c,
                c - r,
                x * c,
                c + x.sum(),
                x + row,
                x + column,
                row - x,
                x + mpc.Matrix([row]),
                x @ [[1.0], [2.0], [3.0]],
                [[1.0, -1.0]] @ x,
            ]

        both = [[[self.A[i][j], row[j], column[i][0]] for j in range(3)] for i in range(2)]
        total = sum(sum(self.A, []))
        of = lambda f: [[f(*cell) for cell in line] for line in both]
        self.both_agree(
            program,
            [
                of(lambda v, r, c: v + r),
                of(lambda v, r, c: v + c),
                of(lambda v, r, c: c - r),
                of(lambda v, r, c: v * c),
                [[c[0] + total] for c in column],
                of(lambda v, r, c: v + r),
                of(lambda v, r, c: v + c),
                of(lambda v, r, c: r - v),
                of(lambda v, r, c: v + r),
                [[line[0] + 2 * line[1] + 3 * line[2]] for line in self.A],
                [[self.A[0][j] - self.A[1][j] for j in range(3)]],
            ],
        )

    def test_what_a_secret_does_not_answer(self):
        def program(s):
            x = s.input(0, self.A if s.party == 0 else None)
            y = x + 1
            for wrong, word in (
                (lambda: bool(x), "select"),
                (lambda: x == y, "less"),
                (lambda: x != y, "less"),
                (lambda: x == 1, "less"),
                (lambda: max(x, y), "select"),
                (lambda: min([x, y]), "select"),
                (lambda: sorted([x, y]), "select"),
                (lambda: x in [y], "less"),
                (lambda: 1 in x, "less"),
                (lambda: list(x), "reveal"),
                (lambda: max(x), "reveal"),
                (lambda: 1 if x < y else 0, "select"),
                (lambda: 0 < x < 1, "select"),
                (lambda: not x, "select"),
                (lambda: float(x), "reveal"),
                (lambda: int(x), "reveal"),
                (lambda: len(x), "shape"),
                (lambda: x[x], "select"),
            ):
                with self.assertRaisesRegex(TypeError, word):
                    wrong()
            for wrong in (
                lambda: x + "1",
                lambda: x + None,
                lambda: x * {},
                lambda: "a" < x,
                lambda: x @ 2,
                lambda: x + 1j,
                lambda: x**0.5,
                lambda: x[True],
                lambda: x[[True, False]],
                lambda: x["a"],
            ):
                with self.assertRaises(TypeError):
                    wrong()
            for wrong in (lambda: x**-1, lambda: x**0, lambda: x + [1.0, 2.0], lambda: x + x.T, lambda: x[:0]):
                with self.assertRaises(c2d.InvalidArgument):
                    wrong()
            for wrong in (lambda: x[2], lambda: x[:, 3], lambda: x[-3], lambda: x[0, 0, 0]):
                with self.assertRaises(IndexError):
                    wrong()
            self.assertEqual(len({x, y}), 2)
            x += 1
            return s.reveal(x - y, to=[0, 1, 2]).to_rows()

        self.assertEqual(three_parties(program), [[[0.0] * 3] * 2] * 3)

    def test_rounds_that_the_docstring_states(self):
        def program(s):
            x, y = (s.input(owner, [[1.0, 2.0, 3.0]] if s.party == owner else None) for owner in (0, 1))
            out = {}
            for name, run in (
                ("x + y", lambda: x + y),
                ("-x", lambda: -x),
                ("x * 2", lambda: x * 2),
                ("x.T", lambda: x.T),
                ("x[:, 0]", lambda: x[:, 0]),
                ("x + 1", lambda: x + 1),
                ("x * y", lambda: x * y),
                ("x @ y.T", lambda: x @ y.T),
                ("x * 0.5", lambda: x * 0.5),
                ("x ** 4", lambda: x**4),
                ("x.mean()", lambda: x.mean()),
                ("x < y", lambda: x < y),
                ("x <= y", lambda: x <= y),
                ("abs(x)", lambda: abs(x)),
                ("x / y", lambda: x / y),
                ("1 / y", lambda: 1 / y),
            ):
                s.exchange(b"")  # what was sent has been counted
                before = s.stats["rounds"]
                s.reveal(run(), to=[0, 1])
                out[name] = s.stats["rounds"] - before - 1
            return out

        most = [max(values) for values in zip(*(party.values() for party in three_parties(program)))]
        for name, rounds, stated in zip(
            three_parties(program)[0], most, (0, 0, 0, 0, 0, 0, 5, 5, 5, 10, 10, 6, 6, 7, 31, 31)
        ):
            self.assertLessEqual(rounds, stated, name)


if __name__ == "__main__":
    unittest.main()
