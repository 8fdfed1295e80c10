"""How far a long call is, as a bar: on a terminal or in a notebook, and nowhere else.

tqdm draws it where it can be imported, else this module. A bar is drawn once a call has taken half a second, of several
only the newest, and goes when its call ends. Nothing that goes wrong in drawing reaches the call.
"""

from __future__ import annotations

import os
import sys
import time
from _thread import RLock

from .errors import shown

#: The name that type checkers know; `typing` itself would make operators start later.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, List, Optional

_DELAY, _REDRAW = 0.5, 0.1  # seconds
_WIDTH = 20

_lock = RLock()  # a signal handler may draw too
_bars: List[Bar] = []  # that are open; the last is the one to be seen


def _in_forked_child():
    """Bars are the parent's, and whoever held the lock is not here."""
    global _lock
    _lock = RLock()
    _bars.clear()


os.register_at_fork(after_in_child=_in_forked_child)


def is_watched() -> bool:
    """Whether somebody looks at what is drawn."""
    try:
        return sys.stderr.isatty() or _in_notebook()
    except Exception:  # closed, none at all, or something else in its place
        return False


def _in_notebook():
    ipython = sys.modules.get("IPython")
    return ipython is not None and hasattr(ipython.get_ipython(), "kernel")


class Bar:
    """One call's. `tell(done, total, line)` as progress functions are told; total 0 is unknown. Any thread."""

    def __init__(self, what: str) -> None:
        self._what, self._painter = what, None
        self._begun = self._drawn = time.monotonic()
        with _lock:
            _bars.append(self)

    def tell(self, done: int, total: int, line: str) -> None:
        """Draws, if it is time to."""
        now = time.monotonic()
        with _lock:
            if now - self._begun < _DELAY or now - self._drawn < _REDRAW or self not in _bars[-1:]:
                return
            self._drawn = now
            try:
                self._draw(done, total, line)
            except Exception:
                self._painter = _Nothing()

    def _draw(self, done, total, line):
        from ._text import display

        for bar in _bars[:-1]:
            bar._clear()
        if self._painter is None:
            self._painter = _painter(self._what, self._begun)
        self._painter.draw(done, total, display(line))

    def _clear(self):
        if self._painter is not None:
            self._painter.clear()

    def close(self) -> None:
        """Nothing of it stays."""
        with _lock:
            if self not in _bars:
                return
            _bars.remove(self)
            try:
                self._clear()
            except Exception:
                pass


def _painter(what, begun):
    import warnings

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that notebooks without ipywidgets get plain bars
            from tqdm.auto import tqdm

            return _Tqdm(tqdm, what, begun)
    except Exception:
        return _Line(what, begun)


class _Nothing:
    def draw(self, *_):
        pass

    clear = draw


class _Tqdm:
    """By tqdm, which has widgets for notebooks. Its rate would count from the first drawing on, so none is shown."""

    _FORMAT = "{l_bar}{bar}| {n_fmt}/{total_fmt} [{elapsed}{postfix}]"

    def __init__(self, tqdm, what, begun):
        self._make = lambda total: tqdm(total=total, desc=what, leave=False, file=sys.stderr, bar_format=self._FORMAT)
        self._begun = begun
        self._bar: Any = None

    def draw(self, done, total, line):
        if self._bar is None:
            self._bar = self._make(total or None)
            self._bar.start_t -= time.monotonic() - self._begun
        self._bar.total, self._bar.n = total or None, done
        self._bar.set_postfix_str(line, refresh=False)
        self._bar.refresh()

    def clear(self):
        if self._bar is not None:
            self._bar.close()
            self._bar = None


class _Line:
    """One line on standard error, written over itself."""

    def __init__(self, what, begun):
        self._what, self._begun, self._length = what, begun, 0

    def draw(self, done, total, line):
        seconds = int(time.monotonic() - self._begun)
        if total:
            full = min(done, total) * _WIDTH // total
            middle = "%3d%%|%s%s| %d/%d" % (
                100 * min(done, total) // total,
                "█" * full,
                " " * (_WIDTH - full),
                done,
                total,
            )
        else:
            middle = str(done)
        self._write("%s: %s [%02d:%02d] %s" % (self._what, middle, *divmod(seconds, 60), line))

    def clear(self):
        if self._length:
            self._write("")
            self._length = 0

    def _write(self, text):
        import shutil

        text = text[: shutil.get_terminal_size().columns - 1]
        # Spaces, not an escape: notebooks take \r alone.
        written = text.ljust(self._length)
        encoding = getattr(sys.stderr, "encoding", None) or "utf-8"
        sys.stderr.write("\r" + written.encode(encoding, "replace").decode(encoding) + ("" if text else "\r"))
        sys.stderr.flush()
        self._length = len(text)


def bar_for(progress: Any, what: str) -> Optional[Bar]:
    """The bar of a call whose caller gave `progress`: a function takes the bar's place, True asks for one, False for
    none, and None leaves it to whether somebody looks. Raises TypeError for anything else."""
    if callable(progress) or progress is False:
        return None
    if progress is not None and progress is not True:
        raise TypeError("progress must be a function, True, False or None, found %s" % shown(progress))
    return Bar(what) if progress or is_watched() else None
