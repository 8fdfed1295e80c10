#include "query/odbc_message.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"

namespace c2d::query {

using json::Value;

namespace {

constexpr std::size_t kMessageMax = 1500;
constexpr json::Limits kRequestLimits{kOdbcRequestMax, 4};

Result<std::uint64_t> number_of(const Value& value, const char* name) {
    const Value* const member = value.find(name);
    const auto out = member ? member->as_uint() : std::nullopt;
    if (!out) return fail(Status::IO, "\"{}\" is no number", name);
    return *out;
}

/// What c2d-odbc may end with.
bool may_end_with(std::uint64_t status) {
    for (const Status known : {Status::INVALID_ARGUMENT, Status::NOT_FOUND, Status::REFUSED, Status::IO,
                               Status::UNAVAILABLE, Status::TIMEOUT, Status::LIMIT, Status::UNSUPPORTED})
        if (status == std::uint64_t(known)) return true;
    return false;
}

}  // namespace

std::string odbc_request_text(const OdbcRequest& request) {
    // Bounds beyond what JSON holds are none.
    constexpr std::uint64_t kMax = (std::uint64_t{1} << 53) - 1;
    return json::compact(Value::object({{"check", request.check},
                                        {"connection", request.connection},
                                        {"query", request.query},
                                        {"rows_max", std::min(request.rows_max, kMax)},
                                        {"bytes_max", std::min(request.bytes_max, kMax)}}));
}

Result<OdbcRequest> odbc_request_from(std::string_view text) {
    C2D_TRY(const auto value, json::parse(text, kRequestLimits));
    OdbcRequest out;
    const Value* const check = value.find("check");
    out.check = check && check->boolean();
    out.connection = value.text_at({"connection"});
    out.query = value.text_at({"query"});
    C2D_TRY(out.rows_max, number_of(value, "rows_max"));
    C2D_TRY(out.bytes_max, number_of(value, "bytes_max"));
    return out;
}

std::string odbc_answer_text(const Result<std::uint64_t>& answer) {
    if (answer) return json::compact(Value::object({{"rows", *answer}}));
    return json::compact(Value::object(
        {{"status", std::uint64_t(answer.status())}, {"message", display_text(answer.error().message, kMessageMax)}}));
}

Result<std::uint64_t> odbc_answer_from(std::string_view text) {
    const auto value = json::parse(text, {kOdbcAnswerMax, 4});
    if (!value) return fail(Status::IO, "c2d-odbc ended without an answer that can be read");
    if (value->find("rows")) return number_of(*value, "rows");
    C2D_TRY(const auto status, number_of(*value, "status"));
    if (!may_end_with(status)) return fail(Status::IO, "c2d-odbc ended with a status that it does not have");
    return fail(Status(status), "{}", display_text(value->text_at({"message"}), kMessageMax));
}

}  // namespace c2d::query
