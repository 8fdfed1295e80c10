"""What people see: HTML of objects in notebooks, harmless whoever wrote what is in them, and bars of long calls.

A bar is tried on a terminal of its own (pty), with and without tqdm, and in the absence of both.
"""

import glob
import html.parser
import json
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import textwrap
import unittest

import c2d
from c2d import mpc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
from world import World, data_attributes  # noqa: E402: the folder had to be named first

EVIL = "</td><script>alert(1)</script><img src=x onerror=\"alert('2')\">&amp;\x1b[2J\u202e\u200b\u2028]]>-->"
TIMEOUT = 60


class Page(html.parser.HTMLParser):
    """Tags, attributes and text of what a notebook would show."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tags, self.attributes, self.text, self.open = set(), set(), "", []
        #: What notebooks would typeset as formulas: text below no element that says otherwise.
        self.typeset = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        names = dict(attrs).get("class", "").split()
        self.open.append((tag, "tex2jax_ignore" in names and "mathjax_ignore" in names))

    def handle_endtag(self, tag):
        assert self.open.pop()[0] == tag, tag

    def handle_data(self, data):
        self.text += data
        if not any(ignored for _, ignored in self.open):
            self.typeset += data

    def unknown_decl(self, data):
        raise AssertionError(data)

    handle_comment = handle_pi = handle_decl = unknown_decl


PLAIN = {"div", "p", "b", "table", "tr", "th", "td", "details", "summary", "pre"}


class Html(unittest.TestCase):
    def page(self, shown):
        page = Page(shown._repr_html_())
        self.assertLessEqual(page.tags, PLAIN)
        self.assertLessEqual(page.attributes, {"class", "open"})
        self.assertEqual(page.typeset, "")
        self.assertEqual(page.open, [])
        for mark in "\x1b\u202e\u200b\u2028":
            self.assertNotIn(mark, page.text)
        return page

    def hostile_world(self):
        """A job whose names were all written by somebody who means no good; (world, receipt document)."""
        world = World("import os\nprint(%r)\nopen(os.environ['C2D_OUTPUTS'] + '/rows.txt', 'w').write('3')\n" % EVIL)
        attributes = data_attributes(world.tid, "features")
        attributes["metadata"]["main"]["name"] = EVIL
        world.evil = world.registry.publish(world.bank, attributes)
        return world

    def test_matrix(self):
        page = self.page(mpc.Matrix([[1.5, 2], [3, 4]]))
        self.assertIn("2 × 2", page.text)
        self.assertIn("1.5", page.text)
        large = self.page(mpc.Matrix([[float(n)] * 50 for n in [*range(10), *[123] * 990]]))
        self.assertIn("1000 × 50", large.text)
        self.assertLess(len(large.text), 1000)
        self.assertNotIn("123", large.text)
        closed = mpc.Matrix([[1.0]])
        closed.close()
        self.assertIn("closed", self.page(closed).text)

    def test_tensor_shows_no_value(self):
        def program(session, _):
            x = session.input(0, [[4711.25, 1]] if session.party == 0 else None, 1e4)
            before = session.stats["rounds"]
            page, shown = self.page(x), repr(x)
            self.assertEqual(session.stats["rounds"], before)
            session.close()
            self.page(x)
            x.close()
            self.assertIn("closed", self.page(x).text)
            return page.text + shown

        for text in mpc.run_local(program, [None] * 3):
            self.assertIn("1 × 2", text)
            self.assertIn("shared", text)
            self.assertNotIn("4711", text)
            self.assertNotIn("clear", text)
        for text in mpc.run_local(program, [None] * 3, backend="clear"):
            self.assertIn("NOT SECRET", text)
            self.assertNotIn("4711", text)

    def test_trace_of_hostile_names(self):
        world = self.hostile_world()
        world.grant()
        trace = c2d.Tracer(world.registry).walk([world.evil, world.cdt])
        page = self.page(trace)
        self.assertIn("<script>alert(1)</script>", page.text)  # as text
        self.assertIn("\\x1b[2J\\u202e\\u200b\\u2028", page.text)
        trace.close()
        self.assertIn("closed", self.page(trace).text)

    def test_long_trace_is_cut(self):
        world = World()
        trace = c2d.Tracer(world.registry).walk([world.cdt] * 500)
        page = self.page(trace)
        self.assertLess(page.text.count("\n"), 400)
        self.assertIn("the first 300 of", page.text)

    def test_report_of_a_hostile_operator(self):
        code = "import os\nprint(%r)\nopen(os.environ['C2D_OUTPUTS'] + '/%s', 'w').write('3')\nraise SystemExit(3)\n"
        with tempfile.TemporaryDirectory() as folder:
            name = "<b onclick=x>&.txt"
            report = c2d.Sandbox().run(c2d.SandboxJob(code % (EVIL, name), os.path.join(folder, "out")))
            page = self.page(report)
            self.assertIn("<script>alert(1)</script>", page.text)
            self.assertIn(report.outcome, page.text)
            self.assertIn("exit code3", page.text.replace(" ", "").replace("exitcode", "exit code"))

    def test_report_of_a_run_without_outputs(self):
        with tempfile.TemporaryDirectory() as folder:
            text = self.page(c2d.Sandbox().run(c2d.SandboxJob("1/0", os.path.join(folder, "out")))).text
        self.assertIn("Sandbox run: exited with code 1", text)
        self.assertIn("outputsnone", "".join(text.split()))
        self.assertNotIn("SHA-256", text)

    def test_receipt(self):
        document = self.signed_receipt()
        receipt = c2d.read_receipt(document)
        self.assertEqual(receipt, json.loads(json.dumps(receipt)))  # a dict like any other
        page = self.page(receipt)
        for value in (receipt["owner"], receipt["digest"], "rows.txt", receipt["inputs"][0]["name"]):
            self.assertIn(value, page.text)
        hostile = type(receipt)(
            receipt, outcome=EVIL, data=[EVIL], **{EVIL: EVIL}, inputs=[{"name": EVIL, "bytes": EVIL, "sha256": EVIL}]
        )
        self.assertIn("<script>", self.page(hostile).text)

    @staticmethod
    def signed_receipt():
        world = World("import os\nopen(os.environ['C2D_OUTPUTS'] + '/rows.txt', 'w').write('3')\n")
        world.grant()
        with tempfile.TemporaryDirectory() as folder:
            paths = {}
            for dt, name in zip(world.children, ("features.csv", "labels.csv")):
                paths[dt] = os.path.join(folder, name)
                with open(paths[dt], "w") as file:
                    file.write("1\n2\n3\n")
            with c2d.Provider(
                world.registry,
                world.bank,
                exec_dirpath=os.path.join(folder, "bank"),
                assets=paths,
                environment=world.environment,
            ) as bank:
                client = c2d.Client(
                    world.registry,
                    world.fintech,
                    http=lambda request: bank.handle(*request),
                    environment=world.environment,
                )
                task = client.create_task("count")
                job = world.chain.add_job(world.fintech, world.cdt, task)
                client.start(job, world.cdt)
                client.wait(job)
                with open(glob.glob(os.path.join(folder, "bank", "job_*", "receipt.json"))[0]) as file:
                    return file.read()


class Display(unittest.TestCase):
    def test_of_the_library(self):
        from c2d import _text

        self.assertEqual(_text.display("a\x1b\n\u202eb\0"), "a\\x1b\\x0a\\u202eb\\x00")
        self.assertEqual(_text.display("a\n\tb\x1b", lines=True), "a\n\tb\\x1b")
        self.assertEqual(_text.display("\ud800"), "\\xed\\xa0\\x80")


# -- bars

SLOW = """
import sys, time
import c2d
from c2d import mpc, _progress
_progress._DELAY = _progress._REDRAW = 0.0
%s
"""
WAITS = """
admin, bank = c2d.Key.generate(), c2d.Key.generate()
chain = c2d.Chain.create("ledger::memory:", admin)
for number in range(5):
    chain.register_enterprise(admin, c2d.Key.generate().address, str(number))
