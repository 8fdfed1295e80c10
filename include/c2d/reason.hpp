/// Why a verifier or a provider said no; one table for every language.
#pragma once

#include <c2d/reason_codes.h>

#include <optional>
#include <string>
#include <string_view>

namespace c2d {

/// Every reason of c2d/reason_codes.h.
enum class Reason {
#define C2D_X(name, http, text) name,
    C2D_REASON_LIST(C2D_X)
#undef C2D_X
};

/// The stable name, for example "grant_missing".
const char* reason_name(Reason reason) noexcept;
/// One English sentence without a full stop.
const char* reason_text(Reason reason) noexcept;
/// The HTTP status that a provider answers with.
int reason_http_status(Reason reason) noexcept;
/// The reason of a stable name; nothing for any other text.
std::optional<Reason> parse_reason(std::string_view name) noexcept;

/// An answer of `JobVerifier`: accepted, or refused with a reason.
///
/// `reason` may go to anybody once the signature holds; the other fields are for the owner only.
struct [[nodiscard]] Verdict {
    Reason reason = Reason::accepted;
    /// Where the check failed, for example "dt:…/services/0/constraint/inputs/1".
    std::string path;
    std::string expected;
    std::string actual;

    /// Whether `reason` is `Reason::accepted`.
    bool accepted() const noexcept { return reason == Reason::accepted; }
    bool refused() const noexcept { return !accepted(); }

    /// A refusal says where, what was expected and what was found: for the owner only.
    static Verdict accept() { return {}; }
    static Verdict refuse(Reason reason, std::string path = {}, std::string expected = {}, std::string actual = {}) {
        return {reason, std::move(path), std::move(expected), std::move(actual)};
    }
};

}  // namespace c2d
