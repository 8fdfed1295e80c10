#include "client/values.hpp"

#include "artifact/values.hpp"
#include "job/values.hpp"

namespace c2d {

using json::Value;

namespace {

Value error_value(const Error& error) {
    return Value::object({{"status", status_name(error.status)}, {"code", error.name}, {"message", error.message}});
}

}  // namespace

Value to_value(const JobPart& part) {
    auto out = Value::object({{"dt", token_text(part.dt)},
                              {"endpoint", part.endpoint},
                              {"party", part.party},
                              {"state", part.state},
                              {"outcome", part.outcome},
                              {"receipt", part.receipt},
                              {"attempt", part.attempt},
                              {"attempts_max", part.attempts_max},
                              {"again", part.again}});
    if (part.unanswered) out.set("unanswered", error_value(*part.unanswered));
    return out;
}

Value to_value(const ReleasedLog& log) {
    return Value::object({{"dt", token_text(log.dt)}, {"release", log.release}, {"log", log.text}});
}

Value to_value(const SavedFile& file) {
    return Value::object({{"dt", token_text(file.dt)},
                          {"name", file.name},
                          {"path", file.path.string()},
                          {"bytes", file.bytes},
                          {"sha256", hex_text(file.sha256)}});
}

Value to_value(const HeldArtifact& held) {
    auto out = to_value(held.artifact);
    if (held.origin) out.set("origin", to_value(*held.origin));
    return out;
}

Value to_value(const QueuedRun& run) {
    return Value::object({{"job_id", run.job_id},
                          {"party", run.party},
                          {"algo_dt", token_text(run.algo_dt)},
                          {"solver", address_text(run.solver)},
                          {"state", run.state},
                          {"attempt", run.attempt},
                          {"attempts_max", run.attempts_max},
                          {"created", run.created},
                          {"updated", run.updated}});
}

Value to_value(const ProviderQueue& queue) {
    return Value::object({{"endpoint", queue.endpoint},
                          {"held", queue.held},
                          {"workers", queue.workers},
                          {"queue_max", queue.queue_max},
                          {"queue_share", queue.queue_share},
                          {"runs", json::list_of(queue.runs)}});
}

Value to_value(const UnansweredProvider& provider) {
    return Value::object({{"dt", token_text(provider.dt)},
                          {"endpoint", provider.endpoint},
                          {"status", status_name(provider.error.status)},
                          {"code", provider.error.name},
                          {"message", provider.error.message}});
}

}  // namespace c2d
