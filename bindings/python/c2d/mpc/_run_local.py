"""Three parties of one program on this machine: what `mpc.run_local` does.

Each has a session over a socket whose other end is served here, as a provider serves an operator's
(the frames: docs/mpc/wire.md).
"""

from __future__ import annotations

import io
import os
import pickle
import socket
import struct
import threading
import traceback

from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from .. import _progress, errors
from ..errors import shown
from ._calls import PARTIES
from ._matrix import Matrix
from ._session import Session
from ._session_options import rules_of

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:
    from .._types import Path
    from ._types import OpeningRules

_LOOK = 0.2  # seconds between the steps of a bar
_HEADER = struct.Struct("<II")  # peer, length; a length of 0 tells that the peer ended


class PartyFailed(RuntimeError):
    """A program of `mpc.run_local` raised: `party` is who did so first without another party's fault.

    Its exception is the cause (`__cause__`); `failures` are the exceptions of all that failed, by party.
    """

    def __init__(self, party: int, failures: Dict[int, BaseException]) -> None:
        self.party, self.failures = party, failures
        self.__cause__ = failures[party]
        order = [party] + [other for other in failures if other != party]
        super().__init__(
            "; then ".join(
                "party %d: %s: %s" % (number, type(failures[number]).__name__, failures[number]) for number in order
            )
        )

    def __reduce__(self) -> Tuple[Any, ...]:
        """Of what it was made of: a message alone makes none, and who reads it in another process would end there."""
        return type(self), (self.party, self.failures)


class _RemoteTraceback(Exception):
    """Where an exception of another process was raised."""

    def __str__(self):
        return "\n" + self.args[0]


def run_local(
    program: Callable[[Session, Any], Any],
    inputs: Sequence[Any],
    *,
    backend: str = "rep3",
    processes: bool = False,
    progress: Optional[bool] = None,
    rules: Optional[OpeningRules] = None,
    kept: Optional[Path] = None,
    checkpoints: Optional[Path] = None,
    checkpoint_seconds: float = 60,
    attempt: int = 1,
) -> List[Any]:
    """Runs `program(session, input)` as three parties on this machine; returns what they returned, by party.

    For trying a program out: `inputs` are those of parties 0, 1 and 2, and nothing is kept from whoever runs it.
    The parties are threads, or processes with `processes=True`, which share no variables; what they return must then
    be picklable (a Matrix is). backend "clear" is the oracle to compare with. Where one raises, PartyFailed is raised,
    whose cause is the exception of the party at fault; the others' follow in it. A terminal or notebook shows a bar;
    `kept`: a folder in which `Session.keep` keeps, below it one for each party; `load` of a later run finds it there.
    `checkpoints`: a folder, used likewise, of what `attempt` 2 goes on from where attempt 1 was lost
    (`save_checkpoint`). `progress` False: nothing, True: a bar anywhere. `rules` are those of all three owners, as for
    `Session.open_fd`.
    """
    if not callable(program):
        raise TypeError("the program must be a function of a session and an input, found %s" % shown(program))
    inputs = list(inputs)
    if len(inputs) != PARTIES:
        raise errors.InvalidArgument(
            "run_local takes one input for each of %d parties, found %d" % (PARTIES, len(inputs))
        )
    Session._backend(backend)
    rules_of(rules)
    if callable(progress):
        raise TypeError("progress of run_local is True, False or None, found %s" % shown(progress))
    bar = _progress.bar_for(progress, "three parties")
    try:
        with _Relay() as relay:
            return (_Processes if processes else _Threads)(
                relay, program, inputs, backend, (rules, kept, (checkpoints, checkpoint_seconds, attempt))
            ).results(bar)
    finally:
        if bar is not None:
            bar.close()


# -- between the parties


class _Relay:
    """The sockets of the parties, and a thread for each that hands its frames on."""

    def __init__(self):
        self.bytes = [0] * PARTIES  # that each party sent
        self.draws = True
        pairs = [socket.socketpair() for _ in range(PARTIES)]
        self.ends, self._sides = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
        self._locks = [threading.Lock() for _ in pairs]
        self._threads = [threading.Thread(target=self._serve, args=(party,), daemon=True) for party in range(PARTIES)]

    def start(self):
        for thread in self._threads:
            thread.start()

    def keep_only(self, party):
        """In the process of a party: the others' sockets end with their own, and who started it draws."""
        self.draws = False
        for number, end in enumerate(self.ends):
            if number != party:
                end.close()
        for side in self._sides:
            side.close()

    def stop(self):
        """No party gets on from here."""
        for side in self._sides:
            try:
                side.shutdown(socket.SHUT_RDWR)
            except OSError:  # nobody is there
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()
        for end in self.ends + self._sides:
            end.close()

    def _serve(self, party):
        side = self._sides[party].makefile("rb")
        try:
            while True:
                head = side.read(_HEADER.size)
                if len(head) < _HEADER.size:
                    break
                peer, length = _HEADER.unpack(head)
                self._send(peer, _HEADER.pack(party, length) + side.read(length))
                self.bytes[party] += length
        except OSError:  # it closed with our bytes unread
            pass
        for peer in range(PARTIES):
            if peer != party:
                self._send(peer, _HEADER.pack(party, 0))

    def _send(self, peer, frame):
        try:
            with self._locks[peer]:
                self._sides[peer].sendall(frame)
        except OSError:  # it has left
            pass