print(chain.verify(%s)["number"])
"""
#: As much of tqdm as is used here; it tells what it was told.
TQDM = """
class tqdm:
    def __init__(self, total, desc, leave, file, bar_format):
        self.total, self.desc, self.file = total, desc, file
        self.n, self.line, self.start_t = 0, "", 0.0
    def set_postfix_str(self, line, refresh):
        self.line = line
    def refresh(self):
        self.file.write("TQDM %s %s/%s\\n" % (self.desc, self.n, self.total))
    def close(self):
        self.file.write("TQDM closed\\n")
"""


class Bars(unittest.TestCase):
    def on_terminal(self, code, **environment):
        """What a program writes to standard error, a terminal, and to standard output, a pipe."""
        ours, theirs = pty.openpty()
        program = subprocess.Popen(
            [sys.executable, "-B", "-c", SLOW % textwrap.dedent(code)],
            stdout=subprocess.PIPE,
            stderr=theirs,
            env={**os.environ, **environment},
            start_new_session=True,
        )
        os.close(theirs)
        seen = b""
        while select.select([ours], [], [], TIMEOUT)[0]:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # the other end is closed
                break
            seen += piece
        os.close(ours)
        out, _ = program.communicate(timeout=TIMEOUT)
        self.assertEqual(program.returncode, 0, seen.decode())
        return seen.decode(), out.decode()

    def on_pipe(self, code):
        done = subprocess.run(
            [sys.executable, "-B", "-c", SLOW % textwrap.dedent(code)], capture_output=True, text=True, timeout=TIMEOUT
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stderr, done.stdout

    def test_a_terminal_shows_a_bar(self):
        seen, out = self.on_terminal(WAITS % "")
        self.assertEqual(out, "5\n")
        self.assertRegex(seen, r"\rledger: +\d+%\|█* *\| \d+/\d+ \[00:\d\d\]")
        # Nothing of it stays: at last the line is blank and the cursor at its begin.
        self.assertTrue(seen.endswith("\r"), seen[-200:])
        self.assertEqual(seen.rstrip("\r").rsplit("\r")[-1].strip(), "")

    def test_silent_where_nobody_looks(self):
        self.assertEqual(self.on_pipe(WAITS % ""), ("", "5\n"))
        seen, _ = self.on_terminal(WAITS % "progress=False")
        self.assertEqual(seen, "")

    def test_true_shows_it_anywhere(self):
        self.assertIn("ledger:", self.on_pipe(WAITS % "progress=True")[0])

    def test_a_function_takes_its_place(self):
        seen, out = self.on_terminal(WAITS % "lambda done, total, line: print('told')")
        self.assertEqual(seen, "")
        self.assertIn("told", out)

    def test_tqdm_draws_where_it_is(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "tqdm"))
            for name, text in (("__init__", ""), ("auto", TQDM)):
                with open(os.path.join(folder, "tqdm", name + ".py"), "w") as file:
                    file.write(text)
            seen, out = self.on_terminal(WAITS % "", PYTHONPATH=os.environ.get("PYTHONPATH", "") + os.pathsep + folder)
        self.assertEqual(out, "5\n")
        self.assertRegex(seen, r"TQDM ledger \d+/\d+")
        self.assertTrue(seen.rstrip().endswith("TQDM closed"), seen)

    def test_a_notebook_is_watched(self):
        code = """
            import types
            class Shell:
                kernel = None
            sys.modules["IPython"] = types.SimpleNamespace(get_ipython=Shell)
        """
        self.assertIn("ledger:", self.on_pipe(textwrap.dedent(code) + WAITS % "")[0])

    def test_what_cannot_draw_harms_nothing(self):
        code = """
            class Broken:
                def isatty(self): return True
                def write(self, text): raise OSError("gone")
                def flush(self): raise OSError("gone")
                encoding = "ascii"
            sys.stderr = Broken()
        """
        for stderr in (code, "sys.stderr = None", "sys.stderr.close()"):
            self.assertEqual(
                self.on_pipe(textwrap.dedent(stderr) + WAITS % "" + "sys.stderr = sys.__stderr__")[1], "5\n", stderr
            )

    def test_texts_of_others_are_harmless(self):
        code = """
            bar = _progress.Bar("job")
            bar.tell(1, 2, "running\\x1b[2J\\n\\u202e")
            bar.close()
        """
        seen, _ = self.on_terminal(code)
        self.assertIn("running\\x1b[2J\\x0a\\u202e", seen)
        self.assertNotIn("\x1b", seen)

    def test_training_and_run_local(self):
        code = """
            def program(session, data):
                x = session.input(0, [[0.5, 1], [1, -1]] * 20 if session.party == 0 else None)
                y = session.input_labels(1, [0, 1] * 20 if session.party == 1 else None)
                session.train_logistic(x, y, iterations=20, split=30, batch_size=8, evaluate_every=5)
                return session.party
            print(mpc.run_local(program, [None] * 3, processes=%s))
        """
        for processes, told in (
            (False, r"training: +\d+%\|[^|]*\| \d+/20 \[\d\d:\d\d\] \d+ iterations/s"),
            (True, r"three parties: +\d+%\|[^|]*\| \d/3 \[\d\d:\d\d\] \d+\.\d MB sent"),
        ):
            seen, out = self.on_terminal(code % processes, COLUMNS="120")
            self.assertEqual(out, "[0, 1, 2]\n")
            self.assertRegex(seen, told)

    def test_wrong_progress(self):
        chain = c2d.Chain.create("ledger::memory:", c2d.Key.generate())
        for wrong in (1, "yes", [], 0):
            with self.assertRaisesRegex(TypeError, "True, False or None"):
                chain.verify(wrong)
            with self.assertRaisesRegex(TypeError, "True, False or None"):
                mpc.run_local(print, [1, 2, 3], progress=wrong)
        with self.assertRaisesRegex(TypeError, "True, False or None"):
            mpc.run_local(print, [1, 2, 3], progress=print)

    def test_a_forked_child_draws_for_itself(self):
        code = """
            import os, threading, warnings
            warnings.simplefilter("ignore")  # Python 3.12 and later warn of a fork where there are threads
            parents, held, ended = _progress.Bar("parent"), threading.Event(), threading.Event()
            def hold():
                with _progress._lock:
                    held.set()
                    ended.wait()
            threading.Thread(target=hold).start()
            held.wait()
            child = os.fork()
            if child == 0:
                bar = _progress.Bar("child")
                bar.tell(1, 2, "")
                bar.close()
                os._exit(0)
            status = os.waitpid(child, 0)[1]
            ended.set()
            assert status == 0
        """
        seen, _ = self.on_terminal(code)
        self.assertEqual([part.split(":")[0] for part in seen.split("\r") if part.strip()], ["child"])

    def test_of_several_the_newest_draws(self):
        code = """
            outer, inner = _progress.Bar("outer"), _progress.Bar("inner")
            outer.tell(1, 2, "")
            inner.tell(1, 2, "")
            inner.close()
            outer.tell(2, 2, "")
            outer.close()
            outer.close()
            inner.tell(2, 2, "")
        """
        seen, _ = self.on_terminal(code)
        self.assertEqual([part.split(":")[0] for part in seen.split("\r") if part.strip()], ["inner", "outer"])


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)
    unittest.main()
