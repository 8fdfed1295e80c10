// dt-cli job: open tasks, run jobs, follow them.

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"
#include "codec/base64url.hpp"
#include "tools/cli/command.hpp"

#include <c2d/client.hpp>
#include <c2d/job_receipt.hpp>

#include <algorithm>

namespace c2d::cli {

namespace {

using json::Value;

struct Opened {
    AssetRegistry registry;
    Client client;
};

Result<Opened> open_client(const Session& session) {
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(auto client, Client::open(registry, key));
    return Opened{std::move(registry), std::move(client)};
}

Result<int> init(Session& session) {
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto task, registry.chain().create_task(*key, session.flags.name, session.flags.desc));
    session.output.answer(Value::object({{"task_id", task}}));
    return 0;
}

Result<int> close(Session& session) {
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto receipt, registry.chain().close_task(*key, session.flags.task_id));
    session.output.answer(
        Value::object({{"task_id", session.flags.task_id}, {"transaction", hex_text(receipt.transaction)}}));
    return 0;
}

Value part_value(const JobPart& part) {
    return Value::object({{"dt", token_text(part.dt)},
                          {"endpoint", part.endpoint},
                          {"party", part.party},
                          {"state", part.state},
                          {"outcome", part.outcome},
                          {"receipt", part.receipt}});
}

/// Prints the parts; 1 when one of them failed.
int answer_parts(const Session& session, std::uint64_t job_id, const std::vector<JobPart>& parts) {
    json::Array rows;
    std::string text = fmt::format("job_id: {}\n", job_id);
    int status = 0;
    for (const auto& part : parts) {
        rows.push_back(part_value(part));
        text +=
            row({token_text(part.dt), fmt::format("party {}", part.party), part.endpoint, part.state, part.outcome});
        if (part.state == "failed" || part.state == "cancelled") status = 1;
    }
    session.output.answer(Value::object({{"job_id", job_id}, {"parts", std::move(rows)}}), text);
    return status;
}

/// What would run where, without registering anything.
Result<int> check(const Session& session, const AssetRegistry& registry, const TokenId& cdt) {
    C2D_TRY(const auto runs, registry.plan(cdt));
    json::Array rows;
    std::string text;
    for (const auto& run : runs) {
        C2D_TRY(auto arguments, json::parse(run.args_json));
        text +=
            fmt::format("{}  {}  {}\n", token_text(run.dt), display_text(run.endpoint), display_line(run.args_json));
        rows.push_back(Value::object(
            {{"dt", token_text(run.dt)}, {"endpoint", run.endpoint}, {"arguments", std::move(arguments)}}));
    }
    session.output.answer(Value::object({{"parts", std::move(rows)}}), text);
    return 0;
}

Result<int> exec(Session& session) {
    C2D_TRY(const auto cdt, parse_token(session.flags.cdt));
    C2D_TRY(auto opened, open_client(session));
    if (session.flags.check) return check(session, opened.registry, cdt);
    C2D_TRY(const auto job_id, opened.client.execute(session.flags.task_id, cdt));
    if (!session.flags.wait) {
        session.output.answer(Value::object({{"job_id", job_id}}));
        return 0;
    }
    Output::note(fmt::format("job {} started", job_id));
    const auto progress = [](std::uint64_t, std::uint64_t, std::string_view line) { Output::note(std::string(line)); };
    C2D_TRY(const auto parts, opened.client.wait(job_id, progress));
    return answer_parts(session, job_id, parts);
}

Result<int> status(Session& session) {
    C2D_TRY(auto opened, open_client(session));
    C2D_TRY(const auto parts, opened.client.status(session.flags.job_id));
    answer_parts(session, session.flags.job_id, parts);
    return 0;
}

/// Each line two columns in, so that no operator can write the heading of another one's log.
std::string indented(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        out.append("  ").append(line).append("\n");
        text.remove_prefix(std::min(line.size() + 1, text.size()));
    }
    return out;
}

Result<int> logs(Session& session) {
    C2D_TRY(auto opened, open_client(session));
    C2D_TRY(const auto logs, opened.client.logs(session.flags.job_id));
    json::Array rows;
    std::string text;
    for (const auto& log : logs) {
        rows.push_back(Value::object({{"dt", token_text(log.dt)}, {"release", log.release}, {"log", log.text}}));
        text +=
            fmt::format("== {} (release: {})\n{}", token_text(log.dt), display_text(log.release), indented(log.text));
    }
    session.output.answer(Value::object({{"logs", std::move(rows)}}), text);
    return 0;
}

/// Writes the released files below --out.
Result<int> save_result(const Session& session, Client& client) {
    SaveOptions how;
    how.replace = session.flags.force;
    for (const auto& file : session.flags.receipts) {
        C2D_TRY(auto document, read_written_file(file, kReceiptBytesMax));
        how.receipts.push_back(std::move(document));
    }
    const auto files = client.save_results(session.flags.job_id, session.flags.out, how);
    if (!files && files.status() == Status::CONFLICT)
        return fail(Status::CONFLICT, "{} with --force", files.error().message);
    if (!files) return files.error();
    json::Array rows;
    std::string text;
    for (const auto& file : *files) {
        rows.push_back(Value::object({{"dt", token_text(file.dt)},
                                      {"name", file.name},
                                      {"path", file.path.string()},
                                      {"bytes", file.bytes},
                                      {"sha256", hex_text(file.sha256)}}));
        text += file.path.string() + "\n";
    }
    session.output.answer(Value::object({{"job_id", session.flags.job_id}, {"files", std::move(rows)}}), text);
    return 0;
}

