"""How a session is called: by one thread, one call at a time, with tensors of its own."""

from __future__ import annotations

from _thread import allocate_lock, get_ident

from .._ffi import call_out
from .._handle import Handle
from ..errors import InvalidArgument
from ._tensor import Tensor

TYPE_CHECKING = False  # the name that type checkers know
if TYPE_CHECKING:
    from typing import Any, Callable, Optional, Tuple

PARTIES = 3


class Calls(Handle):
    """What every kind of operation of a session is made of."""

    _thread: Optional[int] = None

    def _take(self, raw: Any, *keep: Any) -> None:
        super()._take(raw, *keep)
        self._busy = allocate_lock()

    def _mine(self, *tensors: Tensor) -> Tuple[Tensor, ...]:
        """Tensors once they are tensors of this session."""
        for tensor in tensors:
            if not isinstance(tensor, Tensor):
                raise TypeError(
                    "expected a Tensor, found %s: share it with session.input, or make it a "
                    "session.constant" % type(tensor).__name__
                )
            if getattr(tensor, "_session", None) is not self:
                raise InvalidArgument("this Tensor belongs to another session", name="other_session")
        return tensors

    def _tensor(self, operation: str, *arguments: Any) -> Tensor:
        """Calls an operation whose result is one tensor."""
        return self._held(self._run(call_out, operation, *arguments))

    def _held(self, raw):
        """The Tensor of a pointer that the library gave."""
        tensor = Tensor._own(raw, self)
        tensor._session = self
        return tensor

    def _run(self, how: Callable[..., Any], operation: str, *arguments: Any) -> Any:
        """Calls `c2d_mpc_session_OPERATION` as `how` does: `_ffi.call` or `call_out`."""
        self._check_thread()
        self._enter()
        try:
            if self._thread is None:
                self._thread = get_ident()
            return how("c2d_mpc_session_" + operation, self, *arguments)
        finally:
            self._busy.release()

    def _check_thread(self) -> None:
        if self._thread not in (None, get_ident()):
            raise InvalidArgument(
                "this session computes on another thread, and is for one alone: see " "move_to_this_thread",
                name="wrong_thread",
            )

    def _enter(self) -> None:
        self._hold([])
        if not self._busy.acquire(False):
            raise InvalidArgument(
                "this session is in a call: a progress function must not compute with it, nor " "may two threads",
                name="in_a_call",
            )
