#include "asset/composition.hpp"

#include "base/fail.hpp"
#include "base/verdict_try.hpp"

#include <algorithm>
#include <set>

namespace c2d::asset {

namespace {

using json::Value;

/// A leaf's service against its template: known, pinned, unchanged, and the terms fit the params.
Result<Verdict> check_leaf_service(DocumentCache& documents, Effort& effort, const Service& service,
                                   bool pinned_required, const std::string& path,
                                   std::shared_ptr<const Template>* out) {
    std::shared_ptr<const Template> op;
    C2D_ACCEPT(accept_read(documents.op_template(*service.op_template), path + "/template", op));
    if (!service.template_checksum && pinned_required)
        return Verdict::refuse(Reason::template_unpinned, path + "/template_checksum", hex_text(op->record.checksum),
                               "absent");
    if (service.template_checksum && *service.template_checksum != op->record.checksum)
        return Verdict::refuse(Reason::template_changed, path + "/template_checksum",
                               hex_text(*service.template_checksum), hex_text(op->record.checksum));
    C2D_ACCEPT(narrows(op->document.params, service.constraint, path + "/constraint", effort));
    if (out) *out = std::move(op);
    return Verdict::accept();
}

/// Over all services of one root.
class Walk {
public:
    Walk(DocumentCache& documents, bool finished) : documents_(documents), finished_(finished) {}

    /// One service of the root.
    Result<Verdict> root(const Ddo& cdt, const Service& service, Composition& out) {
        out_ = &out;
        links_.clear();
        inner_.clear();
        return follow(cdt, service, nullptr, token_text(cdt.dt) + "/" + service.index, 1);
    }

private:
    /// One service of one composition. `given` is keyed by child token: what the level above left
    /// of each child's arguments; null at the root, where the workflow's own constraints count.
    Result<Verdict> follow(const Ddo& cdt, const Service& service, const Value* given, const std::string& path,
                           unsigned depth) {
        if (depth > kDepthMax)
            return Verdict::refuse(Reason::terms_too_deep, path, fmt::format("depth {}", kDepthMax), "deeper");
        C2D_ACCEPT(same_children(cdt, service, path));
        if (given) C2D_ACCEPT(same_keys(service, *given, path));
        for (const auto& step : service.workflow) {
            const std::string name = token_text(step.child);
            const Value& narrowed = given ? *given->find(name) : step.constraint;
            C2D_ACCEPT(child(cdt, step, narrowed, path + "/" + name, depth));
        }
        return Verdict::accept();
    }

    static Verdict same_children(const Ddo& cdt, const Service& service, const std::string& path) {
        for (const auto& step : service.workflow)
            if (std::ranges::find(cdt.children, step.child) == cdt.children.end())
                return Verdict::refuse(Reason::workflow_mismatch, path, "a token of child_dts", token_text(step.child));
        if (service.workflow.size() != cdt.children.size())
            return Verdict::refuse(Reason::workflow_mismatch, path, fmt::format("{} children", cdt.children.size()),
                                   fmt::format("{}", service.workflow.size()));
        return Verdict::accept();
    }

    static Verdict same_keys(const Service& service, const Value& given, const std::string& path) {
        for (const auto& step : service.workflow)
            if (!given.find(token_text(step.child)))
                return Verdict::refuse(Reason::argument_missing, path, token_text(step.child), "absent");
        if (given.members().size() != service.workflow.size())
            return Verdict::refuse(Reason::argument_unexpected, path, "only tokens of the workflow",
                                   json::compact(given));
        return Verdict::accept();
    }

    Result<Verdict> child(const Ddo& parent, const WorkflowStep& step, const Value& narrowed, const std::string& path,
                          unsigned depth) {
        if (++visits_ > kVisitsMax)
            return Verdict::refuse(Reason::terms_too_deep, path, fmt::format("{} steps over all services", kVisitsMax),
                                   "more");
        std::shared_ptr<const Token> token;
        C2D_ACCEPT(accept_read(documents_.token(step.child), path, token));
        if (links_.emplace(step.child, parent.dt).second) out_->links.push_back({step.child, parent.dt});
        const Service* chosen = token->ddo.find_service(step.service);
        if (!chosen)
            return Verdict::refuse(Reason::service_unknown, path + "/service", "a service of the child", step.service);
        // What the level above passes down may only narrow what this level says.
        C2D_ACCEPT(narrows(step.constraint, narrowed, path + "/constraint", effort_));
        if (token->ddo.is_leaf()) return leaf(std::move(token), *chosen, step.constraint, narrowed, path);
        C2D_ACCEPT(follow(token->ddo, *chosen, &narrowed, path, depth + 1));
        if (inner_.insert(token->ddo.dt).second) out_->inner.push_back(std::move(token));
        return Verdict::accept();
    }

    Result<Verdict> leaf(std::shared_ptr<const Token> token, const Service& service, const Value& own,
                         const Value& narrowed, const std::string& path) {
        if (out_->leaves.size() >= kLeavesMax)
            return Verdict::refuse(Reason::terms_too_deep, path, fmt::format("{} leaves", kLeavesMax), "more");
        auto& op_template = checked_[&service];
        if (!op_template) C2D_ACCEPT(check_leaf_service(documents_, effort_, service, true, path, &op_template));
        C2D_ACCEPT(narrows(service.constraint, own, path + "/constraint", effort_));
        C2D_ACCEPT(narrows(service.constraint, narrowed, path + "/constraint", effort_));
        if (finished_ && is_open(narrowed))
            return Verdict::refuse(Reason::argument_free, path + "/constraint", "finished arguments",
                                   json::compact(narrowed));
        out_->leaves.push_back({std::move(token), &service, op_template, narrowed, path});
        return Verdict::accept();
    }

    DocumentCache& documents_;
    const bool finished_;
    Effort effort_;
    std::size_t visits_ = 0;
    /// Services of leaves that fit their templates; the tokens live as long as the cache.
    std::map<const Service*, std::shared_ptr<const Template>> checked_;
    // Of the service that is being walked.
    Composition* out_ = nullptr;
    std::set<std::pair<TokenId, TokenId>> links_;
    std::set<TokenId> inner_;
};

}  // namespace

Result<Verdict> check_composition(DocumentCache& documents, const Ddo& root, Composition* out) {
    Composition scratch;
    Walk walk(documents, root.is_algorithm());
    for (const auto& service : root.services) {
        Composition found;
        C2D_ACCEPT(walk.root(root, service, found));
        // Several services of one composition have the same children: the first speaks for links.
        if (scratch.links.empty()) scratch = std::move(found);
    }
    if (out) *out = std::move(scratch);
    return Verdict::accept();
}

Result<Verdict> check_leaf(DocumentCache& documents, const Ddo& leaf, bool pinned_required) {
    Effort effort;
    for (const auto& service : leaf.services) {
        const std::string path = token_text(leaf.dt) + "/" + service.index;
        C2D_ACCEPT(check_leaf_service(documents, effort, service, pinned_required, path, nullptr));
    }
    return Verdict::accept();
}

}  // namespace c2d::asset
