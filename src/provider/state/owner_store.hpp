/// What waits for the owner's word, and what the owner said to this provider alone: part of the provider's state file.
#pragma once

#include "store/sqlite.hpp"

#include <c2d/reason.hpp>
#include <c2d/request.hpp>

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace c2d::provider {

/// Thread-safe. On a connection of its own: whoever asks about it does not wait for the queue of runs.
class OwnerStore {
public:
    /// Requests that wait at most; beyond it whoever has most of them loses the oldest.
    static constexpr std::size_t kWaitingMax = 256;

    /// Of a state file that is up to date (state_schema.hpp).
    static Result<std::shared_ptr<OwnerStore>> open(const std::filesystem::path& path);

    /// A request for the same grant that waits already stays as it is.
    Result<Unit> add_waiting(const WaitingGrant& request);
    /// Oldest first.
    Result<std::vector<WaitingGrant>> waiting();
    Result<Unit> remove_waiting(const TokenId& dt, const TokenId& cdt);

    /// Closes or opens a token of ours; false when it was so already.
    Result<bool> set_closed(const TokenId& dt, bool closed);
    Result<bool> is_closed(const TokenId& dt);

    /// Notes that `models` score over a table, for ever. False, and nothing is noted, where more than `models_max`
    /// different ones would have done so by then: over this token, or over the same file behind another.
    struct ScoredTable {
        TokenId dt;
        /// Of the file; zero where it is not known, so that the token alone counts.
        Bytes32 sha256;
    };
    Result<bool> add_models(const ScoredTable& table, std::uint64_t job_id, const std::vector<Bytes32>& models,
                            std::uint64_t models_max);
    /// A model that was expected to score does not count.
    Result<Unit> remove_model(std::uint64_t job_id, const Bytes32& model);
    /// How many would have, with these.
    Result<std::uint64_t> models_with(const ScoredTable& table, const std::vector<Bytes32>& models);

    /// Counts of labels that were opened of a table, or may yet be by runs that go on: over this token, or over the
    /// same file behind another. A run that ended with the provider counts with all that it had reserved.
    Result<std::uint64_t> label_counts_used(const ScoredTable& table);
    /// Sets `wanted` aside for a run. False, and nothing is, where more than `budget` were used then; `told` is what
    /// the ledger says of the token.
    Result<bool> reserve_label_counts(const ScoredTable& table, std::uint64_t job_id, unsigned party,
                                      std::uint64_t wanted, std::uint64_t budget, std::uint64_t told);
    /// What an earlier attempt at a run reserved, and never said how much of it was opened: all of it counts.
    Result<Unit> spend_reserved_label_counts(std::uint64_t job_id, unsigned party);
    /// What a run opened takes the place of what it reserved.
    Result<Unit> settle_label_counts(std::uint64_t job_id, unsigned party, std::uint64_t opened);

    /// The salt of a token's input digests, `fresh` where it has none yet.
    Result<Bytes32> input_salt(const TokenId& dt, const Bytes32& fresh);
    /// A grant of ours, as often as the owner gave it in its own word: given anew it is another one.
    struct GivenGrant {
        TokenId dt, grantee;
        std::uint64_t given = 0;
    };
    struct PeerInput {
        TokenId dt;
        Bytes32 digest;
    };
    /// Notes what a peer's inputs are in a run under `grant`. The one that an earlier run has with another digest, and
    /// then nothing is noted.
    Result<std::optional<TokenId>> note_peer_inputs(const GivenGrant& grant, const std::vector<PeerInput>& inputs,
                                                    std::uint64_t job_id, unsigned party);
    /// The owner gives a grant anew that stands: no earlier run under it counts.
    Result<Unit> renew_peer_inputs(const TokenId& dt, const TokenId& grantee);
    /// A run of which nothing was learned binds nobody.
    Result<Unit> forget_peer_inputs(std::uint64_t job_id, unsigned party);

private:
    OwnerStore() = default;
    Result<bool> is_another_input(const GivenGrant& grant, const PeerInput& input);
    Result<std::uint64_t> count_label_counts(const ScoredTable& table);
    Result<std::uint64_t> count_models(const ScoredTable& table, const std::vector<Bytes32>& models);

    std::mutex mutex_;
    store::Database db_;
};

/// Refused as `token_closed` when our owner closed the token here.
Result<Verdict> check_open(OwnerStore& owner, const TokenId& dt);

}  // namespace c2d::provider
