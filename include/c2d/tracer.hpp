/// Walks a token's whole life: data token → grants → compositions → Algorithm → jobs.
///
/// One walk over the chain as of one block, several renderings from the same tree. Linear in the
/// graph, and what a node costs does not grow with the rest: a token that was shown before is named
/// again but not followed. What cannot be described (a lost document, a record that no token has) is
/// shown as such, wherever it stands, as are cycles. Thread-safe.
#pragma once

#include <c2d/asset_registry.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace c2d {

/// How one provider's part of a job ended, as the ledger has it.
struct TraceReceipt {
    TokenId dt;
    std::string dt_name, owner;
    std::string outcome;
    Bytes32 digest;
    std::uint64_t block_number = 0, block_time = 0;
};

/// When something was written to the ledger.
struct TraceTime {
    std::uint64_t block_number = 0;
    /// Seconds since 1970; 0 where the node does not show blocks.
    std::uint64_t block_time = 0;
    bool known() const noexcept { return block_number != 0 || block_time != 0; }
};

/// What a token permits a composition.
struct TraceGrant {
    /// Where the grant stands at the head.
    enum class State {
        granted,
        /// None was ever given: the original contracts activate a composition all the same.
        none,
        revoked,
        /// Its time is over.
        expired,
        /// Its jobs are used up: those stand, further ones are not taken.
        spent,
    };
    State state = State::granted;
    /// The last time that it was given, and was taken back, if ever.
    TraceTime granted, revoked;
    GrantLimits limits;
    std::uint64_t used = 0;
    /// All that happened to it, in order: given, or taken back.
    struct Event {
        bool revoked = false;
        TraceTime when;
    };
    std::vector<Event> history;
};
/// The stable lower-case name.
const char* trace_grant_name(TraceGrant::State state) noexcept;

/// Something that happened to the keys or the roles of an organisation.
struct TraceChange {
    IdentityChange what;
    TraceTime when;
};

/// A token or a job of a trace, with what follows from it; or an organisation.
struct TraceNode {
    /// What stands here.
    enum class Kind {
        token,
        /// A token that stands elsewhere in this trace already.
        repeated,
        /// A token above itself: the ledger's grants form a circle.
        cycle,
        /// Deeper than the walk follows.
        truncated,
        job,
        /// After all trees: one whose name stands in them, and whose keys or roles changed after it was registered. It
        /// has `owner`, `owner_address` and `changes`.
        organisation,
    };
    Kind kind = Kind::token;

    // token, repeated, cycle, truncated
    TokenId dt;
    std::string name;
    /// Dataset, Computa, Model, Algorithm; "unreadable" when the document is lost or altered.
    std::string type;
    /// Organisation of the owner, or its address where none is registered.
    std::string owner;
    Address owner_address;
    bool active = false;
    /// When it was minted; a job, when it was registered.
    TraceTime written;
    /// When a composition was activated; known where its union is shown.
    TraceTime activated;
    /// Below a token that was granted to this one: that grant. In a union: the grant to the
    /// composition above.
    std::optional<TraceGrant> grant;
    /// Of a leaf: how much of each kind (`mpc::kDisclosureKinds`) jobs opened in which it took part, as the owner's
    /// receipts on the ledger add it up; edition 2.
    std::map<std::string, std::uint64_t> opened;
    /// Of a leaf: the artifacts that its services stand for, as the document says. One that the ledger's receipts do
    /// not confirm is a `problem`.
    std::vector<ArtifactOrigin> origins;
    /// Why it, or a part of it, could not be read, or empty. Also of jobs.
    std::string problem;
    /// What a composed root is made of, recursively: as the activation named it, before that as the
    /// document does.
    std::vector<TraceNode> made_of;
    /// Compositions that were granted this token.
    std::vector<TraceNode> granted_to;
    /// Jobs of this Algorithm.
    std::vector<TraceNode> jobs;

    // job
    std::uint64_t job_id = 0, task_id = 0;
    std::string task_name;
    std::string solver, demander;
    /// "registered" until its receipts stand on the ledger; then, once all of its providers have
    /// posted theirs, the worst outcome among them ("succeeded" when all did).
    std::string state;
    std::vector<TraceReceipt> receipts;

    // organisation
    std::vector<TraceChange> changes;
};
/// The stable lower-case name.
const char* trace_kind_name(TraceNode::Kind kind) noexcept;

class Tracer {
public:
    /// Walks what the registry holds.
    explicit Tracer(AssetRegistry registry) : registry_(std::move(registry)) {}

    /// One tree per root, in the given order, then nodes of organisations. Fails with `not_found` when a root is not on
    /// the ledger. `progress` counts tokens.
    Result<std::vector<TraceNode>> walk(const std::vector<TokenId>& roots, const Progress& progress = {},
                                        const CancelToken* cancel = nullptr) const;

private:
    AssetRegistry registry_;
};

/// The tree for people, with `├──` and `└──`; one line a node.
std::string trace_text(const std::vector<TraceNode>& roots);
/// One JSON object {"roots": […]}, with "organisations": […] where there are such nodes.
std::string trace_json(const std::vector<TraceNode>& roots);

}  // namespace c2d
