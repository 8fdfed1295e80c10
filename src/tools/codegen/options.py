"""What the C interface reads of option structs word by word: capi/same_options.hpp.

A number, flag, text or time that C and C++ call alike is read here, so that a new one needs no line in capi/. A time in
C ends with the unit in which C++ counts it. What differs in name or type is read by hand.
"""

import re
import typing


class Pair(typing.NamedTuple):
    """A struct of C, the one of C++ that it sets and its header, and what C puts before the names."""

    c: str
    cpp: str
    header: str
    prefix: str = ""


PAIRS = (
    Pair("c2d_chain_options", "ChainOptions", "chain.hpp"),
    Pair("c2d_rpc_options", "RpcOptions", "chain.hpp"),
    Pair("c2d_client_options", "ClientOptions", "client.hpp"),
    Pair("c2d_job_verifier_options", "JobVerifierOptions", "job_verifier.hpp"),
    Pair("c2d_provider_options", "ProviderOptions", "provider.hpp"),
    Pair("c2d_provider_options", "PeerPolicy", "provider.hpp", "peer_"),
    Pair("c2d_sandbox_limits", "SandboxLimits", "sandbox.hpp"),
    Pair("c2d_table_options", "ReadOptions", "table.hpp"),
)

_NUMBERS = {"int", "unsigned", "size_t", "uint16_t", "uint32_t", "uint64_t"}
_NUMBERS_CPP = {"bool", "unsigned", "std::size_t", "std::uint16_t", "std::uint32_t", "std::uint64_t"}
_TEXTS_CPP = {"std::string", "std::filesystem::path"}
_UNITS = {"std::chrono::seconds": "_seconds", "std::chrono::milliseconds": "_ms"}
_MEMBER = re.compile(r"^    ([\w:]+) (\w+(?: =|\{|;|,).*)$", re.M)
_NAME = re.compile(r"(?:^|, )(\w+)(?= = |\{|;|, )")

_HEAD = """/// The fields of option structs that C++ has under the same name, as `put` takes them.
/// Made by src/tools/codegen/generate.py; change the headers and run it again.
/* clang-format off */
#pragma once

#include "option_fields.hpp"

#include <c2d/c2d.h>

namespace c2d::capi {
"""


def _members(root, pair):
    """{name: type} of those whose type is written as one word."""
    header = (root / "include" / "c2d" / pair.header).read_text(encoding="utf-8")
    body = re.search(r"^struct %s \{\n(.*?)^\};" % pair.cpp, header, re.S | re.M)[1]
    return {name: kind for kind, rest in _MEMBER.findall(body) for name in _NAME.findall(rest)}


def _line(field, members, prefix):
    """What reads a field, or nothing where it is read by hand."""
    if not field.name.startswith(prefix):
        return ""
    name = field.name[len(prefix) :]
    kind = members.get(name)
    if (field.kind in _NUMBERS and kind in _NUMBERS_CPP) or (field.kind == "const char*" and kind in _TEXTS_CPP):
        return "    put(out.%s, given.%s);\n" % (name, field.name)
    for unit, suffix in _UNITS.items():
        member = name.removesuffix(suffix)
        if name.endswith(suffix) and field.kind == "uint64_t" and members.get(member) == unit:
            return '    C2D_CHECK(put(out.%s, given.%s, "%s"));\n' % (member, field.name, field.name)
    return ""


def _function(root, pair, fields):
    members = _members(root, pair)
    name = re.sub(r"(?<!^)(?=[A-Z])", "_", pair.cpp).lower()
    return (
        "\ntemplate <class Options>\nResult<Unit> take_%s(const %s& given, Options& out) {\n%s    return Unit{};\n}\n"
        % (name, pair.c, "".join(_line(field, members, pair.prefix) for field in fields))
    )


def text(headers, root):
    structs = {struct.name: struct.fields for struct in headers.structs}
    return _HEAD + "".join(_function(root, pair, structs[pair.c]) for pair in PAIRS) + "\n}  // namespace c2d::capi\n"
