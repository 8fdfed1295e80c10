/// Waiting for the parts of a job: to change, to end, to be tried again, and for their receipts.
#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "client/client_impl.hpp"
#include "client/job_parts.hpp"
#include "client/wait_pace.hpp"
#include "client/wait_progress.hpp"

#include <c2d/reason.hpp>

#include <algorithm>

namespace c2d {

namespace {

/// How long a provider may keep a question: less than transports and proxies do.
constexpr std::chrono::seconds kWaitForChange{30};

/// Too busy to answer, whoever says so.
bool says_busy(const Error& error) {
    return error.name == reason_name(Reason::busy) ||
           (error.name == client::kAnswerUnproven && error.status == Status::UNAVAILABLE);
}

/// What is known of parts by now: of those that are not answered for, what was known before.
void learn(std::vector<JobPart>& known, std::vector<JobPart> now) {
    for (auto& part : now) {
        if (!part.unanswered) continue;
        const auto before = std::ranges::find(known, part.dt, &JobPart::dt);
        if (before == known.end()) continue;
        before->unanswered = std::move(part.unanswered);
        part = std::move(*before);
    }
    known = std::move(now);
}

}  // namespace

Result<JobPart> Client::Impl::ask_for_change(const client::JobIdentity& job, const JobPart& part) const {
    C2D_TRY(auto body, body_for(Method::status, part.dt));
    body.job_id = job.id;
    auto path = fmt::format("/v1/jobs/{}?wait={}", job.id, kWaitForChange.count());
    // What the provider said goes into no address unless it is a word of ours.
    if (client::progress_of(part.state)) path += "&state=" + part.state;
    C2D_TRY(const auto answer, get(job, part.endpoint, path, body));
    return client::part_of(part.dt, part.endpoint, answer);
}

Result<std::vector<JobPart>> Client::Impl::status(std::uint64_t job_id) const {
    C2D_TRY(const auto read, read_parts(Method::status, "", job_id));
    std::vector<JobPart> parts;
    parts.reserve(read.size());
    for (const auto& [leaf, body] : read)
        parts.push_back(body ? client::part_of(leaf.dt, leaf.endpoint, *body)
                             : client::unanswered_part(leaf, body.error()));
    return parts;
}

Result<std::vector<JobPart>> Client::status(std::uint64_t job_id) { return impl_->status(job_id); }

/// Asks the parts that have not ended in turn; each provider answers when its part changes, or after a while.
/// Those that answer at once are asked at growing intervals.
Result<Unit> Client::Impl::wait_for_ends(const client::JobIdentity& job, std::vector<JobPart>& parts,
                                         client::WaitProgress& progress) const {
    client::WaitPace pace;
    std::vector<client::Silence> silence(parts.size());
    for (std::size_t turn = 0, ended = 0; ended < parts.size(); ++turn) {
        const auto place = turn % parts.size();
        JobPart& part = parts[place];
        ended = part.ended() ? ended + 1 : 0;
        if (part.ended()) continue;
        const auto asked = std::chrono::steady_clock::now();
        auto now = ask_for_change(job, part);
        if (CallScope::over()) return CallScope::error(fmt::format("waiting for job {}", job.id));
        if (!now && client::is_hidden(now.error()) && part.state == client::kUnknown && parts.size() > 1) {
            parts.erase(parts.begin() + std::ptrdiff_t(place));
            silence.erase(silence.begin() + std::ptrdiff_t(place));
            continue;
        }
        if (!now && !client::may_be_asked_again(now.error(), silence[place])) return now.error();
        if (now) silence[place].reset();
        if (!now) part.unanswered = now.error();
        const auto pause = pace.after(place, now ? now->state : "", std::chrono::steady_clock::now() - asked);
        if (now) part = *std::move(now);
        progress.report(parts);
        CallScope::pause(pause);
    }
    return Unit{};
}

Result<std::vector<JobPart>> Client::Impl::wait_for_status(std::uint64_t job_id) const {
    client::Silence silence;
    for (client::Pause pause;; CallScope::pause(pause.next())) {
        if (CallScope::over()) return CallScope::error(fmt::format("waiting for job {}", job_id));
        auto parts = status(job_id);
        if (parts || !says_busy(parts.error()) || !client::may_be_asked_again(parts.error(), silence)) return parts;
    }
}

/// Of a job that has ended, until its receipts are on the ledger, or not soon: then as it was known last.
Result<Unit> Client::Impl::wait_for_receipts(std::uint64_t job_id, std::vector<JobPart>& parts,
                                             client::WaitProgress& progress) const {
    constexpr std::chrono::seconds kReceiptWait{15};
    const auto ended = std::chrono::steady_clock::now();
    client::Silence silence;
    for (client::Pause pause;; CallScope::pause(pause.next())) {
        if (CallScope::over()) return CallScope::error(fmt::format("waiting for job {}", job_id));
        auto now = status(job_id);
        if (!now && !client::may_be_asked_again(now.error(), silence)) return now.error();
        const bool known = now.ok();
        if (known) learn(parts, *std::move(now));
        progress.report(parts);
        const bool posting = std::ranges::any_of(parts, [](const JobPart& p) { return p.receipt == "pending"; });
        if ((known && !posting) || std::chrono::steady_clock::now() - ended > kReceiptWait) return Unit{};
    }
}

Result<std::vector<JobPart>> Client::Impl::wait(std::uint64_t job_id, client::WaitProgress& progress) const {
    C2D_TRY(const auto job, identity(job_id));
    C2D_TRY(auto parts, wait_for_status(job_id));
    progress.report(parts);
    C2D_CHECK(wait_for_ends(job, parts, progress));
    C2D_CHECK(wait_for_receipts(job_id, parts, progress));
    return parts;
}

Result<std::vector<JobPart>> Client::wait(std::uint64_t job_id, const Progress& progress, const CancelToken* cancel) {
    const CallScope scope(CallScope::kNever, cancel);
    client::WaitProgress told(progress);
    return impl_->wait(job_id, told);
}

/// No other attempt follows: what waits for one says so on the ledger.
Result<Unit> Client::Impl::give_up(std::uint64_t job_id, std::vector<JobPart>& parts,
                                   client::WaitProgress& progress) const {
    if (std::ranges::none_of(parts, &JobPart::again)) return Unit{};
    std::vector<LeafRun> waiting;
    for (const auto& part : parts)
        if (part.again) waiting.push_back({part.dt, part.endpoint, {}});
    C2D_CHECK(cancel_parts(job_id, waiting));
    return wait_for_receipts(job_id, parts, progress);
}

Result<std::vector<JobPart>> Client::wait_with_attempts(std::uint64_t job_id, const Progress& progress,
                                                        const CancelToken* cancel) {
    const CallScope scope(CallScope::kNever, cancel);
    client::WaitProgress told(progress);
    C2D_TRY(const auto job, impl_->identity(job_id));
    C2D_TRY(const bool joint, impl_->is_joint(job));
    C2D_CHECK(impl_->start_what_is_missing(job, joint));
    for (std::uint32_t taken = 0;;) {
        C2D_TRY(auto parts, impl_->wait(job_id, told));
        C2D_CHECK(client::check_taken(job_id, parts, taken));
        if (!client::may_try_again(parts, joint)) {
            C2D_CHECK(impl_->give_up(job_id, parts, told));
            return parts;
        }
        C2D_TRY(const auto attempt, impl_->start_attempt_in_time(job, joint));
        if (!attempt) continue;
        taken = *attempt;
        told.say(parts, fmt::format("job {}: attempt {} of {}", job_id, taken, parts.front().attempts_max));
    }
}

}  // namespace c2d
