#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "chain/chain_reader.hpp"
#include "trace/walk.hpp"

#include <algorithm>
#include <utility>

namespace c2d {

namespace {

using trace::Facts;
using trace::Grants;
using trace::is_of_one_node;

/// Grants nest no deeper than this in one picture.
constexpr std::size_t kDepthMax = 200;

class Walk {
public:
    /// `registry` stays at one block, whose views see the time `now`.
    Walk(const AssetRegistry& registry, std::uint64_t now, const Progress& progress, const CancelToken* cancel)
        : chain_(registry.chain()), facts_(registry), now_(now), progress_(progress), cancel_(cancel) {}

    Result<TraceNode> root(const TokenId& id) {
        path_.clear();
        C2D_CHECK(chain_.token(id));  // only what is on the ledger has a life to show
        C2D_TRY(const auto known, describe(id));
        TraceNode node = known->node;
        if (known->composed) {
            path_.push_back(id);
            C2D_CHECK(shown_here(node, add_union(node, known->children)));
            path_.clear();
        }
        C2D_CHECK(follow(node, *known));
        return node;
    }

    /// Of all that the trees name.
    Result<std::vector<TraceNode>> changed_organisations() { return trace::changed_organisations(facts_); }

private:
    Result<const Facts::Token*> describe(const TokenId& id) {
        C2D_CHECK(check_cancelled());
        return facts_.token(id);
    }

    Result<Unit> check_cancelled() const {
        if ((cancel_ && cancel_->cancelled()) || CallScope::over())
            return fail(Status::CANCELLED, "the trace was cancelled");
        return Unit{};
    }

