/// The last head that a process saw of the ledger at a path: a small text file of its own, which
/// outlives the process and is not in the ledger file. See docs/chain.md, "Trust".
#pragma once

#include "base/file.hpp"

#include <c2d/types.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace c2d::ledger {

struct SeenHead {
    std::uint64_t chain_id = 0;
    /// The hash of block 0.
    Bytes32 genesis;
    std::uint64_t number = 0;
    Bytes32 hash;
};

/// Where a process keeps what it knows of the ledger at `ledger`: files in the folder `trust_dir`.
class TrustFolder {
public:
    /// Makes the folder, for its owner alone, if it is absent.
    static Result<TrustFolder> open(const std::string& trust_dir, const std::string& ledger);

    /// Fails with `corrupt` when the file is not of the documented form.
    Result<std::optional<SeenHead>> read() const;
    /// Replaces the file durably, whatever it says.
    Result<Unit> write(const SeenHead& head) const;
    /// Replaces it unless it says more already. Call with the view's lock.
    Result<Unit> advance(const SeenHead& head) const;

    const std::filesystem::path& head_file() const noexcept { return head_file_; }
    /// The last look at this machine's clock; see clock_watch.hpp.
    std::filesystem::path clock_file() const { return folder_ / "clock"; }
    /// Held until the descriptor ends: `shared` by who uses what is kept of that ledger, `alone` by who
    /// takes back what was believed. Fails with `conflict` when the other kind is held.
    enum class Use { shared, alone };
    Result<Fd> lock(const Bytes32& genesis, Use use) const;
    std::string view_file(const Bytes32& genesis) const;

private:
    std::string ledger_;
    std::filesystem::path folder_, head_file_;
};

}  // namespace c2d::ledger
