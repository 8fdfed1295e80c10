#include "base/engine_start.hpp"

#include "base/fail.hpp"
#include "base/opening_rules.hpp"

#include <algorithm>
#include <charconv>

namespace c2d {
namespace {

constexpr std::string_view kFirstLine = "c2d-engine 1\n";
constexpr std::string_view kReportFirst = "c2d-engine report 1\n", kReportLast = "end\n", kPeerGone = "peer-gone\n";
constexpr std::string_view kAligned = "aligned: ", kRule = "rule:";
constexpr std::string_view kClear = "clear", kShares = "shares";
constexpr std::string_view kResumed = "resumed", kBefore = "before";
constexpr std::size_t kKindsMax = 32, kKindBytesMax = 32;
constexpr std::uint64_t kCheckpointMsMax = 86'400'000;

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

constexpr std::string_view kNone = "-", kDigits = "0123456789abcdef";
constexpr std::size_t kSecretBytesMax = 64;

/// One word for each party, with blanks between.
template <class Read>
bool read_words(std::string_view text, Read read) {
    for (std::size_t party = 0; party < kEngineParties; ++party) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(word.size());
        const bool last = party + 1 == kEngineParties;
        if (!read(party, word) || text.empty() != last) return false;
        if (!last) text.remove_prefix(1);
    }
    return true;
}

/// So many whole numbers, with blanks between.
bool read_numbers(std::string_view text, std::size_t count, std::vector<std::uint64_t>& out) {
    while (out.size() < count) {
        const std::string_view word = text.substr(0, text.find(' '));
        const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), out.emplace_back());
        if (code != std::errc() || end != word.data() + word.size()) return false;
        text.remove_prefix(std::min(word.size() + 1, text.size()));
    }
    return text.empty();
}

/// Two lower-case digits for each byte of `out`.
bool read_hex(std::string_view word, std::span<std::uint8_t> out) {
    if (word.size() != 2 * out.size()) return false;
    for (std::size_t i = 0; i < word.size(); ++i) {
        const std::size_t digit = kDigits.find(word[i]);
        if (digit == kDigits.npos) return false;
        out[i / 2] = static_cast<std::uint8_t>(i % 2 == 0 ? digit << 4 : out[i / 2] | digit);
    }
    return true;
}

bool read_secret(std::string_view word, ClearedBytes& out) {
    if (word == kNone) return true;
    if (word.empty() || word.size() / 2 > kSecretBytesMax) return false;
    out.resize(word.size() / 2);
    return read_hex(word, out);
}

/// In front of which there is room: no copy stays behind.
void append_hex(std::string& out, BytesView bytes) {
    out += ' ';
    for (const std::uint8_t byte : bytes) {
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    if (bytes.empty()) out += kNone;
}

bool is_kind(std::string_view text) {
    const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; };
    return !text.empty() && text.size() <= kKindBytesMax && std::ranges::all_of(text, is_letter);
}

template <class Number>
bool read_number(std::string_view text, Number& out) {
    const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), out);
    return code == std::errc() && end == text.data() + text.size();
}

/// "aligned: ROWS ROWS COMMON", without its first word.
bool read_alignment(std::string_view rest, std::vector<AlignedSizes>& out) {
    AlignedSizes sizes;
    for (std::uint64_t* const number : {&sizes.rows[0], &sizes.rows[1], &sizes.common}) {
        const std::string_view word = rest.substr(0, rest.find(' '));
        if (!read_number(word, *number)) return false;
        rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    }
    out.push_back(sizes);
    return rest.empty() && out.size() <= kAlignmentsToldMax;
}

bool read_rule(std::string_view digest, std::vector<Bytes32>& out) {
    return read_hex(digest, out.emplace_back().data) && out.size() <= kRulesToldMax;
}

/// "KIND COUNT".
bool read_count(std::string_view line, std::map<std::string, std::uint64_t>& out) {
    const std::string_view kind = line.substr(0, line.find(' '));
    if (!is_kind(kind) || kind.size() == line.size()) return false;
    std::uint64_t count = 0;
    if (!read_number(line.substr(kind.size() + 1), count)) return false;
    return out.size() < kKindsMax && out.emplace(kind, count).second;
}

