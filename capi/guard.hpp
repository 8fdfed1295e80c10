/// The one place where results and exceptions become codes of the C interface.
#pragma once

#include <c2d/capi/base.h>
#include <c2d/result.hpp>
#include <c2d/types.hpp>

#include <cstring>
#include <exception>
#include <new>
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

/// The failure for a NULL that may not be one.
inline Error null_argument(const char* name) {
    return Error(Status::INVALID_ARGUMENT, std::string(name) + " must not be NULL");
}
#define C2D_CAPI_NEED(pointer) \
    if (!(pointer)) return ::c2d::capi::null_argument(#pointer)

/// Copies a caller's options over the defaults, as far as its version of the struct reaches; fields
/// that it does not know keep their default, fields that we do not know must be zero.
template <class Options>
Result<Options> read_options(const Options* given, const Options& defaults) {
    Options out = defaults;
    if (!given) return out;
    if (given->struct_size < sizeof(std::size_t) || given->struct_size > 4096)
        return Error(Status::INVALID_ARGUMENT, "struct_size is not set: use the _INIT macro");
    const auto* bytes = reinterpret_cast<const unsigned char*>(given);
    for (std::size_t i = sizeof(Options); i < given->struct_size; ++i)
        if (bytes[i] != 0)
            return Error(Status::UNSUPPORTED, "an option is newer than this library");
    std::memcpy(&out, given, std::min(given->struct_size, sizeof(Options)));
    return out;
}

}  // namespace c2d::capi
