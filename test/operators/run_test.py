"""dt-cli operator run: who writes an operator has three parties in one terminal, within the walls that a provider puts
up.

run_test.py --bin DIR --source DIR
"""

import json
import os
import random
import select
import signal
import sys
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))

from programs import Folder, OperatorDone, options  # noqa: E402

OPTIONS = options()

MEAN = '''
import json, os, sys
import c2d

def main():
    with open(os.environ["C2D_ARGS"]) as file:
        arguments = json.load(file)
    with c2d.mpc.Session.from_environment() as session:
        own = c2d.mpc.Matrix.read_csv(os.path.join(os.environ["C2D_INPUTS"], "rows.csv")) if session.party < 2 else None
        parts = [session.input(bank, own if session.party == bank else None) for bank in (0, 1)]
        print("party", session.party, "of", arguments.get("of"))
        found = session.reveal(session.vconcat(parts).mean(axis=0), to=[0])
        if found is not None:
            with open(os.path.join(os.environ["C2D_OUTPUTS"], "mean.json"), "w") as file:
                json.dump(found.to_rows(), file)

main()
'''
# At party 1 it fails, where others wait for it.
FAILING = MEAN.replace(
    "        parts =", "        if session.party == 1: raise ValueError('\\x1b[2Jnot this one')\n        parts ="
)
ALONE = '''
import json, os
rows = open(os.path.join(os.environ["C2D_INPUTS"], "rows.csv")).read().split()
factor = json.load(open(os.environ["C2D_ARGS"]))["factor"]
assert "C2D_PEER_FD" not in os.environ
open(os.path.join(os.environ["C2D_OUTPUTS"], "sum.txt"), "w").write(str(sum(map(int, rows)) * factor))
'''
# Party 0 speaks, then waits for party 1, which waits until somebody heard it.
WAITING = '''
import c2d, os, sys, time
with c2d.mpc.Session.from_environment() as session:
    if session.party == 0: print("before", flush=True)
    if session.party == 1:
        sys.stdout.write("half a line")
        sys.stdout.flush()
        while not open(os.path.join(os.environ["C2D_INPUTS"], "go")).read(): time.sleep(0.02)
        print(", and the rest")
    session.reveal(session.input(1, [[1.0], [2.0]] if session.party == 1 else None).sum(axis=0), to=[0])
    if session.party == 0: print("after")
'''
# What only the walls keep from it.
LOOKING_OUT = '''
import os, socket
try:
    os.listdir(%r)
    print("saw files")
except OSError:
    pass
try:
    socket.create_connection(("127.0.0.1", %d), 5)
    print("reached a port")
except OSError:
    pass
print("environment", sorted(name for name in os.environ if "SECRET" in name))
'''


def read_until(stream, end, seconds=60):
    """What a pipe gives up to and with `end`."""
    seen, deadline = b"", time.monotonic() + seconds
    while end not in seen:
        ready, _, _ = select.select([stream], [], [], max(0, deadline - time.monotonic()))
        piece = os.read(stream.fileno(), 4096) if ready else b""
        assert piece, "expected %r, found %r" % (end, seen)
        seen += piece
    return seen


class Tried(unittest.TestCase):
    def setUp(self):
        self.folder = Folder(OPTIONS.bin)
        self.addCleanup(self.folder.__exit__)
        self.folder.write("a/rows.csv", "20\n30\n")
        self.folder.write("b/rows.csv", "40\n")
        self.folder.write("op.py", MEAN)

    def start(self, code, *flags, parties=("0=a", "1=b"), env=None):
        words = [word for party in parties for word in ("--party", party)]
        return self.folder.start("dt-cli", "operator", "run", code, *words, *flags, env=env)

    def run_it(self, code, *flags, parties=("0=a", "1=b"), env=None, status=0):
        process = self.start(code, *flags, parties=parties, env=env)
        out, err = process.communicate(timeout=150)
        done = OperatorDone(process.args, process.returncode, out, err)
        self.assertEqual(done.code, status, str(done))
        return done

    def refused(self, *words, text, status="invalid_argument"):
        done = self.folder.run("dt-cli", "--json", "operator", "run", *words)
        self.assertEqual(done.code, 1, str(done))
        self.assertEqual(done.json()["error"]["status"], status, str(done))
        self.assertIn(text, done.json()["error"]["message"], str(done))


