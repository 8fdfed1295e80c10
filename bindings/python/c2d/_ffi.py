"""The raw C interface: finds the library, declares every function, turns failures into exceptions.

What is declared stands in `_generated`, which is made from the C headers.
"""

import ctypes
import os
import sys
from _thread import _local, get_native_id, start_new_thread
from ctypes import POINTER, c_int, c_void_p

from . import _generated, errors
from ._struct import SMALLEST_AND_LARGEST, Held, whole

ABI_VERSION = 1


def _candidates():
    """Where the library may be, in order: $C2D_LIBRARY, the package, a source tree, the
    prefix that the package is installed under, the system."""
    named = os.environ.get("C2D_LIBRARY")
    if named:
        yield named
        return
    here = os.path.dirname(os.path.abspath(__file__))
    for folder in (here, os.path.join(here, "lib")):
        yield os.path.join(folder, "libc2d.so")
    yield os.path.normpath(os.path.join(here, "..", "..", "..", "build", "lib", "libc2d.so"))
    # Of share/c2d/python/c2d, and of lib/python3/dist-packages/c2d. Only those who compile have the name without
    # number.
    prefix = os.path.normpath(os.path.join(here, "..", "..", "..", ".."))
    names = ("libc2d.so", "libc2d.so.%d" % ABI_VERSION)
    for folder in ("lib", "lib64", os.path.join("lib", getattr(sys.implementation, "_multiarch", ""))):
        for name in names:
            yield os.path.join(prefix, folder, name)
    yield from reversed(names)


def _load():
    problems, named = [], os.environ.get("C2D_LIBRARY")
    for path in _candidates():
        if not named and os.path.isabs(path) and not os.path.exists(path):
            continue
        try:
            return ctypes.CDLL(path)
        except OSError as problem:
            problems.append(str(problem))
    found = "; ".join(problems)
    if named:
        raise ImportError("C2D_LIBRARY does not name the file libc2d.so (%s): set it to that, or unset it" % found)
    raise ImportError("libc2d.so was not found: set C2D_LIBRARY to its path (%s)" % found)


lib = _load()


def _declare():
    for name, (restype, *argtypes) in _generated.FUNCTIONS.items():
        try:
            function = getattr(lib, name)
        except AttributeError as problem:
            raise ImportError(
                "%s: it is of another version than the package in %s, or no libc2d.so (C2D_LIBRARY names "
                "the one to take)" % (problem, os.path.dirname(os.path.abspath(__file__)))
            ) from None
        function.restype, function.argtypes = restype, argtypes


_declare()


def array_of(kind, values):
    """An array of whole numbers for the C interface."""
    numbers = [whole(value, kind) for value in values]
    return (kind * len(numbers))(*numbers)


def path(value):
    """A file's name for the C interface; None stays None."""
    if value is None:
        return None
    name = os.fsencode(value)
    if b"\0" in name:
        raise errors.InvalidArgument("a path holds a zero byte")
    return name


def blob(value):
    """The bytes of bytes or anything with a buffer; `bytes(5)` would be five zeros."""
    if isinstance(value, bytes):
        return value
    try:
        return memoryview(value).tobytes()
    except TypeError:
        raise TypeError("expected bytes, found %s" % type(value).__name__) from None


class Object:
    """Owns one object of the library: destroys it when the last that holds this lets go.

    A call holds this until it has returned. So closing a handle while another thread is in a call only drops the
    handle's own reference, and the call ends on an object that is there. `keep` outlives the object.
    """

    __slots__ = ("value", "keep", "_destroy", "_waits", "_place", "_start", "__weakref__")

    def __init__(self, value, destroy, waits=False, keep=()):
        self.value, self.keep, self._destroy, self._waits = value, keep, destroy, waits
        self._place, self._start = _thread, start_new_thread  # module globals may be gone at the end

    def __del__(self):
        # What waits for threads of its own must not do so on one of them, which a callback may be.
        if self._waits and self._place.depth:
            self._start(_destroy_kept, (self._destroy, self.value, self.keep))
        else:
            self._destroy(self.value)


def _destroy_kept(destroy, value, _):
    destroy(value)


class _Thread(_local):
    """What is known of this thread. depth: how many callbacks of the library it is in; raised: the first exception
    that met its call and could not cross the C frames; asked: whether calls that wait look for signals."""

    depth, raised, asked = 0, None, False


_thread = _Thread()


