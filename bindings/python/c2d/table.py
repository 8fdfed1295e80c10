"""Tables: read from CSV or taken from data frames, checked, prepared for a model."""

from __future__ import annotations

import ctypes
import io
import json
from typing import Any, Dict, Iterator, List, Mapping, Optional, Sequence, Tuple, Union

from . import _arrow, _ffi, _generated, _text
from ._handle import Handle
from ._types import Json, Path, Progress
from .errors import InvalidArgument, shown
from .mpc import Matrix

_HEADERS = {None: 0, True: 1, False: 2}


def _options(schema, encoding, delimiter, decimal, header, id, label, problems_max=0, bytes_max=0):
    if header not in _HEADERS:
        raise InvalidArgument("header is True, False or None (found out), found %s" % shown(header))
    options = _generated.TableOptions(ctypes.sizeof(_generated.TableOptions))
    options.schema = _schema_text(schema) if schema is not None else None
    options.encoding, options.delimiter = _text.encode(encoding), _text.encode(delimiter)
    options.decimal, options.id, options.label = _text.encode(decimal), _text.encode(id), _text.encode(label)
    options.header = _HEADERS[header]
    options.problems_max, options.bytes_max = problems_max, bytes_max
    return options


def _schema_text(schema):
    return _text.encode(schema.to_json()) if isinstance(schema, Schema) else _text.as_json(schema)


class Schema:
    """Names, types and roles of columns, and how a file of them is written. Holds no data.

    JSON is Frictionless Table Schema with a `role` for each field (id, label, feature, weight, ignore).
    """

    def __init__(self, schema: Json) -> None:
        """From a dict, or JSON text. Unknown members, types and constraints are refused by name."""
        self._json = _text.call_text("c2d_schema_normalise", _text.as_json(schema))

    @classmethod
    def read(cls, path: Path) -> Schema:
        """From a file."""
        return cls(_text.call_text("c2d_schema_read", _ffi.path(path)))

    def to_json(self) -> str:
        """JSON text, indented."""
        return self._json

    @property
    def fields(self) -> List[Dict[str, Any]]:
        """The fields as dicts."""
        fields: List[Dict[str, Any]] = json.loads(self._json)["fields"]
        return fields

    @property
    def names(self) -> List[str]:
        """The names of all columns."""
        return [field["name"] for field in self.fields]

    @property
    def digest(self) -> bytes:
        """SHA-256 of names, types and roles: what parties agree on before they join tables."""
        out = (ctypes.c_ubyte * 32)()
        _ffi.call("c2d_schema_digest", _text.encode(self._json), out)
        return bytes(out)

    def __arrow_c_schema__(self) -> object:
        return _arrow.schema_capsule(
            lambda place: _ffi.call("c2d_schema_export_arrow", _text.encode(self._json), place)
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Schema) and self._json == other._json

    def __hash__(self) -> int:
        return hash(self._json)

    def __repr__(self) -> str:
        return "<c2d.Schema of %d columns>" % len(self.fields)