class ThreeParties(Tried):
    def test_labelled_logs_outputs_and_what_was_opened(self):
        done = self.run_it("op.py", "--args", '{"of": "all"}')
        self.assertRegex(done.err, r"walls: \d+ of \d+ are on")
        for party in range(3):
            self.assertIn("party %d | party %d of all\n" % (party, party), done.err)
            self.assertNotIn("party %d |" % party, done.out)
            self.assertRegex(done.out, r"party %d: succeeded after [\d.]+ s, \d+ MiB\n  opened sum: 1\n" % party)
        self.assertIn("  wrote a/outputs/mean.json\n", done.out)
        self.assertAlmostEqual(json.loads(self.folder.read("a/outputs/mean.json"))[0][0], 30, delta=2**-15)
        self.assertEqual(os.listdir(self.folder / "a/outputs"), ["mean.json"])
        self.assertFalse(os.listdir(self.folder / "b/outputs"))

    def test_again_and_in_the_clear_and_elsewhere(self):
        self.folder.write("args.json", '{"of": "a file"}')
        for flags in ((), ("--clear",), ("--clear", "--out", "all", "--args", "args.json")):
            done = self.run_it("op.py", *flags)
        self.assertIn("party 2 | party 2 of a file", done.err)
        for name in ("a/outputs/mean.json", "all/party_0/mean.json"):
            [[found]] = json.loads(self.folder.read(name))
            self.assertAlmostEqual(found, 30, delta=2**-15)
            self.assertNotEqual(found * 2**16, int(found * 2**16), "as a fixed-point number has it")

    def test_for_programs(self):
        done = self.run_it("op.py", "--json", parties=("0=a", "1=b", "2=b"))
        answer = done.json()
        self.assertTrue(answer["succeeded"])
        self.assertEqual([party["end"] for party in answer["parties"]], ["succeeded"] * 3)
        self.assertEqual(answer["parties"][0]["opened"], {"sum": 1})
        self.assertEqual(answer["parties"][0]["sandbox"]["layers"]["net_ns"]["state"], "on")
        self.assertGreater(answer["parties"][2]["bytes_to_peers"], 0)

    def test_the_failing_partys_traceback_comes_first(self):
        self.folder.write("op.py", FAILING)
        for flags in ((), ("--clear",)):
            done = self.run_it("op.py", *flags, status=1)
            self.assertTrue(
                done.out.startswith("the log of party 1 once more, which failed first:\nparty 1 | Traceback"), str(done)
            )
            for said in (done.out, done.err):
                self.assertIn("party 1 | ValueError: \\x1b[2Jnot this one\n", said)
            self.assertNotIn("party 0 |", done.out)
            self.assertNotIn("\x1b", done.out + done.err)
            self.assertIn("party 0: peer_failed 1 after", done.out)
            self.assertIn("party 2: peer_failed 1 after", done.out)
            self.assertEqual(done.err.splitlines()[-1], "party 1 failed first: exited 1")
            self.assertFalse(os.listdir(self.folder / "a/outputs"))

    def test_lines_are_shown_while_parties_wait_for_each_other(self):
        self.folder.write("b/go", "")
        self.folder.write("op.py", WAITING)
        process = self.start("op.py")
        self.addCleanup(process.kill)
        seen = read_until(process.stderr, b"party 0 | before\n")
        self.assertNotIn(b"half", seen)  # a line that has no end yet
        self.assertIsNone(process.poll())
        self.folder.write("b/go", "1")
        out, err = process.communicate(timeout=150)
        self.assertEqual(process.returncode, 0, err)
        for line in ("party 0 | after", "party 1 | half a line, and the rest"):
            self.assertIn(line + "\n", seen.decode() + err)
        self.assertNotIn(" | ", out)

    def test_of_a_flood_the_beginning_is_shown_and_the_log_once_more(self):
        self.folder.write("op.py", "for i in range(100000): print('line', i)\nprint('y' * 10000)\n")
        done = self.run_it("op.py", "--log_kb", "4", parties=("0=a",))
        self.assertIn("party 0 | line 0\n", done.err)
        self.assertLess(len(done.err), 20000)
        self.assertRegex(
            done.out, r"^the log of party 0 once more, of which \d+ lines were not shown in full:\nparty 0 \| line 0\n"
        )
        self.assertIn("bytes left out", done.out)

    def test_whose_table_cannot_be_used_comes_first(self):
        self.folder.write("b/rows.csv", "40\nforty\n")
        self.folder.write(
            "op.py",
            MEAN.replace("import c2d\n", "import c2d\nfrom c2d.operators import run, tables\n")
            .replace(
                'c2d.mpc.Matrix.read_csv(os.path.join(os.environ["C2D_INPUTS"], "rows.csv")) if session.party < 2 else None',
                'run.agreed(session, lambda: tables.read_numbers("inputs/rows.csv") if session.party < 2 else None)',
            )
            .replace(
                "\nmain()\n",
                "\ntry:\n    main()\nexcept Exception as problem:\n    print(problem)\n    sys.exit(run.status_of(problem))\n",
            ),
        )
        done = self.run_it("op.py", status=1)
        self.assertIn("which failed first:\nparty 1 | inputs/rows.csv", done.out)
        self.assertIn('found "forty"', done.out)
        self.assertEqual(done.err.splitlines()[-1], "party 1 failed first: input_unusable")

    def test_minima_of_the_owners(self):
        done = self.run_it("op.py", "--rules", '{"rows": 2}', status=1)
        self.assertIn("minimum", done.out)
        self.run_it("op.py", "--rules", '{"rows": 1, "score_rows_max": 5}')
        for wrong in ("rows", "[]", '{"score_rows_max": "5"}'):
            self.refused("op.py", "--party", "0=a", "--rules", wrong, text="--rules: expected")

    def test_limits(self):
        self.folder.write("op.py", "import time\ntime.sleep(600)\n")
        done = self.run_it("op.py", "--wall", "1", status=1)
        self.assertIn("wall_timeout", done.out)
        self.folder.write("op.py", "x = b'x' * (1 << 30)\n")
        done = self.run_it("op.py", "--mem_mb", "256", status=1)
        self.assertRegex(done.out, "memory_limit|MemoryError")

    def ended_by(self, number):
        self.folder.write("op.py", "import os, time\nprint('begun')\ntime.sleep(600)\n")
        process = self.start("op.py")
        self.assertRegex(process.stderr.readline(), "^walls")
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def test_ctrl_c_and_a_terminal_that_is_closed_end_all(self):
        for number in (signal.SIGINT, signal.SIGHUP):
            code, out, err = self.ended_by(number)
            self.assertEqual((code, out), (1, ""), err)
            self.assertIn("cancelled", err)
            self.assertFalse(os.listdir(self.folder / "a/outputs"))

    def test_what_a_killed_run_left_goes_with_the_next(self):
        self.ended_by(signal.SIGKILL)
        self.assertTrue(os.listdir(self.folder / "a/outputs"))
        self.folder.write("op.py", MEAN)
        self.run_it("op.py")
        self.assertEqual(os.listdir(self.folder / "a/outputs"), ["mean.json"])

    def test_a_file_that_the_operator_cannot_be_shown_is_named(self):
        self.folder.write("a/new rows.csv", "1\n")
        self.assertIn("a/new rows.csv is not shown to the operator", self.run_it("op.py").err)

    def test_within_walls(self):
        import socket

        with socket.create_server(("127.0.0.1", 0)) as server:
            self.folder.write("op.py", LOOKING_OUT % (OPTIONS.source, server.getsockname()[1]))
            done = self.run_it("op.py", env={"SECRET": "x"})
        for party in range(3):
            self.assertIn("party %d | environment []\n" % party, done.err)
        self.assertNotIn("saw files", done.err)
        self.assertNotIn("reached a port", done.err)


