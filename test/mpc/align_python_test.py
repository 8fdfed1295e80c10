"""Alignment from Python, on Debian's own: ids as people have them, what each party is told, two processes alone.

Run by mpc_align_python (ctest) with the path of libc2d.so in C2D_LIBRARY.
"""

import os
import socket
import sys
import threading
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "bindings", "python"))

import c2d  # noqa: E402
from c2d import mpc  # noqa: E402


def aligned(a, b, **options):
    """What each party found, or the exception that it met."""

    def program(session, ids):
        try:
            return session.align(ids, **options)
        except c2d.Error as problem:
            return problem

    return mpc.run_local(program, [a, b, None])


class Join(unittest.TestCase):
    IDS = [["a", "b", "c", "d"], ["x", "c", "a"], None]

    def test_columns_of_common_customers(self):
        def program(session, ids):
            mine = lambda bank, values: values if session.party == bank else None
            joined = session.join(
                ids,
                [
                    session.input(0, mine(0, [[1], [2], [3], [4]])),
                    session.input_labels(0, mine(0, [[0], [0], [1], [0]])),
                    session.input(1, mine(1, [[10], [30], [-10]])),
                ],
            )
            return (
                joined.common,
                joined.table_rows,
                repr(joined),
                [session.reveal(column, to=[0, 1, 2]).to_rows() for column in joined.columns],
            )

        for result in mpc.run_local(program, self.IDS, rules={"reveal_any": True}):
            self.assertEqual(result[:3], (2, (4, 3), "<c2d.mpc.Joined 2 common of 4 and 3>"))
            number, label, other = ([row[0] for row in column] for column in result[3])
            self.assertEqual(sorted(zip(number, label, other)), [(1, 0, -10), (3, 1, 30)])

    def test_what_a_join_is_not(self):
        def program(session, ids):
            told = []
            for call in (lambda: session.align(ids, mode="hidden"), lambda: session.join(ids, [])):
                try:
                    call()
                except c2d.Error as problem:
                    told.append((type(problem).__name__, str(problem)))
            return told

        for (_, first), (kind, second) in mpc.run_local(program, self.IDS):
            self.assertIn("call join", first)
            self.assertEqual((kind, second), ("InvalidArgument", "join: found no tensor of party 0"))
        with self.assertRaises(mpc.PartyFailed) as failed:
            mpc.run_local(lambda session, ids: session.join(ids, ["x"]), self.IDS)
        self.assertIsInstance(failed.exception.__cause__, TypeError)