bool read_line(std::string_view line, EngineReport& out) {
    if (line.starts_with(kAligned)) return read_alignment(line.substr(kAligned.size()), out.alignments);
    if (line.starts_with(kRule)) return read_rule(line.substr(std::min(line.size(), kRule.size() + 1)), out.rules);
    return read_count(line, out.opened);
}

}  // namespace

std::string engine_start_text(const EngineStart& start) {
    std::string out;
    out.reserve(1024);
    out += fmt::format("{}party {}\nrules {}\nbinding", kFirstLine, start.party, mpc::rules_text(start.rules));
    for (const Bytes32& one : start.session_binding) append_hex(out, one);
    out += "\npre_shared";
    for (const ClearedBytes& one : start.pre_shared) append_hex(out, one);
    return out += fmt::format("\nbackend {}\nattempt {} {} {}\n", start.clear ? kClear : kShares, start.attempt,
                              start.checkpoint_ms, start.checkpoint_bytes);
}

Result<EngineStart> engine_start_from(std::string_view text) {
    EngineStart out;
    std::string_view party, rules, bindings, secrets, backend, attempt;
    const bool known = text.starts_with(kFirstLine);
    if (known) text.remove_prefix(kFirstLine.size());
    const bool lines = known && take(text, "party", party) && take(text, "rules", rules) &&
                       take(text, "binding", bindings) && take(text, "pre_shared", secrets) &&
                       take(text, "backend", backend) && take(text, "attempt", attempt) && text.empty() &&
                       (backend == kClear || backend == kShares);
    std::vector<std::uint64_t> of_attempt;
    const bool attempts = lines && read_numbers(attempt, 3, of_attempt) && of_attempt[0] >= 1 &&
                          of_attempt[0] <= UINT32_MAX && of_attempt[1] <= kCheckpointMsMax;
    const auto read_binding = [&](std::size_t of, std::string_view word) {
        return read_hex(word, out.session_binding[of].data);
    };
    const auto read_shared = [&](std::size_t with, std::string_view word) {
        return read_secret(word, out.pre_shared[with]);
    };
    const auto read_rules = mpc::rules_from(rules);
    if (!attempts || !read_rules || !read_party(party, out.party) || !read_words(bindings, read_binding) ||
        !read_words(secrets, read_shared))
        return fail(Status::INVALID_ARGUMENT, "expected what an engine is started with, found something else");
    out.rules = *read_rules;
    out.clear = backend == kClear;
    out.attempt = static_cast<std::uint32_t>(of_attempt[0]);
    out.checkpoint_ms = of_attempt[1];
    out.checkpoint_bytes = of_attempt[2];
    return out;
}

std::string engine_report_text(const EngineReport& report) {
    std::string out(kReportFirst);
    if (report.resumed[0] != 0) out += fmt::format("{} {}\n", kResumed, fmt::join(report.resumed, " "));
    for (const auto& [kind, count] : report.opened_before) out += fmt::format("{} {} {}\n", kBefore, kind, count);
    for (const auto& [kind, count] : report.opened) out += fmt::format("{} {}\n", kind, count);
    for (const auto& [rows, common] : report.alignments)
        out += fmt::format("{}{} {} {}\n", kAligned, rows[0], rows[1], common);
    for (const Bytes32& rule : report.rules) {
        out += kRule;
        append_hex(out, rule);
        out += '\n';
    }
    if (report.peer_gone) out += kPeerGone;
    return out.append(kReportLast);
}

std::optional<EngineReport> engine_report_from(std::string_view text) {
    EngineReport out;
    if (!text.starts_with(kReportFirst)) return {};
    text.remove_prefix(kReportFirst.size());
    if (std::string_view numbers; take(text, kResumed, numbers)) {
        std::vector<std::uint64_t> resumed;
        if (!read_numbers(numbers, 3, resumed) || resumed[0] == 0) return {};
        std::ranges::copy(resumed, out.resumed);
    }
    for (std::string_view count; take(text, kBefore, count);)
        if (!read_count(count, out.opened_before)) return {};
    while (text != kReportLast) {
        if (text.starts_with(kPeerGone)) {
            out.peer_gone = true;
            text.remove_prefix(kPeerGone.size());
            if (text != kReportLast) return {};
            break;
        }
        const std::string_view line = text.substr(0, text.find('\n'));
        if (line.size() == text.size() || !read_line(line, out)) return {};
        text.remove_prefix(line.size() + 1);
    }
    return out;
}

}  // namespace c2d
