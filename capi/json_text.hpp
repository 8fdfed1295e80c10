/// How values leave by the C interface.
#pragma once

#include "codec/json.hpp"
#include "handles.hpp"

namespace c2d::capi {

/// With `json::Escape::invisible`, so that what others wrote on a ledger cannot drive a terminal.
inline Result<Unit> give_json(const json::Value& value, char** out) {
    return give_text(json::compact(value, json::Escape::invisible), out);
}

/// A read of what a handle holds, given out as JSON text.
template <class Handle, class Read>
c2d_status json_read(const Handle* handle, const char* name, char** out, c2d_error** error, Read read) {
    return guard(error, [&]() -> Result<Unit> {
        if (!handle) return null_argument(name);
        C2D_CAPI_NEED(out);
        C2D_TRY(const json::Value value, read(handle->value));
        return give_json(value, out);
    });
}

}  // namespace c2d::capi
