"""Runs an approved operator next to private data so that it reaches only its inputs and outputs."""

from __future__ import annotations

import ctypes
import json
from typing import Any, Callable, Iterable, List, Mapping, Optional

from . import _ffi, _generated, _text
from ._handle import Handle as Owned
from ._types import Json, Path
from .environment import Environment, environment_or_none
from .errors import InvalidArgument, shown
from .records import Layer, RunDetails


_LIMITS = tuple(name for name, _ in _generated.SandboxLimits._fields_ if name not in ("struct_size", "reserved"))


def raw_limits(limits: Optional[Mapping[str, int]]) -> _generated.SandboxLimits:
    """c2d_sandbox_limits of a dict; what is not named has its default."""
    out = _generated.SandboxLimits()
    _ffi.lib.c2d_sandbox_limits_init(ctypes.byref(out))
    for name, value in _text.pairs(limits, "limits"):
        if name not in _LIMITS:
            raise InvalidArgument("limits are %s, found %s" % (", ".join(_LIMITS), shown(name)))
        setattr(out, name, value)
        if value <= 0:
            raise InvalidArgument("limit %s must be positive" % name)
    return out


def raw_options(
    helper: Optional[Path] = None, cgroup: Optional[Path] = None, environment: Optional[Environment] = None
) -> _generated.SandboxOptions:
    """c2d_sandbox_options; None: found by the library itself."""
    out = _generated.SandboxOptions()
    _ffi.lib.c2d_sandbox_options_init(ctypes.byref(out))
    out.helper, out.cgroup = _ffi.path(helper), _ffi.path(cgroup)
    out.environment = environment_or_none(environment)
    return out


class SandboxJob(Owned):
    """What to run, and how much it may use. For one thread while it is filled. Owned handle.

    code        the operator's text, shown at /job/code
    outputs     a directory that does not exist yet or is empty
    args        its arguments, a dict, shown at /job/args.json
    argv        the command line instead of python3 /job/code --config /job/args.json
    inputs      {name: host file}, read-only below /job/inputs
    mounts      {path inside: host file or directory}, read-only, for libraries
    environment {name: value}
    output_names  what is collected; any other output is rejected. Empty: whatever was written
    limits      {"memory_bytes": …, "wall_ms": …}: memory_bytes tmp_bytes output_bytes log_bytes
                wall_ms cpu_ms output_files processes open_files
    waive       LAYERS THAT MAY BE MISSING, for example ["landlock"]
    on_log      takes what the operator writes while it runs: bytes, in pieces of any length, all of them before the run's end is
                reported. It is called on a thread of the library and keeps the run's limits from being watched, so it must
                return at once; what it raises is dropped, and the first is warned of
    """

    _destroy = "c2d_sandbox_job_destroy"

    def __init__(
        self,
        code: str,
        outputs: Path,
        *,
        args: Optional[Json] = None,
        argv: Iterable[str] = (),
        inputs: Optional[Mapping[str, Path]] = None,
        mounts: Optional[Mapping[str, Path]] = None,
        environment: Optional[Mapping[str, str]] = None,
        output_names: Iterable[str] = (),
        limits: Optional[Mapping[str, int]] = None,
        peer_fd: Optional[int] = None,
        waive: Iterable[str] = (),
        on_log: Optional[Callable[[bytes], object]] = None,
    ) -> None:
        set_log = None if on_log is None else _ffi.callback(_generated.OutputFunction, _guarded_output(on_log), None)
        # Alive as long as we are; runs keep their job.
        self._take(_ffi.call_out("c2d_sandbox_job_create", _text.encode(code)), set_log)
        if set_log is not None:
            self._call("set_log", set_log, None, _text.NO_DESTROY)
        self._call("set_outputs", _ffi.path(outputs))
        self._call("set_args", _text.as_json({} if args is None else args))
        for word in _text.each(argv, "argv"):
            self._call("add_argument", _text.encode(word))
        for name, path in _text.pairs(inputs, "inputs"):
            self._call("add_input", _text.encode(name), _ffi.path(path))
        for inside, host in _text.pairs(mounts, "mounts"):
            self._call("add_mount", _ffi.path(host), _text.encode(inside))
        for name, value in _text.pairs(environment, "environment"):
            self._call("add_variable", _text.encode(name), _text.encode(value))
        for name in _text.each(output_names, "output_names"):
            self._call("add_output_name", _text.encode(name))
        for layer in _text.each(waive, "waive"):
            self._call("waive_layer", _text.encode(layer))
        if peer_fd is not None:
            self._call("set_peer_fd", peer_fd)
        if limits is not None:
            self._call("set_limits", raw_limits(limits))

    def _call(self, name, *arguments):
        _ffi.call("c2d_sandbox_job_" + name, self, *arguments)

    def __repr__(self) -> str:
        return "<c2d.SandboxJob%s>" % (" closed" if self.closed else "")


def _guarded_output(on_log):
    write = _text.guarded("on_log", on_log)
    return lambda data, size, _: write(ctypes.string_at(data, size))


