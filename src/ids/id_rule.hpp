/// Ids as they are compared: normalised by a public rule.
#pragma once

#include <c2d/align.hpp>

#include <memory>
#include <string>

namespace c2d {

/// Why a value cannot be an id.
enum class IdProblem { none, empty, too_long, not_utf8 };
/// For people, as the end of "row 3, id column 0: …"; empty for none.
std::string_view text_of(IdProblem problem) noexcept;

/// Applies one rule to value after value. Belongs to one thread.
class IdNormaliser {
public:
    explicit IdNormaliser(const mpc::IdRule& rule);
    ~IdNormaliser();
    IdNormaliser(IdNormaliser&&) noexcept;
    IdNormaliser& operator=(IdNormaliser&&) noexcept;

    /// Appends the normalised value to `out`, or nothing if there is a problem.
    IdProblem append(std::string_view value, Bytes& out);

private:
    struct Unicode;
    IdProblem append_text(std::string_view text, Bytes& out) const;
    mpc::IdRule rule_;
    /// Only what is not ASCII needs it.
    std::unique_ptr<Unicode> unicode_;
};

}  // namespace c2d
