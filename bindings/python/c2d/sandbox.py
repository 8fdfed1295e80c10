"""Runs an approved operator next to private data so that it reaches only its inputs and outputs."""

from __future__ import annotations

import ctypes
import json
from typing import Any, Iterable, List, Mapping, Optional

from . import _ffi, _text
from ._ffi import (
    Handle, Out, POINTER, Status, c_char_p, c_int, c_size_t, c_ubyte, c_uint32, c_uint64, c_void_p,
)
from ._handle import Handle as Owned
from ._types import Json, Path
from .environment import Environment, environment_or_none
from .errors import InvalidArgument, shown
from .records import Layer, RunDetails


class _Options(_ffi.Struct):
    _fields_ = [("struct_size", c_size_t), ("helper", c_char_p), ("cgroup", c_char_p),
                ("environment", c_void_p)]


class _Limits(_ffi.Struct):
    _fields_ = [("struct_size", c_size_t), ("memory_bytes", c_uint64), ("tmp_bytes", c_uint64),
                ("output_bytes", c_uint64), ("log_bytes", c_uint64), ("wall_ms", c_uint64),
                ("cpu_ms", c_uint64), ("output_files", c_uint32), ("processes", c_uint32),
                ("open_files", c_uint32), ("reserved", c_uint32)]


_LIMITS = tuple(name for name, _ in _Limits._fields_ if name not in ("struct_size", "reserved"))
_change = (Status, Handle, c_char_p, Out)

_ffi.declare({
    "c2d_sandbox_limits_init": (None, POINTER(_Limits)),
    "c2d_sandbox_job_create": (Status, c_char_p, Out, Out),
    "c2d_sandbox_job_set_args": _change,
    "c2d_sandbox_job_add_argument": _change,
    "c2d_sandbox_job_add_input": (Status, Handle, c_char_p, c_char_p, Out),
    "c2d_sandbox_job_add_mount": (Status, Handle, c_char_p, c_char_p, Out),
    "c2d_sandbox_job_add_variable": (Status, Handle, c_char_p, c_char_p, Out),
    "c2d_sandbox_job_set_peer_fd": (Status, Handle, c_int, Out),
    "c2d_sandbox_job_set_outputs": _change,
    "c2d_sandbox_job_add_output_name": _change,
    "c2d_sandbox_job_set_limits": (Status, Handle, POINTER(_Limits), Out),
    "c2d_sandbox_job_waive_layer": _change,
    "c2d_sandbox_job_destroy": (None, Handle),
    "c2d_report_succeeded": (c_int, Handle),
    "c2d_report_outcome": (c_char_p, Handle),
    "c2d_report_detail": (c_char_p, Handle),
    "c2d_report_exit_code": (c_int, Handle),
    "c2d_report_log_data": (POINTER(c_ubyte), Handle),
    "c2d_report_log_size": (c_size_t, Handle),
    "c2d_report_log_text": (Status, Handle, Out, Out),
    "c2d_report_to_json": (Status, Handle, Out, Out),
    "c2d_report_destroy": (None, Handle),
    "c2d_sandbox_options_init": (None, POINTER(_Options)),
    "c2d_sandbox_open": (Status, POINTER(_Options), Out, Out),
    "c2d_sandbox_probe": (Status, Handle, Out, Out),
    "c2d_sandbox_run": (Status, Handle, Handle, Out, Out),
    "c2d_sandbox_start": (Status, Handle, Handle, Out, Out),
    "c2d_sandbox_destroy": (None, Handle),
    "c2d_run_wait": (Status, Handle, Out, Out),
    "c2d_run_cancel": (None, Handle),
    "c2d_run_destroy": (None, Handle),
})


def raw_limits(limits: Optional[Mapping[str, int]]) -> _Limits:
    """c2d_sandbox_limits of a dict; what is not named has its default."""
    out = _Limits()
    _ffi.lib.c2d_sandbox_limits_init(ctypes.byref(out))
    for name, value in _text.pairs(limits, "limits"):
        if name not in _LIMITS:
            raise InvalidArgument("limits are %s, found %s" % (", ".join(_LIMITS), shown(name)))
        setattr(out, name, value)
        if value <= 0:
            raise InvalidArgument("limit %s must be positive" % name)
    return out


def raw_options(helper: Optional[Path] = None, cgroup: Optional[Path] = None,
                environment: Optional[Environment] = None) -> _Options:
    """c2d_sandbox_options; None: found by the library itself."""
    out = _Options()
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
    """

    _destroy = "c2d_sandbox_job_destroy"

    def __init__(self, code: str, outputs: Path, *, args: Optional[Json] = None,
                 argv: Iterable[str] = (), inputs: Optional[Mapping[str, Path]] = None,
                 mounts: Optional[Mapping[str, Path]] = None,
                 environment: Optional[Mapping[str, str]] = None, output_names: Iterable[str] = (),
                 limits: Optional[Mapping[str, int]] = None, peer_fd: Optional[int] = None,
                 waive: Iterable[str] = ()) -> None:
        self._take(_ffi.call_out("c2d_sandbox_job_create", _text.encode(code)))
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

    def __init__(self, *, helper: Optional[Path] = None, cgroup: Optional[Path] = None,
                 environment: Optional[Environment] = None) -> None:
        options = raw_options(helper, cgroup, environment)
        self._take(_ffi.call_out("c2d_sandbox_open", options), environment)

    def probe(self) -> List[Layer]:
        """What each wall would be on this machine: dicts with layer, state, errno, hint."""
        return _text.call_json("c2d_sandbox_probe", self)

    def run(self, job: SandboxJob) -> Report:
        """Runs a SandboxJob to its end; returns a Report."""
        return _report(_ffi.call_out("c2d_sandbox_run", self, _text.handle(job, SandboxJob, "job")))

    def start(self, job: SandboxJob) -> Run:
        """Starts a SandboxJob; returns a Run once the operator runs."""
        return Run._own(_ffi.call_out("c2d_sandbox_start", self, _text.handle(job, SandboxJob, "job")))

    def __repr__(self) -> str:
        return "<c2d.Sandbox%s>" % (" closed" if self.closed else "")
