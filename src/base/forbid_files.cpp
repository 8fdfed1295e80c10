#include "base/forbid_files.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"

#include <cerrno>
#include <sys/syscall.h>
#include <unistd.h>

namespace c2d {
namespace {

// As in linux/landlock.h, which supported systems have too old.
constexpr long kCreateRuleset = 444, kRestrictSelf = 446;
constexpr unsigned kVersion = 1;

struct RulesetAttr {
    std::uint64_t files, net, scopes;
};

/// All that this version of the interface can refuse.
RulesetAttr all_rights(long abi, std::size_t& size) {
    RulesetAttr out{(1u << 13) - 1, 0, 0};
    if (abi >= 2) out.files |= 1u << 13;
    if (abi >= 3) out.files |= 1u << 14;
    if (abi >= 5) out.files |= 1u << 15;
    if (abi >= 4) out.net = 3;
    if (abi >= 6) out.scopes = 3;
    size = abi >= 6 ? sizeof out : abi >= 4 ? 2 * sizeof(std::uint64_t) : sizeof(std::uint64_t);
    return out;
}

}  // namespace

Result<bool> forbid_files() {
    const long abi = ::syscall(kCreateRuleset, nullptr, 0, kVersion);
    if (abi < 1) return false;
    std::size_t size = 0;
    const RulesetAttr rights = all_rights(abi, size);
    // Without a rule: nothing is left allowed.
    const Fd ruleset(static_cast<int>(::syscall(kCreateRuleset, &rights, size, 0)));
    if (!ruleset || ::syscall(kRestrictSelf, ruleset.get(), 0) != 0)
        return fail(Status::IO, "cannot put up a wall around files: {}", errno_text(errno));
    return true;
}

}  // namespace c2d
