#include "base/try.hpp"
#include "contracts/records.hpp"
#include "contracts/rules.hpp"

namespace c2d::contracts {

namespace {

constexpr std::uint64_t kOpen = 1, kClosed = 2;
constexpr std::size_t kTaskFields = 5;  // demander, name, description, status, number of jobs
constexpr std::size_t kJobFields = 4;   // task, solver, cdt, status
constexpr const char* kTaskCountKey = "task_count";
constexpr const char* kJobCountKey = "job_count";

std::string task_key(std::uint64_t id) { return key("task/", id); }
std::string job_key(std::uint64_t id) { return key("job/", id); }
std::string task_job_key(std::uint64_t task, std::uint64_t at) { return key("task_job/", task, at); }

Bytes task_record(const Address& demander, std::string_view name, std::string_view description, std::uint64_t status,
                  std::uint64_t jobs) {
    return RecordWriter().add(demander.view()).add(name).add(description).add(status).add(jobs).encode();
}

Result<Unit> create_task(Frame& frame, const std::string& name, const std::string& description) {
    C2D_TRY(const auto by, principal(frame, kWorkKey));
    C2D_TRY(const bool allowed, has_permission(frame.state, by, kModifyTask));
    C2D_TRY(const auto count, get_number(frame.state, kTaskCountKey));
    const auto id = count + 1;
    const auto code = !allowed ? kNoPermission : is_too_long(frame, name, description) ? kTextTooLong : kSuccess;
    if (code == kSuccess) {
        frame.state.put(task_key(id), task_record(by, name, description, kOpen, 0));
        put_number(frame.state, kTaskCountKey, id);
    }
    // A refused call names the number that the task would have had, as the original does.
    frame.emit(task_market::kTaskAdded, id, by, name, description, std::uint64_t(code));
    return Unit{};
}

/// A number that does not fit 64 bits reads as the largest that does, which no task has.
Result<std::optional<Record>> find_task(Frame& frame, std::uint64_t id) {
    return get_record(frame.state, task_key(id), kTaskFields);
}

bool is_open(const std::optional<Record>& task) { return task && task->number(3) == kOpen; }

Result<std::uint64_t> add_job_code(Frame& frame, const Address& solver, const TokenId& cdt,
                                   const std::optional<Record>& task) {
    C2D_TRY(const bool allowed, has_permission(frame.state, solver, kModifyTask));
    if (!allowed) return std::uint64_t(kNoPermission);
    if (!is_open(task)) return std::uint64_t(kTaskUnavailable);
    C2D_TRY(const bool active, is_active_composite(frame.state, cdt));
    if (!active) return std::uint64_t(kJobTokenInactive);
    C2D_TRY(const auto owner, token_owner(frame.state, cdt));
    if (owner != solver) return std::uint64_t(kJobTokenForeign);
    return use_grants(frame, cdt);
}

/// Stores the job and appends it to its task.
void store_job(Frame& frame, std::uint64_t job, const JobOf& given, std::uint64_t task_id, const Record& task) {
    const auto jobs = task.number(4);
    frame.state.put(
        job_key(job),
        RecordWriter().add(task_id).add(given.solver.view()).add(given.composition.view()).add(kOpen).encode());
    put_number(frame.state, task_job_key(task_id, jobs), job);
    frame.state.put(task_key(task_id),
                    task_record(task.address(0), task.text(1), task.text(2), task.number(3), jobs + 1));
    put_number(frame.state, kJobCountKey, job);
}

Result<Unit> add_job(Frame& frame, const TokenId& cdt, const Uint256& task_id) {
    C2D_TRY(const auto task, find_task(frame, task_id.number()));
    C2D_TRY(const auto by, principal(frame, kWorkKey));
    C2D_TRY(const auto code, add_job_code(frame, by, cdt, task));
    C2D_TRY(const auto count, get_number(frame.state, kJobCountKey));
    const auto job = count + 1;
    if (code == kSuccess) store_job(frame, job, {cdt, by}, task_id.number(), *task);
    frame.emit(task_market::kJobAdded, task_id, job, by, cdt, code);
    return Unit{};
}

Result<std::uint64_t> close_task_code(Frame& frame, const Address& by, std::uint64_t id,
                                      const std::optional<Record>& task) {
    C2D_TRY(const bool allowed, has_permission(frame.state, by, kModifyTask));
    if (!allowed) return std::uint64_t(kNoPermission);
    if (!is_open(task)) return std::uint64_t(kTaskUnavailable);
    if (task->address(0) != by) return std::uint64_t(kTaskForeign);
    frame.state.put(task_key(id),
                    task_record(task->address(0), task->text(1), task->text(2), kClosed, task->number(4)));
    return std::uint64_t(kSuccess);
}

Result<Unit> close_task(Frame& frame, const Uint256& id) {
    C2D_TRY(const auto task, find_task(frame, id.number()));
    C2D_TRY(const auto by, principal(frame, kWorkKey));
    C2D_TRY(const auto code, close_task_code(frame, by, id.number(), task));
    frame.emit(task_market::kTaskClosed, id, by, code);
    return Unit{};
}

using GetTask = decltype(task_market::kGetTask)::Returned;
Result<GetTask> get_task(Frame& frame, std::uint64_t id) {
    C2D_TRY(const auto task, find_task(frame, id));
    if (!task) return GetTask();
    std::vector<std::uint64_t> jobs;
    for (std::uint64_t i = 0; i < task->number(4); ++i) {
        C2D_TRY(jobs.emplace_back(), get_number(frame.state, task_job_key(id, i)));
    }
    return GetTask(task->address(0), task->text(1), task->text(2), task->number(3), std::move(jobs));
}

using GetJob = decltype(task_market::kGetJob)::Returned;
Result<GetJob> get_job(Frame& frame, std::uint64_t id) {
    C2D_TRY(const auto job, get_record(frame.state, job_key(id), kJobFields));
    if (!job) return GetJob();
    return GetJob(job->number(0), job->address(1), job->bytes32(2), job->number(3));
}

Result<Address> receipts_address(Frame& frame) { return frame.block.contracts.job_receipts; }
Result<std::uint64_t> task_count(Frame& frame) { return get_number(frame.state, kTaskCountKey); }
Result<std::uint64_t> job_count(Frame& frame) { return get_number(frame.state, kJobCountKey); }

}  // namespace

Result<std::optional<JobOf>> job_of(State& state, const Uint256& job) {
    if (!job.fits_64_bits()) return std::optional<JobOf>();
    C2D_TRY(const auto record, get_record(state, job_key(job.number()), kJobFields));
    return record ? std::optional<JobOf>(JobOf{record->bytes32(2), record->address(1)}) : std::nullopt;
}

std::span<const Rule> task_market_rules() {
    namespace f = task_market;
    static constexpr Rule kRules[] = {kRule<f::kCreateTask, create_task>, kRule<f::kAddJob, add_job>,
                                      kRule<f::kCloseTask, close_task>,   kRule<f::kGetTask, get_task>,
                                      kRule<f::kGetJob, get_job>,         kRule<f::kGetTaskNum, task_count>,
                                      kRule<f::kGetJobNum, job_count>,    kRule<f::kTaskNum, task_count>,
                                      kRule<f::kJobNum, job_count>,       kRule<f::kJobReceipts, receipts_address>};
    return kRules;
}

}  // namespace c2d::contracts
