#include "tools/cli/organisation_name.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/utf8.hpp"

#include <unicode/ucasemap.h>
#include <unicode/uspoof.h>

#include <memory>

namespace c2d::cli {

namespace {

using Checker = std::unique_ptr<USpoofChecker, decltype(&uspoof_close)>;

Error failed(const char* what, UErrorCode code) {
    return fail(Status::INTERNAL, "ICU cannot {}: {}", what, u_errorName(code));
}

Result<Checker> open_checker() {
    UErrorCode code = U_ZERO_ERROR;
    Checker checker(uspoof_open(&code), uspoof_close);
    uspoof_setRestrictionLevel(checker.get(), USPOOF_HIGHLY_RESTRICTIVE);
    uspoof_setChecks(checker.get(), USPOOF_RESTRICTION_LEVEL | USPOOF_MIXED_NUMBERS, &code);
    if (U_FAILURE(code)) return failed("look at names", code);
    return checker;
}

/// ICU counts in 32 bits, and ledgers take no names as long as this.
Result<Unit> check_text(std::string_view name) {
    constexpr std::size_t kBytesMax = 4'096;
    if (name.size() > kBytesMax)
        return fail(Status::INVALID_ARGUMENT, "expected a name of at most {} bytes, found {}", kBytesMax, name.size());
    if (!is_valid_utf8(name)) return fail(Status::INVALID_ARGUMENT, "expected a name in UTF-8");
    return Unit{};
}

std::string with_single_blanks(std::string_view text) {
    std::string out;
    for (const char c : text)
        if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
    if (!out.empty() && out.back() == ' ') out.pop_back();
    return out;
}

Result<std::string> skeleton_of(const USpoofChecker* checker, std::string_view name) {
    C2D_CHECK(check_text(name));
    std::string out(64 + 4 * name.size(), '\0');
    for (;;) {
        UErrorCode code = U_ZERO_ERROR;
        const auto length = uspoof_getSkeletonUTF8(checker, 0, name.data(), std::int32_t(name.size()), out.data(),
                                                   std::int32_t(out.size()), &code);
        if (code != U_BUFFER_OVERFLOW_ERROR && U_FAILURE(code)) return failed("find what a name looks like", code);
        const bool fits = std::size_t(length) <= out.size();
        out.resize(std::size_t(length));
        if (fits) return with_single_blanks(out);
    }
}

/// Without the difference of large and small letters, which wherever names are compared is none.
Result<std::string> folded(std::string_view name) {
    UErrorCode code = U_ZERO_ERROR;
    const std::unique_ptr<UCaseMap, decltype(&ucasemap_close)> map(ucasemap_open("", U_FOLD_CASE_DEFAULT, &code),
                                                                   ucasemap_close);
    std::string out(64 + 4 * name.size(), '\0');
    const auto length = ucasemap_utf8FoldCase(map.get(), out.data(), std::int32_t(out.size()), name.data(),
                                              std::int32_t(name.size()), &code);
    if (U_FAILURE(code)) return failed("fold the letters of a name", code);
    out.resize(std::size_t(length));
    return out;
}

/// What readers may take a name for: as it is written, and with small letters alone (I and l are alike, i and l are
/// not).
struct Looks {
    std::string written, small;
    bool like(const Looks& other) const { return written == other.written || small == other.small; }
};

Result<Looks> looks_of(const USpoofChecker* checker, std::string_view name) {
    Looks out;
    C2D_TRY(out.written, skeleton_of(checker, name));
    C2D_TRY(const auto small, folded(name));
    C2D_TRY(out.small, skeleton_of(checker, small));
    return out;
}

/// Characters that a reader does not see, or not where they are, each once.
std::string hidden_characters(std::string_view name) {
    std::string out;
    for (std::size_t at = 0; at < name.size();) {
        const auto point = first_code_point(name.substr(at));
        if (!is_displayable(point.value)) {
            const auto number = fmt::format("U+{:04X}", std::uint32_t(point.value));
            if (out.find(number) == std::string::npos) out += (out.empty() ? "" : ", ") + number;
        }
        at += point.length;
    }
    return out;
}

}  // namespace

Result<std::string> name_skeleton(std::string_view name) {
    C2D_TRY(const auto checker, open_checker());
    return skeleton_of(checker.get(), name);
}

Result<std::vector<std::string>> name_problems(std::string_view name) {
    C2D_TRY(const auto checker, open_checker());
    C2D_TRY(const auto skeleton, skeleton_of(checker.get(), name));
    std::vector<std::string> out;
    if (skeleton.empty()) out.emplace_back("it is empty");
    if (const auto hidden = hidden_characters(name); !hidden.empty())
        out.push_back("it holds characters that readers do not see, or that move others: " + hidden);
    UErrorCode code = U_ZERO_ERROR;
    const auto found = uspoof_checkUTF8(checker.get(), name.data(), std::int32_t(name.size()), nullptr, &code);
    if (U_FAILURE(code)) return failed("look at a name", code);
    if (found & USPOOF_RESTRICTION_LEVEL) out.emplace_back("it mixes scripts that no language writes together");
    if (found & USPOOF_MIXED_NUMBERS) out.emplace_back("it mixes the digits of several scripts");
    return out;
}

Result<std::vector<RegisteredEnterprise>> names_like(std::string_view name, const Address& id,
                                                     const std::vector<RegisteredEnterprise>& registered) {
    C2D_TRY(const auto checker, open_checker());
    C2D_TRY(const auto ours, looks_of(checker.get(), name));
    std::vector<RegisteredEnterprise> out;
    for (const auto& other : registered) {
        if (other.id == id) continue;
        const auto theirs = looks_of(checker.get(), other.enterprise.name);
        // What is on the ledger is nobody's fault here: one that is no text looks like nothing.
        if (theirs && theirs->like(ours)) out.push_back(other);
    }
    return out;
}

}  // namespace c2d::cli