class Table(Handle):
    """Named, typed columns, some cells missing. Immutable, thread-safe. Owned handle.

    pyarrow, polars, pandas and duckdb take it as it is (`pyarrow.table(table)`, `polars.DataFrame(table)`).
    """

    _destroy = "c2d_table_destroy"
    _made_by = "Table.read_csv, Table.parse_csv or Table.of"

    @classmethod
    def read_csv(
        cls,
        path: Path,
        schema: Union[Schema, Json, None] = None,
        *,
        encoding: Optional[str] = None,
        delimiter: Optional[str] = None,
        decimal: Optional[str] = None,
        header: Optional[bool] = None,
        id: Optional[str] = None,
        label: Optional[str] = None,
        bytes_max: int = 0,
        progress: Optional[Progress] = None,
    ) -> Table:
        """Reads a CSV file. What neither the arguments nor the schema say is found out, or refused where two readings
        fit.

        A file with problems raises InvalidArgument, which tells the first; `check_csv` tells all.
        """
        options = _options(schema, encoding, delimiter, decimal, header, id, label, bytes_max=bytes_max)
        with _text.Progress(progress, "read") as call:
            return cls._own(
                _ffi.call_out("c2d_table_read_csv", _ffi.path(path), ctypes.byref(options), call.callback, None)
            )

    @classmethod
    def read(
        cls,
        path: Path,
        schema: Union[Schema, Json, None] = None,
        *,
        encoding: Optional[str] = None,
        delimiter: Optional[str] = None,
        decimal: Optional[str] = None,
        header: Optional[bool] = None,
        id: Optional[str] = None,
        label: Optional[str] = None,
        bytes_max: int = 0,
        progress: Optional[Progress] = None,
    ) -> Table:
        """Reads a CSV file, or a table file that `write` or a query made, told by how it begins; otherwise as
        `read_csv`."""
        options = _options(schema, encoding, delimiter, decimal, header, id, label, bytes_max=bytes_max)
        with _text.Progress(progress, "read") as call:
            return cls._own(
                _ffi.call_out("c2d_table_read", _ffi.path(path), ctypes.byref(options), call.callback, None)
            )

    @classmethod
    def query(
        cls,
        source: Json,
        schema: Union[Schema, Json, None] = None,
        *,
        id: Optional[str] = None,
        label: Optional[str] = None,
        bytes_max: int = 0,
    ) -> Table:
        """Asks a database: {"sqlite": FILE, "query": SQL}, or {"odbc": CONNECTION, "query": SQL, "password_file":
        FILE}, as a provider's `assets_path` has them (docs/tables.md). Nothing is written there.
        """
        options = _options(schema, None, None, None, None, id, label, bytes_max=bytes_max)
        return cls._own(_ffi.call_out("c2d_table_query", _text.as_json(source), ctypes.byref(options)))

    @classmethod
    def parse_csv(
        cls,
        text: Union[str, bytes],
        name: str = "text",
        schema: Union[Schema, Json, None] = None,
        *,
        encoding: Optional[str] = None,
        delimiter: Optional[str] = None,
        decimal: Optional[str] = None,
        header: Optional[bool] = None,
        id: Optional[str] = None,
        label: Optional[str] = None,
    ) -> Table:
        """The same of text, which `name` is called in messages."""
        data = _text.blob_or_text(text)
        options = _options(schema, encoding, delimiter, decimal, header, id, label)
        return cls._own(
            _ffi.call_out("c2d_table_parse_csv", data, len(data), _text.encode(name), ctypes.byref(options))
        )

    @classmethod
    def of(cls, data: Any, schema: Union[Schema, Json, None] = None) -> Table:
        """From a data frame of pandas, polars, pyarrow or duckdb, whatever speaks Arrow's PyCapsule protocol, or a
        mapping of names to columns. With a schema its fields are taken by name, with their roles.
        """
        if isinstance(data, Table):
            table = data
        elif _arrow.is_producer(data):
            table = cls._own(_arrow.import_table(data))
        else:
            table = _of_columns(data)
        return table if schema is None else table.conform(schema)

    @property
    def rows(self) -> int:
        """How many rows."""
        return _ffi.ask("c2d_table_rows", self)

    @property
    def cols(self) -> int:
        """How many columns."""
        return _ffi.ask("c2d_table_cols", self)

    @property
    def shape(self) -> Tuple[int, int]:
        """(rows, columns)."""
        return self.rows, self.cols

    @property
    def schema(self) -> Schema:
        """Names, types and roles."""
        return Schema(_text.call_text("c2d_table_schema", self))

    @property
    def names(self) -> List[str]:
        """The names of the columns."""
        return self.schema.names

    def cell(self, row: int, column: Union[int, str]) -> Optional[str]:
        """One cell as text; None for a missing one."""
        place = self._place(column)
        return _text.call_text("c2d_table_cell", self, row, place)

    def column(self, column: Union[int, str]) -> List[Optional[str]]:
        """All cells of a column as texts; None for missing ones."""
        place = self._place(column)
        return [_text.call_text("c2d_table_cell", self, row, place) for row in range(self.rows)]

    def select(self, names: Sequence[str]) -> Table:
        """The named columns, in that order."""
        array, count = _text.text_array(names)
        return Table._own(_ffi.call_out("c2d_table_select", self, array, count))

    def take(self, rows: Sequence[int]) -> Table:
        """The rows of these numbers, in that order, repeats allowed."""
        self._hold([])  # a closed table says so whatever the rows are
        numbers = _ffi.array_of(ctypes.c_uint64, rows)
        return Table._own(_ffi.call_out("c2d_table_take", self, numbers, len(numbers)))

    def conform(self, schema: Union[Schema, Json]) -> Table:
        """The same cells under another schema: its fields by name, in its order, with its roles."""
        return Table._own(_ffi.call_out("c2d_table_conform", self, _schema_text(schema)))

    def write(self, path: Path) -> None:
        """Writes a table file, which `read` reads: equal cells under an equal schema give equal bytes."""
        _ffi.call("c2d_table_write", self, _ffi.path(path))

    def to_matrix(self) -> Matrix:
        """The numbers of a table that holds nothing but numbers; columns of text, or with missing cells, are named."""
        rows, cols = self.shape
        numbers = (ctypes.c_double * (rows * cols))()
        _ffi.call("c2d_table_numbers", self, numbers, len(numbers))
        return Matrix._own(_ffi.call_out("c2d_mpc_matrix_create", rows, cols, numbers))

    def __arrow_c_stream__(self, requested_schema: Any = None) -> object:
        return _arrow.stream_capsule(lambda place: _ffi.call("c2d_table_export_arrow", self, place))

    def __arrow_c_schema__(self) -> object:
        return self.schema.__arrow_c_schema__()

    def __len__(self) -> int:
        return self.rows

    def __iter__(self) -> Iterator[Any]:
        raise TypeError("a Table is not iterated: column(name), or a data frame made of it")

    def _place(self, column):
        if not isinstance(column, str):
            return column
        names = self.names
        if column not in names:
            raise InvalidArgument("there is no column %s; there are %s" % (shown(column), ", ".join(names)))
        return names.index(column)

    def __repr__(self) -> str:
        return "<c2d.Table %s>" % ("closed" if self.closed else "of %d rows, %d columns" % self.shape)