    /// A failure that tells of this node alone stands there, and the walk goes on.
    static Result<Unit> shown_here(TraceNode& node, Result<Unit> done) {
        if (done || !is_of_one_node(done.error())) return done;
        node.problem += (node.problem.empty() ? "" : "; ") + done.error().message;
        return Unit{};
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

    /// What a composition is made of: as its activation named it; before that, as its document does.
    Result<std::vector<TokenId>> union_of(TraceNode& node, const std::vector<TokenId>& in_document) {
        C2D_TRY(auto activation, chain_.activation(node.dt, node.written.block_number));
        if (!activation) return in_document;
        C2D_TRY(node.activated, facts_.time(activation->block_number));
        if (!activation->children.empty()) return std::move(activation->children);
        node.problem = "the network does not tell what the activation named: as the document says";
        return in_document;
    }

    /// The children of a composition, recursively, each with its grant.
    Result<Unit> add_union(TraceNode& node, const std::vector<TokenId>& in_document) {
        C2D_TRY(const auto children, union_of(node, in_document));
        Grants grants(facts_, chain_, now_);
        C2D_TRY(const auto given, chain_.grants_to(node.dt, node.written.block_number));
        C2D_TRY(const auto revoked, chain_.revocations_to(node.dt, node.written.block_number));
        grants.add(given, revoked);
        for (const auto& id : children) {
            C2D_TRY(const auto known, describe(id));
            TraceNode child = known->node;
            C2D_TRY(child.grant, grants.state({id, node.dt}));
            if (!stop(child, in_union_)) {
                in_union_.insert(id);
                path_.push_back(id);
                if (known->composed) C2D_CHECK(shown_here(child, add_union(child, known->children)));
                path_.pop_back();
            }
            node.made_of.push_back(std::move(child));
        }
        return Unit{};
    }

    /// Grants and jobs of a token.
    Result<Unit> follow(TraceNode& node, const Facts::Token& known) {
        if (stop(node, followed_) || known.lost) return Unit{};
        followed_.insert(node.dt);
        if (progress_) progress_(followed_.size(), 0, token_text(node.dt));
        path_.push_back(node.dt);
        C2D_CHECK(shown_here(node, add_grants(node)));
        path_.pop_back();
        // Contracts take jobs of compositions only.
        return known.composed ? shown_here(node, add_jobs(node)) : Unit{};
    }

    Result<Unit> add_grants(TraceNode& node) {
        Grants grants(facts_, chain_, now_);
        C2D_TRY(const auto given, chain_.grants_of(node.dt, node.written.block_number));
        if (given.empty()) return Unit{};
        C2D_TRY(const auto revoked, chain_.revocations_of(node.dt, given.front().block_number));
        grants.add(given, revoked);
        for (const auto& pair : grants.pairs()) {
            C2D_TRY(const auto known, describe(pair.second));
            TraceNode child = known->node;
            C2D_TRY(child.grant, grants.state(pair));
            C2D_CHECK(follow(child, *known));
            node.granted_to.push_back(std::move(child));
        }
        return Unit{};
    }

    /// Where a job of a composition runs, as the ledger knows it.
    struct Below {
        std::vector<TokenId> tokens;
        std::set<TokenId> leaves;
    };
    Result<Below> tokens_below(const TokenId& composition) {
        Below below;
        C2D_TRY(below.tokens, chain_.tokens_below(composition));
        for (const auto& id : below.tokens) {
            C2D_TRY(const auto children, chain_.children(id));
            if (children.empty()) below.leaves.insert(id);
        }
        return below;
    }

    /// Page by page: what is read at once does not grow with the jobs.
    Result<Unit> add_jobs(TraceNode& node) {
        std::optional<Below> below;
        const Below nothing;
        for (std::optional<std::uint64_t> from = node.written.block_number; from;) {
            C2D_TRY(const auto page, chain_.jobs_page(node.dt, *from));
            if (!below && !page.jobs.empty() && chain_.has_receipts()) {
                C2D_TRY(below, tokens_below(node.dt));
            }
            for (const auto& record : page.jobs)
                C2D_CHECK(add_job(node, record, below ? std::as_const(*below) : nothing));
            from = page.next_block;
        }
        return Unit{};
    }

    Result<Unit> add_job(TraceNode& node, const JobRecord& record, const Below& below) {
        C2D_CHECK(check_cancelled());
        TraceNode& job = node.jobs.emplace_back();
        job.kind = TraceNode::Kind::job;
        job.job_id = record.id;
        job.task_id = record.task;
        job.state = "registered";
        C2D_TRY(job.written, facts_.time(record.block_number));
        C2D_TRY(job.solver, facts_.organisation(record.solver));
        C2D_TRY(const auto task, facts_.task(record.task));
        job.task_name = task->summary.name;
        job.problem = task->problem;
        if (task->problem.empty()) {
            C2D_TRY(job.demander, facts_.organisation(task->summary.demander));
        }
        return chain_.has_receipts() ? shown_here(job, add_receipts(job, below)) : Unit{};
    }

    /// The receipts of a job, and what they say of the job as a whole.
    Result<Unit> add_receipts(TraceNode& job, const Below& below) {
        C2D_TRY(const auto posted, chain_.receipts_of(job.job_id, below.tokens));
        auto worst = ReceiptOutcome::succeeded;
        std::size_t leaves_reported = 0;
        job.receipts.reserve(posted.size());
        for (const auto& receipt : posted) {
            C2D_TRY(const auto token, describe(receipt.dt));
            job.receipts.push_back({receipt.dt, token->node.name, token->node.owner,
                                    receipt_outcome_name(receipt.outcome), receipt.digest, receipt.block_number,
                                    receipt.block_time});
            worst = std::max(worst, receipt.outcome);
            leaves_reported += below.leaves.contains(receipt.dt);
        }
        if (leaves_reported == below.leaves.size())
            job.state = receipt_outcome_name(worst);
        else if (!posted.empty())
            job.state = fmt::format("{} of {} receipts", leaves_reported, below.leaves.size());
        return Unit{};
    }

    const Chain& chain_;
    Facts facts_;
    const std::uint64_t now_;
    const Progress& progress_;
    const CancelToken* cancel_;
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
        case TraceNode::Kind::organisation: return "organisation";
    }
    return "token";
}

const char* trace_grant_name(TraceGrant::State state) noexcept {
    switch (state) {
        case TraceGrant::State::granted: return "granted";
        case TraceGrant::State::none: return "none";
        case TraceGrant::State::revoked: return "revoked";
        case TraceGrant::State::expired: return "expired";
        case TraceGrant::State::spent: return "spent";
    }
    return "granted";
}

Result<std::vector<TraceNode>> Tracer::walk(const std::vector<TokenId>& roots, const Progress& progress,
                                            const CancelToken* cancel) const {
    return at_held_head(registry_.chain(), [&](const Chain& chain) -> Result<std::vector<TraceNode>> {
        C2D_TRY(const auto info, chain.info());
        C2D_TRY(const auto registry, AssetRegistry::open(chain, registry_.options()));
        const auto now = std::max(info.head.time, registry.options().clock->now_seconds());
        Walk walk(registry, now, progress, cancel);
        std::vector<TraceNode> out;
        for (const auto& id : roots) {
            C2D_TRY(auto node, walk.root(id));
            out.push_back(std::move(node));
        }
        C2D_TRY(auto organisations, walk.changed_organisations());
        std::ranges::move(organisations, std::back_inserter(out));
        return out;
    });
}

}  // namespace c2d
