#include "codec/checksum.hpp"
#include "codec/json.hpp"
#include "fuzz/fuzz.hpp"
#include "fuzz/json_checker.hpp"

using namespace c2d;
using fuzz::require;

namespace {

/// Both refusals concern texts that are JSON: RFC 8259 leaves duplicates and ranges open.
bool is_our_own_refusal(const Error& error) {
    return error.message.find("same key twice") != std::string::npos ||
           error.message.find("Number too big") != std::string::npos;
}

void check_agreement(std::string_view text, const Result<json::Value>& value) {
    const auto opinion = fuzz::check_json(text, json::Limits().depth_max);
    if (value.ok())
        require(opinion.is_json, "what is read is JSON");
    else if (value.status() == Status::LIMIT)
        require(opinion.depth > json::Limits().depth_max, "only what is deep is refused as deep");
    else
        require(!opinion.is_json || is_our_own_refusal(value.error()), "what is JSON is read");
}

void check_texts(const json::Value& value) {
    const auto compact = json::compact(value);
    const auto again = json::parse(compact);
    require(again.ok() && json::compact(*again) == compact, "compact text reads back the same");
    const auto pretty = json::parse(json::pretty(value));
    require(pretty.ok() && json::compact(*pretty) == compact, "pretty text says the same");
}

void check_canonical(const json::Value& value) {
    const auto canonical = json::canonical(value);
    require(json::equal(value, value) == canonical.ok(), "what has a canonical text equals itself");
    require(checksum_jcs(value).ok() || !canonical.ok() || value.find("proof") != nullptr,
            "what has a canonical text has a checksum");
    if (!canonical.ok()) return;
    const auto again = json::parse(*canonical);
    require(again.ok(), "the canonical text is JSON");
    // A double from 2^53 to 10^21 prints as an integer too large to be read as one again.
    const auto twice = json::canonical(*again);
    require(!twice.ok() || *twice == *canonical, "the canonical text is its own canonical text");
}

void check_legacy(const json::Value& value) {
    const auto canonical = legacy_canonical(value);
    require(canonical.find(' ') == std::string::npos, "the legacy text has no spaces");
    for (const char c : canonical) require(c > 0x20 && c < 0x7f, "the legacy text is ASCII");
    const auto stored = legacy_stored_text(value);
    if (stored.find("Infinity") != std::string::npos) return;
    const auto again = json::parse(stored, {std::size_t(1) << 24, 64});
    require(again.ok() && legacy_stored_text(*again) == stored, "the stored text is stable");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    const auto value = json::parse(text);
    if (size <= json::Limits().bytes_max) check_agreement(text, value);
    if (!value.ok()) return 0;
    check_texts(*value);
    check_canonical(*value);
    check_legacy(*value);
    return 0;
}
