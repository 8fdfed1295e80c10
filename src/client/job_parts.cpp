#include "client/job_parts.hpp"

#include <c2d/reason.hpp>

#include <algorithm>

namespace c2d::client {

using json::Value;

namespace {

unsigned party_of(const Value& body) {
    const Value* party = body.find("party");
    return unsigned(party ? party->as_uint().value_or(0) : 0);
}

/// 1 where a provider says nothing of attempts.
std::uint32_t number_in(const Value& body, std::string_view name) {
    const Value* const number = body.find(name);
    return std::uint32_t(std::min<std::uint64_t>(number ? number->as_uint().value_or(1) : 1, kAttemptsMax));
}

}  // namespace

JobPart part_of(const TokenId& dt, const std::string& endpoint, const Value& body) {
    const Value* const again = body.find("again");
    return {dt,
            endpoint,
            party_of(body),
            body.text_at({"state"}),
            body.text_at({"outcome"}),
            body.text_at({"receipt", "posting"}),
            {},
            number_in(body, "attempt"),
            number_in(body, "attempts_max"),
            again && again->is_bool() && again->boolean()};
}

JobPart unanswered_part(const LeafRun& leaf, const Error& error) {
    JobPart part{leaf.dt, leaf.endpoint};
    part.state = kUnknown;
    part.unanswered = error;
    return part;
}

bool is_silence(const Error& error) {
    return error.status == Status::UNAVAILABLE || error.status == Status::TIMEOUT ||
           error.name == reason_name(Reason::busy);
}

bool is_hidden(const Error& error) { return error.name == reason_name(Reason::not_permitted); }

}  // namespace c2d::client
