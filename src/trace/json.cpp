#include "codec/json.hpp"

#include <c2d/tracer.hpp>

namespace c2d {

namespace {

using json::Value;

Value to_value(const TraceNode& node);

Value to_list(const std::vector<TraceNode>& nodes) {
    json::Array list;
    for (const auto& node : nodes) list.push_back(to_value(node));
    return list;
}

Value to_value(const TraceNode& node) {
    if (node.kind == TraceNode::Kind::job) {
        json::Array receipts;
        for (const auto& receipt : node.receipts)
            receipts.push_back(Value::object({{"dt", token_text(receipt.dt)},
                                              {"name", receipt.dt_name},
                                              {"owner", receipt.owner},
                                              {"outcome", receipt.outcome},
                                              {"digest", hex_text(receipt.digest)},
                                              {"block", receipt.block_number},
                                              {"time", receipt.block_time}}));
        return Value::object({{"kind", "job"},
                              {"job_id", node.job_id},
                              {"task_id", node.task_id},
                              {"task_name", node.task_name},
                              {"solver", node.solver},
                              {"demander", node.demander},
                              {"state", node.state},
                              {"receipts", std::move(receipts)}});
    }
    Value out = Value::object({{"kind", trace_kind_name(node.kind)},
                               {"dt", token_text(node.dt)},
                               {"name", node.name},
                               {"type", node.type},
                               {"owner", node.owner},
                               {"owner_address", address_text(node.owner_address)},
                               {"active", node.active}});
    if (!node.problem.empty()) out.set("problem", node.problem);
    out.set("made_of", to_list(node.made_of));
    out.set("granted_to", to_list(node.granted_to));
    out.set("jobs", to_list(node.jobs));
    return out;
}

}  // namespace

std::string trace_json(const std::vector<TraceNode>& roots) {
    return json::compact(Value::object({{"roots", to_list(roots)}}), json::Escape::invisible);
}

}  // namespace c2d
