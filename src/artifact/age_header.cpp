#include "artifact/age_header.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/base64url.hpp"

#include <algorithm>

namespace c2d::age {

namespace {

constexpr std::string_view kVersionLine = "age-encryption.org/v1";
constexpr std::string_view kStanzaMark = "-> ";
constexpr std::string_view kMacMark = "---";
/// Letters of a whole line of a body.
constexpr std::size_t kLineLetters = 64;

Error no_header(std::string_view expected) {
    return fail(Status::CORRUPT, "this is no age v1 file: expected {}", expected);
}

/// Takes line after line; a line that does not end yet is nothing.
class Lines {
public:
    explicit Lines(std::string_view text) : text_(text) {}

    std::optional<std::string_view> next() {
        const auto end = text_.find('\n', at_);
        if (end == text_.npos) return std::nullopt;
        const auto line = text_.substr(at_, end - at_);
        at_ = end + 1;
        return line;
    }
    std::size_t taken() const noexcept { return at_; }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

Result<Stanza> read_arguments(std::string_view line) {
    Stanza out;
    for (line.remove_prefix(kStanzaMark.size());;) {
        const auto word = line.substr(0, line.find(' '));
        const bool visible = std::ranges::all_of(word, [](char c) { return c > ' ' && c < '\x7f'; });
        if (word.empty() || !visible) return no_header("words after \"->\"");
        out.arguments.emplace_back(word);
        if (word.size() == line.size()) return out;
        line.remove_prefix(word.size() + 1);
    }
}

/// Lines of 64 letters and one that is shorter, perhaps empty. Nothing where they do not end yet.
Result<std::optional<Bytes>> read_body(Lines& lines) {
    Bytes out;
    for (;;) {
        const auto line = lines.next();
        if (!line) return std::optional<Bytes>();
        if (line->size() > kLineLetters) return no_header("lines of at most 64 letters");
        C2D_TRY(const auto bytes, base64_bytes(*line, "base64 without padding after \"->\""));
        out.insert(out.end(), bytes.begin(), bytes.end());
        if (line->size() < kLineLetters) return std::optional(std::move(out));
    }
}

Result<Bytes32> read_mac(std::string_view line) {
    if (line.size() < kMacMark.size() + 1 || line[kMacMark.size()] != ' ') return no_header("\"--- \" and a MAC");
    C2D_TRY(const auto bytes, base64_bytes(line.substr(kMacMark.size() + 1), "the base64 of a MAC"));
    const auto mac = Bytes32::from(bytes);
    if (!mac) return no_header("a MAC of 32 bytes");
    return *mac;
}

/// Nothing where the text does not end yet.
Result<std::optional<Header>> read_lines(std::string_view text) {
    Lines lines(text);
    Header out;
    const std::optional<Header> unfinished;
    const auto first = lines.next();
    if (!first) return unfinished;
    if (*first != kVersionLine) return no_header(kVersionLine);
    for (;;) {
        const auto before = lines.taken();
        const auto line = lines.next();
        if (!line) return unfinished;
        if (line->starts_with(kMacMark)) {
            if (out.stanzas.empty()) return no_header("one recipient at least");
            C2D_TRY(out.mac, read_mac(*line));
            out.covered = text.substr(0, before + kMacMark.size());
            out.bytes = lines.taken();
            return std::optional(std::move(out));
        }
        if (!line->starts_with(kStanzaMark) || out.stanzas.size() == kStanzasMax)
            return no_header("\"->\" and a recipient, or \"---\"");
        C2D_TRY(auto stanza, read_arguments(*line));
        C2D_TRY(auto body, read_body(lines));
        if (!body) return unfinished;
        stanza.body = *std::move(body);
        out.stanzas.push_back(std::move(stanza));
    }
}

}  // namespace

Result<std::optional<Header>> read_header(std::string_view text) {
    C2D_TRY(auto out, read_lines(text.substr(0, kHeaderBytesMax)));
    // What is no header is known before all of it is there.
    const auto begin = std::min(text.size(), kVersionLine.size());
    if (!out && text.substr(0, begin) != kVersionLine.substr(0, begin)) return no_header(kVersionLine);
    if (!out && text.size() >= kHeaderBytesMax) return no_header("a header of at most 64 KiB");
    return out;
}

/// The two alphabets of RFC 4648 differ in two letters.
Result<Bytes> base64_bytes(std::string_view text, std::string_view what) {
    std::string other(text);
    for (char& c : other) {
        if (c == '-' || c == '_') return no_header(what);
        if (c == '+') c = '-';
        if (c == '/') c = '_';
    }
    auto out = base64url_decode(other);
    if (!out) return no_header(what);
    return out;
}

std::string base64_text(BytesView bytes) {
    auto out = base64url_encode(bytes);
    for (char& c : out) {
        if (c == '-') c = '+';
        if (c == '_') c = '/';
    }
    return out;
}

std::string covered_text(const std::vector<Stanza>& stanzas) {
    std::string out = std::string(kVersionLine) + "\n";
    for (const auto& stanza : stanzas) {
        out += "->";
        for (const auto& word : stanza.arguments) out += " " + word;
        out += "\n";
        auto body = base64_text(stanza.body);
        for (; body.size() >= kLineLetters; body.erase(0, kLineLetters)) out += body.substr(0, kLineLetters) + "\n";
        out += body + "\n";
    }
    return out + std::string(kMacMark);
}

std::string header_text(std::string_view covered, const Bytes32& mac) {
    return std::string(covered) + " " + base64_text(mac.view()) + "\n";
}

}  // namespace c2d::age
