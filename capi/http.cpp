#include <c2d/capi/http.h>

#include "handles.hpp"

#include <cctype>

using c2d::Error;
using c2d::Result;
using c2d::Status;
using c2d::Unit;
using c2d::capi::guard;

namespace {

/// token of RFC 9110, 5.6.2.
bool is_token(std::string_view text) {
    constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
    for (const char c : text)
        if (!std::isalnum(static_cast<unsigned char>(c)) && kOthers.find(c) == kOthers.npos) return false;
    return !text.empty();
}

const std::pair<std::string, std::string>* header_at(const c2d_http_response* response, std::size_t index) {
    return response && index < response->value.headers.size() ? &response->value.headers[index] : nullptr;
}

}  // namespace

extern "C" {

void c2d_http_request_init(c2d_http_request* request) {
    if (request) *request = C2D_HTTP_REQUEST_INIT;
}

c2d_status c2d_http_response_create(int http_status, const char* body, size_t body_size, c2d_http_response** out,
                                    c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        if (body_size != 0) C2D_CAPI_NEED(body);
        C2D_CAPI_NEED(out);
        if (http_status < 100 || http_status > 599)
            return Error(Status::INVALID_ARGUMENT,
                         "expected an HTTP status from 100 to 599, found " + std::to_string(http_status));
        c2d::HttpResponse response;
        response.status = http_status;
        if (body) response.body.assign(body, body_size);
        *out = new c2d_http_response{std::move(response)};
        return Unit{};
    });
}

c2d_status c2d_http_response_add_header(c2d_http_response* response, const char* name, const char* value,
                                        c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(response, name, value);
        if (!is_token(name) || std::string_view(value).find_first_of("\r\n") != std::string_view::npos)
            return Error(Status::INVALID_ARGUMENT, "expected a header field's name and a value of one line");
        auto& headers = response->value.headers;
        if (headers.size() == c2d::kHttpHeaderFieldsMax)
            return Error(Status::LIMIT,
                         "a response has at most " + std::to_string(c2d::kHttpHeaderFieldsMax) + " header fields");
        headers.emplace_back(name, value);
        return Unit{};
    });
}

size_t c2d_http_response_header_count(const c2d_http_response* response) {
    return response ? response->value.headers.size() : 0;
}
const char* c2d_http_response_header_name(const c2d_http_response* response, size_t index) {
    const auto* field = header_at(response, index);
    return field ? field->first.c_str() : "";
}
const char* c2d_http_response_header_value(const c2d_http_response* response, size_t index) {
    const auto* field = header_at(response, index);
    return field ? field->second.c_str() : "";
}

int c2d_http_response_status(const c2d_http_response* response) { return response ? response->value.status : 0; }
const char* c2d_http_response_content_type(const c2d_http_response* response) {
    return response ? response->value.content_type.c_str() : "";
}
const char* c2d_http_response_body(const c2d_http_response* response) {
    return response ? response->value.body.c_str() : "";
}
size_t c2d_http_response_body_size(const c2d_http_response* response) {
    return response ? response->value.body.size() : 0;
}
void c2d_http_response_destroy(c2d_http_response* response) { delete response; }

}  // extern "C"
