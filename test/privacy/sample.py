"""The joint risk sample on ports of its own: three recording providers, started and ended here."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "e2e"))
from programs import (
    ADMIN,
    BANK_A,
    BANK_B,
    COMPANY_C,
    descendants,
    is_operator,
)  # noqa: E402: the folder had to be named first

WHO = {"system": ADMIN, "org1": BANK_A, "org2": BANK_B, "3rd": COMPANY_C}
ALGORITHM = "dt:ownership:34940ace7bdacfff97f4c5dd348f523119fdf1c82aa3ec2bf99149e88499a961"
PARTIES = ("org1", "org2", "3rd")  # by party number
QUERY_PORTS = {"org1": 8090, "org2": 8091, "3rd": 8092}
SAMPLE_PORTS = [8090, 8091, 8092, 8911, 8912, 8913]
OWN_OFFSET = 10000
ENDED = ("succeeded", "failed", "cancelled")


class Timeout(Exception):
    pass


def wait_until(condition, what, seconds, pause=0.02):
    """Asks until the answer is true; returns it."""
    end = time.monotonic() + seconds
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Timeout("waited %d s for %s" % (seconds, what))
        time.sleep(pause)


def bindable(port):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def claim_offset():
    """What to add to the sample's ports, and a socket that keeps others of us from them while open:
    another run on this machine, or anybody's service, is no obstacle."""
    for offset in range(OWN_OFFSET, OWN_OFFSET + 5000, 100):
        claim = socket.socket(socket.AF_UNIX)
        try:
            claim.bind("\0c2d-joint-risk-%d" % offset)
        except OSError:
            claim.close()
            continue
        if all(bindable(port + offset) for port in SAMPLE_PORTS):
            return offset, claim
        claim.close()
    raise Timeout("no free ports")


def listening(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Sample:
    """A copy of the sample tree in `folder`. Use in `with`: the providers end with it."""

    def __init__(self, folder, source, build):
        self.folder, self.bin, self.build = folder, os.path.join(build, "bin"), build
        self.providers = {}
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(os.path.join(source, "examples", "joint_risk"), folder)
        self.offset, self.claim = claim_offset()
        self._move_ports()

    def __enter__(self):
        return self

    def __exit__(self, problem, *_):
        for process in self.providers.values():
            process.send_signal(signal.SIGTERM)
        late = []
        for name, process in self.providers.items():
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                late.append(name)
                process.kill()
                process.wait()
        self.claim.close()
        if late and problem is None:
            raise Timeout("providers did not end within 60 s: %s" % late)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def _move_ports(self):
        def moved(match):
            return re.sub(r"\d+", lambda port: str(int(port[0]) + self.offset), match[0])

        def move(path, pattern):
            with open(path, encoding="utf-8") as file:
                text = file.read()
            with open(path, "w", encoding="utf-8") as file:
                file.write(re.sub(pattern, moved, text, flags=re.M))

        for name in PARTIES:
            move(self.path("samples/config/%s_config.ini" % name), r"^(query_port|peer_ports) = .*$")
        for name in os.listdir(self.path("samples/ddo")):
            move(self.path("samples/ddo", name), r"(?<=127\.0\.0\.1:)\d+")

    def edit(self, name, *changes):
        """Replaces texts that must stand in the file exactly once."""
        with open(self.path(name), encoding="utf-8") as file:
            text = file.read()
        for old, new in changes:
            if text.count(old) != 1:
                raise Timeout("%s: expected once: %r" % (name, old))
            text = text.replace(old, new)
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text)

    def cli(self, who, *words):
        """Runs dt-cli --json; what the company C sees is kept in solver.log."""
        environment = {
            key: value
            for key, value in os.environ.items()
            if key not in ("CONFIG_FILE", "EXEC_DIRPATH", "C2D_NETWORK_URL")
        }
        environment["C2D_PRIVATE_KEY"] = WHO[who][1]
        done = subprocess.run(
            [os.path.join(self.bin, "dt-cli"), "--json", *words],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        if who == "3rd":
            with open(self.path("solver.log"), "ab") as log:
                log.write(done.stdout + done.stderr)
        return done

    def must(self, who, *words):
        done = self.cli(who, *words)
        if done.returncode != 0:
            raise RuntimeError("dt-cli %s: %s" % (" ".join(words[:2]), done.stderr.decode()))
        return json.loads(done.stdout)

    def start(self, in_dim, split, batch_size, epoch):
        """Everything up to a job under way; returns its id."""
        self.must("system", "chain", "init")
        for name, shown in zip(PARTIES, ("org1", "org2", "3rd-party")):
            self.must("system", "system", "org", "--name", shown, "--desc", "test", "--address", WHO[name][0])
        self.must("system", "system", "op", "--attr_file", "samples/op/rtt_op_attr.json")
        for who, name in (
            ("org1", "org1_feature"),
            ("org1", "org1_label"),
            ("org2", "org2_feature"),
            ("3rd", "3rd_compute"),
        ):
            self.must(who, "asset", "dt", "--attr_file", "samples/ddo/%s_attr.json" % name)
        for name in PARTIES:
            self._start_provider(name)
        self.must(
            "3rd",
            "asset",
            "cdt",
            "--attr_file",
            "samples/ddo/3rd_algo_attr.json",
            "--var",
            "IN_DIM=%d" % in_dim,
            "--var",
            "SPLIT=%d" % split,
            "--var",
            "BATCH_SIZE=%d" % batch_size,
            "--var",
            "EPOCH=%d" % epoch,
        )
        task = self.must("3rd", "job", "init", "--name", "test", "--desc", "test")["task_id"]
        return self.must("3rd", "job", "exec", "--task_id", str(task), "--cdt", ALGORITHM)["job_id"]

    def _start_provider(self, name):
        os.makedirs(self.path("frames", name))
        environment = dict(os.environ, CONFIG_FILE="samples/config/%s_config.ini" % name)
        environment.pop("EXEC_DIRPATH", None)
        with open(self.path(name + ".log"), "wb") as log:
            process = subprocess.Popen(
                [os.path.join(self.build, "test", "recording_provider"), "--record", self.path("frames", name)],
                cwd=self.folder,
                env=environment,
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
            )
        self.providers[name] = process

        def up():
            if process.poll() is not None:
                with open(self.path(name + ".log"), encoding="utf-8") as log:
                    raise RuntimeError("provider %s ended: %s" % (name, log.read()))
            return listening(QUERY_PORTS[name] + self.offset)

        wait_until(up, "provider " + name, 60)

    def states(self, job_id):
        """{party number: state} as the solver sees it."""
        done = self.cli("3rd", "job", "status", "--job_id", str(job_id))
        answer = json.loads(done.stdout)
        if "parts" not in answer:  # 1 is also the exit status for parts that failed
            raise RuntimeError("dt-cli job status: %s" % done.stderr.decode())
        parts = answer["parts"]
        return {part["party"]: part["state"] for part in parts}

    def operators(self):
        """{name: pid of the interpreter} of those that run now."""
        found = {}
        for name, process in self.providers.items():
            for pid in descendants(process.pid):
                if is_operator(pid):
                    found[name] = pid
        return found

    def recorded(self, name, stream):
        """How many bytes a relay has recorded so far, for example ("org2", "to_0")."""
        try:
            return os.stat(self.path("frames", name, stream + ".bin")).st_size
        except FileNotFoundError:
            return 0
