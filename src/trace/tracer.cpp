#include "base/fail.hpp"
#include "base/try.hpp"

#include <c2d/tracer.hpp>

#include <algorithm>
#include <map>
#include <set>

namespace c2d {

namespace {

/// Grants nest no deeper than this in one picture.
constexpr std::size_t kDepthMax = 200;

class Walk {
public:
    Walk(const AssetRegistry& registry, const Progress& progress, const CancelToken* cancel)
        : registry_(registry), chain_(registry.chain()), progress_(progress), cancel_(cancel) {}

    Result<TraceNode> root(const TokenId& id) {
        path_.clear();
        C2D_TRY(auto node, describe(id));
        C2D_TRY(const auto record, chain_.token(id));
        if (!record.is_leaf) {
            path_.push_back(id);
            C2D_CHECK(add_union(node));
            path_.clear();
        }
        C2D_CHECK(follow(node));
        return node;
    }

private:
    /// What can be said of a token without following it.
    Result<TraceNode> describe(const TokenId& id) {
        if (cancel_ && cancel_->cancelled()) return fail(Status::CANCELLED, "the trace was cancelled");
        C2D_TRY(const auto record, chain_.token(id));
        TraceNode node;
        node.dt = id;
        node.owner_address = record.owner;
        C2D_TRY(node.owner, organisation(record.owner));
        const auto asset = registry_.resolve(id);
        if (asset) {
            node.name = asset->name;
            node.type = asset->type;
            node.active = asset->active;
        } else {
            node.type = "unreadable";
            node.problem = asset.error().message;
        }
        return node;
    }

    /// The same token again and again: every job of an Algorithm names its children.
    Result<const TraceNode*> named(const TokenId& id) {
        const auto known = named_.find(id);
        if (known != named_.end()) return &known->second;
        C2D_TRY(auto node, describe(id));
        return &(named_[id] = std::move(node));
    }

    Result<std::string> organisation(const Address& id) {
        const auto known = organisations_.find(id);
        if (known != organisations_.end()) return known->second;
        auto enterprise = chain_.enterprise(id);
        if (!enterprise && enterprise.status() != Status::NOT_FOUND) return enterprise.error();
        auto name = enterprise ? enterprise->name : address_text(id);
        return organisations_[id] = std::move(name);
    }

    /// Marks a node that must not be followed again; true when it was marked.
    bool stop(TraceNode& node, const std::set<TokenId>& shown) {
        if (std::ranges::find(path_, node.dt) != path_.end())
            node.kind = TraceNode::Kind::cycle;
        else if (shown.contains(node.dt))
            node.kind = TraceNode::Kind::repeated;
        else if (path_.size() >= kDepthMax)
            node.kind = TraceNode::Kind::truncated;
        return node.kind != TraceNode::Kind::token;
    }

    /// The children of a composition, recursively. The ledger knows them once it is activated;
    /// before that only the document does.
    Result<Unit> add_union(TraceNode& node) {
        C2D_TRY(auto children, chain_.children(node.dt));
        if (children.empty()) {
            const auto asset = registry_.resolve(node.dt);
            if (asset) children = asset->children;
        }
        for (const auto& id : children) {
            auto child = describe(id);
            if (!child && child.status() == Status::NOT_FOUND) child = lost(id, child.error());
            if (!child) return child.error();
            if (!stop(*child, in_union_)) {
                in_union_.insert(id);
                path_.push_back(id);
                C2D_CHECK(add_union(*child));
                path_.pop_back();
            }
            node.made_of.push_back(*std::move(child));
        }
        return Unit{};
    }

    static TraceNode lost(const TokenId& id, const Error& error) {
        TraceNode node;
        node.dt = id;
        node.type = "unreadable";
        node.problem = error.message;
        return node;
    }

