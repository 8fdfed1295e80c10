/// Starting a job at the providers of all its leaves, and trying it again.
#include "base/call_scope.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "client/client_impl.hpp"
#include "client/job_parts.hpp"
#include "client/peer_protocols.hpp"
#include "client/wait_pace.hpp"
#include "job/grant_decision.hpp"
#include "job/run_outputs.hpp"

#include <c2d/reason.hpp>

#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace c2d {

using json::Value;

Result<Unit> Client::Impl::ask_all(const Asking& asking, Asked* asked) const {
    C2D_TRY(auto runs, leaves({asking.job_id, asking.cdt}));
    struct Question {
        LeafRun leaf;
        RequestBody body;
    };
    std::vector<Question> questions;
    std::vector<client::JobProvider> providers;
    for (auto& leaf : runs) {
        C2D_TRY(auto body, job_body(asking.method, asking.job_id, asking.cdt, leaf.dt));
        body.attempt = asking.attempt;
        providers.push_back({body.audience, leaf.endpoint});
        if (!asking.only || std::ranges::count(*asking.only, leaf.dt) > 0)
            questions.push_back({std::move(leaf), std::move(body)});
    }
    // Nobody else's protocol matters to a job of one provider.
    const auto is_first = [&](const auto& provider) { return provider.address == providers.front().address; };
    const auto protocols =
        std::ranges::all_of(providers, is_first) ? PeerProtocols() : client::ask_protocols(providers, *options.http);
    for (auto& [leaf, body] : questions) {
        // Before the answer: it may be lost although the provider took the request.
        if (asked) asked->leaves.push_back(leaf);
        body.protocols = protocols;
        const auto done = post_unless_busy(leaf, asking, body);
        // It has another attempt, which this call did not start and so does not cancel.
        if (!done && asked && done.error().name == reason_name(Reason::state_conflict)) asked->leaves.pop_back();
        if (!done) return client::with_protocols(done.error(), protocols);
        const Value* const attempts = done->find("attempts_max");
        if (asked) asked->attempts_max = attempts ? attempts->as_uint().value_or(1) : 1;
    }
    return Unit{};
}

/// One that is to start a part and has no room for it is asked again for a while: less than its peers wait for it.
Result<Value> Client::Impl::post_unless_busy(const LeafRun& leaf, const Asking& asking, const RequestBody& body) const {
    constexpr std::chrono::seconds kBusyWait{45};
    const auto until = std::chrono::steady_clock::now() + kBusyWait;
    for (client::Pause pause;; CallScope::pause(pause.next())) {
        auto done = post(leaf.endpoint, asking.path, body);
        const bool is_busy = !done && done.error().name == reason_name(Reason::busy);
        if (!is_busy || asking.method != Method::onPremiseCompute) return done;
        if (CallScope::over() || std::chrono::steady_clock::now() >= until) return done;
    }
}

Client::Impl::Asking Client::Impl::start_of(std::uint64_t job_id, const TokenId& cdt, std::uint32_t attempt,
                                            const std::vector<TokenId>* only) {
    return {Method::onPremiseCompute, "/onPremiseCompute", job_id, cdt, attempt, only};
}

Result<Unit> Client::verify(std::uint64_t job_id, const TokenId& cdt) {
    return impl_->ask_all({Method::verify, "/v1/verify", job_id, cdt}, nullptr);
}

Result<Unit> Client::start(std::uint64_t job_id, const TokenId& cdt) {
    return impl_->start(Impl::start_of(job_id, cdt));
}

Result<Unit> Client::Impl::start(const Asking& asking) const {
    Asked asked;
    auto done = ask_to_start(asking, asked);
    if (done || !client::is_silence(done.error())) return done;
    if (asking.attempt >= asked.attempts_max) return cancel_rest(done.error(), asking, asked);
    Error error = done.error();
    error.message += fmt::format("; what was started ends by itself, and attempt {} of {} may follow",
                                 asking.attempt + 1, asked.attempts_max);
    return error;
}