class Ids(unittest.TestCase):
    def pairs(self, a, b, **options):
        """The rows that were paired."""
        first, second, helper = aligned(a, b, **options)
        for one in (first, second, helper):
            if isinstance(one, Exception):
                raise one
        self.assertEqual((len(helper.rows), helper.common, helper.table_rows), (0, len(first.rows), first.table_rows))
        return sorted(zip(first.rows, second.rows))

    def test_texts_bytes_and_whole_numbers(self):
        for mode in ("helper", "two_party"):
            self.assertEqual(
                self.pairs(["17", "é", "c"], [b"c", 17, "é".encode()], mode=mode), [(0, 1), (1, 2), (2, 0)]
            )

    def test_several_columns(self):
        want = [(0, 1), (1, 0)]
        first, second = (["ab", "x"], [1, 2]), (["x", "ab"], [2, 1])
        self.assertEqual(self.pairs(list(first), second), want)
        self.assertEqual(self.pairs({"name": first[0], "branch": first[1]}, list(second)), want)

    def test_numpy_and_pandas(self):
        numpy, pandas = self.library("numpy"), self.library("pandas")
        want = [(0, 1), (1, 0)]
        if numpy:
            self.assertEqual(self.pairs(numpy.array(["a", "b"]), numpy.array([b"b", b"a"])), want)
            self.assertEqual(self.pairs(numpy.array([5, 6]), [6, 5]), want)
            self.assertEqual(self.pairs(numpy.array([["a", "1"], ["b", "2"]]), [["b", "a"], ["2", "1"]]), want)
        if pandas:
            frame = pandas.DataFrame({"name": ["a", "b"], "branch": [1, 2]})
            self.assertEqual(self.pairs(frame, [["b", "a"], [2, 1]]), want)
            self.assertEqual(self.pairs(frame["name"], ["b", "a"]), want)

    @staticmethod
    def library(name):
        try:
            return __import__(name)
        except ImportError:
            return None

    def test_rules(self):
        rule = {"nfkc": True, "fold_case": True, "digits_only": False}
        self.assertEqual(self.pairs([" ＡＢ1", "x"], ["ab1 "], rule=rule), [(0, 0)])
        self.assertEqual(self.pairs(["44-001"], ["44001"], rule={"digits_only": True}), [(0, 0)])
        self.assertEqual(self.pairs(["a", "b "], ["b ", "a "], rule={"trim": False}), [(1, 0)])

    def test_duplicates(self):
        self.assertEqual(self.pairs(["a", "b", "a"], ["a", "b"], duplicates="first"), [(0, 0), (1, 1)])
        first, second, helper = aligned(["a", "b", "a"], ["a", "b"])
        for one in (first, second, helper):
            self.assertEqual((type(one), one.name), (c2d.DomainViolation, "input_unusable"))
        self.assertIn("rows 0 and 2 have the same id", first.message)
        for one in (second, helper):
            self.assertEqual(one.message, "the input of party 0 is not usable (its own message says why)")

    def test_bounds(self):
        for options in ({"common_min": 2}, {"common_share_min": 0.6}):
            ends = aligned(["a", "b"], ["a", "c"], **options)
            self.assertEqual({end.name for end in ends}, {"common_below_minimum"})
            self.assertEqual(len({end.message for end in ends}), 1)
        self.assertEqual({end.name for end in aligned(["a", "b"], ["a"], rows_max=1)}, {"input_unusable"})

    def test_what_is_no_id_is_named(self):
        for bad, said in (
            ([1.5], "row 0, id column 0: expected a text, bytes or a whole number, found float"),
            (["a", None], "row 1, id column 0: .* found nothing"),
            ([["a", "b"], [1, True]], "row 1, id column 1: .* found bool"),
            (["\ud800"], "row 0, id column 0: the id is not valid Unicode"),
            ("abc", "found one text"),
            ([["a", "b"], ["a"]], "the same number of rows"),
            ([["a"]] * 17, "16 columns"),
            ([], "ids need 1 to"),
        ):
            with self.subTest(bad=bad):
                with self.assertRaises(mpc.PartyFailed) as caught:
                    mpc.run_local(lambda session, ids: session.align(ids), [bad, ["a"], None])
                self.assertIsInstance(caught.exception.failures[0], c2d.InvalidArgument)
                self.assertRegex(str(caught.exception.failures[0]), said)

    def test_arguments(self):
        def program(session, ids):
            for bad, said in (
                ({"mode": "magic"}, "mode must be one of helper, two_party, hidden"),
                ({"duplicates": "last"}, "duplicates must be one of refuse, first"),
                ({"rule": {"lower": True}}, "a rule for ids has nfkc"),
                ({"schemas": [b"", b""]}, "32 bytes, found 0"),
                ({"common_share_min": 2.0}, "0 to 1, found 2"),
                ({"job": 5}, "expected str"),
                ({"mode": "hidden"}, "call join"),
            ):
                with self.assertRaisesRegex(c2d.InvalidArgument, said):
                    session.align(ids, **bad)
            return session.align(ids, job="7", schemas=[bytes(32), b"\1" * 32]).common

        self.assertEqual(mpc.run_local(program, [["a"], ["a"], None]), [1, 1, 1])


class Pair(unittest.TestCase):
    def test_two_alone(self):
        keys = [c2d.Key.generate() for _ in range(2)]
        listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
        parties = [("127.0.0.1", listener.getsockname()[1], key.address) for listener, key in zip(listeners, keys)]
        for listener in listeners:  # the port is free again a moment before it is needed
            listener.close()
        found, failures = [None] * 2, []

        def run(party):
            try:
                ids = [["a", "b", "c"], ["c", "x", "a"]][party]
                found[party] = mpc.align_pair(ids, party, keys[party], parties, run=3, deadline_ms=20000)
            except Exception as problem:
                failures.append(problem)

        threads = [threading.Thread(target=run, args=(party,)) for party in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])
        self.assertEqual(sorted(zip(found[0].rows, found[1].rows)), [(0, 2), (2, 0)])
        with self.assertRaises(c2d.InvalidArgument):
            mpc.align_pair(["a"], 0, keys[0], parties[:1])
        with self.assertRaises(c2d.InvalidArgument):
            mpc.align_pair(["a"], 0, keys[1], parties)


if __name__ == "__main__":
    unittest.main()
