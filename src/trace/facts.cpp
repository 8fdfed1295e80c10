#include "base/fail.hpp"
#include "base/try.hpp"
#include "trace/walk.hpp"

#include <c2d/job_receipt.hpp>
#include <c2d/opening_rules.hpp>
#include <c2d/reason.hpp>

#include <algorithm>

namespace c2d::trace {

namespace {

/// What is remembered of tasks and of blocks: a trace of many holds no more of them.
constexpr std::size_t kRememberedMax = 4096;

template <class Map>
void make_room(Map& map) {
    if (map.size() >= kRememberedMax) map.clear();
}

}  // namespace

bool is_of_one_node(const Error& error) {
    if (error.name == "ledger_corrupt" || error.name == "ledger_rolled_back") return false;
    return error.status == Status::NOT_FOUND || error.status == Status::CORRUPT || error.status == Status::LIMIT ||
           error.status == Status::UNSUPPORTED;
}

Result<const Facts::Token*> Facts::token(const TokenId& id) {
    const auto known = tokens_.find(id);
    if (known != tokens_.end()) return &known->second;
    C2D_TRY(auto read, read_token(id));
    return &(tokens_[id] = std::move(read));
}

/// The ledger's record, and what the document adds to it.
Result<Facts::Token> Facts::read_token(const TokenId& id) {
    Token out;
    TraceNode& node = out.node;
    node.dt = id;
    const auto asset = registry_.resolve(id);
    auto record = asset ? Result<TokenRecord>(asset->record) : chain_.token(id);
    if (!record && !is_of_one_node(record.error())) return record.error();
    if (asset) {
        node.name = asset->name;
        node.type = asset->type;
        node.active = asset->active;
        out.children = asset->children;
    } else {
        node.type = "unreadable";
        node.problem = record ? asset.error().message : record.error().message;
    }
    out.lost = !record;
    if (out.lost) return out;
    out.composed = !record->is_leaf;
    node.owner_address = record->owner;
    C2D_TRY(node.owner, organisation(record->owner));
    C2D_TRY(node.written, time(record->block_updated));
    if (!out.composed) C2D_CHECK(read_opened(node));
    if (asset && !out.composed) C2D_CHECK(read_origins(*asset, node));
    if (asset) return out;
    const auto active = out.composed ? chain_.is_active(id) : Result<bool>(true);
    if (!active && !is_of_one_node(active.error())) return active.error();
    node.active = active.ok() && *active;
    return out;
}

Result<Unit> Facts::read_origins(const Asset& asset, TraceNode& node) const {
    for (const auto& origin : asset.origins) {
        const auto is_same = [&](const ArtifactOrigin& other) {
            return other.sha256 == origin.sha256 && other.receipt_json == origin.receipt_json;
        };
        if (std::ranges::any_of(node.origins, is_same)) continue;
        node.origins.push_back(origin);
        const auto confirmed = confirm_origin(origin, asset.record.owner, chain_);
        if (confirmed) continue;
        const Error& error = confirmed.error();
        if (error.name != reason_name(Reason::origin_invalid) && !is_of_one_node(error)) return error;
        node.problem += (node.problem.empty() ? "" : "; ") + error.message;
    }
    return Unit{};
}

Result<Unit> Facts::read_opened(TraceNode& node) {
    if (!counts_openings_) {
        const auto edition = chain_.edition();
        counts_openings_ = chain_.has_receipts() && edition.ok() && *edition >= 2;
    }
    if (!*counts_openings_) return Unit{};
    for (const std::string_view kind : mpc::kDisclosureKinds) {
        C2D_TRY(const auto counted, chain_.disclosures(node.dt, node.owner_address, disclosure_kind(kind)));
        if (counted.total != 0) node.opened.emplace(kind, counted.total);
    }
    return Unit{};
}

Result<std::string> Facts::organisation(const Address& id) {
    const auto known = organisations_.find(id);
    if (known != organisations_.end()) return known->second;
    auto enterprise = chain_.enterprise(id);
    if (!enterprise && !is_of_one_node(enterprise.error())) return enterprise.error();
    auto name = enterprise ? enterprise->name : address_text(id);
    return organisations_[id] = std::move(name);
}

Result<const Facts::Task*> Facts::task(std::uint64_t id) {
    const auto known = tasks_.find(id);
    if (known != tasks_.end()) return &known->second;
    Task out;
    out.summary.id = id;
    auto summary = chain_.task_summary(id);
    if (!summary && !is_of_one_node(summary.error())) return summary.error();
    if (summary)
        out.summary = *std::move(summary);
    else
        out.problem = summary.error().message;
    make_room(tasks_);
    return &(tasks_[id] = std::move(out));
}

Result<TraceTime> Facts::time(std::uint64_t block) {
    const auto known = times_.find(block);
    if (known != times_.end()) return TraceTime{block, known->second};
    const auto read = chain_.block_time(block);
    if (!read && !is_of_one_node(read.error())) return read.error();
    make_room(times_);
    return TraceTime{block, times_[block] = read ? *read : 0};
}

}  // namespace c2d::trace