/// Shown as text, which `Output` makes harmless; --out and --json have the bytes.
Result<int> show_result(const Session& session, Client& client) {
    C2D_TRY(const auto files, client.results(session.flags.job_id));
    json::Array rows;
    std::string text;
    for (const auto& file : files) {
        rows.push_back(Value::object({{"dt", token_text(file.dt)},
                                      {"name", file.name},
                                      {"bytes", std::uint64_t(file.content.size())},
                                      {"content_base64url", base64url_encode(file.content)}}));
        text += as_text(file.content);
    }
    session.output.answer(Value::object({{"job_id", session.flags.job_id}, {"files", std::move(rows)}}), text);
    return 0;
}

Result<int> result(Session& session) {
    C2D_TRY(auto opened, open_client(session));
    return session.flags.out.empty() ? show_result(session, opened.client) : save_result(session, opened.client);
}

Result<int> cancel(Session& session) {
    C2D_TRY(auto opened, open_client(session));
    C2D_CHECK(opened.client.cancel(session.flags.job_id));
    session.output.answer(Value::object({{"job_id", session.flags.job_id}, {"cancelled", true}}));
    return 0;
}

/// The jobs on the ledger, newest first.
Result<int> list(Session& session) {
    C2D_TRY(const auto registry, session.registry());
    const Chain& chain = registry.chain();
    C2D_TRY(const auto total, chain.job_count());
    json::Array rows;
    std::string text;
    for (auto id = total; id >= 1 && total - id < session.flags.count; --id) {
        C2D_TRY(const auto job, chain.job(id));
        rows.push_back(Value::object({{"job_id", id},
                                      {"task_id", job.task},
                                      {"solver", address_text(job.solver)},
                                      {"cdt", token_text(job.cdt)}}));
        text += fmt::format("job {}  task {}  {}  {}\n", id, job.task, token_text(job.cdt), address_text(job.solver));
    }
    session.output.answer(Value::object({{"jobs", std::move(rows)}, {"total", total}}),
                          text.empty() ? "no jobs\n" : text);
    return 0;
}

}  // namespace

void add_job(CLI::App& app, Flags& flags, Action& action) {
    auto* group = app.add_subcommand("job", "open tasks, run jobs, follow them");
    group->require_subcommand(1)->fallthrough();
    auto* init_command = add_command(*group, "init", "open a task", action, init);
    init_command->add_option("--name", flags.name, "name of the task, which traces show")->required();
    init_command->add_option("--desc", flags.desc, "what it is for, for people")->required();
    add_key_flags(*init_command, flags);
    auto* close_command = add_command(*group, "close", "take no further jobs for a task", action, close);
    close_command->add_option("--task_id", flags.task_id, "our task")->check(whole_number())->required();
    add_key_flags(*close_command, flags);
    auto* exec_command = add_command(*group, "exec", "register a job and start it at every provider", action, exec);
    auto* task_id = exec_command->add_option("--task_id", flags.task_id, "our open task")->check(whole_number());
    exec_command->add_option("--cdt", flags.cdt, "the Algorithm")->required();
    exec_command->add_flag("--wait", flags.wait, "show progress until every part has ended");
    auto* check_flag = exec_command->add_flag("--check", flags.check, "only show what would run where");
    exec_command->callback([&action, task_id, check_flag] {
        if (task_id->count() == 0 && check_flag->count() == 0) throw CLI::RequiredError("--task_id");
        action = exec;
    });
    add_key_flags(*exec_command, flags);
    const auto of_job = [&](const char* name, const char* text, Result<int> (*run)(Session&)) {
        auto* command = add_command(*group, name, text, action, run);
        command->add_option("--job_id", flags.job_id, "the job's number on the ledger")
            ->check(whole_number())
            ->required();
        add_key_flags(*command, flags);
        return command;
    };
    of_job("status", "the state of every part", status);
    of_job("logs", "the operator's log, as far as the owners release it", logs);
    auto* result_command = of_job("result", "the released outputs", result);
    auto* out = result_command->add_option("--out", flags.out, "folder to write them below (default: show them)");
    result_command->add_option("--receipt", flags.receipts, "receipt.json of a run, which the files must agree with")
        ->needs(out);
    result_command->add_flag("--force", flags.force, "replace files that stand there")->needs(out);
    of_job("cancel", "end every part", cancel);
    add_job_receipt(*group, flags, action);
    add_command(*group, "list", "jobs on the ledger", action, list)
        ->add_option("--count", flags.count, "jobs to list, the newest (100)")
        ->check(whole_number());
}

}  // namespace c2d::cli
