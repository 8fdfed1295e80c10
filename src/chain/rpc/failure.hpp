/// What goes wrong, as JSON-RPC says it.
#pragma once

#include "codec/json.hpp"

namespace c2d::rpc {

/// Codes of JSON-RPC 2.0 and of Ethereum's clients (EIP-1474).
enum Code : int {
    kParse = -32700,
    kInvalidRequest = -32600,
    kNoMethod = -32601,
    kInvalidParameters = -32602,
    kInternal = -32603,
    kServer = -32000,
    kRejected = -32003,
    kLimit = -32005,
    kReverted = 3,
};

/// The same failure, said to be of the caller's parameters.
Error of_parameters(Error error);
/// What the caller gave, as it was read.
template <class T>
Result<T> parameter(Result<T> read) {
    if (!read) return of_parameters(read.error());
    return read;
}

/// The member `error` of an answer.
json::Value error_value(int code, std::string message);
/// The same from a failure, with what c2d's own clients read beside the text: its name and number.
json::Value error_value(const Error& error);

}  // namespace c2d::rpc