class AsTheTemplateSays(Tried):
    """Attributes beside the program: how many parties it has, what it keeps."""

    def setUp(self):
        super().setUp()
        self.folder.write("op/operator.py", MEAN)
        self.folder.write("op/args.json", '{"of": "the folder", "outputs": {"0": "./outputs/mean.json"}}')
        self.describe()

    def describe(self, outputs=None):
        main = {
            "type": "Operation",
            "name": "mean",
            "mpc": {"parties": 3, "threshold": 1, "party": "me", "endpoints": "peers"},
        }
        if outputs is not None:
            main["outputs"] = outputs
        self.folder.write(
            "op/op_attr.json",
            json.dumps(
                {
                    "metadata": {"main": main},
                    "operation": "${FOLDER:-.}/operator.py",
                    "params": "${FOLDER:-.}/params.json",
                }
            ),
        )

    def test_a_folder_with_its_arguments(self):
        done = self.run_it("op")
        self.assertIn("party 2 | party 2 of the folder", done.err)
        self.folder.write("op/operator.py", "import json, os\nprint(json.load(open(os.environ['C2D_ARGS']))['me'])\n")
        done = self.run_it("op", parties=("0=a",))
        self.assertIn("party 2 | 2\n", done.err)

    def test_an_argument_that_the_parameters_do_not_name(self):
        self.folder.write("op/params.json", '{"me": {}, "outputs": {}}')
        self.describe()
        self.refused(
            "op", "--party", "0=a", text="argument of: the operator's parameters name no such one, but: me, outputs"
        )
        self.run_it("op", "--args", "{}")
        self.folder.write("op/params.json", "[]")
        self.refused("op", "--party", "0=a", text="params.json: expected an object of parameters")

    def test_an_output_that_nobody_named(self):
        done = self.run_it("op", "--args", '{"outputs": {"0": "./outputs/other.json"}}', status=1)
        self.assertIn("party 0: outputs_rejected", done.out)

    def test_what_is_kept_is_declared(self):
        self.folder.write(
            "op/operator.py",
            MEAN.replace(
                "        found =", "        session.keep(session.vconcat(parts).mean(axis=0), 'model')\n        found ="
            ),
        )
        self.describe({"mean.json": {"kind": "released"}})
        done = self.run_it("op", status=1)
        self.assertIn('outputs_not_kept', done.out)
        self.describe({"mean.json": {"kind": "released"}, "model": {"kind": "kept"}})
        done = self.run_it("op")
        self.assertIn("  kept model, which is not stored; --kept DIR stores it\n", done.out)
        done = self.run_it("op", "--kept", "kept")
        self.assertIn("  kept model\n", done.out)
        for party in range(3):
            self.assertEqual(os.listdir(self.folder / "kept/party_%d" % party), ["model"])
            self.assertEqual(os.stat(self.folder / "kept/party_%d/model" % party).st_mode & 0o777, 0o600)


