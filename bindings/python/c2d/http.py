"""HTTP as values: what a provider answers to, and how a client asks."""

from __future__ import annotations

import ctypes
from ctypes import c_char_p, c_void_p
from typing import NamedTuple, Tuple

from . import _ffi, _generated, _text


class HttpRequest(NamedTuple):
    """What is asked: `target` is a path or a whole URL; the headers that count are fields."""

    method: str
    target: str
    body: bytes = b""
    authorization: str = ""
    range: str = ""


class HttpResponse(NamedTuple):
    """An answer of any status; `headers` are further fields, whose `C2D-Answer` a client needs."""

    status: int
    body: bytes = b""
    content_type: str = "application/json"
    headers: Tuple[Tuple[str, str], ...] = ()


def to_raw(request: HttpRequest) -> _generated.HttpRequest:
    """A request for the C interface; keep both until the call has returned."""
    raw = _generated.HttpRequest()
    _ffi.lib.c2d_http_request_init(ctypes.byref(raw))
    raw.method, raw.target = _text.encode(request.method), _text.encode(request.target)
    body = _ffi.blob(request.body)
    raw.body = ctypes.cast(c_char_p(body), c_void_p)
    raw.kept = body
    raw.body_size, raw.authorization = len(body), _text.encode(request.authorization)
    raw.range = _text.encode(request.range)
    return raw


def from_raw(raw: _generated.HttpRequest) -> HttpRequest:
    """The request that a transport was given."""
    body = ctypes.string_at(raw.body, raw.body_size) if raw.body_size else b""
    return HttpRequest(
        _ffi.text(raw.method), _ffi.text(raw.target), body, _ffi.text(raw.authorization), _ffi.text(raw.range)
    )


def give_response(answer: HttpResponse) -> int:
    """A c2d_http_response that says the same; whoever gets it destroys it."""
    body = _text.blob_or_text(answer.body)
    handle = _ffi.call_out("c2d_http_response_create", answer.status, body, len(body))
    try:
        for name, value in answer.headers:
            _ffi.call("c2d_http_response_add_header", handle, _text.encode(name), _text.encode(value))
    except BaseException:
        _ffi.lib.c2d_http_response_destroy(handle)
        raise
    return handle


def take_response(handle: int) -> HttpResponse:
    """Copies a c2d_http_response and destroys it."""
    lib = _ffi.lib
    try:
        body = ctypes.string_at(lib.c2d_http_response_body(handle), lib.c2d_http_response_body_size(handle))
        return HttpResponse(
            lib.c2d_http_response_status(handle),
            body,
            _ffi.text(lib.c2d_http_response_content_type(handle)),
            tuple(
                (
                    _ffi.text(lib.c2d_http_response_header_name(handle, index)),
                    _ffi.text(lib.c2d_http_response_header_value(handle, index)),
                )
                for index in range(lib.c2d_http_response_header_count(handle))
            ),
        )
    finally:
        lib.c2d_http_response_destroy(handle)
