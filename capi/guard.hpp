/// The one place where results and exceptions become codes of the C interface.
#pragma once

#include <c2d/capi/base.h>
#include <c2d/result.hpp>
#include <c2d/types.hpp>

#include "base/call_scope.hpp"

#include <cstring>
#include <exception>
#include <new>
#include <optional>
#include <string_view>
#include <utility>

struct c2d_error {
    c2d::Error value;
};
struct c2d_bytes {
    c2d::Bytes value;
};

namespace c2d::capi {

/// Puts a failure where the caller wants it, and returns its code. Never throws: without memory for
/// the detail the code alone must do.
inline c2d_status report(c2d_error** error, Error&& failure) noexcept {
    const auto status = static_cast<c2d_status>(failure.status);
    if (error) *error = new (std::nothrow) c2d_error{std::move(failure)};
    return status;
}

/// Runs `call`, which returns Result<Unit>; turns its failure, or an exception, into a code.
template <class Call>
c2d_status guard(c2d_error** error, Call&& call) noexcept {
    const InterruptibleCall interruptible;
    try {
        Result<Unit> result = std::forward<Call>(call)();
        if (result.ok()) return C2D_OK;
        return report(error, std::move(result).error());
    } catch (const std::bad_alloc&) {
        return report(error, Error(Status::LIMIT, "out of memory"));
    } catch (const std::exception& e) {
        return report(error, Error(Status::INTERNAL, e.what()));
    } catch (...) {
        return report(error, Error(Status::INTERNAL, "an unknown exception"));
    }
}

/// The failure for a NULL that may not be one. Of `options.documents` the caller knows `documents`.
inline Error null_argument(std::string_view name) {
    if (const auto dot = name.rfind('.'); dot != name.npos) name.remove_prefix(dot + 1);
    return Error(Status::INVALID_ARGUMENT, std::string(name) + " must not be NULL");
}

/// The failure for the first NULL among `pointers`, which `names` ("chain, admin") spells.
template <class... Pointers>
std::optional<Error> first_null(std::string_view names, const Pointers&... pointers) {
    std::size_t index = 0;
    if ((... && (pointers ? (++index, true) : false))) return std::nullopt;
    for (; index > 0; --index) names.remove_prefix(names.find(", ") + 2);
    return null_argument(names.substr(0, names.find(',')));
}

/// Returns that failure from the call when one of these pointers is NULL.
#define C2D_CAPI_NEED(...) \
    if (auto missing = ::c2d::capi::first_null(#__VA_ARGS__, __VA_ARGS__)) return *std::move(missing)

/// Copies a caller's options over the defaults (all zero, as the _INIT macros set them), as far as its version of the
/// struct reaches; fields that it does not know keep their default, fields that we do not know must be zero.
template <class Options>
Result<Options> read_options(const Options* given, const Options& defaults = {}) {
    Options out = defaults;
    if (!given) return out;
    if (given->struct_size < sizeof(std::size_t) || given->struct_size > 4096)
        return Error(Status::INVALID_ARGUMENT, "struct_size is not set: use the _INIT macro");
    const auto* bytes = reinterpret_cast<const unsigned char*>(given);
    for (std::size_t i = sizeof(Options); i < given->struct_size; ++i)
        if (bytes[i] != 0) return Error(Status::UNSUPPORTED, "an option is newer than this library");
    std::memcpy(&out, given, std::min(given->struct_size, sizeof(Options)));
    return out;
}

}  // namespace c2d::capi
