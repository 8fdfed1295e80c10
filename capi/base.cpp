#include "handles.hpp"

#include "base/display_text.hpp"
#include "base/endpoint.hpp"

#ifndef C2D_VERSION
#define C2D_VERSION "0.0.0"
#endif

// C and C++ share one list of codes.
#define C2D_X(NAME, number, text, meaning) static_assert(static_cast<int>(c2d::Status::NAME) == (number));
C2D_STATUS_LIST(C2D_X)
#undef C2D_X
static_assert(C2D_ERROR_INVALID_ARGUMENT == 1 && C2D_ERROR_LIMIT == 8 && C2D_ERROR_PEER == 13 &&
              C2D_ERROR_DOMAIN == 14 && C2D_ERROR_INTERNAL == 15);

extern "C" {

const char* c2d_status_name(c2d_status status) { return c2d::status_name(static_cast<c2d::Status>(status)); }

const char* c2d_status_text(c2d_status status) {
    switch (static_cast<int>(status)) {
#define C2D_X(NAME, number, text, meaning) \
    case number: return meaning;
        C2D_STATUS_LIST(C2D_X)
#undef C2D_X
        default: return "a code this library does not know";
    }
}

const char* c2d_version(void) { return C2D_VERSION; }
uint32_t c2d_abi_version(void) { return C2D_ABI_VERSION; }

c2d_status c2d_error_status(const c2d_error* error) {
    return error ? static_cast<c2d_status>(error->value.status) : C2D_OK;
}
const char* c2d_error_message(const c2d_error* error) { return error ? error->value.message.c_str() : ""; }
const char* c2d_error_source(const c2d_error* error) { return error ? error->value.source.c_str() : ""; }
uint64_t c2d_error_code(const c2d_error* error) { return error ? error->value.code : 0; }
const char* c2d_error_name(const c2d_error* error) { return error ? error->value.name.c_str() : ""; }
const uint8_t* c2d_error_transaction(const c2d_error* error) {
    static constexpr uint8_t kNone[32] = {};
    return error ? error->value.transaction.data() : kNone;
}
void c2d_error_destroy(c2d_error* error) { delete error; }

// As capi::copy_text made it.
void c2d_string_destroy(char* text) { delete[] text; }

c2d_status c2d_display_text(const char* text, size_t size, int lines, char** out, c2d_error** error) {
    return c2d::capi::guard(error, [&]() -> c2d::Result<c2d::Unit> {
        if (size != 0) C2D_CAPI_NEED(text);
        C2D_CAPI_NEED(out);
        const std::string_view given(text, size);
        return c2d::capi::give_text(lines ? c2d::display_lines(given) : c2d::display_line(given), out);
    });
}

c2d_status c2d_url_without_credentials(const char* url, char** out, c2d_error** error) {
    return c2d::capi::guard(error, [&]() -> c2d::Result<c2d::Unit> {
        C2D_CAPI_NEED(url, out);
        return c2d::capi::give_text(c2d::without_credentials(url), out);
    });
}

const uint8_t* c2d_bytes_data(const c2d_bytes* bytes) { return bytes ? bytes->value.data() : nullptr; }
size_t c2d_bytes_size(const c2d_bytes* bytes) { return bytes ? bytes->value.size() : 0; }
void c2d_bytes_destroy(c2d_bytes* bytes) { delete bytes; }

void c2d_set_interrupt(c2d_interrupt_function function, void* user_data) {
    c2d::CallScope::set_interrupt(function, user_data);
}

}  // extern "C"