def _play(relay, party, program, data, backend, options):
    """One party from begin to end; the others learn of the end."""
    end = relay.ends[party]
    rules, kept, (checkpoints, seconds, attempt) = options

    def own(folder):
        return None if folder is None else os.path.join(folder, "party_%d" % party)

    try:
        with Session.open_fd(
            end.fileno(),
            party,
            backend,
            rules,
            kept=own(kept),
            checkpoints=own(checkpoints),
            checkpoint_seconds=seconds,
            attempt=attempt,
        ) as session:
            session._draws = relay.draws and party == 0
            return program(session, data)
    finally:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:  # an interrupted session did
            pass


def _tells_of_another(problem):
    """Whether what a party met is that another one failed: left, or has an input that is not usable."""
    return isinstance(problem, errors.PeerFailure) or (
        isinstance(problem, errors.DomainViolation) and "not usable (its own message says why" in problem.message
    )


class _Outcomes:
    """What each party came to, in the order in which they ended."""

    def __init__(self):
        self.values, self.failures = [None] * PARTIES, {}

    def tell(self, bar, ended, relay):
        """Called now and then while parties compute."""
        bar.tell(ended, PARTIES, "%.1f MB sent" % (sum(relay.bytes) / 1e6))

    def values_or_raise(self):
        if not self.failures:
            return self.values
        party = next(
            (party for party, problem in self.failures.items() if not _tells_of_another(problem)),
            next(iter(self.failures)),
        )
        raise PartyFailed(party, self.failures)


# -- on threads


class _Threads:
    def __init__(self, relay, program, inputs, backend, options):
        self._relay, self._outcomes = relay, _Outcomes()
        self._threads = [
            threading.Thread(target=self._run, daemon=True, args=(party, program, inputs[party], backend, options))
            for party in range(PARTIES)
        ]

    def _run(self, party, *what):
        try:
            self._outcomes.values[party] = _play(self._relay, party, *what)
        except BaseException as problem:
            self._outcomes.failures[party] = problem

    def results(self, bar):
        self._relay.start()
        for thread in self._threads:
            thread.start()
        try:
            for thread in self._threads:
                self._join(thread, bar)
        except BaseException:  # Ctrl-C: sessions that wait end with the relay
            self._relay.stop()
            for thread in self._threads:
                thread.join()
            raise
        return self._outcomes.values_or_raise()

    def _join(self, thread, bar):
        while bar is not None and thread.is_alive():
            thread.join(_LOOK)
            self._outcomes.tell(bar, sum(not thread.is_alive() for thread in self._threads), self._relay)
        thread.join()


# -- in processes


class _Pickler(pickle.Pickler):
    """Takes matrices too, which own objects of the library, by their values."""

    def reducer_override(self, value):
        return (Matrix.from_rows, (value.to_rows(),)) if isinstance(value, Matrix) else NotImplemented


def _pickled(value):
    out = io.BytesIO()
    _Pickler(out).dump(value)
    return out.getvalue()


def _answer(*what):
    """(value, None, "") or (None, exception, traceback) of a party, as bytes."""
    try:
        value = _play(*what)
        try:
            return _pickled((value, None, ""))
        except Exception as problem:
            raise TypeError(
                "a %s cannot be carried to the calling process: pickle says: %s; "
                "return numbers, lists and matrices" % (type(value).__name__, problem)
            ) from None
    except BaseException as problem:
        where = traceback.format_exc()
        try:
            answer = _pickled((None, problem, where))
            pickle.loads(answer)  # some can be written and not read
            return answer
        except Exception:
            return _pickled((None, RuntimeError("%s: %s" % (type(problem).__name__, problem)), where))


class _Processes:
    """Forked, so that the program may be any function, also one of a notebook."""

    def __init__(self, relay, program, inputs, backend, options):
        import multiprocessing

        context = multiprocessing.get_context("fork")
        self._relay, self._outcomes = relay, _Outcomes()
        self._pipes = [context.Pipe(duplex=False) for _ in range(PARTIES)]
        self._processes = [
            context.Process(target=self._run, args=(party, program, inputs[party], backend, options))
            for party in range(PARTIES)
        ]

    def _run(self, party, *what):
        self._relay.keep_only(party)
        for number, (reader, writer) in enumerate(self._pipes):
            reader.close()
            if number != party:
                writer.close()
        self._pipes[party][1].send_bytes(_answer(self._relay, party, *what))

    def results(self, bar):
        from multiprocessing.connection import wait

        for process in self._processes:
            process.start()
        for end, (_, writer) in zip(self._relay.ends, self._pipes):
            end.close()
            writer.close()
        self._relay.start()
        try:
            readers = {reader: party for party, (reader, _) in enumerate(self._pipes)}
            while readers:
                for reader in wait(list(readers), None if bar is None else _LOOK):
                    self._take(readers.pop(reader), reader)
                if bar is not None:
                    self._outcomes.tell(bar, PARTIES - len(readers), self._relay)
        except BaseException:
            for process in self._processes:
                process.kill()
            raise
        finally:
            for process in self._processes:
                process.join()
        return self._outcomes.values_or_raise()

    def _take(self, party, reader):
        with reader:
            try:
                value, problem, where = pickle.loads(reader.recv_bytes())
            except EOFError:
                self._processes[party].join()
                problem, where = (
                    RuntimeError("its process ended with %s before its program did" % self._processes[party].exitcode),
                    "",
                )
        if problem is None:
            self._outcomes.values[party] = value
            return
        if where:
            problem.__cause__ = _RemoteTraceback(where)
        self._outcomes.failures[party] = problem
