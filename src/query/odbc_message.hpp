/// What a process of ours and c2d-odbc say to each other: JSON, and the password behind it.
#pragma once

#include <c2d/result.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace c2d::query {

/// The descriptors that c2d-odbc is started with.
enum OdbcDescriptor { kOdbcRequest = 3, kOdbcTable = 4, kOdbcAnswer = 5 };
inline constexpr std::size_t kOdbcRequestMax = std::size_t{4} << 20, kOdbcAnswerMax = std::size_t{64} << 10;

/// The password stands behind its text, after a zero byte.
struct OdbcRequest {
    /// Log in and look at the query, but ask for no row.
    bool check = false;
    std::string connection, query;
    std::uint64_t rows_max = 0, bytes_max = 0;
};
std::string odbc_request_text(const OdbcRequest& request);
Result<OdbcRequest> odbc_request_from(std::string_view text);

/// How many rows there were, or what went wrong.
std::string odbc_answer_text(const Result<std::uint64_t>& answer);
/// A driver that wrote over c2d-odbc's memory may say anything: what is no answer is `io`, and text is made fit to be
/// shown.
Result<std::uint64_t> odbc_answer_from(std::string_view text);

}  // namespace c2d::query
