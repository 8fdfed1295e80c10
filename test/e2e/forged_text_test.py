"""Names, answers and requests of others that carry escape codes, line ends and marks that reorder or hide
text: none of them reaches a terminal or a log as it is, and in JSON the value is exact."""

import http.server
import json
import threading
import unittest
import urllib.error
import urllib.parse
import urllib.request

from programs import ADMIN, BANK_A, COMPANY_C, Folder, free_port, options, run_cases

OPTIONS = options()
TID, LEAF, CDT = ("dt:ownership:" + digit * 64 for digit in "123")
# A title, a cleared screen, a forged line, an overwritten one, a C1 control, an override, an isolate, a
# space of no width, a tag, a filler.
MARKS = (
    "\x1b",
    "\x07",
    "\r",
    "\x7f",
    "\u009b",
    "\u0085",
    "\u202e",
    "\u2066",
    "\u200b",
    "\u2028",
    "\ufeff",
    "\U000e0041",
    "\u3164",
)
EVIL = "bank\x1b]0;owned\x07\x1b[2J\nFORGED line\r\u009b31m\u0085\u202eknab\u2066\u200b\u2028\ufeff\U000e0041\u3164\x7f"
CONFIG = (
    """[keeper]
network_url = ledger:./ledger.db
ipfs_endpoint = dir:./documents
[provider]
query_port = 0
exec_dirpath = ./exec
private_key = %s
"""
    % BANK_A[1]
)


class FakeServer(http.server.BaseHTTPRequestHandler):
    """Answers every request with one status and body."""

    status, body = 200, {}

    def answer(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps(self.body).encode()
        self.send_response(self.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *_):
        pass


def serve():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), FakeServer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


