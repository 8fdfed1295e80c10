#include "base/engine_start.hpp"

#include "base/fail.hpp"
#include "base/opening_rules.hpp"

#include <optional>

namespace c2d {
namespace {

constexpr std::string_view kFirstLine = "c2d-engine 1\n";

/// What stands behind `name` and a blank in the next line.
bool take(std::string_view& text, std::string_view name, std::string_view& out) {
    const std::string_view line = text.substr(0, text.find('\n'));
    if (line.size() == text.size() || !line.starts_with(name) || line.substr(name.size(), 1) != " ") return false;
    out = line.substr(name.size() + 1);
    text.remove_prefix(line.size() + 1);
    return true;
}

bool read_party(std::string_view text, unsigned& out) {
    if (text.size() != 1 || text[0] < '0') return false;
    out = static_cast<unsigned>(text[0] - '0');
    return out < kEngineParties;
}

/// 64 digits for each party, with blanks between.
bool read_bindings(std::string_view text, std::array<Bytes32, kEngineParties>& out) {
    for (Bytes32& one : out) {
        const std::string_view word = text.substr(0, text.find(' '));
        const auto bytes = parse_bytes32(word);
        if (!bytes) return false;
        one = *bytes;
        text.remove_prefix(word.size());
        const bool last = &one == &out.back();
        if (text.empty() != last) return false;
        if (!last) text.remove_prefix(1);
    }
    return true;
}

}  // namespace

std::string engine_start_text(const EngineStart& start) {
    std::string out =
        fmt::format("{}party {}\nrules {}\nbinding", kFirstLine, start.party, mpc::rules_text(start.rules));
    for (const Bytes32& one : start.session_binding) out += " " + hex_text(one);
    return out + "\n";
}

Result<EngineStart> engine_start_from(std::string_view text) {
    EngineStart out;
    std::string_view party, rules, bindings;
    bool good = text.starts_with(kFirstLine);
    if (good) text.remove_prefix(kFirstLine.size());
    good = good && take(text, "party", party) && take(text, "rules", rules) && take(text, "binding", bindings) &&
           text.empty() && read_party(party, out.party) && read_bindings(bindings, out.session_binding);
    const auto read = mpc::rules_from(rules);
    if (!good || !read)
        return fail(Status::INVALID_ARGUMENT, "expected what an engine is started with, found something else");
    out.rules = *read;
    return out;
}

}  // namespace c2d
