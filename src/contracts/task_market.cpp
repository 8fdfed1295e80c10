#include "base/try.hpp"
#include "contracts/records.hpp"
#include "contracts/rules.hpp"

namespace c2d::contracts {

namespace {

using Values = std::vector<abi::Value>;

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

Result<Values> create_task(Frame& frame) {
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyTask));
    C2D_TRY(const auto count, get_number(frame.state, kTaskCountKey));
    const auto id = count + 1;
    if (allowed) {
        frame.state.put(task_key(id),
                        task_record(frame.caller, frame.arguments[0].text(), frame.arguments[1].text(), kOpen, 0));
        put_number(frame.state, kTaskCountKey, id);
    }
    // A refused call names the number that the task would have had, as the original does.
    frame.emit(task_market::kTaskAdded,
               {abi::Value::of(id), abi::Value::of(frame.caller), frame.arguments[0], frame.arguments[1],
                abi::Value::of(std::uint64_t(allowed ? kSuccess : kNoPermission))});
    return Values{};
}

Result<std::optional<Record>> find_task(Frame& frame, const abi::Value& id) {
    if (!id.fits_64_bits()) return std::optional<Record>();
    return get_record(frame.state, task_key(id.number()), kTaskFields);
}

bool is_open(const std::optional<Record>& task) { return task && task->number(3) == kOpen; }

Result<std::uint64_t> add_job_code(Frame& frame, const std::optional<Record>& task) {
    const TokenId cdt = frame.arguments[0].word();
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyTask));
    if (!allowed) return std::uint64_t(kNoPermission);
    if (!is_open(task)) return std::uint64_t(kTaskUnavailable);
    C2D_TRY(const bool active, is_active_composite(frame.state, cdt));
    if (!active) return std::uint64_t(kJobTokenInactive);
    C2D_TRY(const auto owner, token_owner(frame.state, cdt));
    if (owner != frame.caller) return std::uint64_t(kJobTokenForeign);
    return use_grants(frame, cdt);
}

/// Stores the job and appends it to its task.
void store_job(Frame& frame, std::uint64_t job, const Record& task) {
    const auto task_id = frame.arguments[1].number();
    const auto jobs = task.number(4);
    frame.state.put(
        job_key(job),
        RecordWriter().add(task_id).add(frame.caller.view()).add(frame.arguments[0].word().view()).add(kOpen).encode());
    put_number(frame.state, task_job_key(task_id, jobs), job);
    frame.state.put(task_key(task_id),
                    task_record(task.address(0), task.text(1), task.text(2), task.number(3), jobs + 1));
    put_number(frame.state, kJobCountKey, job);
}

Result<Values> add_job(Frame& frame) {
    C2D_TRY(const auto task, find_task(frame, frame.arguments[1]));
    C2D_TRY(const auto code, add_job_code(frame, task));
    C2D_TRY(const auto count, get_number(frame.state, kJobCountKey));
    const auto job = count + 1;
    if (code == kSuccess) store_job(frame, job, *task);
    frame.emit(task_market::kJobAdded, {frame.arguments[1], abi::Value::of(job), abi::Value::of(frame.caller),
                                        frame.arguments[0], abi::Value::of(code)});
    return Values{};
}

Result<std::uint64_t> close_task_code(Frame& frame, const std::optional<Record>& task) {
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyTask));
    if (!allowed) return std::uint64_t(kNoPermission);
    if (!is_open(task)) return std::uint64_t(kTaskUnavailable);
    if (task->address(0) != frame.caller) return std::uint64_t(kTaskForeign);
    frame.state.put(task_key(frame.arguments[0].number()),
                    task_record(task->address(0), task->text(1), task->text(2), kClosed, task->number(4)));
    return std::uint64_t(kSuccess);
}

Result<Values> close_task(Frame& frame) {
    C2D_TRY(const auto task, find_task(frame, frame.arguments[0]));
    C2D_TRY(const auto code, close_task_code(frame, task));
    frame.emit(task_market::kTaskClosed, {frame.arguments[0], abi::Value::of(frame.caller), abi::Value::of(code)});
    return Values{};
}

Result<Values> get_task(Frame& frame) {
    C2D_TRY(const auto task, find_task(frame, frame.arguments[0]));
    const auto zero = abi::Value::of(std::uint64_t(0));
    if (!task)
        return Values{abi::Value::of(Address{}), abi::Value::text(""), abi::Value::text(""), zero,
                      abi::Value::list({})};
    Values jobs;
    for (std::uint64_t i = 0; i < task->number(4); ++i) {
        C2D_TRY(const auto job, get_number(frame.state, task_job_key(frame.arguments[0].number(), i)));
        jobs.push_back(abi::Value::of(job));
    }
    return Values{abi::Value::of(task->address(0)), abi::Value::text(task->text(1)), abi::Value::text(task->text(2)),
                  abi::Value::of(task->number(3)), abi::Value::list(std::move(jobs))};
}

Result<Values> get_job(Frame& frame) {
    const auto zero = abi::Value::of(std::uint64_t(0));
    std::optional<Record> job;
    if (frame.arguments[0].fits_64_bits()) {
        C2D_TRY(job, get_record(frame.state, job_key(frame.arguments[0].number()), kJobFields));
    }
    if (!job) return Values{zero, abi::Value::of(Address{}), abi::Value::of(Bytes32{}), zero};
    return Values{abi::Value::of(job->number(0)), abi::Value::of(job->address(1)), abi::Value::of(job->bytes32(2)),
                  abi::Value::of(job->number(3))};
}

Result<Values> receipts_address(Frame& frame) { return Values{abi::Value::of(frame.block.contracts.job_receipts)}; }

Result<Values> task_count(Frame& frame) {
    C2D_TRY(const auto count, get_number(frame.state, kTaskCountKey));
    return Values{abi::Value::of(count)};
}

Result<Values> job_count(Frame& frame) {
    C2D_TRY(const auto count, get_number(frame.state, kJobCountKey));
    return Values{abi::Value::of(count)};
}

}  // namespace

Result<std::optional<TokenId>> job_composition(State& state, const abi::Value& job) {
    if (!job.fits_64_bits()) return std::optional<TokenId>();
    C2D_TRY(const auto record, get_record(state, job_key(job.number()), kJobFields));
    return record ? std::optional<TokenId>(record->bytes32(2)) : std::nullopt;
}

std::span<const Rule> task_market_rules() {
    namespace f = task_market;
    static constexpr Rule kRules[] = {{f::kCreateTask, create_task}, {f::kAddJob, add_job},
                                      {f::kCloseTask, close_task},   {f::kGetTask, get_task},
                                      {f::kGetJob, get_job},         {f::kGetTaskNum, task_count},
                                      {f::kGetJobNum, job_count},    {f::kTaskNum, task_count},
                                      {f::kJobNum, job_count},       {f::kJobReceipts, receipts_address}};
    return kRules;
}

}  // namespace c2d::contracts
