"""The world that the library does not own: time and the log."""

from __future__ import annotations

from typing import Callable, Optional

from . import _ffi, _generated, _text
from ._handle import Handle as Owned

_LEVELS = ("debug", "info", "warn", "error")


class Environment(Owned):
    """A clock and a log for what is opened with it. Owned handle; keep it open while that lives.

    `clock()` returns seconds since the epoch; `log(level, line)` takes "debug", "info", "warn" or
    "error" and a line. Both may be called on any thread. An exception in `clock` counts as time 0,
    at which every request has yet to come, and comes out of the call if that fails; one in `log` is dropped, and the
    first is warned of.
    """

    _destroy = "c2d_environment_destroy"

    def __init__(
        self, *, clock: Optional[Callable[[], float]] = None, log: Optional[Callable[[str, str], None]] = None
    ) -> None:
        set_clock = None if clock is None else _ffi.callback(_generated.ClockFunction, _guarded_clock(clock), 0)
        set_log = None if log is None else _ffi.callback(_generated.LogFunction, _guarded_log(log), None)
        # Alive as long as we are; classes that take an environment keep it.
        self._take(_ffi.call_out("c2d_environment_create"), set_clock, set_log)
        if set_clock is not None:
            _ffi.call("c2d_environment_set_clock", self, set_clock, None, _text.NO_DESTROY)
        if set_log is not None:
            _ffi.call("c2d_environment_set_log", self, set_log, None, _text.NO_DESTROY)

    def __repr__(self) -> str:
        return "<c2d.Environment%s>" % (" closed" if self.closed else "")


def _guarded_clock(clock):
    _text.function(clock, "clock")

    def now(_):
        return int(clock())

    return now


def _guarded_log(log):
    write = _text.guarded("log", log)
    return lambda level, line, _: write(_LEVELS[level], _ffi.text(line))


def environment_or_none(environment: Optional[Environment]) -> Optional[Environment]:
    """For a field of options: None is the default world."""
    return None if environment is None else _text.handle(environment, Environment, "environment")
