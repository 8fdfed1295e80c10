"""Receipts: how a job ended, as a provider's signed document says and the ledger records."""

from __future__ import annotations

from typing import Any, Dict, Union, cast

from . import _ffi, _text

from .chain import Chain
from .errors import InvalidArgument
from .records import Receipt


def read_receipt(document: Union[str, bytes]) -> Receipt:
    """Checks a provider's `receipt.json` without a ledger and returns what it holds: chain_id, job_id,
    party, algo_dt, solver, owner, data, outcome, code_sha256, inputs, outputs, digest.

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
