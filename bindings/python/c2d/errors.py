"""Failures of the library as one hierarchy of exceptions; codes as in c2d/status_codes.h."""


class Error(Exception):
    """A call failed. `status` is the stable name of its class, for example "peer"."""

    status = "internal"

    def __init__(self, message="", *, code=0, name="", source="", transaction=None):
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
    status = "invalid_argument"


class NotFound(Error, LookupError):
    status = "not_found"


class Refused(Error):
    status = "refused"


class Corrupt(Error):
    status = "corrupt"


class IoFailure(Error, OSError):
    status = "io"

    def __str__(self):
        return self.message


class Unavailable(Error):
    status = "unavailable"


class Timeout(Error):
    status = "timeout"


class LimitReached(Error):
    status = "limit"


class Unsupported(Error):
    status = "unsupported"


class Cancelled(Error):
    status = "cancelled"


class Conflict(Error):
    status = "conflict"


class LayerUnavailable(Error):
    status = "layer_unavailable"


class PeerFailure(Error):
    """A party vanished, or is not who it must be."""

    status = "peer"


class DomainViolation(Error):
    """A value left the range in which the computation is exact."""

    status = "domain"


class Internal(Error):
    status = "internal"


#: Class by code.
BY_CODE = {
    1: InvalidArgument, 2: NotFound, 3: Refused, 4: Corrupt, 5: IoFailure, 6: Unavailable,
    7: Timeout, 8: LimitReached, 9: Unsupported, 10: Cancelled, 11: Conflict,
    12: LayerUnavailable, 13: PeerFailure, 14: DomainViolation, 15: Internal,
}