def check_csv(
    path: Path,
    schema: Union[Schema, Json, None] = None,
    *,
    encoding: Optional[str] = None,
    delimiter: Optional[str] = None,
    decimal: Optional[str] = None,
    header: Optional[bool] = None,
    id: Optional[str] = None,
    label: Optional[str] = None,
    problems_max: int = 1000,
    progress: Optional[Progress] = None,
) -> Dict[str, Any]:
    """Reads a whole CSV file, whatever its size: what is wrong with it ("problems", each with line, column and text),
    how it is written ("decided"), what it holds ("columns"), its "schema", and whether it can be used ("usable").
    """
    options = _options(schema, encoding, delimiter, decimal, header, id, label, problems_max)
    with _text.Progress(progress, "check") as call:
        report: Dict[str, Any] = _text.call_json(
            "c2d_table_check_csv", _ffi.path(path), ctypes.byref(options), call.callback, None
        )
    return report


def check_table(
    path: Path,
    schema: Union[Schema, Json, None] = None,
    *,
    encoding: Optional[str] = None,
    delimiter: Optional[str] = None,
    decimal: Optional[str] = None,
    header: Optional[bool] = None,
    id: Optional[str] = None,
    label: Optional[str] = None,
    problems_max: int = 1000,
    progress: Optional[Progress] = None,
) -> Dict[str, Any]:
    """Checks a CSV file or a table file, told by how it begins, as `check_csv` does; problems of a table file have a
    "row" in place of a "line".
    """
    options = _options(schema, encoding, delimiter, decimal, header, id, label, problems_max)
    with _text.Progress(progress, "check") as call:
        report: Dict[str, Any] = _text.call_json(
            "c2d_table_check", _ffi.path(path), ctypes.byref(options), call.callback, None
        )
    return report


class PreprocessingRule(Handle):
    """What is done to columns before a model sees them, fitted once. Immutable, thread-safe. Owned handle."""

    _destroy = "c2d_preprocessing_rule_destroy"
    _made_by = "PreprocessingRule.fit or PreprocessingRule.parse"

    @staticmethod
    def default_plan(schema: Union[Schema, Json]) -> List[Dict[str, Any]]:
        """What a schema suggests, to be changed and given to `fit`."""
        plan: List[Dict[str, Any]] = _text.call_json("c2d_preprocessing_plan", _schema_text(schema))
        return plan

    @classmethod
    def fit(cls, table: Any, plan: Optional[Sequence[Mapping[str, Any]]] = None) -> PreprocessingRule:
        """Fits a plan (None: that of the table's schema) on training rows: a Table or what `Table.of` takes."""
        text = None if plan is None else _text.as_json(list(plan))
        return cls._own(_ffi.call_out("c2d_preprocessing_rule_fit", Table.of(table), text))

    @classmethod
    def parse(cls, rule: Json) -> PreprocessingRule:
        """Reads what `to_json` gives."""
        return cls._own(_ffi.call_out("c2d_preprocessing_rule_parse", _text.as_json(rule)))

    def to_json(self) -> str:
        """RFC 8785 text."""
        return _text.call_text("c2d_preprocessing_rule_to_json", self)

    @property
    def columns(self) -> List[Dict[str, Any]]:
        """What is done to each column; "why" of those that are dropped."""
        columns: List[Dict[str, Any]] = json.loads(self.to_json())["columns"]
        return columns

    @property
    def digest(self) -> bytes:
        """SHA-256 of the text."""
        out = (ctypes.c_ubyte * 32)()
        _ffi.call("c2d_preprocessing_rule_digest", self, out)
        return bytes(out)

    def apply(self, table: Any) -> Prepared:
        """The numbers of a Table, or what `Table.of` takes; columns are found by name. One without any value is of
        every type."""
        return Prepared._own(_ffi.call_out("c2d_preprocessing_rule_apply", self, Table.of(table)))

    def __repr__(self) -> str:
        return "<c2d.PreprocessingRule %s>" % ("closed" if self.closed else "of %d columns" % len(self.columns))


