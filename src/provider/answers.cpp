#include "provider/answers.hpp"

namespace c2d::provider {

using json::Value;

HttpResponse refusal(Reason reason, const std::string& request_id) {
    const Value body = Value::object({{"error", Value::object({{"code", reason_name(reason)},
                                                               {"message", reason_text(reason)},
                                                               {"request_id", request_id}})}});
    return {reason_http_status(reason), "application/json", json::compact(body)};
}

HttpResponse success(const Value& body) { return {200, "application/json", json::compact(body)}; }

Value run_status(const Run& run) {
    json::Array outputs;
    for (const auto& name : run.outputs) outputs.push_back(name);
    Value body = Value::object({{"job_id", run.job_id},
                          {"party", run.party},
                          {"algo_dt", token_text(run.algo_dt)},
                          {"state", run_state_name(run.state)},
                          {"outcome", run.outcome},
                          {"outputs", std::move(outputs)},
                          {"created", run.created},
                          {"updated", run.updated}});
    if (run.receipt)
        body.set("receipt", Value::object({{"digest", hex_text(run.receipt_digest)},
                                           {"posting", posting_name(*run.receipt)}}));
    return body;
}

}  // namespace c2d::provider
