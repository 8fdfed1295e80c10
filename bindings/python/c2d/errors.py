"""Failures of the library as one hierarchy of exceptions; codes as in c2d/status_codes.h."""

from __future__ import annotations

#: The name that type checkers know; `typing` itself would make operators start later.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Optional


def shown(value: object) -> str:
    """A value in a message: short, and whatever its repr does."""
    try:
        return repr(value)[:80]
    except Exception:
        return "a " + type(value).__name__


class Error(Exception):
    """A call failed. `status` is the stable name of its class, for example "peer"."""

    status = "internal"

    def __init__(
        self, message: str = "", *, code: int = 0, name: str = "", source: str = "", transaction: Optional[bytes] = None
    ) -> None:
        super().__init__(message)
        self.message = message
        #: The refusing contract's number, or the party's for peer errors; 0 if there is none.
        self.code = code
        #: The stable name of a refusal, for example "granted_already".
        self.name = name
        #: Who refused: a contract, a sandbox layer, or "".
        self.source = source
        #: 32 bytes of the transaction that carries a refusal, or None.
        self.transaction = transaction


class InvalidArgument(Error, ValueError):
    """An input is not of the documented form; also a ValueError."""

    status = "invalid_argument"


class NotFound(Error, LookupError):
    """What was asked for does not exist; also a LookupError."""

    status = "not_found"


class Refused(Error):
    """A contract or a provider said no: see `source`, `code`, `name`, `transaction`."""

    status = "refused"


class Corrupt(Error):
    """Stored or received bytes do not verify. Trying again does not help."""

    status = "corrupt"


class IoFailure(Error, OSError):
    """The operating system or the disk failed; also an OSError."""

    status = "io"

    def __str__(self) -> str:
        return self.message


class Unavailable(Error):
    """A node, store, provider or device did not answer. Try again later."""

    status = "unavailable"


class Timeout(Error):
    """A stated time limit ran out."""

    status = "timeout"


class LimitReached(Error):
    """An input or a queue passed its bound."""

    status = "limit"


class Unsupported(Error):
    """This network, kernel or build cannot do it."""

    status = "unsupported"


class Cancelled(Error):
    """The caller stopped it."""

    status = "cancelled"


class Conflict(Error):
    """The state changed, or the name is taken."""

    status = "conflict"


class LayerUnavailable(Error):
    """A wall of the sandbox cannot be had on this machine."""

    status = "layer_unavailable"


class PeerFailure(Error):
    """A party vanished, or is not who it must be."""

    status = "peer"


class DomainViolation(Error):
    """A value left the range in which the computation is exact."""

    status = "domain"


class Internal(Error):
    """A defect of the library; please report it."""

    status = "internal"


#: Class by code.
BY_CODE = {
    1: InvalidArgument,
    2: NotFound,
    3: Refused,
    4: Corrupt,
    5: IoFailure,
    6: Unavailable,
    7: Timeout,
    8: LimitReached,
    9: Unsupported,
    10: Cancelled,
    11: Conflict,
    12: LayerUnavailable,
    13: PeerFailure,
    14: DomainViolation,
    15: Internal,
}
