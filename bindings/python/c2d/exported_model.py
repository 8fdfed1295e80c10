"""Models that their owners let be opened: used on tables in the clear, written for other programs."""

from __future__ import annotations

import ctypes
import os
from typing import Any, List

from . import _ffi, _text
from ._handle import Handle
from ._types import Json, Path
from .errors import InvalidArgument, IoFailure
from .table import Prepared, Table

_BYTES_MAX = 64 << 20


class ExportedModel(Handle):
    """What the operator `open_model` writes. Immutable, thread-safe. Owned handle."""

    _destroy = "c2d_exported_model_destroy"
    _made_by = "ExportedModel.parse or ExportedModel.read"

    @classmethod
    def parse(cls, model: Json) -> ExportedModel:
        """Of JSON text, or of what such a text says."""
        return cls._own(_ffi.call_out("c2d_exported_model_parse", _text.as_json(model)))

    @classmethod
    def read(cls, path: Path) -> ExportedModel:
        """Of a file. Raises IoFailure where it cannot be read, InvalidArgument where it is no text."""
        try:
            with open(path, encoding="utf-8") as file:
                text = file.read(_BYTES_MAX + 1)
        except OSError as problem:
            raise IoFailure("cannot read the model: %s" % problem) from None
        except UnicodeDecodeError:
            raise InvalidArgument("%s: expected a model in UTF-8, found something else" % os.fspath(path)) from None
        return cls.parse(text)

    def to_json(self) -> str:
        """RFC 8785 text that `parse` reads."""
        return _text.call_text("c2d_exported_model_to_json", self)

    def to_pmml(self) -> str:
        """PMML 4.4, with the outputs `points` and, of a regression, `probability`."""
        return _text.call_text("c2d_exported_model_to_pmml", self)

    def score(self, *tables: Any) -> Prepared:
        """The columns logit, points and probability of rows: the scores that shares give, to the last point.

        Takes a Table (or what `Table.of` takes) for each owner, in the order of its rules, whose rows stand for the
        same customers; or one table that has the columns of all.
        """
        held: List[Any] = []
        pointers = [Table.of(table)._hold(held) for table in tables]
        array = (ctypes.c_void_p * max(1, len(pointers)))(*pointers)
        return Prepared._own(_ffi.call_out("c2d_exported_model_score", self, array, len(pointers)))

    def __repr__(self) -> str:
        return "<c2d.ExportedModel%s>" % (" closed" if self.closed else "")
