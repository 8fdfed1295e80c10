/// What the verifier benches share: a bank, an Algorithm over its data, and a job registered for it.
#pragma once

#include "bench/bench.hpp"

#include <c2d/job_verifier.hpp>
#include <c2d/key.hpp>

namespace c2d::bench {

/// A company with an Algorithm of its own over the same data, granted, and a job registered for it.
struct Solver {
    std::shared_ptr<PrivateKey> key;
    TokenId algorithm;
    std::uint64_t job_id = 0;
};

struct VerifierWorld {
    AssetRegistry registry;
    std::shared_ptr<PrivateKey> admin;
    /// Owns the data, the Algorithm and the job.
    std::shared_ptr<PrivateKey> owner;
    TokenId dt, algorithm;
    std::uint64_t job_id = 0;

    /// The owner's verifier, which has seen no request yet.
    Result<JobVerifier> verifier() const;
    Result<Solver> add_solver();
};

/// On a new ledger at `network_url`.
Result<VerifierWorld> make_verifier_world(const std::string& network_url, std::shared_ptr<DocumentStore> documents);
/// On a new ledger that `options` names.
Result<VerifierWorld> make_verifier_world(const ChainOptions& options, std::shared_ptr<DocumentStore> documents);

}  // namespace c2d::bench
