"""One bank, one company, one data set: the least with which the built programs run a job."""

import contextlib
import http.server
import json
import os
import signal
import sqlite3
import subprocess
import threading
import urllib.error
import urllib.request

from programs import ADMIN, BANK_A, COMPANY_C, Folder, descendants, free_port, is_operator, wait_until

TID = "dt:ownership:" + "1" * 64
LEAF = "dt:ownership:" + "2" * 64
ALGORITHM = "dt:ownership:" + "3" * 64
FINAL = ("succeeded", "failed", "cancelled")
#: What is looked for where rows must not be.
ROW = "row-of-bank-a-4711"
DONE = "open('outputs/out.txt', 'w').write(str(len(open('inputs/rows.csv').read())))\n"


def passing_on_to(port):
    """A server's handler that passes on what is asked, and loses whatever would start a run."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if self.path == "/onPremiseCompute":
                self.send_error(500)
                return
            request = urllib.request.Request(
                "http://127.0.0.1:%d%s" % (port, self.path), body or None, method=self.command
            )
            try:
                found = urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10)
            except urllib.error.HTTPError as refused:
                found = refused
            with found:
                content = found.read()
                self.send_response(found.status)
                for name in ("Content-Type", "C2D-Answer"):
                    if name in found.headers:
                        self.send_header(name, found.headers[name])
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

        do_GET = do_POST = answer

        def log_message(self, *_):
            pass

    return Handler


class OneBank(Folder):
    """`operator` is what a job runs; it goes on when `self / "go"` has been made, if it looks for it."""

    def __init__(self, options, operator=DONE, attributes=None, settings=""):
        super().__init__(options.bin)
        self.port = free_port()
        self.settings = settings
        self.write("data/rows.csv", (ROW + "\n") * 50)
        self.write("client.ini", "[keeper]\nnetwork_url = ledger:./ledger.db\nipfs_endpoint = dir:./documents\n")
        self.write_config()
        self.answer("chain", "init", "--private_key", ADMIN[1])
        for name, who in (("org1", BANK_A), ("3rd-party", COMPANY_C)):
            self.answer("system", "org", "--name", name, "--desc", "d", "--address", who[0], "--private_key", ADMIN[1])
        self.write("op.py", operator)
        self.write("params.json", '{"outputs":{}}')
        self.write(
            "op.json",
            json.dumps(
                {
                    "id": TID,
                    "metadata": {"main": {"type": "Operation", "name": "op"}},
                    "operation": "op.py",
                    "params": "params.json",
                }
            ),
        )
        self.answer("system", "op", "--attr_file", "op.json", "--private_key", ADMIN[1])
        self.write(
            "leaf.json",
            json.dumps(
                {
                    "id": LEAF,
                    "metadata": {"main": {"type": "Dataset", "name": "rows"}},
                    "services": [
                        {
                            "index": "s",
                            "endpoint": "127.0.0.1:%d" % self.port,
                            "attributes": {"price": 1, "path": "./inputs/rows.csv", **(attributes or {})},
                            "descriptor": {"template": TID, "constraint": {"outputs": {}}},
                        }
                    ],
                }
            ),
        )
        self.answer("asset", "dt", "--attr_file", "leaf.json", "--private_key", BANK_A[1])

    def answer(self, *arguments, env=None):
        return super().answer(*arguments, env={"CONFIG_FILE": "client.ini", **(env or {})})

    def cli(self, *arguments, env=None):
        return super().cli(*arguments, env={"CONFIG_FILE": "client.ini", **(env or {})})

    def write_config(self, name="bank.ini", port=None, exec_dirpath="./exec", data="./data/rows.csv"):
        return self.write(
            name,
            """[keeper]
