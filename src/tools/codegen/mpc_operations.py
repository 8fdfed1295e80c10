"""The C functions that hand tensors to the method of `Session` that is called as they are: capi/mpc_operations.cpp.

A function of c2d/capi/mpc.h is one of these when it takes tensors and plain numbers and makes a tensor. What is
called otherwise in C++, or takes lists, options or functions, is written by hand in the other capi/mpc_*.cpp.
"""

_PREFIX = "c2d_mpc_session_"
_TENSOR = "const c2d_mpc_tensor*"
_PLAIN = {"double", "size_t"}
_END = ["c2d_mpc_tensor**", "c2d_error**"]
#: Two functions in C, one method with a second parameter in C++; one whose last tensor may be missing.
_BY_HAND = {"sigmoid", "sigmoid_by_comparison", "reason_codes"}

_HEAD = """/* The operations on tensors, each the method of c2d::mpc::Session of its name.
 * Made by src/tools/codegen/generate.py; change c2d/capi/mpc.h and run it again. */
/* clang-format off */
#include "mpc_handles.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::give;
using c2d::capi::guard;

extern "C" {
"""


def _is_regular(function):
    kinds = [parameter.kind for parameter in function.parameters]
    return (
        function.name.startswith(_PREFIX)
        and function.name[len(_PREFIX) :] not in _BY_HAND
        and kinds[:1] == ["c2d_mpc_session*"]
        and kinds[-2:] == _END
        and _TENSOR in kinds
        and all(kind == _TENSOR or kind in _PLAIN for kind in kinds[1:-2])
    )


def _function(function):
    given = function.parameters[1:-2]
    needed = ["session"] + [parameter.name for parameter in given if parameter.kind == _TENSOR] + ["out"]
    passed = ", ".join(parameter.name + ("->value" if parameter.kind == _TENSOR else "") for parameter in given)
    return """
c2d_status %s(%s) {
    return guard(error, [&]() -> Result<Unit> {
%s        return give(session->value->%s(%s), out);
    });
}
""" % (
        function.name,
        ", ".join("%s %s" % (parameter.kind, parameter.name) for parameter in function.parameters),
        "        C2D_CAPI_NEED(%s);\n" % ", ".join(needed),
        function.name[len(_PREFIX) :],
        passed,
    )


def text(headers):
    functions = [function for function in headers.functions if _is_regular(function)]
    return _HEAD + "".join(_function(function) for function in functions) + '\n}  // extern "C"\n'
