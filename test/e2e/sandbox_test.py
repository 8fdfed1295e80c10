"""dt-cli sandbox: a solver tries an operator on a job folder before asking a bank to approve it."""

import hashlib
import json
import os
import unittest

from programs import Folder, OperatorDone, options

OPTIONS = options()

OPERATOR = """
import json, os, sys
args = json.load(open(os.environ['C2D_ARGS']))
assert sys.argv[1:] == ['--config', '/job/args.json'], sys.argv
assert os.getcwd() == '/job' and os.environ['C2D_INPUTS'] == '/job/inputs'
assert os.environ['C2D_OUTPUTS'] == '/job/outputs' and 'SECRET' not in os.environ
rows = open(os.environ['C2D_INPUTS'] + '/rows.csv').read().split()
print('rows:', len(rows), file=sys.stderr)
print(open('/job/code').read()[:8].strip())
open(os.environ['C2D_OUTPUTS'] + '/sum.txt', 'w').write(str(sum(map(int, rows)) * args['factor']))
"""


class Tried(unittest.TestCase):
    def setUp(self):
        self.folder = Folder(OPTIONS.bin)
        self.addCleanup(self.folder.__exit__)
        self.folder.write("job/inputs/rows.csv", "1\n2\n39\n")
        self.folder.write("job/args.json", '{"factor": 2}')

    def try_it(self, code, *flags, env=None):
        self.folder.write("op.py", code)
        process = self.folder.start(
            "dt-cli", "sandbox", "run", "--job", "job", "--code", "op.py", "--out", "out", *flags, env=env
        )
        out, err = process.communicate(timeout=120)
        return OperatorDone(process.args, process.returncode, out, err)

    def report(self, done):
        return json.loads(done.err[done.err.index("{") :])

    def refused(self, code, outcome, *flags):
        done = self.try_it(code, *flags)
        self.assertEqual(done.code, 1, str(done))
        self.assertEqual(self.report(done)["outcome"], outcome, str(done))
        self.assertFalse(os.path.exists(self.folder / "out"))
        return done


class AsAProviderWould(Tried):
    def test_log_report_and_outputs(self):
        done = self.try_it(OPERATOR, env={"SECRET": "x"})
        self.assertEqual(done.code, 0, str(done))
        self.assertIn("rows: 3", done.out)
        report = self.report(done)
        self.assertEqual((report["outcome"], report["exit_code"]), ("exited", 0))
        self.assertEqual(self.folder.read("out/sum.txt"), b"84")
        digest = hashlib.sha256(b"84").hexdigest()
        [output] = report["outputs"]
        self.assertEqual((output["name"], output["bytes"]), ("sum.txt", 2))
        self.assertEqual(output["sha256"].removeprefix("0x"), digest)
        self.assertEqual(os.stat(self.folder / "out").st_mode & 0o777, 0o700)
        self.assertEqual(os.stat(self.folder / "out/sum.txt").st_mode & 0o777, 0o600)
        self.assertEqual(report["layers"]["seccomp"]["state"], "on")
        code = hashlib.sha256(self.folder.read("op.py")).hexdigest()
        self.assertEqual(report["code_sha256"].removeprefix("0x"), code)

    def test_report_to_a_file(self):
        done = self.try_it("print('x')", "--report", "report.json")
        self.assertEqual((done.code, done.out, done.err), (0, "x\n", ""))
        self.assertEqual(json.loads(self.folder.read("report.json"))["outcome"], "exited")

    def test_json(self):
        self.folder.write("op.py", "print('x')")
        done = self.folder.cli("--json", "sandbox", "run", "--job", "job", "--code", "op.py", "--out", "out")
        self.assertEqual((done.code, done.json()["outcome"]), (0, "exited"))

    def test_a_program_of_its_own(self):
        done = self.try_it("#!/bin/sh\ncat /job/inputs/rows.csv; exit 7\n", "--", "/job/code", "--flag")
        self.assertEqual((done.code, done.out), (1, "1\n2\n39\n"))
        self.assertEqual(self.report(done)["exit_code"], 7)
        done = self.try_it("", "--", "echo", "--wall", "3")
        self.assertEqual((done.code, done.out), (0, "--wall 3\n"))

    def test_no_inputs_and_no_arguments(self):
        os.remove(self.folder / "job/args.json")
        os.remove(self.folder / "job/inputs/rows.csv")
        os.rmdir(self.folder / "job/inputs")
        done = self.try_it("import os; print(os.listdir('/job/inputs'), open('/job/args.json').read())")
        self.assertEqual((done.code, done.out), (0, "[] {}\n"), str(done))

    def test_the_log_does_not_speak_to_the_terminal(self):
        done = self.try_it("import sys; sys.stdout.buffer.write(b'\\x1b[2Jgone\\xff\\0')")
        self.assertEqual(done.code, 0, str(done))
        self.assertNotIn("\x1b", done.out)
        self.assertIn("gone", done.out)

    def test_probe(self):
        done = self.folder.cli("sandbox", "probe")
        self.assertEqual(done.code, 0, str(done))
        rows = dict(line.split()[:2] for line in done.out.splitlines())
        self.assertEqual(len(rows), 15)
        self.assertEqual(rows["private_root"], "on")
        layers = self.folder.answer("sandbox", "probe")["layers"]
        self.assertEqual([layer["layer"] for layer in layers], list(rows))


