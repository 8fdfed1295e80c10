#include "chain/rpc/failure.hpp"

#include "chain/evm/served_ledger.hpp"

#include <c2d/chain_server.hpp>

namespace c2d::rpc {

using json::Value;

namespace {

constexpr std::string_view kParameters = "parameters";

int code_of(const Error& error) {
    if (error.name == kSenderRate || error.name == kSenderBytes) return kLimit;
    if (error.name == kSenderNotAllowed) return kRejected;
    if (evm::is_ledger_failure(error.name)) return kServer;
    if (error.source == kParameters) return kInvalidParameters;
    switch (error.status) {
        case Status::CONFLICT:
        case Status::INVALID_ARGUMENT: return kServer;
        case Status::NOT_FOUND: return kReverted;
        case Status::LIMIT: return kLimit;
        default: return kInternal;
    }
}

/// As other nodes say it, whose clients look for the words.
std::string message_of(const Error& error, int code) {
    if (code == kReverted) return "execution reverted: " + error.message;
    if (code == kServer && error.status == Status::CONFLICT) return "nonce too low or too high: " + error.message;
    return error.message;
}

}  // namespace

Error of_parameters(Error error) {
    error.source = kParameters;
    return error;
}

Value error_value(int code, std::string message) {
    return Value::object({{"code", code}, {"message", std::move(message)}});
}

Value error_value(const Error& error) {
    const int code = code_of(error);
    Value out = error_value(code, message_of(error, code));
    if (evm::is_ledger_failure(error.name))
        out.set("data", Value::object({{evm::kErrorName, error.name}, {evm::kErrorNumber, error.code}}));
    return out;
}

}  // namespace c2d::rpc
