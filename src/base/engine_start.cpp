#include "base/engine_start.hpp"

#include "base/fail.hpp"
#include "base/opening_rules.hpp"

namespace c2d {
namespace {

constexpr char kParties = 3;
constexpr std::string_view kHead = "c2d-engine 1\nparty ";

}  // namespace

std::string engine_start_text(const EngineStart& start) {
    return fmt::format("{}{}\n{}\n", kHead, start.party, rules_text(start.rules));
}

Result<EngineStart> engine_start_from(std::string_view text) {
    const auto bad = [] {
        return fail(Status::INVALID_ARGUMENT, "expected what an engine is started with, found something else");
    };
    if (!text.starts_with(kHead) || !text.ends_with('\n') || text.size() < kHead.size() + 3) return bad();
    const char party = text[kHead.size()];
    if (party < '0' || party >= '0' + kParties || text[kHead.size() + 1] != '\n') return bad();
    text.remove_prefix(kHead.size() + 2);
    const auto rules = mpc::rules_from(text.substr(0, text.size() - 1));
    if (!rules) return bad();
    return EngineStart{static_cast<unsigned>(party - '0'), *rules};
}

}  // namespace c2d
