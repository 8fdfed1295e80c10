#include <c2d/capi/http.h>

#include "handles.hpp"

using c2d::Error;
using c2d::Result;
using c2d::Status;
using c2d::Unit;
using c2d::capi::guard;

extern "C" {

void c2d_http_request_init(c2d_http_request* request) {
    if (request) *request = C2D_HTTP_REQUEST_INIT;
}

c2d_status c2d_http_response_create(int http_status, const char* body, size_t body_size,
                                    c2d_http_response** out, c2d_error** error) {
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

int c2d_http_response_status(const c2d_http_response* response) {
    return response ? response->value.status : 0;
}
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
