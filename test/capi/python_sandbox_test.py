"""Sandboxes from Python: one job, three parties, and the package inside."""

import io
import os
import tempfile
import threading
import unittest
import warnings

import c2d
import record_check
from c2d import records


class Sandboxes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = c2d.Sandbox()

    def run_code(self, code, folder, **more):
        with c2d.SandboxJob(code, folder + "/out", **more) as job:
            return self.sandbox.run(job)

    def test_probe(self):
        layers = {layer["layer"]: layer["state"] for layer in self.sandbox.probe()}
        self.assertIn("seccomp", layers)
        self.assertLessEqual(set(layers.values()), {"on", "soft", "off"})

    def test_run(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(folder + "/rows.csv", "w") as file:
                file.write("1\n2\n39\n")
            report = self.run_code(
                "import json\nprint(json.load(open('args.json'))['word'], '\\x1b[31m')\n"
                "open('outputs/sum', 'w').write(str(sum(map(int, open('inputs/rows')))))",
                folder,
                args={"word": "hé"},
                inputs={"rows": folder + "/rows.csv"},
                output_names=["sum"],
                limits={"wall_ms": 20000},
            )
            self.assertTrue(report.succeeded, report.log_text)
            record_check.check(report.details, records.RunDetails, "details")
            self.assertIn("hé", report.log_text)
            self.assertIn(b"\x1b", report.log)
            self.assertNotIn("\x1b", report.log_text)
            with open(folder + "/out/sum") as file:
                self.assertEqual(file.read(), "42")
            self.assertEqual(report.details["outputs"][0]["name"], "sum")

    def test_bad_outcomes(self):
        with tempfile.TemporaryDirectory() as folder:
            report = self.run_code("raise SystemExit(3)", folder)
            self.assertEqual((report.succeeded, report.outcome, report.exit_code), (False, "exited", 3))
        with tempfile.TemporaryDirectory() as folder:
            self.assertEqual(self.run_code("while True: pass", folder, limits={"wall_ms": 300}).outcome, "wall_timeout")

    def test_bad_jobs(self):
        for more in (
            {"limits": {"speed": 1}},
            {"limits": {"wall_ms": 0}},
            {"waive": ["moat"]},
            {"limits": {"processes": 1 << 40}},
        ):
            with self.assertRaises(c2d.InvalidArgument):
                c2d.SandboxJob("", "/tmp/none", **more)
        with self.assertRaises(c2d.NotFound):
            c2d.Sandbox(helper="/nowhere/helper")

    def test_cancel(self):
        with tempfile.TemporaryDirectory() as folder:
            job = c2d.SandboxJob("import time; time.sleep(60)", folder + "/out")
            with self.sandbox.start(job) as run:
                threading.Timer(0.2, run.cancel).start()
                self.assertEqual(run.wait().outcome, "cancelled")

    def test_log_while_it_runs(self):
        """The operator waits for a file that is written once its first line was heard."""
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
            warnings.simplefilter("ignore", RuntimeWarning)
            go, heard, pieces = folder + "/go", threading.Event(), []
            open(go, "w").close()

            def on_log(piece):
                pieces.append(piece)
                heard.set()
                raise ValueError("which ends nothing")

            code = "import time\nprint('first', flush=True)\nwhile not open('inputs/go').read(): time.sleep(0.02)\nprint('last')\n"
            with self.sandbox.start(c2d.SandboxJob(code, folder + "/out", inputs={"go": go}, on_log=on_log)) as run:
                self.assertTrue(heard.wait(60))
                self.assertEqual(pieces, [b"first\n"])
                with open(go, "w") as file:
                    file.write("1")
                self.assertTrue(run.wait().succeeded)
            self.assertEqual(b"".join(pieces), b"first\nlast\n")

    def test_a_function_that_cannot_take_the_log_is_told_of_once(self):
        with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            report = self.run_code(
                "import time\nfor i in range(3): print(i, flush=True); time.sleep(0.1)",
                folder,
                on_log=io.StringIO().write,
            )
        self.assertTrue(report.succeeded)
        self.assertEqual(
            [str(one.message) for one in told],
            ["on_log raised TypeError: string argument expected, got 'bytes'; what it raises is dropped"],
        )

    def test_parties(self):
        """Three parties of one program, each behind walls; the one that fails by itself is named first."""
        package, library = os.path.dirname(os.path.abspath(c2d.__file__)), os.path.realpath(os.environ["C2D_LIBRARY"])
        more = {
            "mounts": {"/opt/c2d/python/c2d": package, "/opt/c2d/lib/libc2d.so": library},
            "environment": {"PYTHONPATH": "/opt/c2d/python", "C2D_LIBRARY": "/opt/c2d/lib/libc2d.so"},
        }
        code = (
            "import c2d, json\n"
            "args = json.load(open('args.json'))\n"
            "with c2d.mpc.Session.from_environment() as session:\n"
            "    if args.get('fails'): raise ValueError('as asked')\n"
            "    own = session.input(0, [[1 / 3], [1 / 7]] if session.party == 0 else None)\n"
            "    found = session.reveal(own.sum(axis=0), to=[2])\n"
            "    if found is not None: open('outputs/sum', 'w').write(repr(found.to_rows()[0][0]))\n"
        )
        for clear, rules, fails in (
            (False, None, None),
            (True, {"rows": 2}, None),
            (False, {"rows": 3}, None),
            (False, None, 0),
        ):
            with self.subTest((clear, rules, fails)), tempfile.TemporaryDirectory() as folder:
                jobs = [
                    c2d.SandboxJob(code, "%s/out%d" % (folder, party), args={"fails": party == fails}, **more)
                    for party in range(3)
                ]
                report = self.sandbox.try_parties(jobs, clear=clear, rules=rules)
                if fails is not None:
                    self.assertEqual(report["failed"][0], fails)
                    self.assertEqual(
                        [party["end"] for party in report["parties"]], ["exited 1", "peer_failed 0", "peer_failed 0"]
                    )
                    self.assertIn("ValueError: as asked", report["parties"][fails]["log"])
                    continue
                self.assertEqual(report["succeeded"], rules != {"rows": 3}, report)
                if report["succeeded"]:
                    with open(folder + "/out2/sum") as file:
                        self.assertAlmostEqual(float(file.read()), 1 / 3 + 1 / 7, delta=1e-14 if clear else 1e-4)
                    self.assertEqual(report["parties"][2]["opened"], {"sum": 1})

    def test_parties_that_cannot_be(self):
        job = c2d.SandboxJob("", "/tmp/none")
        for jobs in ([], [job, job], [job] * 4, ["job"], [None]):
            with self.assertRaises(c2d.InvalidArgument):
                self.sandbox.try_parties(jobs)
        for more in ({"rules": {"row": 1}}, {"rules": {"scores": "all"}}):
            with self.assertRaises(c2d.InvalidArgument):
                self.sandbox.try_parties([job] * 3, **more)

    def test_package_works_inside(self):
        """With nothing but the package's folder and the library shown."""
        package = os.path.dirname(os.path.abspath(c2d.__file__))
        library = os.path.realpath(os.environ["C2D_LIBRARY"])
        with tempfile.TemporaryDirectory() as folder:
            report = self.run_code(
                "import c2d, sys\nprint(c2d.__version__, c2d.mpc.PARTIES)\n"
                "print(sorted(m for m in sys.modules if m.startswith('c2d')))\n"
                "print(c2d.Key.generate().address)\n",
                folder,
                argv=["python3", "-B", "/job/code"],
                mounts={"/opt/c2d/python/c2d": package, "/opt/c2d/lib/libc2d.so": library},
                environment={"PYTHONPATH": "/opt/c2d/python", "C2D_LIBRARY": "/opt/c2d/lib/libc2d.so"},
            )
        self.assertTrue(report.succeeded, report.log_text)
        self.assertIn(c2d.__version__ + " 3", report.log_text)
        self.assertNotIn("c2d.chain", report.log_text)


if __name__ == "__main__":
    unittest.main()
