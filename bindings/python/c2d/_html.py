"""What notebooks show of the package's objects: `_repr_html_` of matrices, tensors, traces, receipts, reports.

Whatever stands in a ledger, a document or a log was written by others: all of it is made harmless for a terminal first
(`display`), then for HTML. Nothing here is a script, a style sheet, a link or a formula: notebooks would typeset a
text between dollar signs, which may hide or replace what stands around it.
"""

from __future__ import annotations

import html
from typing import Any, Iterable, List, Optional, Sequence

from . import _text

#: What is shown of long things.
ROWS_MAX, COLUMNS_MAX, LINES_MAX = 10, 10, 300
#: What MathJax leaves alone, by the names of its versions 2 and 3.
_NO_FORMULAS = 'class="tex2jax_ignore mathjax_ignore"'


def escaped(value: Any) -> str:
    """One value within one line of a page."""
    return html.escape(_text.display(str(value)), quote=True)


def table(rows: Iterable[Sequence[Any]], head: Sequence[Any] = ()) -> str:
    """Rows of values."""
    out: List[str] = ["<table %s>" % _NO_FORMULAS]
    if head:
        out.append("<tr>%s</tr>" % "".join("<th>%s</th>" % escaped(name) for name in head))
    for row in rows:
        out.append("<tr>%s</tr>" % "".join("<td>%s</td>" % escaped(value) for value in row))
    return "".join(out) + "</table>"


def titled(title: str, *parts: str) -> str:
    """`title` is a value, the parts are HTML."""
    return "<div %s><p><b>%s</b></p>%s</div>" % (_NO_FORMULAS, escaped(title), "".join(parts))


def folded(title: str, text: str, shown: bool = False, last: bool = False) -> str:
    """Lines of others under a title that opens and closes; of many the first, or the last."""
    lines = _text.display(text, lines=True).splitlines()
    if len(lines) > LINES_MAX:
        title += ", the %s %d of %d lines" % ("last" if last else "first", LINES_MAX, len(lines))
    lines = lines[-LINES_MAX:] if last else lines[:LINES_MAX]
    return "<details %s%s><summary>%s</summary><pre>%s</pre></details>" % (
        _NO_FORMULAS,
        " open" if shown else "",
        escaped(title),
        html.escape("\n".join(lines)),
    )


# -- what is shown


def matrix(shape: Any, rows: List[List[float]]) -> str:
    """The first rows and columns; `rows` holds no more than these."""
    count, columns = shape
    more = [] if columns <= COLUMNS_MAX else ["…"]
    shown = [["%.6g" % value for value in row[:COLUMNS_MAX]] + more for row in rows]
    if count > len(rows):
        shown.append(["…"] * len(shown[0]))
    return titled("Matrix, %d × %d, in the clear" % (count, columns), table(shown))


def tensor(shape: Any, party: Optional[int], clear: bool) -> str:
    """Shape and secrecy: there are no values here, and none are asked for."""
    secrecy = (
        "NOT SECRET: backend \"clear\", for tests"
        if clear
        else "shared among the parties: no one of them can read it; session.reveal opens it"
    )
    return titled(
        "Tensor, %d × %d" % tuple(shape),
        "<p>%s</p>" % escaped(secrecy),
        "" if party is None else "<p>this end is party %d's</p>" % party,
    )


def trace(title: str, text: str) -> str:
    """The trees for people."""
    return "<div>%s</div>" % folded(title, text, shown=True)


def files(found: Sequence[Any]) -> str:
    """Digests of files."""
    return table(((file["name"], file["bytes"], file["sha256"]) for file in found), ("name", "bytes", "SHA-256"))


def receipt(record: Any) -> str:
    """A checked receipt: how a run ended, on what."""
    plain = [
        (name, ", ".join(map(str, value)) if isinstance(value, list) else value)
        for name, value in record.items()
        if name not in ("inputs", "outputs")
    ]
    return titled(
        "Receipt of job %s, party %s: %s" % (record.get("job_id"), record.get("party"), record.get("outcome")),
        table(plain),
        "<p>inputs</p>",
        files(record.get("inputs", ())),
        "<p>outputs</p>",
        files(record.get("outputs", ())),
    )


def report(found: Any) -> str:
    """What a run of the sandbox came to."""
    details = found.details
    numbers = [
        ("exit code", found.exit_code),
        ("wall", "%d ms" % details["wall_ms"]),
        ("processor", "%d ms" % details["cpu_ms"]),
        ("memory at most", "%d bytes" % details["memory_peak_bytes"]),
        ("outputs refused", ", ".join(details["outputs_refused"]) or "none"),
    ]
    if not details["outputs"]:
        numbers.append(("outputs", "none"))
    layers = [(name, layer.get("state", ""), layer.get("hint", "")) for name, layer in details["layers"].items()]
    end = (
        found.detail
        if found.detail.startswith(found.outcome)
        else ", ".join(filter(None, (found.outcome, found.detail)))
    )
    return titled(
        "Sandbox run: " + end,
        table(numbers),
        files(details["outputs"]) if details["outputs"] else "",
        folded("walls", "\n".join(" ".join(map(str, row)) for row in layers)),
        folded("log, written by the operator", found.log_text, last=True),
    )
