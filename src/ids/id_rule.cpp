#include "ids/id_rule.hpp"

#include <algorithm>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>
#include <vector>

namespace c2d {
namespace {

bool is_ascii(std::string_view text) noexcept {
    std::uint8_t all = 0;
    for (const char c : text) all |= static_cast<std::uint8_t>(c);
    return all < 0x80;
}
bool is_space(char c) noexcept { return c == ' ' || (c >= '\t' && c <= '\r'); }
char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

std::string_view trimmed(std::string_view text) noexcept {
    while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
    while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
    return text;
}

}  // namespace

std::string_view text_of(IdProblem problem) noexcept {
    switch (problem) {
        case IdProblem::none: return "";
        case IdProblem::empty: return "the id is empty";
        case IdProblem::too_long: return "the id is longer than 1024 bytes";
        case IdProblem::not_utf8: return "the id is not UTF-8, which its rule needs";
    }
    return "";
}

/// Text in UTF-16, as ICU takes it. A value grows by a bounded factor, so that buffers of one size do.
struct IdNormaliser::Unicode {
    /// The worst that NFKC does is U+FDFA: one unit becomes 18; folding makes 3 of 1.
    static constexpr std::int32_t kUnitsMax = static_cast<std::int32_t>(mpc::kIdBytesMax) * 18 * 3;

    std::vector<UChar> text, other;
    std::int32_t length = 0;
    UErrorCode code = U_ZERO_ERROR;

    Unicode() : text(kUnitsMax), other(kUnitsMax) {}
    bool read(std::string_view utf8) {
        code = U_ZERO_ERROR;
        u_strFromUTF8(text.data(), kUnitsMax, &length, utf8.data(), static_cast<std::int32_t>(utf8.size()), &code);
        return U_SUCCESS(code) != 0;
    }
    void compose() {
        const UNormalizer2* nfkc = unorm2_getNFKCInstance(&code);
        length = unorm2_normalize(nfkc, text.data(), length, other.data(), kUnitsMax, &code);
        text.swap(other);
    }
    void fold() {
        length = u_strFoldCase(other.data(), kUnitsMax, text.data(), length, U_FOLD_CASE_DEFAULT, &code);
        text.swap(other);
    }
    /// Empty after a failure of any step.
    std::string utf8() {
        std::string out(static_cast<std::size_t>(length) * 3, '\0');
        std::int32_t bytes = 0;
        u_strToUTF8(out.data(), static_cast<std::int32_t>(out.size()), &bytes, text.data(), length, &code);
        out.resize(U_SUCCESS(code) ? static_cast<std::size_t>(bytes) : 0);
        return out;
    }
};

IdNormaliser::IdNormaliser(const mpc::IdRule& rule) : rule_(rule) {}
IdNormaliser::~IdNormaliser() = default;
IdNormaliser::IdNormaliser(IdNormaliser&&) noexcept = default;
IdNormaliser& IdNormaliser::operator=(IdNormaliser&&) noexcept = default;

IdProblem IdNormaliser::append(std::string_view value, Bytes& out) {
    if (value.size() > mpc::kIdBytesMax) return IdProblem::too_long;
    if ((!rule_.nfkc && !rule_.fold_case) || is_ascii(value)) return append_text(value, out);
    if (!unicode_) unicode_ = std::make_unique<Unicode>();
    if (!unicode_->read(value)) return IdProblem::not_utf8;
    if (rule_.nfkc) unicode_->compose();
    if (rule_.fold_case) unicode_->fold();
    // Folding can undo what composing did (Unicode 15, D146).
    if (rule_.nfkc && rule_.fold_case) unicode_->compose();
    const std::string text = unicode_->utf8();
    return text.size() > mpc::kIdBytesMax ? IdProblem::too_long : append_text(text, out);
}

IdProblem IdNormaliser::append_text(std::string_view text, Bytes& out) const {
    if (rule_.trim) text = trimmed(text);
    const std::size_t before = out.size();
    if (!rule_.fold_case && !rule_.digits_only) {
        out.insert(out.end(), text.begin(), text.end());
    } else {
        for (const char c : text)
            if (!rule_.digits_only || (c >= '0' && c <= '9'))
                out.push_back(static_cast<std::uint8_t>(rule_.fold_case ? lower(c) : c));
    }
    return out.size() == before ? IdProblem::empty : IdProblem::none;
}

}  // namespace c2d
