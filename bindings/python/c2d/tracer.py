"""Walks a token's whole life: grants, compositions, Algorithm, jobs."""

from __future__ import annotations

import json
from typing import Iterator, List, Optional, Sequence, Tuple, Union

from . import _ffi, _text
from ._handle import Handle as Owned
from ._types import Progress
from .asset_registry import AssetRegistry
from .records import TraceNode, TraceOrganisation


class Trace(Owned):
    """One walk, several renderings. `str()` is the tree for people. Thread-safe. Owned handle."""

    _destroy = "c2d_trace_destroy"
    _made_by = "Tracer.walk"

    def to_text(self) -> str:
        """The trees for people, one line a node."""
        return _text.call_text("c2d_trace_to_text", self)

    def to_json(self) -> str:
        """{"roots": […]} as text, with "organisations" where keys or roles of theirs changed."""
        return _text.call_text("c2d_trace_to_json", self)

    def __iter__(self) -> Iterator[Tuple[int, TraceNode]]:
        """Yields (depth, node) of the trees, as the text shows them; nodes are dicts."""
        stack = [(0, root) for root in reversed(self.roots)]
        while stack:
            depth, node = stack.pop()
            yield depth, node
            below = [child for edge in ("made_of", "granted_to", "jobs") for child in node.get(edge, ())]
            stack += [(depth + 1, child) for child in reversed(below)]

    @property
    def roots(self) -> List[TraceNode]:
        """The trees as dicts."""
        return json.loads(self.to_json())["roots"]

    @property
    def organisations(self) -> List[TraceOrganisation]:
        """Organisations in the trees whose keys or roles changed after they were registered, with their changes."""
        return json.loads(self.to_json()).get("organisations", [])

    def __str__(self) -> str:
        return self.to_text()

    def _repr_html_(self) -> str:
        from . import _html

        return _html.trace(repr(self)[1:-1], "" if self.closed else self.to_text())

    def __repr__(self) -> str:
        return "<c2d.Trace %s>" % (
            "closed" if self.closed else "of %d roots, %d lines" % (len(self.roots), len(str(self).splitlines()))
        )


class Tracer(Owned):
    """Walks what a registry holds. Thread-safe. Owned handle."""

    _destroy = "c2d_tracer_destroy"

    def __init__(self, registry: AssetRegistry) -> None:
        self._take(_ffi.call_out("c2d_tracer_create", _text.handle(registry, AssetRegistry, "registry")), registry)

    def walk(self, roots: Union[str, Sequence[str]], progress: Optional[Progress] = None) -> Trace:
        """One tree per root (a token, or a sequence of them).

        `progress(done, total, line)` counts tokens; an exception in it ends the walk. Without one a terminal or
        notebook shows a bar; False: nothing, True: a bar anywhere.
        """
        array, count = _text.text_array([roots] if isinstance(roots, str) else roots)
        with _text.Progress(progress, "trace") as call:
            return Trace._own(_ffi.call_out("c2d_tracer_walk", self, array, count, call.callback, None))

    def __repr__(self) -> str:
        return "<c2d.Tracer %s>" % ("closed" if self.closed else "on %r" % self._keep[:1])