class Report:
    """What happened in a run; a bad outcome is an answer, not an exception. A plain value.

    `log` is raw bytes of the operator: terminal escapes, and rows of data. `log_text` is harmless
    for a terminal. `details` holds times, peak memory, layers, digests and outputs.
    """

    succeeded: bool
    outcome: str
    detail: str
    exit_code: int
    log: bytes
    log_text: str
    details: RunDetails

    def __init__(self, *_: Any) -> None:
        raise TypeError("a Report comes from Sandbox.run and Run.wait")

    def _read(self, raw: Any) -> Report:
        lib = _ffi.lib
        self.succeeded = bool(lib.c2d_report_succeeded(raw))
        self.outcome = _ffi.text(lib.c2d_report_outcome(raw))
        self.detail = _ffi.text(lib.c2d_report_detail(raw))
        self.exit_code = lib.c2d_report_exit_code(raw)
        size = lib.c2d_report_log_size(raw)
        self.log = ctypes.string_at(lib.c2d_report_log_data(raw), size) if size else b""
        self.log_text = _text.call_text("c2d_report_log_text", raw)
        self.details = json.loads(_text.call_text("c2d_report_to_json", raw))
        return self

    def _repr_html_(self) -> str:
        from . import _html

        return _html.report(self)

    def __repr__(self) -> str:
        return "<c2d.Report %s %d>" % (self.outcome, self.exit_code)


def _report(raw):
    try:
        return Report.__new__(Report)._read(raw)
    finally:
        _ffi.lib.c2d_report_destroy(raw)


class Run(Owned):
    """A started operator; closing it kills the whole process tree. Owned handle."""

    _destroy, _waits, _made_by = "c2d_run_destroy", True, "Sandbox.start"

    def wait(self) -> Report:
        """Waits for the end; returns a Report. Once per run."""
        return _report(_ffi.call_out("c2d_run_wait", self))

    def cancel(self) -> None:
        """Kills the whole tree; from any thread, while another waits."""
        _ffi.ask("c2d_run_cancel", self)

    def close(self) -> None:
        """Kills what still runs; a `wait` on another thread then returns."""
        held: List[Any] = []
        if not self.closed:
            _ffi.lib.c2d_run_cancel(self._hold(held))
        super().close()

    def __repr__(self) -> str:
        return "<c2d.Run%s>" % (" closed" if self.closed else "")


class Sandbox(Owned):
    """Starts operators. Strict: a wall that cannot be had raises `LayerUnavailable`. Thread-safe.

    `helper` is the path of c2d-sandbox-helper, found by itself beside the library. Owned handle.
    """

    _destroy = "c2d_sandbox_destroy"

    def __init__(
        self, *, helper: Optional[Path] = None, cgroup: Optional[Path] = None, environment: Optional[Environment] = None
    ) -> None:
        options = raw_options(helper, cgroup, environment)
        self._take(_ffi.call_out("c2d_sandbox_open", options), environment)

    def probe(self) -> List[Layer]:
        """What each wall would be on this machine: dicts with layer, state, errno, hint."""
        return _text.call_json("c2d_sandbox_probe", self)

    def run(self, job: SandboxJob) -> Report:
        """Runs a SandboxJob to its end; returns a Report."""
        # Not on this thread: what a handler of signals raises as `on_log` begins would be lost, and Ctrl-C with it.
        with self.start(job) as run:
            return run.wait()

    def start(self, job: SandboxJob) -> Run:
        """Starts a SandboxJob; returns a Run once the operator runs."""
        raw = _ffi.call_out("c2d_sandbox_start", self, _text.handle(job, SandboxJob, "job"))
        return Run._own(raw, *job._keep)

    def try_parties(
        self,
        jobs: Iterable[SandboxJob],
        *,
        clear: bool = False,
        rules: Optional[Mapping[str, Any]] = None,
        kept: Optional[Path] = None,
    ) -> Json:
        """Tries an operator out as its providers would run it: the parties' SandboxJobs, one or the three of a joint
        computation.

        Each runs in a sandbox of its own with the engine beside it and relays between them. Code, mounts, environment,
        limits and waived layers are those of the first job; arguments, inputs and outputs each job's own. `clear`
        computes in the clear, `rules` are what the owners ask of openings, as `mpc.run_local` takes them, `kept` is a
        folder for what is kept from one run to the next. Returns a dict: succeeded, failed (party numbers, first who
        failed by itself), parties (end, detail, log, opened, kept, bytes_to_peers, sandbox of each).
        """
        from .mpc._session_options import rules_of

        options = _generated.TrialOptions()
        _ffi.lib.c2d_trial_options_init(ctypes.byref(options))
        options.rules = ctypes.pointer(rules_of(rules))
        options.kept, options.clear = _ffi.path(kept), 1 if clear else 0
        held: List[Any] = []
        pointers = [_text.handle(job, SandboxJob, "a party")._hold(held) for job in jobs]
        handles = (ctypes.c_void_p * len(pointers))(*pointers)
        return _text.call_json("c2d_sandbox_try_parties", self, handles, len(pointers), options)

    def __repr__(self) -> str:
        return "<c2d.Sandbox%s>" % (" closed" if self.closed else "")