def callback(kind, function, failed):
    """`function` as a callback of the type `kind`. What it raises ends in the answer `failed` for the library, and
    comes out of the call during which it was raised, if that fails on this thread."""

    def called(*arguments):
        here = _thread
        depth, raised = here.depth, here.raised
        here.depth, here.raised = depth + 1, None  # calls of its own raise their own
        try:
            return function(*arguments)
        except BaseException as problem:
            if raised is None:  # the first is what the others follow from
                raised = problem
            return failed
        finally:
            here.depth, here.raised = depth, raised

    return kind(called)


def _ends_the_program(problem):
    """KeyboardInterrupt and its like are not for the library to survive."""
    return problem is not None and not isinstance(problem, Exception)


def _signals():
    """Says, whenever it is asked, whether the call that waits must end. Signal handlers run at the first step of
    Python code. A function would be entered by that step, and what a handler raises would be lost before its `try`;
    a generator is within it already."""
    must_end = 0
    while True:
        try:
            while True:
                try:
                    while True:
                        yield must_end
                        must_end = int(_ends_the_program(_thread.raised))
                except GeneratorExit:
                    return
                except BaseException as problem:
                    _thread.raised, must_end = problem, 1
                    # Not with our frame: who clears those of a traceback, as unittest does, would end us for good.
                    problem.__traceback__ = problem.__traceback__.tb_next
        except BaseException as problem:  # of another signal's handler, at this very moment
            _thread.raised, must_end = problem, 1
            problem.__traceback__ = problem.__traceback__.tb_next


def _look_for_signals():
    """Has calls of this thread do so, where it is the one that handlers run on."""
    _thread.asked = True
    if get_native_id() == os.getpid():
        _thread.signals = _signals()
        next(_thread.signals)
        _thread.interrupt = _generated.InterruptFunction(_thread.signals.send)
        lib.c2d_set_interrupt(_thread.interrupt, None)


def take_raised():
    """What a callback or a signal handler raised during the call that has just returned."""
    raised, _thread.raised = _thread.raised, None
    return raised


if lib.c2d_abi_version() != ABI_VERSION:
    raise ImportError("libc2d.so speaks interface %d, this package %d" % (lib.c2d_abi_version(), ABI_VERSION))


def text(pointer):
    """A C string as str; broken UTF-8 is shown, not fatal."""
    return (pointer or b"").decode("utf-8", "replace")


def check(status, error):
    """Raises the exception of a failed call; `error` is the c_void_p that the call filled."""
    if status == 0:
        return
    kind = errors.BY_CODE.get(status, errors.Internal)
    try:
        transaction = bytes(lib.c2d_error_transaction(error)[:32])
        raise kind(
            text(lib.c2d_error_message(error)) or text(lib.c2d_status_text(status)),
            code=lib.c2d_error_code(error),
            name=text(lib.c2d_error_name(error)),
            source=text(lib.c2d_error_source(error)),
            transaction=transaction if any(transaction) else None,
        )
    finally:
        lib.c2d_error_destroy(error)


def ask(name, *arguments):
    """Calls a function; handles are held until it has returned, numbers must fit their parameters."""
    function, held = getattr(lib, name), []
    if not _thread.asked:
        _look_for_signals()
    try:
        return function(*[_prepared(kind, value, held) for kind, value in zip(function.argtypes, arguments)])
    except ctypes.ArgumentError as problem:
        raise TypeError(str(problem)) from None
    finally:
        held.clear()  # a traceback would keep it


def _prepared(kind, value, held):
    if kind in SMALLEST_AND_LARGEST:
        return whole(value, kind)
    return value._hold(held) if isinstance(value, Held) else value


def call(name, *arguments):
    """Calls a function whose last parameter is `error` and that has no output."""
    error = c_void_p()
    if _thread.raised is not None and _ends_the_program(_thread.raised):  # left by a function that cannot fail
        raise take_raised()
    _thread.raised = None
    status = ask(name, *arguments, ctypes.byref(error))
    if _thread.raised is not None:
        raised = take_raised()
        if status != 0 or _ends_the_program(raised):
            lib.c2d_error_destroy(error)
            raise raised from None
    check(status, error)


def call_out(name, *arguments):
    """Calls a function that ends in (out, error); returns the raw handle, None for NULL."""
    out = c_void_p()
    call(name, *arguments, ctypes.byref(out))
    return out.value


def take_bytes(handle):
    """Copies a c2d_bytes and destroys it."""
    try:
        size = lib.c2d_bytes_size(handle)
        return ctypes.string_at(lib.c2d_bytes_data(handle), size) if size else b""
    finally:
        lib.c2d_bytes_destroy(handle)
