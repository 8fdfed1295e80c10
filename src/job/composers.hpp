/// Who may compose our tokens: the owners of the compositions above them.
#pragma once

#include "asset/composition.hpp"

#include <c2d/reason.hpp>

#include <string>
#include <vector>

namespace c2d::job {

struct ComposerRules {
    /// Addresses and legal ids; empty: everybody is accepted.
    const std::vector<std::string>& accepted;
    Address self;
};

/// Is `composer`, who owns `cdt`, one that we grant to?
Result<Verdict> check_accepted(const Chain& chain, const ComposerRules& rules, const TokenId& cdt,
                               const Address& composer);

/// Of a job: whoever composed our tokens, on every level, is accepted, and is nobody from whom we took such a token
/// back; another's composition in between makes no difference. How others' data are composed is their owners' matter.
Result<Verdict> check_composers(const Chain& chain, const ComposerRules& rules, const asset::Token& algorithm,
                                const asset::Composition& composition);

}  // namespace c2d::job
