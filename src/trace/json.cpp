#include "codec/json.hpp"

#include <c2d/tracer.hpp>

#include <algorithm>

namespace c2d {

namespace {

using json::Value;

/// Appended as they come: no second tree of a large trace is held.
void write(const TraceNode& node, std::string& out);

void write_list(const char* name, const std::vector<TraceNode>& nodes, std::string& out) {
    out += std::string(",\"") + name + "\":[";
    for (const auto& node : nodes) {
        if (&node != &nodes.front()) out += ',';
        write(node, out);
    }
    out += ']';
}

Value time_value(const TraceTime& when) {
    return Value::object({{"block", when.block_number}, {"time", when.block_time}});
}

Value grant_value(const TraceGrant& grant) {
    Value out = Value::object({{"state", trace_grant_name(grant.state)}});
    if (grant.granted.known()) out.set("granted", time_value(grant.granted));
    if (grant.revoked.known()) out.set("revoked", time_value(grant.revoked));
    out.set("expiry", grant.limits.expiry);
    out.set("jobs", grant.limits.uses);
    out.set("jobs_used", grant.used);
    json::Array history;
    for (const auto& event : grant.history)
        history.push_back(Value::object({{"event", event.revoked ? "revoked" : "granted"},
                                         {"block", event.when.block_number},
                                         {"time", event.when.block_time}}));
    out.set("history", std::move(history));
    return out;
}

Value receipt_value(const TraceReceipt& receipt) {
    return Value::object({{"dt", token_text(receipt.dt)},
                          {"name", receipt.dt_name},
                          {"owner", receipt.owner},
                          {"outcome", receipt.outcome},
                          {"digest", hex_text(receipt.digest)},
                          {"block", receipt.block_number},
                          {"time", receipt.block_time}});
}

Value job_value(const TraceNode& node) {
    Value out = Value::object({{"kind", "job"},
                               {"job_id", node.job_id},
                               {"task_id", node.task_id},
                               {"task_name", node.task_name},
                               {"solver", node.solver},
                               {"demander", node.demander},
                               {"state", node.state}});
    if (node.written.known()) out.set("registered", time_value(node.written));
    if (!node.problem.empty()) out.set("problem", node.problem);
    json::Array receipts;
    for (const auto& receipt : node.receipts) receipts.push_back(receipt_value(receipt));
    out.set("receipts", std::move(receipts));
    return out;
}

Value token_value(const TraceNode& node) {
    Value out = Value::object({{"kind", trace_kind_name(node.kind)},
                               {"dt", token_text(node.dt)},
                               {"name", node.name},
                               {"type", node.type},
                               {"owner", node.owner},
                               {"owner_address", address_text(node.owner_address)},
                               {"active", node.active}});
    if (node.written.known()) out.set("minted", time_value(node.written));
    if (node.activated.known()) out.set("activated", time_value(node.activated));
    if (node.grant) out.set("grant", grant_value(*node.grant));
    if (!node.opened.empty()) {
        Value counts = json::Object();
        for (const auto& [kind, count] : node.opened) counts.set(kind, count);
        out.set("opened", std::move(counts));
    }
    if (!node.origins.empty())
        out.set("origins", json::list_of(node.origins, [](const ArtifactOrigin& origin) {
                    return Value::object({{"job_id", origin.job_id},
                                          {"party", origin.party},
                                          {"output", origin.output},
                                          {"sha256", hex_text(origin.sha256)},
                                          {"binding", hex_text(origin.binding)}});
                }));
    if (!node.problem.empty()) out.set("problem", node.problem);
    return out;
}

Value change_value(const TraceChange& change) {
    using Kind = IdentityChange::Kind;
    const auto& what = change.what;
    Value out = Value::object({{"event", identity_change_name(what.kind)}});
    if (what.kind == Kind::role_added || what.kind == Kind::role_removed) {
        out.set("role", what.role);
    } else {
        out.set("key", address_text(what.key));
        if (what.kind != Kind::owner_changed) out.set("use", key_use_name(what.use));
        if (what.kind == Kind::delegate_added) out.set("valid_to", what.valid_to);
    }
    out.set("block", change.when.block_number);
    out.set("time", change.when.block_time);
    return out;
}

Value organisation_value(const TraceNode& node) {
    json::Array changes;
    for (const auto& change : node.changes) changes.push_back(change_value(change));
    return Value::object({{"kind", "organisation"},
                          {"name", node.owner},
                          {"address", address_text(node.owner_address)},
                          {"changes", std::move(changes)}});
}

void write(const TraceNode& node, std::string& out) {
    if (node.kind == TraceNode::Kind::organisation) {
        out += json::compact(organisation_value(node), json::Escape::invisible);
        return;
    }
    if (node.kind == TraceNode::Kind::job) {
        out += json::compact(job_value(node), json::Escape::invisible);
        return;
    }
    out += json::compact(token_value(node), json::Escape::invisible);
    out.pop_back();  // the brace, for the lists
    write_list("made_of", node.made_of, out);
    write_list("granted_to", node.granted_to, out);
    write_list("jobs", node.jobs, out);
    out += '}';
}

}  // namespace

std::string trace_json(const std::vector<TraceNode>& roots) {
    std::string out = "{\"roots\":[";
    const char* separator = "";
    const auto is_organisation = [](const TraceNode& node) { return node.kind == TraceNode::Kind::organisation; };
    const auto organisations = std::ranges::find_if(roots, is_organisation);
    for (auto node = roots.begin(); node != roots.end(); ++node, separator = ",") {
        if (node == organisations) {
            out += "],\"organisations\":[";
            separator = "";
        }
        out += separator;
        write(*node, out);
    }
    return out + "]}";
}

}  // namespace c2d
