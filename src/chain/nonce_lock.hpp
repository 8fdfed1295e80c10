/// Processes that send with one key take turns: from asking for its nonce until the receipt, so
/// that none signs a nonce that another one is about to use. Within a process a mutex does the
/// same.
#pragma once

#include "base/file.hpp"

#include <c2d/types.hpp>

#include <chrono>
#include <string>

namespace c2d {

/// Held while it lives; a process that dies loses it with its descriptors.
class NonceLock {
public:
    /// Locks a file named by chain and account in `folder`, which is made if it is absent. Fails
    /// with `unavailable` when others hold it longer than `timeout`.
    static Result<NonceLock> take(const std::string& folder, std::uint64_t chain_id, const Address& account,
                                  std::chrono::milliseconds timeout);

private:
    explicit NonceLock(Fd locked) : locked_(std::move(locked)) {}
    Fd locked_;
};

}  // namespace c2d
