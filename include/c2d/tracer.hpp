/// Walks a token's whole life: data token → grants → compositions → Algorithm → jobs.
///
/// One walk, several renderings from the same tree. Linear in the graph: a token that was shown
/// before is named again but not followed. Cycles and lost documents are shown, not fatal.
/// Thread-safe.
#pragma once

#include <c2d/asset_registry.hpp>

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

/// A token or a job of a trace, with what follows from it.
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
    /// Why the document could not be read, or empty.
    std::string problem;
    /// What a composed root is made of, recursively.
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
};
/// The stable lower-case name.
const char* trace_kind_name(TraceNode::Kind kind) noexcept;

class Tracer {
public:
    /// Walks what the registry holds.
    explicit Tracer(AssetRegistry registry) : registry_(std::move(registry)) {}

    /// One tree per root, in the given order. Fails with `not_found` when a root is not on the
    /// ledger. `progress` counts tokens.
    Result<std::vector<TraceNode>> walk(const std::vector<TokenId>& roots,
                                        const Progress& progress = {},
                                        const CancelToken* cancel = nullptr) const;

private:
    AssetRegistry registry_;
};

/// The tree for people, with `├──` and `└──`; one line a node.
std::string trace_text(const std::vector<TraceNode>& roots);
/// One JSON object {"roots": […]}.
std::string trace_json(const std::vector<TraceNode>& roots);

}  // namespace c2d
