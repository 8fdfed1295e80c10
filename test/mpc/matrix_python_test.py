"""Matrices from Python, and numbers in whatever holds them: rows, arrays, frames.

Run by mpc_matrix_python (ctest) with the path of libc2d.so in C2D_LIBRARY.
"""

import array
import datetime
import os
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path[:0] = [os.path.join(ROOT, "bindings", "python"), os.path.join(ROOT, "test", "support")]
import c2d  # noqa: E402
from c2d import mpc  # noqa: E402
from three_parties import three_parties  # noqa: E402


class Matrices(unittest.TestCase):
    def test_from_python_and_back(self):
        matrix = mpc.Matrix.from_rows([[1, 2, 3], [4, 5, 6]])
        self.assertEqual(matrix.shape, (2, 3))
        self.assertEqual(matrix.to_rows(), [[1, 2, 3], [4, 5, 6]])
        self.assertEqual(mpc.Matrix.from_rows(array.array("d", [1, 0])).shape, (2, 1))
        for bad in ([], [[1, 2], [3]]):
            with self.assertRaises(c2d.InvalidArgument):
                mpc.Matrix.from_rows(bad)
        with self.assertRaises(c2d.NotFound):
            mpc.Matrix.read_csv("/nonexistent.csv")

    def test_what_is_no_number_is_refused_by_its_place(self):
        for wrong, said in (
            ([["1", 2]], "row 0, column 0: expected a number, found str"),
            ([[1, 2], [3, "x"]], "row 1, column 1"),
            (["12", "34"], "row 0 must be a sequence"),
            ("12", "found str"),
            ([[1, None]], "row 0, column 1"),
            ([1, 2j], "row 1, column 0: expected a number, found complex"),
            ([[1, [2]]], "row 0, column 1"),
            ({0: [1, 2]}, "found dict"),
            ([{"a": 1}], "row 0 must be a sequence.*found dict"),
            ({1, 2}, "found set"),
            ([b"ab"], "found bytes"),
            ([[10**400]], "row 0, column 0"),
            ([[datetime.date(2020, 1, 1)]], "row 0, column 0: expected a number, found date"),
        ):
            with self.subTest(wrong), self.assertRaisesRegex(c2d.InvalidArgument, said):
                mpc.Matrix.from_rows(wrong)

    def test_a_number_in_the_place_of_a_list(self):
        with self.assertRaisesRegex(TypeError, "sequence of numbers or of rows, found float"):
            mpc.Matrix(3.0)

        def program(session):
            with self.assertRaisesRegex(TypeError, r"list of parties, as \[0\], found int"):
                session.reveal(session.constant([[1.0]]), to=0)

        three_parties(program, "clear")

    def test_a_value_that_is_missing_is_called_missing(self):
        def program(s):
            with self.assertRaises(c2d.DomainViolation) as caught:
                s.input(0, [[1.0, float("nan")]] if s.party == 0 else None)
            return str(caught.exception)

        self.assertIn("has a value that is missing or not finite (row 0, column 1)", three_parties(program)[0])

    def test_frames_if_there(self):
        try:
            import numpy
            import pandas
        except ImportError:
            self.skipTest("pandas is not installed, and not needed")
        values = [[0.5, 1.5, -2.0], [0.1, 0.2, 0.3]]
        for names in ([0, 1, 2], [2021, 2022, 2023], ["age", "income", "tenure"], ["a", "b", "c"]):
            frame = pandas.DataFrame(values, columns=names)
            self.assertEqual(mpc.Matrix.from_rows(frame).to_rows(), values)
        self.assertEqual(mpc.Matrix.from_rows(frame["a"]).to_rows(), [[0.5], [0.1]])
        self.assertEqual(
            mpc.Matrix.from_rows(pandas.DataFrame({"n": [1, 2], "b": [True, False]})).to_rows(),
            [[1.0, 1.0], [2.0, 0.0]],
        )
        for wrong, said in (
            (pandas.DataFrame({"n": [1, 2], "t": ["x", "y"]}), "row 0, column 1.*str"),
            (pandas.DataFrame({"d": pandas.to_datetime(["2020-01-01"])}), "dates"),
            (pandas.DataFrame({"n": pandas.array([1, None], dtype="Int64")}), "row 1, column 0"),
        ):
            with self.assertRaisesRegex(c2d.InvalidArgument, said):
                mpc.Matrix.from_rows(wrong)
        back = pandas.DataFrame(mpc.Matrix(values), columns=["a", "b", "c"])
        self.assertTrue(back.equals(frame))
        for hides in (numpy.ma.masked_array([1.0, 2.0], mask=[0, 1]), numpy.ma.masked_array([[1, 2]], mask=[[1, 0]])):
            with self.assertRaisesRegex(c2d.InvalidArgument, "filled"):
                mpc.Matrix.from_rows(hides)
        self.assertEqual(mpc.Matrix.from_rows(hides.filled(7)).to_rows(), [[7.0, 2.0]])
        for wrong in (
            numpy.array([1j]),
            numpy.array(["2020-01-01"], dtype="M8[D]"),
            numpy.array(["1", "2"]),
            numpy.zeros((2, 2, 2)),
            numpy.array([[1, "x"]], dtype=object),
        ):
            with self.assertRaises(c2d.InvalidArgument):
                mpc.Matrix.from_rows(wrong)

    def test_a_view_outlives_its_matrix(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("numpy is not installed, and not needed")
        matrix = mpc.Matrix([[float(i)] * 1000 for i in range(1000)])
        view = numpy.asarray(matrix)
        self.assertEqual(view.__array_interface__["data"][0], numpy.asarray(matrix).__array_interface__["data"][0])
        self.assertFalse(view.flags.writeable)
        matrix.close()
        others = [mpc.Matrix([[-1.0] * 1000] * 1000) for _ in range(3)]  # would take the place that was freed
        self.assertTrue((view == numpy.arange(1000.0)[:, None]).all())
        self.assertEqual(others[0].row(0)[0], -1.0)
        with self.assertRaises(c2d.InvalidArgument):
            numpy.asarray(matrix)
        self.assertEqual(numpy.array(others[0], dtype="float32").dtype, numpy.float32)

    def test_numpy_on_either_side(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("numpy is not installed, and not needed")
        values = numpy.array([[1.0, -2.0], [3.0, 0.5]])

        def program(s):
            x = s.input(0, values if s.party == 0 else None)
            with self.assertRaisesRegex(TypeError, "reveal"):
                numpy.asarray(x)
            with self.assertRaises(TypeError):
                numpy.exp(x)
            with self.assertRaises(c2d.InvalidArgument):
                x @ values[0]
            with self.assertRaises((TypeError, c2d.InvalidArgument)):
                x + numpy.complex128(1j)
            found = [
                values + x,
                values * x,
                values @ x,
                values - x,
                x - values,
                values[0] + x,
                values[:, :1] + x,
                numpy.float64(2) * x,
                numpy.int64(2) + x,
                x / numpy.float32(2),
                x[numpy.array([1, 0])],
                values < x + 0.5,
                numpy.float64(0) < x,
                x ** numpy.int64(2),
            ]
            self.assertTrue(all(isinstance(it, mpc.Tensor) for it in found))
            return [numpy.asarray(s.reveal(it, to=[0, 1, 2])) for it in found]

        v = values
        expected = [
            v + v,
            v * v,
            v @ v,
            v - v,
            v - v,
            v[0] + v,
            v[:, :1] + v,
            2 * v,
            2 + v,
            v / 2,
            v[[1, 0]],
            v < v + 0.5,
            0 < v,
            v**2,
        ]
        for backend in ("clear", "rep3"):
            for got, want in zip(three_parties(program, backend)[1], expected):
                self.assertTrue(numpy.allclose(got, want, atol=1e-3), (backend, got, want))

    def test_numpy_if_there(self):
        try:
            import numpy
        except ImportError:
            self.skipTest("numpy is not installed, and not needed")
        matrix = mpc.Matrix.from_rows(numpy.arange(6).reshape(2, 3))
        self.assertEqual(numpy.asarray(matrix).tolist(), [[0, 1, 2], [3, 4, 5]])
        self.assertEqual(mpc.Matrix.from_rows(numpy.ones((3, 2)).T).shape, (2, 3))


if __name__ == "__main__":
    unittest.main()