network_url = ledger:./ledger.db
ipfs_endpoint = dir:./documents
[provider]
query_port = %d
private_key = %s
assets_path = {"%s": "%s"}
exec_dirpath = %s
%s
"""
            % (port or self.port, BANK_A[1], LEAF, data, exec_dirpath, self.settings),
        )

    def serve(self, config="bank.ini"):
        """Starts the provider; returns its process."""
        self.start_provider(config, self.port)
        return self.providers[-1]

    def wait_for_operator(self):
        """Until the operator's interpreter runs below the provider: what it was to see, it sees."""
        wait_until(
            lambda: any(is_operator(pid) for pid in descendants(self.providers[-1].pid)), 30, "an operator to run"
        )

    def start_again(self, config, seconds=20):
        """A start that is expected to fail: its code and what it said."""
        with open(self / "again.log", "wb") as file:
            process = subprocess.Popen(
                ["c2d-provider"],
                cwd=self.path,
                stdout=file,
                stderr=file,
                env={**self.environment, "CONFIG_FILE": config},
                stdin=subprocess.DEVNULL,
            )
        try:
            code = process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            code = None
        return code, self.read("again.log").decode()

    def kill(self, process):
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=20)
        self.providers.remove(process)

    def stop(self, process):
        process.terminate()
        process.wait(timeout=30)
        self.providers.remove(process)

    def compose(self):
        """Publishes the Algorithm and opens a task; the provider must answer."""
        self.write(
            "algorithm.json",
            json.dumps(
                {
                    "id": ALGORITHM,
                    "metadata": {"main": {"type": "Algorithm", "name": "model"}},
                    "child_dts": [LEAF],
                    "services": [
                        {
                            "index": "s",
                            "descriptor": {
                                "workflow": {LEAF: {"service": "s", "constraint": {"outputs": "./outputs/out.txt"}}}
                            },
                        }
                    ],
                }
            ),
        )
        self.answer("asset", "cdt", "--attr_file", "algorithm.json", "--private_key", COMPANY_C[1])
        self.answer("job", "init", "--name", "n", "--desc", "d", "--private_key", COMPANY_C[1])

    def exec(self):
        """Registers and starts a job; its number."""
        return self.answer("job", "exec", "--task_id", "1", "--cdt", ALGORITHM, "--private_key", COMPANY_C[1])["job_id"]

    def exec_unstarted(self, cdt=ALGORITHM):
        """Registers a job that is not started: whoever is asked for it would take it, and never hears that it is
        there."""
        port = free_port()
        self.start_provider(self.write_config("unstarted.ini", port=port, exec_dirpath="./unstarted"), port)
        provider = self.providers[-1]
        server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), passing_on_to(port))
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            return self.cli("--json", "job", "exec", "--task_id", "1", "--cdt", cdt, "--private_key", COMPANY_C[1])
        finally:
            server.shutdown()
            server.server_close()
            self.stop(provider)

    def part(self, job):
        return self.answer("job", "status", "--job_id", str(job), "--private_key", COMPANY_C[1])["parts"][0]

    def wait_for(self, job, states, seconds=60):
        seen = {}

        def there():
            seen.update(self.part(job))
            return seen["state"] in states

        wait_until(there, seconds, "job %s to be %s; last %s" % (job, states, seen))
        return seen

    def state_file(self, exec_dirpath="exec"):
        return self / exec_dirpath + "/provider_%s.db" % BANK_A[0][2:10].lower()

    def runs(self, exec_dirpath="exec"):
        """{job: state} as the state file says, read by itself."""
        with contextlib.closing(sqlite3.connect("file:%s?mode=ro" % self.state_file(exec_dirpath), uri=True)) as db:
            return dict(db.execute("SELECT job_id, state FROM runs ORDER BY job_id"))

    def posted(self, job):
        """The outcomes that the ledger holds of a job."""
        receipts = self.answer("job", "receipt", "--job_id", str(job))["receipts"]
        return [receipt["outcome"] for receipt in receipts]

    def wait_for_receipt(self, job, seconds=30):
        wait_until(lambda: self.posted(job), seconds, "the receipt of job %s" % job)
        return self.posted(job)

    def receipt(self, job):
        """The receipt's document, at the owner."""
        return json.loads(self.read("exec/job_%s/receipt.json" % job))

    def files_with(self, text, below="exec"):
        """Every file below a folder that holds `text`."""
        found = []
        for folder, _, names in os.walk(self / below):
            for name in names:
                path = os.path.join(folder, name)
                with open(path, "rb") as file:
                    if text.encode() in file.read():
                        found.append(os.path.relpath(path, self.path))
        return found
