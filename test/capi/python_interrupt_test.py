"""Ctrl-C and Jupyter's stop end calls of the Python package that wait: a real SIGINT, to a process of its own each.

The signal is sent once the main thread stays within a call of the library, and each case says what must be as before
afterwards. What they print is how long the call took to end.
"""

import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import traceback
import unittest

import c2d
from c2d import mpc

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import three_parties  # noqa: E402: the folder had to be named first

TIMEOUT = 60


def until_it_waits(thread):
    """Returns once the thread is within one call of the library at many looks in turn."""
    seen, looks = None, 0
    while looks < 30:
        frame = sys._current_frames().get(thread.ident)
        same = frame is not None and frame.f_code.co_name == "ask" and frame is seen
        seen, looks = frame, looks + 1 if same else 0
        time.sleep(0.001)  # looks again


def strike_once_it_waits(*signals):
    """Sends the signals to this process, each once its main thread waits."""
    main, sent = threading.main_thread(), []

    def strike():
        for number in signals:
            until_it_waits(main)
            sent.append(time.monotonic())
            os.kill(os.getpid(), number)

    threading.Thread(target=strike, daemon=True).start()
    return sent


def ended_by_sigint(call):
    sent = strike_once_it_waits(signal.SIGINT)
    try:
        call()
    except KeyboardInterrupt:
        print("ended after %d ms" % ((time.monotonic() - sent[-1]) * 1000))
        return
    raise AssertionError("the call returned")


def mute_session():
    """Opens a session whose peers say nothing: blocks."""
    ours, theirs = socket.socketpair()
    mpc.Session.open_fd(ours.fileno(), 0).close()


class Parties:
    """Party 0 on this thread, 1 and 2 on others, which keep their sessions when they fail, as notebooks do."""

    def __init__(self, sessions, program):
        self.sessions, self.failures = sessions, [None] * 3
        self.threads = [threading.Thread(target=self.run, args=(party, program), daemon=True) for party in (1, 2)]
        for thread in self.threads:
            thread.start()

    def run(self, party, program):
        try:
            program(self.sessions(party))
        except Exception as problem:
            self.failures[party] = problem  # its traceback keeps the session

    def named_party_0(self):
        for thread in self.threads:
            thread.join(TIMEOUT / 4)
        for party in (1, 2):
            assert isinstance(self.failures[party], c2d.PeerFailure), self.failures
        assert "party 0" in str(self.failures[1]) + str(self.failures[2]), self.failures


def over_a_relay():
    pairs = [socket.socketpair() for _ in range(3)]
    sides = [three_parties.Locked(pair[1]) for pair in pairs]
    for party in range(3):
        threading.Thread(target=three_parties.serve, args=(party, pairs[party][1], sides), daemon=True).start()
    return lambda party: mpc.Session.open_fd(pairs[party][0].fileno(), party)


def over_tls():
    keys = [c2d.Key.generate() for _ in range(3)]
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
    parties = [("127.0.0.1", probe.getsockname()[1], key.address) for probe, key in zip(probes, keys)]
    for probe in probes:
        probe.close()
    return lambda party: mpc.Session.connect(party, keys[party], parties, program="interrupt", run=1)


def train(session, progress=None):
    x = session.input(0, [[0.5, 1], [1, -1]] if session.party == 0 else None)
    y = session.input_labels(1, [0, 1] if session.party == 1 else None)
    return session.train_logistic(x, y, iterations=10**9, batch_size=2, evaluate_every=10**9, progress=progress)


