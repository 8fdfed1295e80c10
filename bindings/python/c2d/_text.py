"""What the classes outside `mpc` share: owned texts, JSON, callbacks, long calls."""

import ctypes
import json
from collections.abc import Mapping
from ctypes import c_char_p, c_void_p

from . import _ffi, _generated, _progress
from .errors import InvalidArgument, shown

#: Python keeps what its callbacks need by itself.
NO_DESTROY = ctypes.cast(c_void_p(), _generated.DestroyFunction)
_STOPPED = 1


def encode(text):
    """A str for the C interface; None stays None. A zero byte would silently end the text there."""
    if text is None:
        return None
    if not isinstance(text, str):
        raise InvalidArgument("expected str, found %s" % type(text).__name__)
    if "\0" in text:
        raise InvalidArgument("a text holds a zero byte")
    try:
        return text.encode()
    except UnicodeEncodeError:
        raise InvalidArgument("a text is not valid Unicode") from None


def blob_or_text(value):
    """The bytes of a body, which may be text."""
    return value.encode("utf-8", "surrogateescape") if isinstance(value, str) else _ffi.blob(value)


def pairs(given, what):
    """The items of a mapping; none of None."""
    if given is None:
        return []
    if not isinstance(given, Mapping):
        raise TypeError("%s must be a dict, found %s" % (what, type(given).__name__))
    return list(given.items())


def each(given, what):
    """The members of a sequence; a str is one, not its letters."""
    if isinstance(given, (str, bytes)):
        raise InvalidArgument("%s must be a sequence, found one %s" % (what, type(given).__name__))
    return list(given)


def function(given, what):
    """What is to be called later, where nobody could be told that it cannot be."""
    if not callable(given):
        raise TypeError("%s must be a function, found %s" % (what, shown(given)))
    return given


def guarded(what, listener):
    """A function of the caller's that hears something and stands in nobody's way: what it raises is dropped, the first
    not without a word."""
    function(listener, what)
    told = []

    def call(*arguments):
        try:
            listener(*arguments)
        except Exception as problem:
            if not told:
                told.append(True)
                import warnings

                warnings.warn(
                    "%s raised %s: %s; what it raises is dropped" % (what, type(problem).__name__, problem),
                    RuntimeWarning,
                    stacklevel=2,
                )

    return call


def milliseconds(seconds):
    """Seconds as whole milliseconds, for a field."""
    try:
        return round(seconds * 1000)
    except (TypeError, OverflowError, ValueError):
        raise InvalidArgument("expected a number of seconds, found %s" % shown(seconds)) from None


def as_json(value):
    """JSON text of a dict or list; a str is JSON already."""
    if isinstance(value, str):
        return encode(value)
    try:
        return json.dumps(value, allow_nan=False).encode()
    except (TypeError, ValueError, RecursionError) as problem:
        raise InvalidArgument("cannot be written as JSON: %s" % problem) from None


def take_string(pointer):
    """Copies a text that the library gave us and destroys it; None for NULL."""
    if not pointer:
        return None
    try:
        return ctypes.string_at(pointer).decode("utf-8", "replace")
    finally:
        _ffi.lib.c2d_string_destroy(pointer)


def call_text(name, *arguments):
    """Calls a function that ends in (char** out, error)."""
    return take_string(_ffi.call_out(name, *arguments))


def without_credentials(url):
    """The URL as it may be shown: "http://user:password@node" is "http://…@node"."""
    return call_text("c2d_url_without_credentials", encode(url))


def display(text, lines=False):
    """Text of others, harmless for a terminal: one line, or lines as they are."""
    data = text.encode("utf-8", "surrogatepass")
    return call_text("c2d_display_text", data, len(data), int(lines))


def call_json(name, *arguments):
    return json.loads(call_text(name, *arguments))


def call_number(kind, name, *arguments):
    """Calls a function that ends in (number* out, error)."""
    out = kind()
    _ffi.call(name, *arguments, ctypes.byref(out))
    return out.value


def handle(value, kind, what):
    """A handle that is of the right class and open."""
    if not isinstance(value, kind):
        raise InvalidArgument("%s must be a %s, found %s" % (what, kind.__name__, type(value).__name__))
    value._hold([])
    return value


def text_array(texts):
    """A sequence of str as (array, count)."""
    items = [encode(text) for text in each(texts, "what is given")]
    return (c_char_p * len(items))(*items), len(items)


class Progress:
    """What a caller gave as `progress` of one long call: a function, whose exceptions stop the call and come out of it;
    True for a bar, None for one where somebody looks, False for none.

    with Progress(progress, "what the call does") as call:
        … call.callback …
    """

    def __init__(self, progress, what):
        self._bar, self._raised = _progress.bar_for(progress, what), None
        function = self._function = progress if callable(progress) else self._bar and self._bar.tell
        # Kept alive until the call returned.
        self.callback = (
            _generated.ProgressFunction()
            if function is None
            else _ffi.callback(_generated.ProgressFunction, self._tell, _STOPPED)
        )

    def _tell(self, done, total, line, _):
        try:
            self._function(done, total, _ffi.text(line))
            return 0
        except BaseException as problem:
            self._raised = problem
            raise

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if self._bar is not None:
            self._bar.close()
        if self._raised is not None:  # also where the call had nothing left to stop
            raise self._raised from None
