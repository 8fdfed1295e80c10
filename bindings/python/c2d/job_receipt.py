"""Receipts: how a job ended, as a provider's signed document says and the ledger records."""

from __future__ import annotations

from typing import Any, Dict, List, Union, cast

from . import _ffi, _text

from ._types import Json
from .chain import Chain
from .errors import InvalidArgument
from .records import OpenedMember, PostedReceipt, Receipt


def read_receipt(document: Union[str, bytes]) -> Receipt:
    """Checks a provider's `receipt.json` without a ledger and returns what it holds: version, chain_id, job_id,
    party, algo_dt, solver, owner, signer, data, outcome, code_sha256, inputs, outputs, digest, and from version 2 on
    artifacts, disclosures, attempts, runtime.

    Raises `InvalidArgument` when it is no receipt, `Refused` with the name `receipt_altered` when its
    owner did not sign this text.
    """
    return cast(Receipt, _ShownReceipt(_text.call_json("c2d_receipt_read", _bytes(document))))


def confirm_receipt(document: Union[str, bytes], chain: Chain) -> None:
    """The same check, that composition and solver are those of the ledger's job, and that the ledger holds
    its digest for each of its data tokens.

    Raises `Refused` with the name `receipt_not_posted` or `receipt_differs` otherwise.
    """
    _ffi.call("c2d_receipt_confirm", _bytes(document), _text.handle(chain, Chain, "chain"))


def open_receipt_member(document: Union[str, bytes], member: str) -> str:
    """One member of a provider's `receipt.json` as a document of its own, which shows nothing of the others but
    their names: whoever is handed it checks it with `read_opened_member` and `confirm_opened_member`.

    Raises `Unsupported` for a receipt of version 1, `NotFound` where it has no such member, else as `read_receipt`.
    """
    return _text.call_text("c2d_receipt_open_member", _bytes(document), _text.encode(member))


def read_opened_member(document: Union[str, bytes]) -> OpenedMember:
    """Checks what `open_receipt_member` made without a ledger: job_id, member, value, digest. That alone proves
    nothing, since anybody can make up a receipt.

    Raises `InvalidArgument` when it is none, `Refused` with the name `receipt_altered` when value or salt were changed.
    """
    return cast(OpenedMember, _text.call_json("c2d_receipt_read_member", _bytes(document)))


def confirm_opened_member(document: Union[str, bytes], chain: Chain) -> List[PostedReceipt]:
    """The same check, and what the ledger holds under the digest, at least one entry: who posted it, the `owner`,
    vouches for the value.

    Raises `Refused` with the name `receipt_not_posted`, or with `receipt_differs` where the ledger itself says another
    value.
    """
    return cast(
        List[PostedReceipt],
        _text.call_json("c2d_receipt_confirm_member", _bytes(document), _text.handle(chain, Chain, "chain")),
    )


def confirm_origin(origin: Json, owner: str, chain: Chain) -> None:
    """Whether a model token's origin is true: `attributes.origin` of its document, and the token's owner.

    Raises `InvalidArgument` when it is none, `Refused` with the name `origin_invalid` when no receipt that `owner`
    posted, of a run that succeeded, names this artifact.
    """
    _ffi.call("c2d_origin_confirm", _text.as_json(origin), _text.encode(owner), _text.handle(chain, Chain, "chain"))


class _ShownReceipt(Dict[str, Any]):
    """A dict that a notebook shows as a table."""

    def _repr_html_(self) -> str:
        from . import _html

        return _html.receipt(self)


def _bytes(document):
    document = _text.blob_or_text(document)
    if b"\0" in document:
        raise InvalidArgument("a receipt holds a zero byte")
    return document