class Prepared(Handle):
    """Rows of numbers with names. Immutable, thread-safe. Owned handle. `session.input` takes it; so does numpy."""

    _destroy = "c2d_prepared_destroy"
    _made_by = "PreprocessingRule.apply"

    @property
    def shape(self) -> Tuple[int, int]:
        """(rows, columns)."""
        return _ffi.ask("c2d_prepared_rows", self), _ffi.ask("c2d_prepared_cols", self)

    @property
    def names(self) -> List[str]:
        """The names of the columns."""
        names: List[str] = _text.call_json("c2d_prepared_to_json", self)["names"]
        return names

    @property
    def surprises(self) -> List[Dict[str, Any]]:
        """What these rows held that training rows did not, by column: for the owner alone."""
        surprises: List[Dict[str, Any]] = _text.call_json("c2d_prepared_to_json", self)["surprises"]
        return surprises

    def to_matrix(self) -> Matrix:
        """A copy as a matrix."""
        rows, cols = self.shape
        return Matrix._own(_ffi.call_out("c2d_mpc_matrix_create", rows, cols, _ffi.ask("c2d_prepared_data", self)))

    def to_numpy(self) -> Any:
        """A copy as an array of numpy."""
        import numpy

        return numpy.asarray(self.to_matrix())

    def __array__(self, dtype: Any = None, copy: Optional[bool] = None) -> Any:
        return self.to_numpy() if dtype is None else self.to_numpy().astype(dtype)

    def __repr__(self) -> str:
        return "<c2d.Prepared %s>" % ("closed" if self.closed else "of %d rows, %d columns" % self.shape)


# -- columns of others, where Arrow is not spoken


#: Types of schemas by the kinds of numpy.
_TYPES = {"b": "boolean", "i": "integer", "u": "integer", "f": "number", "M": "datetime"}


def _of_columns(data):
    """A table of a mapping of names to sequences, or a pandas frame from before Arrow's protocol."""
    if not hasattr(data, "keys") or not hasattr(data, "__getitem__"):
        raise InvalidArgument("expected a data frame, or a mapping of names to columns, found %s" % type(data).__name__)
    columns = {str(name): list(data[name]) for name in data.keys()}
    if len(columns) != len(list(data.keys())):
        raise InvalidArgument("two columns have the same name")
    if not columns or len({len(column) for column in columns.values()}) != 1:
        raise InvalidArgument("columns must be given and have the same length")
    fields = [{"name": name, "type": _type_of(data[raw], columns[name])} for name, raw in zip(columns, data.keys())]
    return Table.parse_csv(
        _csv_text(columns),
        "columns",
        {"fields": fields, "missingValues": [""], "dialect": {"delimiter": ",", "header": True}},
    )


def _type_of(column, values):
    kind = getattr(getattr(column, "dtype", None), "kind", None)
    if kind in _TYPES:
        return _TYPES[kind]
    present = [value for value in values if not _is_missing(value)]
    for kinds, name in (((bool,), "boolean"), ((int,), "integer"), ((int, float), "number")):
        if present and all(isinstance(value, kinds) for value in present):
            return name
    if all(isinstance(value, str) for value in present):
        return "string"
    raise InvalidArgument(
        "a column holds values of different types, or of one that no column has: %s"
        % ", ".join(sorted({type(value).__name__ for value in present}))
    )


def _is_missing(value):
    return value is None or value != value  # NaN and NaT differ from themselves


def _csv_text(columns):
    import csv

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_MINIMAL)
    writer.writerow(columns)
    for row in zip(*columns.values()):
        writer.writerow(["" if _is_missing(value) else _written(value) for value in row])
    return out.getvalue()  # a row of one missing cell is "", not a blank line


def _written(value):
    if isinstance(value, bool):
        return "true" if value else "false"
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return repr(float(value)) if isinstance(value, float) else str(value)