class Bounds(Tried):
    def test_each_bound_is_an_outcome(self):
        self.refused("import time; time.sleep(60)", "wall_timeout", "--wall", "1")
        self.refused("b = b'x' * (300 << 20); import time; time.sleep(20)", "memory_limit", "--mem-mb", "100")
        self.refused(
            "import os\nfor _ in range(40): os.fork() or os.read(0, 1) or __import__('time').sleep(9)",
            "process_limit",
            "--pids",
            "8",
        )
        self.refused("for i in range(3): open(f'/job/outputs/{i}', 'w')", "outputs_rejected", "--out-files", "2")
        self.refused("raise SystemExit(3)", "exited")
        self.refused("import os; os.kill(os.getpid(), 10)", "signaled")

    def test_files(self):
        done = self.try_it("open('/job/outputs/o', 'wb').write(bytes(3 << 20))", "--out-mb", "1", "--tmp-mb", "1")
        self.assertEqual(done.code, 1, str(done))
        done = self.try_it("open('/tmp/t', 'wb').write(bytes(3 << 20))", "--tmp_mb", "1")
        self.assertEqual(done.code, 1, str(done))
        self.assertIn("No space left", done.out)

    def test_log(self):
        done = self.try_it("print('x' * 9000000)", "--log-kb", "4")
        self.assertEqual(done.code, 0, str(done))
        self.assertLess(len(done.out), 5000)
        self.assertEqual(self.report(done)["log_bytes_total"], 9000001)


class NamedPackage(Tried):
    """C2D_PYTHON_PATH takes the package, or the folder that it is in; anything else is said before the run."""

    def tried_with(self, path):
        return self.try_it("import c2d; print(c2d.mpc.PARTIES)", env={"C2D_PYTHON_PATH": path})

    def test_the_package_or_its_folder(self):
        bindings = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "bindings", "python")
        for path in (os.path.join(bindings, "c2d"), bindings):
            done = self.tried_with(path)
            self.assertEqual((done.code, done.out), (0, "3\n"), str(done))

    def test_another_folder(self):
        for path in (str(self.folder / "job"), "/nowhere"):
            done = self.tried_with(path)
            self.assertEqual((done.code, done.out), (1, ""), str(done))
            self.assertIn("C2D_PYTHON_PATH is " + path, done.err)

    def test_a_library_that_is_not_there(self):
        done = self.try_it("print(1)", env={"C2D_LIBRARY": "/nowhere/libc2d.so"})
        self.assertEqual((done.code, done.out), (1, ""), str(done))
        self.assertIn("C2D_LIBRARY is /nowhere/libc2d.so", done.err)


