"""What the tests of the programs share: running dt-cli and c2d-provider, waiting on conditions."""

import argparse
import itertools
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

ADMIN = (
    "0xa2D4eD069A247bcBBeC037FCADd8C3A305b4e409",
    "4472aa5d4e2efe297784a3d44d840c9652cdb7663e22dedd920958bf6edfaf7e",
)
BANK_A = (
    "0x7080b17af4b29F621A5Ef3B1802B2a778Af595d0",
    "5c25a2fb9b5427bbe8b68b4ddc0655ae7621f87a147a489b1337ca166bca0173",
)
BANK_B = (
    "0xFDEBd75565fE98c1B2659E82181D92B5C6943693",
    "eee795df5de4fc3636abfcfb6d1741665a903efa2b5ded74cea33ca92111b953",
)
COMPANY_C = (
    "0x0148D6F66D4759aC7CcE98673dC9b75974E6bAe4",
    "6bba7694acf53fd8d02120263e6e5aaacbab4b623f4a401ac835c9d8ec54e122",
)

# What a program prints that ends by accident.
ACCIDENTS = (
    "Traceback",
    "terminate called",
    "Aborted",
    "Segmentation",
    "what():",
    "core dumped",
    "std::",
    "AddressSanitizer",
    "runtime error:",
)


def options():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True, type=os.path.abspath, help="folder of dt-cli and c2d-provider")
    parser.add_argument("--source", required=True, type=os.path.abspath, help="the source tree")
    parser.add_argument("cases", nargs="*", help="Class or Class.test, of tests that have cases; none: all")
    return parser.parse_args()


def run_cases(asked):
    """Runs those that the command names."""
    unittest.main(argv=sys.argv[:1] + asked.cases)


class Done:
    """A program that has ended."""

    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err
        for word in ACCIDENTS:
            assert word not in err and word not in out, "%r in %s" % (word, self)

    def __str__(self):
        return "%s ended with %s\n--- stdout\n%s\n--- stderr\n%s" % (self.arguments, self.code, self.out, self.err)

    def json(self):
        """The one JSON object that stdout consists of."""
        value = json.loads(self.out)
        assert isinstance(value, dict) and self.out.count("\n") == 1, str(self)
        return value


class OperatorDone(Done):
    """A run whose stdout has what operators wrote, as have lines of stderr that begin with a party: a traceback there
    is theirs."""

    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err
        ours = [line for line in err.splitlines() if not re.match(r"party \d \| ", line)]
        for word in ACCIDENTS:
            assert not any(word in line for line in ours), "%r in %s" % (word, self)


class Folder:
    """A scratch folder in which programs are run."""

    def __init__(self, programs):
        self.path = tempfile.mkdtemp(prefix="c2d-e2e-")
        self.environment = {
            "PATH": programs + os.pathsep + "/usr/bin" + os.pathsep + "/bin",
            "HOME": self.path,
            "LANG": "C.UTF-8",
        }
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS", "LSAN_OPTIONS"):
            if name in os.environ:
                self.environment[name] = os.environ[name]
        self.providers = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop_providers()
        shutil.rmtree(self.path, ignore_errors=True)

    def __truediv__(self, name):
        return os.path.join(self.path, name)

    def write(self, name, text):
        os.makedirs(os.path.dirname(self / name), exist_ok=True)
        with open(self / name, "w", encoding="utf-8") as file:
            file.write(text)
        return self / name

    def write_secret(self, name, text):
        """A file that only its owner can read, as keys and passwords have to be."""
        os.close(os.open(self / name, os.O_CREAT | os.O_WRONLY, 0o600))
        return self.write(name, text)

    def read(self, name):
        with open(self / name, "rb") as file:
            return file.read()

    def start(self, *arguments, env=None):
        return subprocess.Popen(
            arguments,
            cwd=self.path,
            env={**self.environment, **(env or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def finish(self, process, timeout=120):
        out, err = process.communicate(timeout=timeout)
        return Done(process.args, process.returncode, out, err)

    def run(self, *arguments, env=None):
        return self.finish(self.start(*arguments, env=env))

    def cli(self, *arguments, env=None):
        return self.run("dt-cli", *arguments, env=env)

    def answer(self, *arguments, env=None):
        """The answer of a command that must succeed."""
        done = self.cli("--json", *arguments, env=env)
        assert done.code == 0, str(done)
        return done.json()

    def shell(self, line):
        return self.run("sh", "-c", line)

    def start_provider(self, config, port):
        """Starts c2d-provider as the seed starts its service; returns the name of its log."""
        log = os.path.basename(config) + ".log"
        with open(self / log, "wb") as file:
            process = subprocess.Popen(
                ["c2d-provider"],
                cwd=self.path,
                stdout=file,
                stderr=file,
                env={**self.environment, "CONFIG_FILE": config},
                stdin=subprocess.DEVNULL,
            )
        self.providers.append(process)

        def answers():
            assert process.poll() is None, "the provider ended: " + self.read(log).decode()
            return healthy(port)

        wait_until(answers, 20, "/healthz on port %d" % port)
        return log

    def stop_providers(self):
        for process in self.providers:
            process.terminate()
        for process in self.providers:
            process.wait(timeout=20)
        self.providers.clear()


def healthy(port):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open("http://127.0.0.1:%d/healthz" % port, timeout=2) as answer:
            return json.load(answer) == {"status": "ok"}
    except OSError:
        return False


def descendants(pid):
    """All processes below `pid`, by parent; those that end meanwhile are left out."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open("/proc/%s/stat" % name, encoding="utf-8", errors="replace") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(name))
    found, open_ = [], [pid]
    while open_:
        more = children.get(open_.pop(), [])
        found += more
        open_ += more
    return found


def is_operator(pid):
    """Whether this process is the interpreter that runs /job/code."""
    try:
        with open("/proc/%d/cmdline" % pid, "rb") as file:
            return b"/job/code" in file.read().split(b"\0")
    except OSError:
        return False


def wait_until(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited %d s for %s" % (seconds, what)
        time.sleep(0.05)


#: Below those that the kernel gives to connections: one of these could be any other test's by the time that it is
#: bound.
PORTS_FROM, PORTS_TO = 20000, 32000
#: Each process begins elsewhere, and goes on.
_numbers = itertools.count(os.getpid() * 37)


def free_port():
    for number in _numbers:
        port = PORTS_FROM + number % (PORTS_TO - PORTS_FROM)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def require_free_ports(ports):
    """The samples' ports are fixed: another program on one of them is said at once."""
    for port in ports:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as problem:
                sys.exit("port %d, which the samples use, is busy: %s" % (port, problem))
