#include "tools/cli/output.hpp"

#include "base/display_text.hpp"

#include <c2d/chain_server.hpp>
#include <c2d/reason.hpp>

#include <cstdio>

namespace c2d::cli {

namespace {

/// What one member may take of the lines for people: some are whole JSON texts.
constexpr std::size_t kMemberBytesMax = 2000;

std::string as_lines(const json::Value& members) {
    std::string out;
    for (const auto& [key, value] : members.members())
        out +=
            key + ": " + display_text(value.is_string() ? value.text() : json::compact(value), kMemberBytesMax) + "\n";
    return out;
}

void write_out(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
}

}  // namespace

void Output::answer(const json::Value& members, const std::string& text) const {
    if (as_json_) return write_out(json::compact(members, json::Escape::invisible) + "\n");
    write_out(text.empty() ? as_lines(members) : display_lines(text));
}

void Output::answer_as_is(std::string_view rendered) { write_out(rendered); }

std::string row(std::initializer_list<std::string_view> values) {
    std::string out;
    for (const auto value : values) out += (out.empty() ? "" : "  ") + display_text(value);
    return out + "\n";
}

namespace {

/// The number of an error, under the name of what it is (docs/errors.md).
json::Member number_of(const Error& error) {
    if (error.name == reason_name(Reason::ledger_ahead) || error.name == kSenderRate || error.name == kSenderBytes)
        return {"retry_after", error.code};
    if (error.status == Status::LAYER_UNAVAILABLE) return {"errno", error.code};
    if (error.status == Status::PEER) return {"party", error.code};
    if (!error.source.empty()) return {"contract_code", error.code};
    return {"node_code", std::int64_t(error.code)};
}

}  // namespace

json::Value failure_value(const Error& error) {
    json::Value details = json::Value::object({{"status", status_name(error.status)}, {"message", error.message}});
    if (!error.name.empty()) details.set("code", error.name);
    if (error.code != 0) {
        auto [name, number] = number_of(error);
        details.set(name, std::move(number));
    }
    return json::Value::object({{"error", std::move(details)}});
}

int Output::failure(const Error& error) const {
    note("error: " + error.message);
    if (as_json_) answer(failure_value(error));
    return 1;
}

void Output::note(const std::string& line) {
    const std::string out = display_line(line) + "\n";
    std::fwrite(out.data(), 1, out.size(), stderr);
}

}  // namespace c2d::cli