class Cases:
    """Each runs in a process of its own."""

    def opening():
        ended_by_sigint(mute_session)
        assert len(three_parties.three_parties(lambda session: session.exchange(b"here"))) == 3

    def connecting():
        connect = over_tls()
        ended_by_sigint(lambda: connect(2))
        parties = Parties(connect, lambda session: session.exchange(b"here"))  # the port is free again
        assert len(connect(0).exchange(b"here")) == 3
        for thread in parties.threads:
            thread.join(TIMEOUT / 4)
        assert parties.failures == [None] * 3, parties.failures

    def training(links=over_a_relay):
        sessions = links()
        parties, mine = Parties(sessions, train), sessions(0)
        ended_by_sigint(lambda: train(mine))
        parties.named_party_0()
        try:
            mine.exchange(b"again")
        except c2d.Cancelled:
            return
        raise AssertionError("a session went on where it had left")

    def training_over_tls():
        Cases.training(over_tls)

    def a_progress_function_that_raises():
        sessions = over_tls()
        parties, mine = Parties(sessions, train), sessions(0)

        def progress(*_):
            raise KeyError("enough")

        try:
            train(mine, progress)
        except KeyError as problem:
            assert problem.args == ("enough",)
            return parties.named_party_0()
        raise AssertionError("the call returned")

    def http():
        server = socket.create_server(("127.0.0.1", 0))
        url = "http://127.0.0.1:%d" % server.getsockname()[1]
        with tempfile.NamedTemporaryFile("w", suffix=".toml") as addresses:
            ended_by_sigint(lambda: c2d.Chain(url, address_file=addresses.name, network_name="x"))
        c2d.Chain.create("ledger::memory:", c2d.Key.generate()).verify()

    def sandbox():
        with tempfile.TemporaryDirectory() as folder:
            sandbox = c2d.Sandbox()

            def job(name, code):
                return c2d.SandboxJob(code, os.path.join(folder, name))

            ended_by_sigint(lambda: sandbox.run(job("run", "import time\ntime.sleep(1000)")))
            with sandbox.start(job("start", "import time\ntime.sleep(1000)")) as run:
                ended_by_sigint(run.wait)
                run.cancel()
                assert run.wait().outcome == "cancelled"
            assert sandbox.run(job("again", "print('here')")).succeeded

    def a_log_that_floods():
        """A function of ours begins all the time: what a handler raises at that moment would be lost."""
        with tempfile.TemporaryDirectory() as folder:
            code = "import os\nwhile True: os.write(1, b'x' * 65536)\n"
            job = c2d.SandboxJob(code, os.path.join(folder, "out"), on_log=lambda _: None, limits={"wall_ms": 20000})
            threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
            try:
                c2d.Sandbox().run(job)
            except KeyboardInterrupt:
                return
        raise AssertionError("the call returned")

    def frames_that_are_cleared():
        """As `assertRaises` does with those of what it caught: later calls go on."""
        strike_once_it_waits(signal.SIGINT)
        try:
            mute_session()
        except KeyboardInterrupt as problem:
            traceback.clear_frames(problem.__traceback__)
        assert len(three_parties.three_parties(lambda session: session.exchange(b"here"))) == 3
        Cases.http()

    def a_handler_that_does_not_raise():
        seen = []
        signal.signal(signal.SIGUSR1, lambda *_: seen.append(1))
        signal.signal(signal.SIGUSR2, lambda *_: exec("raise TimeoutError('mine')"))
        strike_once_it_waits(signal.SIGUSR1, signal.SIGUSR2)
        try:
            mute_session()
        except TimeoutError as problem:
            assert str(problem) == "mine" and seen == [1], (problem, seen)
            return
        raise AssertionError("the call returned")

    def a_handler_that_computes():
        """Calls of a handler are calls of their own."""
        signal.signal(signal.SIGUSR1, lambda *_: c2d.Key.generate().sign_digest(bytes(32)))
        strike_once_it_waits(signal.SIGUSR1, signal.SIGINT)
        try:
            mute_session()
        except KeyboardInterrupt:
            return
        raise AssertionError("the call returned")

    def a_callback_that_is_stopped():
        """What a callback raises on the way is not lost, whatever the library makes of its answer."""

        def log(*_):
            raise KeyboardInterrupt

        admin = c2d.Key.generate()
        environment = c2d.Environment(clock=lambda: exec("raise KeyboardInterrupt"), log=log)
        try:
            c2d.Chain.create("ledger::memory:", admin, environment=environment)
        except KeyboardInterrupt:
            c2d.Chain.create("ledger::memory:", admin).close()
            return
        raise AssertionError("the call returned")


class Interrupts(unittest.TestCase):
    def run_case(self, name):
        done = subprocess.run(
            [sys.executable, "-B", __file__, "--case", name], capture_output=True, text=True, timeout=TIMEOUT
        )
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout + done.stderr)
        if done.stdout:
            print(name, done.stdout, end="")


for case in [name for name in vars(Cases) if not name.startswith("_")]:
    setattr(Interrupts, "test_" + case, lambda self, name=case: self.run_case(name))

if __name__ == "__main__":
    if sys.argv[1:2] == ["--case"]:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        vars(Cases)[sys.argv[2]]()
        sys.stdout.flush()
        os._exit(0)  # threads of the case may still wait
    unittest.main()