    /// Grants and jobs of a token.
    Result<Unit> follow(TraceNode& node) {
        if (stop(node, followed_)) return Unit{};
        followed_.insert(node.dt);
        if (progress_) progress_(followed_.size(), 0, token_text(node.dt));
        path_.push_back(node.dt);
        C2D_TRY(const auto grants, chain_.grants_of(node.dt));
        std::set<TokenId> seen;
        for (const auto& grant : grants) {
            // Given again after its end: one grantee all the same.
            if (!seen.insert(grant.grantee).second) continue;
            C2D_TRY(auto child, describe(grant.grantee));
            C2D_CHECK(follow(child));
            node.granted_to.push_back(std::move(child));
        }
        path_.pop_back();
        return add_jobs(node);
    }

    Result<Unit> add_jobs(TraceNode& node) {
        C2D_TRY(const auto jobs, chain_.jobs_of(node.dt));
        std::set<TokenId> leaves;
        if (!jobs.empty()) {
            C2D_TRY(leaves, leaves_below(node.dt));
        }
        for (const auto& record : jobs) {
            C2D_TRY(const auto task, chain_.task(record.task));
            TraceNode job;
            job.kind = TraceNode::Kind::job;
            job.job_id = record.id;
            job.task_id = record.task;
            job.task_name = task.name;
            C2D_TRY(job.solver, organisation(record.solver));
            C2D_TRY(job.demander, organisation(task.demander));
            C2D_CHECK(add_receipts(job, leaves));
            node.jobs.push_back(std::move(job));
        }
        return Unit{};
    }

    /// The receipts of a job that runs at `leaves`, and what they say of the job as a whole.
    Result<Unit> add_receipts(TraceNode& job, const std::set<TokenId>& leaves) {
        job.state = "registered";
        if (!chain_.has_receipts()) return Unit{};
        C2D_TRY(const auto posted, chain_.receipts_of(job.job_id));
        auto worst = ReceiptOutcome::succeeded;
        std::set<TokenId> reported;
        for (const auto& receipt : posted) {
            C2D_TRY(const auto token, named(receipt.dt));
            job.receipts.push_back({receipt.dt, token->name, token->owner, receipt_outcome_name(receipt.outcome),
                                    receipt.digest, receipt.block_number, receipt.block_time});
            worst = std::max(worst, receipt.outcome);
            reported.insert(receipt.dt);
        }
        const auto missing = std::ranges::count_if(leaves, [&](const TokenId& id) { return !reported.contains(id); });
        if (missing == 0)
            job.state = receipt_outcome_name(worst);
        else if (!posted.empty())
            job.state = fmt::format("{} of {} receipts", leaves.size() - std::size_t(missing), leaves.size());
        return Unit{};
    }

    /// Where a job of a composition runs, as the ledger knows it.
    Result<std::set<TokenId>> leaves_below(const TokenId& composition) {
        std::set<TokenId> leaves, seen = {composition};
        std::vector<TokenId> open = {composition};
        while (!open.empty()) {
            const TokenId next = open.back();
            open.pop_back();
            C2D_TRY(const auto children, chain_.children(next));
            if (children.empty()) leaves.insert(next);
            for (const auto& child : children)
                if (seen.insert(child).second) open.push_back(child);
        }
        return leaves;
    }

    const AssetRegistry& registry_;
    const Chain& chain_;
    const Progress& progress_;
    const CancelToken* cancel_;
    std::map<Address, std::string> organisations_;
    std::map<TokenId, TraceNode> named_;
    std::set<TokenId> followed_, in_union_;
    std::vector<TokenId> path_;
};

}  // namespace

const char* trace_kind_name(TraceNode::Kind kind) noexcept {
    switch (kind) {
        case TraceNode::Kind::token: return "token";
        case TraceNode::Kind::repeated: return "repeated";
        case TraceNode::Kind::cycle: return "cycle";
        case TraceNode::Kind::truncated: return "truncated";
        case TraceNode::Kind::job: return "job";
    }
    return "token";
}

Result<std::vector<TraceNode>> Tracer::walk(const std::vector<TokenId>& roots,
                                            const Progress& progress,
                                            const CancelToken* cancel) const {
    Walk walk(registry_, progress, cancel);
    std::vector<TraceNode> out;
    for (const auto& id : roots) {
        C2D_TRY(auto node, walk.root(id));
        out.push_back(std::move(node));
    }
    return out;
}

}  // namespace c2d