Result<Unit> Client::Impl::ask_to_start(const Asking& asking, Asked& asked) const {
    auto done = ask_all(asking, &asked);
    if (done || client::is_silence(done.error())) return done;
    return cancel_rest(done.error(), asking, asked);
}

Error Client::Impl::cancel_rest(Error error, const Asking& asking, const Asked& asked) const {
    if (const auto cancelled = cancel_parts(asking.job_id, asked.leaves); !cancelled)
        options.logger->log(LogLevel::warn, "not all parts could be cancelled: " + cancelled.error().message);
    return error;
}

Result<std::vector<client::PartSeen>> Client::Impl::parts_seen(const client::JobIdentity& job) const {
    C2D_TRY(const auto runs, leaves(job));
    std::vector<client::PartSeen> out;
    for (const auto& leaf : runs) {
        const auto body = read_part(Method::status, "", job, leaf);
        const bool is_absent =
            !body && (body.error().name == reason_name(Reason::not_found) || body.error().name == client::kAnotherJob);
        if (!body && !is_absent) return body.error();
        out.push_back({leaf.dt, body ? std::optional(client::part_of(leaf.dt, leaf.endpoint, *body)) : std::nullopt});
    }
    return out;
}

Result<bool> Client::Impl::is_joint(const client::JobIdentity& job) const {
    C2D_TRY(const auto runs, job::outputs_of_runs(registry, job.algorithm));
    return std::ranges::any_of(runs, &job::RunOutputs::joint);
}

Result<std::uint32_t> Client::Impl::start_attempt(std::uint64_t job_id) const {
    C2D_TRY(const auto job, identity(job_id));
    C2D_TRY(const bool joint, is_joint(job));
    C2D_TRY(const auto seen, parts_seen(job));
    C2D_TRY(const auto next, client::next_attempt(job.id, seen, joint));
    C2D_CHECK(start(start_of(job.id, job.algorithm, next.number, &next.parts)));
    return next.number;
}

Result<std::uint32_t> Client::start_attempt(std::uint64_t job_id) { return impl_->start_attempt(job_id); }

namespace {

bool all_were_asked(const std::vector<client::PartSeen>& seen) {
    return std::ranges::all_of(seen, [](const client::PartSeen& one) { return one.part.has_value(); });
}

}  // namespace

Result<std::optional<std::uint32_t>> Client::Impl::start_attempt_in_time(const client::JobIdentity& job,
                                                                         bool joint) const {
    client::Silence silence;
    bool was_silent = false;
    for (client::Pause pause;; CallScope::pause(pause.next())) {
        if (CallScope::over()) return CallScope::error(fmt::format("starting job {}", job.id));
        const auto seen = parts_seen(job);
        const auto next = seen ? client::next_attempt(job.id, *seen, joint) : Result<client::NextAttempt>(seen.error());
        // An answer that was lost was one to a request that came through.
        if (seen && !next && was_silent && all_were_asked(*seen)) return std::optional<std::uint32_t>();
        Asked asked;
        const auto done = next ? ask_to_start(start_of(job.id, job.algorithm, next->number, &next->parts), asked)
                               : Result<Unit>(next.error());
        if (done) return std::optional(next->number);
        if (!client::may_be_asked_again(done.error(), silence)) return done.error();
        was_silent = true;
    }
}

Result<Unit> Client::Impl::start_what_is_missing(const client::JobIdentity& job, bool joint) const {
    const auto seen = parts_seen(job);
    // Who does not answer at this moment is waited for with the others.
    if (!seen || all_were_asked(*seen)) return Unit{};
    C2D_CHECK(start_attempt_in_time(job, joint));
    return Unit{};
}

