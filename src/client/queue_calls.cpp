#include "client/queue_calls.hpp"

#include "base/call_scope.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "client/wait_pace.hpp"

#include <algorithm>

namespace c2d::client {

using json::Value;

namespace {

/// More than a provider shows.
constexpr std::size_t kRunsMax = 4096;

RequestBody about(Method method, const OwnProvider& provider) {
    RequestBody body;
    body.method = method;
    body.audience = provider.owner;
    body.dt = provider.dt;
    return body;
}

std::uint64_t number_of(const Value& object, std::string_view name) {
    const Value* const value = object.find(name);
    return value ? value->as_uint().value_or(0) : 0;
}

Result<QueuedRun> read_run(const Value& row) {
    QueuedRun out;
    out.job_id = number_of(row, "job_id");
    out.party = unsigned(number_of(row, "party"));
    C2D_TRY(out.algo_dt, parse_token(row.text_at({"algo_dt"})));
    C2D_TRY(out.solver, parse_address(row.text_at({"solver"})));
    out.state = row.text_at({"state"});
    out.attempt = std::uint32_t(number_of(row, "attempt"));
    out.attempts_max = std::uint32_t(number_of(row, "attempts_max"));
    out.created = number_of(row, "created");
    out.updated = number_of(row, "updated");
    return out;
}

Result<ProviderQueue> read_queue(const std::string& endpoint, const Result<HttpResponse>& response) {
    if (!response) return response.error();
    C2D_TRY(const auto answer, read_json_answer(endpoint, *response));
    const Value* const rows = answer.find("runs");
    if (!rows || !rows->is_array() || rows->items().size() > kRunsMax)
        return fail(Status::CORRUPT, "{} gave no list of at most {} runs", display_text(endpoint), kRunsMax);
    ProviderQueue out;
    out.endpoint = endpoint;
    const Value* const held = answer.find("held");
    out.held = held && held->is_bool() && held->boolean();
    out.workers = number_of(answer, "workers");
    out.queue_max = number_of(answer, "queue_max");
    out.queue_share = number_of(answer, "queue_share");
    for (const auto& row : rows->items()) {
        C2D_TRY(out.runs.emplace_back(), read_run(row));
    }
    return out;
}

}  // namespace

Result<ProviderQueue> ask_queue(const ProviderCall& call, const OwnProvider& provider) {
    return read_queue(provider.endpoint,
                      call.get({provider.endpoint, "/v1/queue", {}}, about(Method::queue, provider)));
}

Result<ProviderQueue> hold_queue(const ProviderCall& call, const OwnProvider& provider, bool held) {
    const auto body = about(held ? Method::hold : Method::release, provider);
    return read_queue(provider.endpoint, call.post({provider.endpoint, held ? "/v1/hold" : "/v1/release", {}}, body));
}

Result<ProviderQueue> wait_until_idle(const ProviderCall& call, const OwnProvider& provider, const Progress& progress) {
    std::size_t most = 0, told = 0;
    for (Pause pause;; CallScope::pause(pause.next())) {
        if (CallScope::over()) return CallScope::error("waiting until nothing runs at " + provider.endpoint);
        C2D_TRY(auto queue, ask_queue(call, provider));
        if (!queue.held)
            return fail(Status::CONFLICT, "{} takes runs from its queue again: somebody released it",
                        display_text(provider.endpoint));
        const auto under_way = std::size_t(std::ranges::count_if(queue.runs, &QueuedRun::under_way));
        most = std::max(most, under_way);
        if (progress && under_way != told)
            progress(most - under_way, most, fmt::format("{} runs are under way", under_way));
        told = under_way;
        if (under_way == 0) return queue;
    }
}

}  // namespace c2d::client