class Wrong(Tried):
    def test_what_is_missing_is_named(self):
        for arguments, word in (
            (("--job", "nowhere", "--code", "op.py"), "nowhere"),
            (("--job", "job", "--code", "nowhere.py"), "nowhere.py"),
        ):
            done = self.folder.cli("sandbox", "run", *arguments, "--out", "out")
            self.assertEqual(done.code, 1, str(done))
            self.assertIn(word, done.err)
        done = self.try_it("", "--", "no-such-program")
        self.assertEqual(done.code, 1, str(done))
        self.assertIn("no-such-program", done.err)

    def test_numbers_that_do_not_fit(self):
        for flag in ("--mem-mb", "--pids", "--out-mb", "--out-files", "--tmp-mb", "--wall", "--log-kb"):
            for value in ("0", "-1", "4294967297", "99999999999999999999", "x"):
                done = self.try_it("", flag, value)
                self.assertEqual(done.code, 2, str(done))
        self.assertEqual(self.try_it("", "--pids", "100001").code, 1)

    def test_a_folder_with_outputs_is_kept(self):
        self.folder.write("out/old", "old")
        done = self.try_it("open('/job/outputs/o', 'w')")
        self.assertEqual(done.code, 1, str(done))
        self.assertEqual(self.folder.read("out/old"), b"old")


class Libraries(Tried):
    """What an operator imports; absent packages are told, not failed."""

    def needs(self, *packages):
        for package in packages:
            done = self.try_it("import " + package)
            if "No module named '%s'" % package in done.out:
                self.skipTest("%s is not installed for /usr/bin/python3" % package)

    def run_well(self, code):
        done = self.try_it(code)
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual(done.out.splitlines()[-1], "ok", str(done))

    def test_multiprocessing(self):
        self.run_well(
            """
import multiprocessing as mp
def square(n): return n * n
if __name__ == '__main__':
    for method in ('fork', 'spawn', 'forkserver'):
        try:
            with mp.get_context(method).Pool(2) as pool: assert pool.map(square, range(5)) == [0, 1, 4, 9, 16]
        except OSError as error:
            assert method == 'forkserver', (method, error)  # it listens on a socket
    print('ok')
"""
        )

    def test_numpy(self):
        self.needs("numpy")
        self.run_well("import numpy as n; assert abs(n.linalg.svd(n.eye(50))[1].sum() - 50) < 1e-9; print('ok')")

    def test_pandas(self):
        self.needs("pandas")
        self.run_well(
            """
import pandas as pd
frame = pd.read_csv('/job/inputs/rows.csv', header=None, names=['n'])
assert frame.n.sum() == 42 and frame.groupby(frame.n % 2).n.max().tolist() == [2, 39]
frame.to_csv('/job/outputs/rows.csv', index=False)
print('ok')
"""
        )

    def test_scikit_learn(self):
        self.needs("sklearn", "numpy")
        self.run_well(
            """
import numpy as np
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
random = np.random.default_rng(1)
x = random.normal(size=(400, 5)); y = (x[:, 0] + 0.1 * random.normal(size=400) > 0).astype(int)
assert roc_auc_score(y, LogisticRegression().fit(x, y).predict_proba(x)[:, 1]) > 0.98
assert RandomForestClassifier(20, n_jobs=2, random_state=1).fit(x, y).score(x, y) > 0.95
print('ok')
"""
        )


if __name__ == "__main__":
    suite = unittest.TestSuite(
        map(
            unittest.defaultTestLoader.loadTestsFromTestCase, (AsAProviderWould, Bounds, NamedPackage, Wrong, Libraries)
        )
    )
    raise SystemExit(0 if unittest.TextTestRunner(verbosity=2).run(suite).wasSuccessful() else 1)