class Alone(Tried):
    def test_an_operator_of_one_party(self):
        self.folder.write("op.py", ALONE)
        done = self.run_it("op.py", "--args", '{"factor": 2}', parties=("0=a",))
        self.assertRegex(done.out, r"^party 0: succeeded after [\d.]+ s, \d+ MiB\n  wrote a/outputs/sum.txt\n$")
        self.assertEqual(self.folder.read("a/outputs/sum.txt"), b"100")
        done = self.run_it("op.py", parties=("0=a",), status=1)
        self.assertIn("party 0 | KeyError: 'factor'", done.out)
        self.assertEqual(done.err.splitlines()[-1], "party 0 failed first: exited 1")


class Shipped(Tried):
    def test_training_then_scoring_by_what_it_kept(self):
        draw = random.Random(5)
        rows = {"k%03d" % i: (draw.gauss(0, 1), draw.gauss(0, 1)) for i in range(300)}
        bad = {
            key: "yes" if draw.random() < 1 / (1 + 2.718 ** -(1.5 * x - 1.5 * y)) else "no"
            for key, (x, y) in rows.items()
        }
        self.folder.write(
            "a/train.csv",
            "customer,amount,outcome\n" + "".join("%s,%.4f,%s\n" % (key, x, bad[key]) for key, (x, _) in rows.items()),
        )
        self.folder.write(
            "a/new.csv", "customer,amount\n" + "".join("%s,%.4f\n" % (key, x) for key, (x, _) in rows.items())
        )
        self.folder.write(
            "b/b.csv", "customer,balance\n" + "".join("%s,%.4f\n" % (key, y) for key, (_, y) in rows.items())
        )
        align = {"mode": "helper"}
        points = {}
        for flags in (("--clear",), ()):
            train = {
                "inputs": {"0": "./inputs/train.csv", "1": "./inputs/b.csv"},
                "outputs": {"0": "./outputs/report.json"},
                "model_args": {"id": "customer", "label": "outcome", "bad": "yes", "align": align, "keep": "model"},
            }
            done = self.run_it("logistic", "--args", json.dumps(train), "--kept", "kept", *flags)
            self.assertIn("  opened auc: 1\n", done.out)
            self.assertGreater(json.loads(self.folder.read("a/outputs/report.json"))["auc"], 0.7)
            self.assertEqual(sorted(os.listdir(self.folder / "kept/party_2")), ["model", "model.json"])
            score = {
                "inputs": {"0": "./inputs/new.csv", "1": "./inputs/b.csv"},
                "outputs": {"0": "./outputs/scores.csv"},
                "model_args": {"id": "customer", "align": align, "model": "model", "card": "./inputs/model.json"},
            }
            self.run_it(
                "score", "--args", json.dumps(score), "--kept", "kept", "--rules", '{"scores": "points"}', *flags
            )
            lines = self.folder.read("a/outputs/scores.csv").decode().split()
            points[flags] = [int(line.split(",")[1]) for line in lines[1:]]
            self.assertEqual(len(lines), 301)
        self.assertLessEqual(max(abs(a - b) for a, b in zip(*points.values())), 1)
        done = self.run_it("score", "--args", json.dumps(score), "--kept", "kept", status=1)
        self.assertIn("this tensor is values of single rows", done.out)
        self.reasons(score)
        self.opened(points[()])

    def reasons(self, score):
        score["model_args"]["reasons"] = {"count": 2}
        done = self.run_it(
            "score", "--args", json.dumps(score), "--kept", "kept", "--rules", '{"scores": "points", "reason_codes": 2}'
        )
        self.assertIn("  opened reason_codes: 1\n", done.out)
        lines = self.folder.read("a/outputs/scores.csv").decode().split()
        self.assertEqual(lines[0], "id,points,reason_1,reason_2")
        self.assertEqual({line.split(",")[2] for line in lines[1:]}, {"", "amount", "balance"})
        done = self.run_it(
            "score",
            "--args",
            json.dumps(score),
            "--kept",
            "kept",
            "--rules",
            '{"scores": "points", "reason_codes": 1}',
            status=1,
        )
        self.assertIn("release.reason_codes", done.out)

    def opened(self, points):
        """The model itself, where the terms let it be; scores in the clear are those of the shares."""
        card = "./inputs/model.json"
        given = {
            "inputs": {"0": card, "1": card},
            "outputs": {"0": "./outputs/model.json"},
            "model_args": {"model": "model"},
        }
        rules = '{"coefficients": true}'
        done = self.run_it("open_model", "--args", json.dumps(given), "--kept", "kept", status=1)
        self.assertIn("what another run kept", done.out)
        done = self.run_it("open_model", "--args", json.dumps(given), "--kept", "kept", "--rules", rules)
        self.assertIn("  opened coefficients: 1\n", done.out)
        model = lambda command, *flags, **how: self.folder.run(
            "dt-cli", *how.get("before", ()), "model", command, "a/outputs/model.json", *flags
        )
        shown = model("show", before=("--json",)).json()
        self.assertEqual([column["name"] for column in shown["columns"]], ["amount", "balance"])
        self.assertEqual((shown["model"], shown["points"]), ("logistic regression", 600))
        done = model("score", "--table", "a/new.csv", "--table", "b/b.csv", "--id", "customer")
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual([int(line.split(",")[1]) for line in done.out.split()[1:]], points)
        done = model(
            "score",
            "--table",
            "a/new.csv",
            "--table",
            "b/b.csv",
            "--id",
            "customer",
            "--probability",
            "--out",
            "scores.csv",
        )
        self.assertRegex(self.folder.read("scores.csv").decode(), r"^id,points,probability\nk000,\d+,0\.\d{6}\n")
        self.assertIn(
            "has no column",
            model("score", "--table", "a/new.csv", "--table", "b/b.csv", "--id", "id").err.replace("there is", "has"),
        )
        self.assertIn("balance", model("score", "--table", "a/new.csv", "--id", "customer").err)
        # One customer, of whom nothing is known.
        self.folder.write("one.csv", "customer,amount,balance\nk000,,\n")
        self.assertRegex(model("score", "--table", "one.csv", "--id", "customer").out, r"^id,points\nk000,\d+\n$")
        self.assertEqual(model("pmml", "--out", "model.pmml").code, 0)
        self.assertIn(b"<RegressionModel", self.folder.read("model.pmml"))
        self.folder.write("not.json", '{"version": 3}')
        done = self.folder.run("dt-cli", "model", "show", "not.json")
        self.assertEqual(done.code, 1)
        self.assertIn("not.json: model.version: expected 1, found 3", done.err)

    def test_list(self):
        done = self.folder.run("dt-cli", "operator", "list")
        self.assertEqual(done.code, 0, str(done))
        self.assertRegex(done.out, "(?m)^logistic +logistic regression over two banks' raw tables")
        listed = self.folder.run("dt-cli", "--json", "operator", "list").json()["operators"]
        self.assertTrue(
            {"align", "logistic", "open_model", "refresh", "score", "scorecard"} <= {one["name"] for one in listed}
        )