class ForgedText(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = serve()
        cls.port = cls.server.server_address[1]
        cls.folder = folder = Folder(OPTIONS.bin)
        folder.write("config.ini", CONFIG)
        folder.answer("chain", "init", "--private_key", ADMIN[1])
        for name, who in ((EVIL, BANK_A), ("3rd" + EVIL, COMPANY_C)):
            folder.answer(
                "system",
                "org",
                "--name",
                name,
                "--desc",
                EVIL,
                "--address",
                who[0],
                "--force",
                "--private_key",
                ADMIN[1],
            )
        folder.write("op.py", "print('done')\n")
        folder.write("params.json", '{"rows":{}}')
        folder.write(
            "op.json",
            json.dumps(
                {
                    "id": TID,
                    "metadata": {"main": {"type": "Operation", "name": EVIL}},
                    "operation": "op.py",
                    "params": "params.json",
                }
            ),
        )
        folder.answer("system", "op", "--attr_file", "op.json", "--private_key", ADMIN[1])
        folder.write(
            "leaf.json",
            json.dumps(
                {
                    "id": LEAF,
                    "metadata": {"main": {"type": "Dataset", "name": EVIL, "desc": EVIL}},
                    "services": [
                        {
                            "index": "s",
                            "endpoint": "127.0.0.1:%d" % cls.port,
                            "attributes": {"price": 1},
                            "descriptor": {"template": TID, "constraint": {"rows": {}}},
                        }
                    ],
                }
            ),
        )
        folder.answer("asset", "dt", "--attr_file", "leaf.json", "--private_key", BANK_A[1])
        folder.answer("job", "init", "--name", EVIL, "--desc", EVIL, "--private_key", COMPANY_C[1])

    @classmethod
    def tearDownClass(cls):
        cls.server.shutdown()
        cls.server.server_close()
        cls.folder.__exit__()

    def check_clean(self, text, what):
        for mark in MARKS:
            self.assertNotIn(mark, text, "%r in the output of %s" % (mark, what))
        self.assertFalse([line for line in text.split("\n") if line.startswith("FORGED")], what)

    def check_command(self, *arguments):
        for json_flag in ((), ("--json",)):
            done = self.folder.cli(*json_flag, *arguments)
            self.check_clean(done.out, arguments)
            self.check_clean(done.err, arguments)
        return done

    def test_names_on_the_ledger(self):
        for arguments in (
            ("asset", "list"),
            ("asset", "show", "--dt", LEAF),
            ("asset", "grants", "--dt", LEAF),
            ("tracer", "dfs", "--prefix_path", LEAF),
            ("job", "list"),
            ("chain", "info"),
            ("verify", "--dt", LEAF, "--cdt", LEAF, "--explain"),
        ):
            with self.subTest(arguments[:2]):
                self.check_command(*arguments)
        listed = self.folder.answer("asset", "list")["tokens"][0]
        self.assertEqual((listed["name"], listed["owner"]), (EVIL, EVIL))
        shown = self.folder.answer("asset", "show", "--dt", LEAF)
        self.assertEqual(shown["document"]["metadata"]["main"]["desc"], EVIL)
        trace = self.folder.cli("tracer", "dfs", "--prefix_path", LEAF, "--format", "json")
        self.assertEqual(json.loads(trace.out)["roots"][0]["name"], EVIL)

    def test_a_name_is_cut(self):
        text = self.folder.cli("asset", "list").out
        self.assertIn("\\x1b]0;owned\\x07", text)
        self.folder.write(
            "long.json",
            json.dumps(
                {
                    "id": CDT,
                    "metadata": {"main": {"type": "Dataset", "name": "n" * 5000}},
                    "services": [
                        {
                            "index": "s",
                            "endpoint": "127.0.0.1:1",
                            "attributes": {"price": 1},
                            "descriptor": {"template": TID, "constraint": {"rows": {}}},
                        }
                    ],
                }
            ),
        )
        self.folder.answer("asset", "dt", "--attr_file", "long.json", "--private_key", BANK_A[1])
        for command in (("asset", "list"), ("tracer", "dfs", "--prefix_path", CDT)):
            text = self.folder.cli(*command).out
            self.assertIn("...[5000 bytes]", text)
            self.assertLess(max(map(len, text.split("\n"))), 500)

    def test_what_a_provider_says(self):
        composed = {
            "metadata": {"main": {"type": "Algorithm", "name": EVIL}},
            "child_dts": [LEAF],
            "services": [
                {"index": "s", "descriptor": {"workflow": {LEAF: {"service": "s", "constraint": {"rows": 5}}}}}
            ],
        }
        self.folder.write("cdt.json", json.dumps(composed))
        for code in ("argument_refused", EVIL):
            FakeServer.status = 422
            FakeServer.body = {"error": {"code": code, "message": EVIL, "request_id": EVIL}}
            self.check_command("asset", "cdt", "--attr_file", "cdt.json", "--private_key", COMPANY_C[1])

    def test_what_a_node_says(self):
        FakeServer.status = 200
        FakeServer.body = {"jsonrpc": "2.0", "id": 1, "error": {"code": -32000, "message": EVIL}}
        self.folder.write("node.ini", "[keeper]\nnetwork_url = http://127.0.0.1:%d\n" % self.port)
        done = self.check_command("--config", "node.ini", "chain", "info")
        self.assertEqual(done.code, 1, str(done))

    def test_what_a_file_says(self):
        self.folder.write("evil.json", json.dumps({EVIL: EVIL, "metadata": EVIL, "services": EVIL}))
        for arguments in (
            ("asset", "dt", "--attr_file", "evil.json", "--private_key", BANK_A[1]),
            ("job", "receipt", "--file", "evil.json"),
            ("asset", "dt", "--attr_file", EVIL),
        ):
            self.assertNotEqual(self.check_command(*arguments).code, 0)

    def test_a_provider_s_log(self):
        port = free_port()
        self.folder.write("provider.ini", CONFIG.replace("query_port = 0", "query_port = %d" % port))
        log = self.folder.start_provider("provider.ini", port)
        body = {"method": EVIL, "dt": EVIL, "algo_dt": EVIL, "job_id": EVIL, "signature": EVIL, EVIL: EVIL}
        for path in ("/grantPermission", "/onPremiseCompute", "/v1/verify", "/v1/jobs/" + urllib.parse.quote(EVIL)):
            for text in (json.dumps(body), json.dumps({**body, "dt": LEAF, "algo_dt": LEAF}), EVIL):
                request = urllib.request.Request(
                    "http://127.0.0.1:%d%s" % (port, path),
                    text.encode(),
                    {"Authorization": "C2D " + EVIL.split("\n")[0].replace("\x1b", "e")},
                )
                try:
                    urllib.request.urlopen(request, timeout=10).read()
                except urllib.error.HTTPError as refused:
                    refused.close()
        self.folder.stop_providers()
        self.check_clean(self.folder.read(log).decode(), "the provider's log")


if __name__ == "__main__":
    run_cases(OPTIONS)