Result<Unit> Client::Impl::require_answer(const LeafRun& leaf) const {
    if (leaf.endpoint.empty())
        return fail(Status::NOT_FOUND, "the document of {} names no endpoint to ask; no job was registered",
                    token_text(leaf.dt));
    const auto answer = options.http->send({"GET", client::url_of({leaf.endpoint, "/healthz", {}}), {}, {}});
    if (answer && answer->status == 200) return Unit{};
    return fail(answer ? Status::UNAVAILABLE : answer.status(),
                "the provider of {} at {} does not answer: {}; no job was registered", token_text(leaf.dt),
                display_text(leaf.endpoint),
                answer ? fmt::format("/healthz says {}", answer->status) : answer.error().message);
}

namespace {

/// Whose grants are missing, over or used up, as far as one level tells: the first few, since there may be a thousand.
std::string ungranted(const Chain& chain, const TokenId& cdt, std::uint64_t now) {
    constexpr std::size_t kNamedMax = 8;
    const auto children = chain.children(cdt);
    std::vector<std::string> named;
    for (const auto& child : children ? *children : std::vector<TokenId>()) {
        const auto stands = job::grant_stands(chain, child, cdt, now);
        if (!stands || *stands) continue;
        if (named.size() == kNamedMax) {
            named.emplace_back("others");
            break;
        }
        named.push_back(token_text(child));
    }
    if (named.empty()) return {};
    return fmt::format(": {} (dt-cli asset request_grant asks for one)", fmt::join(named, ", "));
}

}  // namespace

Result<Unit> Client::Impl::check_before_job(const TokenId& cdt) const {
    C2D_TRY(const auto runs, registry.plan(cdt));  // an Algorithm, its documents, its terms
    C2D_TRY(const auto algorithm, registry.resolve(cdt));
    C2D_TRY(const auto owner, self());
    if (algorithm.record.owner != owner)
        return fail(Status::REFUSED, "{} belongs to {}: only its owner registers jobs of it; no job was registered",
                    token_text(cdt), address_text(algorithm.record.owner));
    C2D_TRY(const bool linked, registry.chain().links_hold(cdt, algorithm.children));
    if (!algorithm.active) return fail(Status::REFUSED, "{} is not active yet; no job was registered", token_text(cdt));
    if (!linked)
        return fail(Status::REFUSED, "{} is not granted all that it is composed of{}; no job was registered",
                    token_text(cdt), ungranted(registry.chain(), cdt, options.clock->now_seconds()));
    std::set<std::string> asked;
    for (const auto& leaf : runs)
        if (asked.insert(leaf.endpoint).second) C2D_CHECK(require_answer(leaf));
    return Unit{};
}

/// Asks about job 0, which stands for one that is registered next.
Result<Unit> Client::Impl::require_taken(const TokenId& cdt) const {
    auto taken = ask_all({Method::verify, "/v1/verify", 0, cdt}, nullptr);
    if (taken) return taken;
    Error error = taken.error();
    // So says one that knows only jobs of the ledger.
    if (error.name == reason_name(Reason::job_unknown)) return Unit{};
    error.message += "; no job was registered";
    return error;
}

Result<std::uint64_t> Client::register_job(std::uint64_t task_id, const TokenId& cdt) {
    C2D_CHECK(impl_->check_before_job(cdt));
    C2D_CHECK(impl_->require_taken(cdt));
    Chain& chain = impl_->registry.chain();
    auto job_id = chain.add_job(*impl_->signer, cdt, task_id);
    if (job_id || job_id.status() != Status::REFUSED) return job_id;
    Error error = std::move(job_id).error();
    error.message += ungranted(chain, cdt, impl_->options.clock->now_seconds());
    return error;
}

Result<std::uint64_t> Client::execute(std::uint64_t task_id, const TokenId& cdt) {
    C2D_TRY(const auto job_id, register_job(task_id, cdt));
    const auto done = start(job_id, cdt);
    if (done) return job_id;
    Error error = done.error();
    error.message = fmt::format("job {} is registered but was not started: {}", job_id, error.message);
    return error;
}

}  // namespace c2d