class Refused(Tried):
    def test_by_name(self):
        self.refused("op.py", "--party", "a", text="--party: expected N=DIR with N from 0 to 2, found a")
        self.refused("op.py", "--party", "3=a", text="expected N=DIR")
        self.refused("op.py", "--party", "0=a", "--party", "0=b", text="party 0 is there twice")
        self.refused("op.py", "--party", "0=nowhere", text="there is no folder nowhere", status="not_found")
        self.refused("op.py", "--party", "1=a", text="this operator runs alone, as party 0")
        self.refused(
            "nothing", "--party", "0=a", text='no operator "nothing" ships; there are: align', status="not_found"
        )
        self.refused("no/thing.py", "--party", "0=a", text="there is no file no/thing.py", status="not_found")
        self.refused("op.py", "--party", "0=a", "--args", "{", text="--args: expected a JSON object of arguments")
        self.refused("op.py", "--party", "0=a", "--args", "none.json", text="none.json", status="not_found")
        self.refused("op.py", "--party", "0=a", "--rules", '{"rowz": 1}', text='found "rowz": 1')
        self.refused("op.py", "--party", "0=a", "--rules", '{"rows": -1}', text='found "rows": -1')
        self.refused(
            "op.py",
            "--party",
            "0=a",
            "--args",
            '{"outputs": "/etc/x"}',
            text='argument outputs: expected ./outputs/NAME, each once, found "/etc/x"',
        )
        self.refused(
            "op.py",
            text="expected --party N=DIR, the folder with the input files of party N, or mock/party_N beside op.py",
        )
        self.assertEqual(self.folder.run("dt-cli", "operator", "run").code, 2)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
