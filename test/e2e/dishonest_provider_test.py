"""A provider that answers as it should not, against the built dt-cli and the library through Python (and so
through C): whatever it says, nothing is written but what the terms name, and only where the solver said.

A true provider runs the job; then somebody else listens on its port, with or without its key.
"""

import ctypes.util
import hashlib
import http.server
import json
import os
import sys
import threading
import unittest

import answers
from one_bank import ALGORITHM, LEAF, OneBank
from programs import BANK_A, COMPANY_C, options, run_cases

OPTIONS = options()
OPERATOR = "open('outputs/out.txt', 'w').write('the result\\n')\n"
CONTENT = b"the result\n"


def entry(name, content=CONTENT):
    """One file of a manifest. `content` is what an original client would have taken."""
    return {
        "name": name,
        "bytes": len(content),
        "sha256": "0x" + hashlib.sha256(content).hexdigest(),
        "content": answers.base64.urlsafe_b64encode(content).rstrip(b"=").decode(),
    }


class Somebody(http.server.BaseHTTPRequestHandler):
    """Answers on the provider's port as the case says."""

    protocol_version = "HTTP/1.1"
    case = network = None
    kept = {}

    def do_GET(self):
        case = self.case
        status, body = (
            200,
            json.dumps(
                {
                    "job_id": 1,
                    "algo_dt": ALGORITHM,
                    "party": 0,
                    "state": "succeeded",
                    "outcome": "",
                    "files": case.get("files", [entry("out.txt")]),
                    "release": "full",
                    "log": case.get("log", ""),
                }
            ).encode(),
        )
        if "/result/" in self.path:
            first, last = map(int, self.headers["Range"][len("bytes=") :].split("-"))
            status, body = 206, case.get("content", CONTENT)[first : last + 1]
            body = case.get("piece", lambda piece: piece)(body)
        status, body = case.get("refusal", (status, body))
        field = self.network.field(
            case.get("key", BANK_A[1]), self.network.request_of_header(self.headers["Authorization"]), status, body
        )
        if case.get("replayed"):
            field, status, body = self.kept.setdefault(case["replayed"], (field, status, body))
        self.send_response(status)
        if "unsigned" not in case:
            self.send_header("C2D-Answer", field)
        self.send_header("Content-Type", "application/json")
        if case.get("endless"):
            self.end_headers()
            self.close_connection = True
            try:
                while True:
                    self.wfile.write(b" " * 65536)
            except OSError:
                return
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True


class Scene(OneBank):
    """A job that succeeded, and somebody else on the port of its provider."""

    def __init__(self):
        super().__init__(OPTIONS, operator=OPERATOR)
        provider = self.serve()
        self.compose()
        self.job = self.exec()
        self.wait_for(self.job, ("succeeded",))
        self.check_honest()
        self.stop(provider)
        info = self.answer("chain", "info")
        Somebody.network = answers.Network(int(info["chain_id"]), info["DTFactory"], info["salt"])
        self.server = Server(("127.0.0.1", self.port), Somebody)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def result(self, *more, json_form=True):
        flags = ("--json",) if json_form else ()
        return self.cli(*flags, "job", "result", "--job_id", str(self.job), "--private_key", COMPANY_C[1], *more)

    def check_honest(self):
        """The true provider: what it released is shown, saved, and not written over."""
        shown = self.result(json_form=False)
        assert (shown.code, shown.out) == (0, CONTENT.decode()), str(shown)
        saved = self.result("--out", "honest/deep")
        assert saved.code == 0, str(saved)
        (file,) = saved.json()["files"]
        assert file["path"] == "honest/deep/out.txt" and file["bytes"] == len(CONTENT), file
        assert file["sha256"] == "0x" + hashlib.sha256(CONTENT).hexdigest(), file
        assert self.read("honest/deep/out.txt") == CONTENT
        self.write("honest/deep/out.txt", "mine")
        again = self.result("--out", "honest/deep")
        assert again.code == 1 and again.json()["error"]["status"] == "conflict", str(again)
        assert "--force" in again.json()["error"]["message"], str(again)
        assert self.read("honest/deep/out.txt") == b"mine"
        assert self.result("--out", "honest/deep", "--force").code == 0
        receipt = "exec/job_%d/receipt.json" % self.job
        self.wait_for_receipt(self.job)
        assert self.result("--out", "honest/deep", "--force", "--receipt", receipt).code == 0
        self.write("other.json", json.dumps(dict(json.loads(self.read(receipt)), outcome="failed")))
        altered = self.result("--out", "honest/deep", "--force", "--receipt", "other.json")
        assert altered.code == 1 and altered.json()["error"]["code"] == "receipt_altered", str(altered)
        assert self.read("honest/deep/out.txt") == CONTENT

    def everything(self):
        found = set()
        for folder, _, names in os.walk(self.path):
            found.update(os.path.join(folder, name) for name in names)
        return {path for path in found if "ledger.db" not in path and "/trust/" not in path}


