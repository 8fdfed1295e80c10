// The owner's own requests about the queue.

#include "base/try.hpp"
#include "job/values.hpp"
#include "provider/http/service.hpp"
#include "provider/state/answers.hpp"

namespace c2d::provider {

using json::Value;

namespace {

Value queued_run(const JobRun& run) {
    return Value::object({{"job_id", run.job_id},
                          {"party", run.party},
                          {"algo_dt", token_text(run.algo_dt)},
                          {"solver", address_text(run.solver)},
                          {"state", run_state_name(run.state)},
                          {"attempt", run.attempt},
                          {"attempts_max", run.attempts_max},
                          {"created", run.created},
                          {"updated", run.updated}});
}

}  // namespace

Result<HttpResponse> Service::answer_queue() {
    C2D_TRY(const auto runs, store_->runs_not_ended(kRunsListedMax));
    json::Array rows;
    for (const auto& run : runs) rows.push_back(queued_run(run));
    const auto limits = queue_limits();
    return success(Value::object({{"held", runner_.is_held()},
                                  {"workers", std::uint64_t(options_.workers)},
                                  {"queue_max", std::uint64_t(limits.all)},
                                  {"queue_share", std::uint64_t(limits.of_one)},
                                  {"runs", std::move(rows)}}));
}

Result<HttpResponse> Service::queue(Call& call) {
    const auto asked_by_owner = require_owner(call, KeyUse::work);
    return asked_by_owner ? answer_queue() : asked_by_owner.error();
}

Result<HttpResponse> Service::answer_held(Call& call, bool held) {
    C2D_CHECK(require_owner(call, KeyUse::work));
    if (runner_.is_held() != held)
        options_.logger->log(LogLevel::warn, held ? "the queue is held by its owner: no run is taken from it"
                                                  : "the queue goes on: its owner released it");
    runner_.hold(held);
    return answer_queue();
}

Result<HttpResponse> Service::hold_queue(Call& call) { return answer_held(call, true); }
Result<HttpResponse> Service::release_queue(Call& call) { return answer_held(call, false); }

}  // namespace c2d::provider
