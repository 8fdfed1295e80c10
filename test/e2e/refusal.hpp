/// What every refusal must look like to the requester, and what only the owner may read.
#pragma once

#include "e2e/world.hpp"

#include <c2d/reason.hpp>

#include <doctest/doctest.h>

namespace c2d::test {

/// The status, the code, the code's own sentence and a request id, and not a byte more.
/// Returns the request id.
inline std::string check_body(const HttpResponse& answer, int status, const std::string& code) {
    CHECK_MESSAGE(answer.status == status, answer.body);
    CHECK(answer.content_type == "application/json");
    const auto body = json::parse(answer.body);
    REQUIRE_MESSAGE(body.ok(), answer.body);
    const auto id = body->text_at({"error", "request_id"});
    const auto reason = parse_reason(code);
    REQUIRE_MESSAGE(reason.has_value(), "no such reason: " << code);
    CHECK(id.size() == 16);
    CHECK(answer.body ==
          json::compact(json::Value::object(
              {{"error",
                json::Value::object({{"code", code}, {"message", reason_text(*reason)}, {"request_id", id}})}})));
    return id;
}

/// What is decided before a signature holds: counted in the owner's log and not written out.
inline bool is_before_signature(const std::string& code, const std::string& detail) {
    return code == "body_too_large" || code == "request_expired" || code == "signature_invalid" ||
           (code == "malformed" && detail != "jobId" && detail != "wait") ||
           (code == "wrong_audience" && detail == "audience");
}

/// `check_body`, and the owner's log tells `detail` under the same request id, if the signature held. The
/// body, being what it is, does not.
inline void check_refused(const World& world, const HttpResponse& answer, int status, const std::string& code,
                          const std::string& detail) {
    const auto id = check_body(answer, status, code);
    if (is_before_signature(code, detail))
        CHECK_MESSAGE(!world.log->said(id, ""), "the log has a line of " << id);
    else
        CHECK_MESSAGE(world.log->said(id, detail), "the log has no line of " << id << " with " << detail);
}
/// The log has the code itself.
inline void check_refused(const World& world, const HttpResponse& answer, int status, const std::string& code) {
    check_refused(world, answer, status, code, code);
}

}  // namespace c2d::test