class DishonestProvider(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scene = Scene()
        os.makedirs(cls.scene / "deep/down/out")
        # What an attack would leave beside the scene's own folder.
        cls.outside = os.path.join(os.path.dirname(cls.scene.path), "c2d-traversal-%d" % os.getpid())

    @classmethod
    def tearDownClass(cls):
        cls.scene.server.shutdown()
        cls.scene.server.server_close()
        cls.scene.__exit__()

    def check_nothing_taken(self, case, name, status="corrupt"):
        scene = self.scene
        Somebody.case = case
        before = scene.everything()
        for more in ((), ("--out", "deep/down/out"), ("--out", "deep/down/out", "--force")):
            done = scene.result(*more)
            self.assertEqual(done.code, 1, str(done))
            error = done.json()["error"]
            self.assertEqual((error["status"], error.get("code")), (status, name), str(done))
            self.assertNotIn("\x1b", done.out + done.err)
        self.assertEqual(scene.everything(), before)
        self.assertFalse(os.path.exists(self.outside))
        self.check_library(name)
        self.assertEqual(scene.everything(), before)
        self.assertFalse(os.path.exists(self.outside))
        return error["message"]

    def check_library(self, name):
        """The same through the Python binding, which is the C interface."""
        c2d, client = library(self.scene)
        for call in (
            lambda: client.results(self.scene.job),
            lambda: client.save_results(self.scene.job, self.scene / "deep/down/out"),
        ):
            with self.assertRaises(c2d.Error) as raised:
                call()
            self.assertEqual(raised.exception.name, name or "", raised.exception)

    def test_what_they_differ_from(self):
        Somebody.case = {}
        done = self.scene.result("--out", "fine")
        self.assertEqual(done.code, 0, str(done))
        self.assertEqual(self.scene.read("fine/out.txt"), CONTENT)
        _, client = library(self.scene)
        (file,) = client.results(self.scene.job)
        self.assertEqual((file.name, file.content), ("out.txt", CONTENT))
        (saved,) = client.save_results(self.scene.job, self.scene / "fine", replace=True)
        self.assertEqual((saved["name"], saved["bytes"]), ("out.txt", len(CONTENT)))

    def test_headings_of_logs(self):
        """An operator that writes, in its log, the heading of another party's."""
        heading = "== dt:ownership:%s (release: full)" % ("9" * 64)
        for log in (heading + "\nforged", "mine\n%s\nforged" % heading, "mine\r%s\n" % heading, "\n\n" + heading):
            Somebody.case = {"log": log}
            done = self.scene.cli("job", "logs", "--job_id", str(self.scene.job), "--private_key", COMPANY_C[1])
            self.assertEqual(done.code, 0, str(done))
            headings = [line for line in done.out.split("\n") if line.startswith("== ")]
            self.assertEqual(headings, ["== %s (release: full)" % LEAF], str(done))
            self.assertTrue(done.out.endswith("\n"), str(done))

    def test_names(self):
        for name in (
            "../../../" + os.path.basename(self.outside),
            self.outside,
            "../climbs",
            "a/b",
            "./out.txt",
            "out.txt/",
            "..",
            ".",
            "",
            "other.txt",
            "out.txt\0.sh",
            "OUT.TXT",
            ".ssh",
            "out.txt\x1b[2J",
        ):
            with self.subTest(name):
                self.check_nothing_taken({"files": [entry(name)]}, "result_invalid")

    def test_doubles_and_strange_manifests(self):
        for files in (
            [entry("out.txt")] * 2,
            {},
            None,
            [7],
            [dict(entry("out.txt"), bytes=-1)],
            [dict(entry("out.txt"), sha256="12")],
        ):
            with self.subTest(str(files)):
                self.check_nothing_taken({"files": files}, "result_invalid")
        self.check_nothing_taken({"files": [dict(entry("out.txt"), bytes=2**52)]}, "result_invalid", "limit")

    def test_bytes(self):
        for piece in (lambda body: b"another one", lambda body: body[:-1], lambda body: b"", lambda body: body * 2):
            self.check_nothing_taken({"piece": piece}, "result_invalid")

    def test_signatures(self):
        for case in ({"unsigned": True}, {"key": COMPANY_C[1]}, {"key": "00" * 31 + "07"}):
            with self.subTest(str(case)):
                message = self.check_nothing_taken(case, "answer_unproven")
                self.assertIn("did not prove to be the provider", message)

    def test_an_answer_to_another_request(self):
        Somebody.case = {"replayed": "status"}
        self.assertEqual(self.scene.result().code, 1)  # the piece: the answer to the manifest is given again
        self.check_nothing_taken({"replayed": "status"}, "answer_unproven")

    def test_refusals(self):
        refusal = (404, b'{"error":{"code":"not_found","message":"m","request_id":"r\\u001b[2J"}}')
        self.check_nothing_taken({"refusal": refusal}, "not_found", "refused")
        message = self.check_nothing_taken({"refusal": refusal, "unsigned": True}, "answer_unproven")
        self.assertIn('claimed "not_found"', message)

    def test_an_endless_answer(self):
        self.check_nothing_taken({"endless": True}, None, "limit")


def library(scene):
    """The Python binding and a client of the company's."""
    sys.path.insert(0, os.path.join(OPTIONS.source, "bindings/python"))
    import c2d

    registry = c2d.AssetRegistry(
        c2d.Chain.open("ledger:" + scene / "ledger.db"), c2d.DocumentStore.directory(scene / "documents")
    )
    return c2d, c2d.Client(registry, c2d.Key.from_hex(COMPANY_C[1]))


if __name__ == "__main__":
    run_cases(OPTIONS)
