// dt-cli job: open tasks, run jobs, follow them.

#include "asset/values.hpp"
#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"
#include "client/values.hpp"
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

struct Init {
    static constexpr About about{"init", "open a task",
                                 "dt-cli job init --name score --desc \"who pays late?\" --keystore company.json"};
    std::string name, desc;

    void declare(Args& args) {
        args.required("--name", name, "name of the task, which traces show");
        args.required("--desc", desc, "what it is for, for people");
        args.key();
    }
    Result<int> run(Session& session);
};

Result<int> Init::run(Session& session) {
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto task, registry.chain().create_task(*key, name, desc));
    session.output.answer(Value::object({{"task_id", task}}));
    return 0;
}

struct Close {
    static constexpr About about{"close", "take no further jobs for a task",
                                 "dt-cli job close --task_id 1 --keystore company.json"};
    std::uint64_t task_id = 0;

    void declare(Args& args) {
        args.number("--task_id", task_id, "our task")->required();
        args.key();
    }
    Result<int> run(Session& session);
};

Result<int> Close::run(Session& session) {
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto receipt, registry.chain().close_task(*key, task_id));
    session.output.answer(Value::object({{"task_id", task_id}, {"transaction", hex_text(receipt.transaction)}}));
    return 0;
}

/// Prints the parts; 1 when one of them failed.
int answer_parts(const Session& session, std::uint64_t job_id, const std::vector<JobPart>& parts) {
    json::Array rows;
    std::string text = fmt::format("job_id: {}\n", job_id);
    int status = 0;
    for (const auto& part : parts) {
        rows.push_back(to_value(part));
        const auto attempt =
            part.attempts_max > 1 ? fmt::format("attempt {} of {}", part.attempt, part.attempts_max) : std::string();
        text += row({token_text(part.dt), fmt::format("party {}", part.party), part.endpoint, part.state, part.outcome,
                     attempt});
        if (part.state == "failed" || part.state == "cancelled") status = 1;
    }
    session.output.answer(Value::object({{"job_id", job_id}, {"parts", std::move(rows)}}), text);
    return status;
}

/// What would run where, without registering anything.
Result<int> show_plan(const Session& session, const AssetRegistry& registry, const TokenId& cdt) {
    C2D_TRY(const auto runs, asset::plan_runs(registry, cdt));
    json::Array rows;
    std::string text;
    for (const auto& run : runs) {
        text += fmt::format("{}  {}  {}\n", token_text(run.dt), display_text(run.endpoint),
                            display_line(json::compact(run.arguments)));
        rows.push_back(
            Value::object({{"dt", token_text(run.dt)}, {"endpoint", run.endpoint}, {"arguments", run.arguments}}));
    }
    session.output.answer(Value::object({{"parts", std::move(rows)}}), text);
    return 0;
}

struct Execute {
    static constexpr About about{"exec", "register a job and start it at every provider",
                                 "dt-cli job exec --task_id 1 --cdt $CDT --wait --keystore company.json"};
    std::uint64_t task_id = 0;
    std::string cdt;
    bool wait = false, check = false;

    void declare(Args& args) {
        auto* of_task = args.number("--task_id", task_id, "our open task");
        args.required("--cdt", cdt, "the Algorithm");
        args.flag("--wait", wait, "show progress until every part has ended, through all attempts");
        auto* only_check = args.flag("--check", check, "only show what would run where");
        args.require_one({of_task, only_check}, "--task_id");
        args.key();
    }
    Result<int> run(Session& session);
};

/// Until its end, with as many attempts as the terms allow.
Result<int> follow(const Session& session, Client& client, std::uint64_t job_id) {
    const auto progress = [](std::uint64_t, std::uint64_t, std::string_view line) { Output::note(std::string(line)); };
    C2D_TRY(const auto parts, client.wait_with_attempts(job_id, progress));
    return answer_parts(session, job_id, parts);
}

Result<int> Execute::run(Session& session) {
    C2D_TRY(const auto id, parse_token(cdt));
    if (check) {
        C2D_TRY(const auto registry, session.registry());
        return show_plan(session, registry, id);
    }
    C2D_TRY(auto opened, open_client(session));
    if (!wait) {
        C2D_TRY(const auto job_id, opened.client.execute(task_id, id));
        session.output.answer(Value::object({{"job_id", job_id}}));
        return 0;
    }
    C2D_TRY(const auto job_id, opened.client.register_job(task_id, id));
    Output::note(fmt::format("job {} is registered", job_id));
    return follow(session, opened.client, job_id);
}

/// What the commands of one job have in common.
struct OfJob {
    std::uint64_t job_id = 0;

    void declare(Args& args) {
        args.number("--job_id", job_id, "the job's number on the ledger")->required();
        args.key();
    }
};

struct Start : OfJob {
    static constexpr About about{"start", "start a registered job, or its next attempt",
                                 "dt-cli job start --job_id 1 --wait --keystore company.json"};
    bool wait = false;

    void declare(Args& args) {
        OfJob::declare(args);
        args.flag("--wait", wait, "show progress until every part has ended, through all attempts");
    }
    Result<int> run(Session& session);
};

Result<int> Start::run(Session& session) {
    C2D_TRY(auto opened, open_client(session));
    C2D_TRY(const auto attempt, opened.client.start_attempt(job_id));
    if (!wait) {
        session.output.answer(Value::object({{"job_id", job_id}, {"attempt", attempt}}));
        return 0;
    }
    Output::note(fmt::format("job {} started, attempt {}", job_id, attempt));
    return follow(session, opened.client, job_id);
}

struct ShowStatus : OfJob {
    static constexpr About about{"status", "the state of every part",
                                 "dt-cli job status --job_id 1 --keystore company.json"};
    Result<int> run(Session& session);
};

Result<int> ShowStatus::run(Session& session) {
    C2D_TRY(auto opened, open_client(session));
    C2D_TRY(const auto parts, opened.client.status(job_id));
    answer_parts(session, job_id, parts);
    bool whole = true;
    for (const auto& part : parts) {
        if (!part.unanswered) continue;
        whole = false;
        Output::note(fmt::format("error: the state of {} at {} is not known: {}", token_text(part.dt),
                                 display_text(part.endpoint), part.unanswered->message));
    }
    return whole ? 0 : 1;
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

struct ShowLogs : OfJob {
    static constexpr About about{"logs", "the operator's log, as far as the owners release it",
                                 "dt-cli job logs --job_id 1 --keystore company.json"};
    Result<int> run(Session& session);
};

Result<int> ShowLogs::run(Session& session) {
    C2D_TRY(auto opened, open_client(session));
    C2D_TRY(const auto logs, opened.client.logs(job_id));
    json::Array rows;
    std::string text;
    for (const auto& log : logs) {
        rows.push_back(to_value(log));
        text +=
            fmt::format("== {} (release: {})\n{}", token_text(log.dt), display_text(log.release), indented(log.text));
    }
    session.output.answer(Value::object({{"logs", std::move(rows)}}), text);
    return 0;
}

struct Outputs : OfJob {
    static constexpr About about{"result", "the released outputs",
                                 "dt-cli job result --job_id 1 --out results --keystore company.json"};
    std::string out, identity;
    std::vector<std::string> receipts;
    bool force = false;

    void declare(Args& args) {
        OfJob::declare(args);
        auto* folder = args.optional("--out", out, "folder to write them below (default: show them)");
        args.optional("--receipt", receipts, "receipt.json of a run, which the files must agree with")->needs(folder);
        args.optional("--identity", identity,
                      "file of the age key that they are encrypted to: writes what was encrypted")
            ->needs(folder);
        args.flag("--force", force, "replace files that stand there")->needs(folder);
    }
    Result<int> run(Session& session);
    Result<int> save(const Session& session, Client& client) const;
    Result<int> show(const Session& session, Client& client) const;
};

/// Writes the released files below --out.
Result<int> Outputs::save(const Session& session, Client& client) const {
    SaveOptions how;
    how.replace = force;
    if (!identity.empty()) {
        C2D_TRY(how.identity, AgeIdentity::read(identity));
    }
    for (const auto& file : receipts) {
        C2D_TRY(auto document, read_written_file(file, kReceiptBytesMax));
        how.receipts.push_back(std::move(document));
    }
    const auto files = client.save_results(job_id, out, how);
    if (!files && files.status() == Status::CONFLICT)
        return fail(Status::CONFLICT, "{} with --force", files.error().message);
    if (!files) return files.error();
    json::Array rows;
    std::string text;
    for (const auto& file : *files) {
        rows.push_back(to_value(file));
        text += file.path.string() + "\n";
    }
    session.output.answer(Value::object({{"job_id", job_id}, {"files", std::move(rows)}}), text);
    return 0;
}

/// Shown as text, which `Output` makes harmless; --out and --json have the bytes.
Result<int> Outputs::show(const Session& session, Client& client) const {
    C2D_TRY(const auto files, client.results(job_id));
    json::Array rows;
    std::string text;
    for (const auto& file : files) {
        rows.push_back(Value::object({{"dt", token_text(file.dt)},
                                      {"name", file.name},
                                      {"bytes", std::uint64_t(file.content.size())},
                                      {"content_base64url", base64url_encode(file.content)}}));
        text += as_text(file.content);
    }
    session.output.answer(Value::object({{"job_id", job_id}, {"files", std::move(rows)}}), text);
    return 0;
}

Result<int> Outputs::run(Session& session) {
    C2D_TRY(auto opened, open_client(session));
    return out.empty() ? show(session, opened.client) : save(session, opened.client);
}

struct Cancel : OfJob {
    static constexpr About about{"cancel", "end every part", "dt-cli job cancel --job_id 1 --keystore company.json"};
    Result<int> run(Session& session);
};

Result<int> Cancel::run(Session& session) {
    C2D_TRY(auto opened, open_client(session));
    C2D_CHECK(opened.client.cancel(job_id));
    session.output.answer(Value::object({{"job_id", job_id}, {"cancelled", true}}));
    return 0;
}

/// The jobs on the ledger, newest first.
struct ListJobs {
    static constexpr About about{"list", "jobs on the ledger", "dt-cli job list --count 10"};
    std::uint64_t count = 100;

    void declare(Args& args) { args.number("--count", count, "jobs to list, the newest (100)"); }
    Result<int> run(Session& session);
};

Result<int> ListJobs::run(Session& session) {
    C2D_TRY(const auto registry, session.registry());
    const Chain& chain = registry.chain();
    C2D_TRY(const auto total, chain.job_count());
    json::Array rows;
    std::string text;
    for (auto id = total; id >= 1 && total - id < count; --id) {
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

void add_job(const Group& program) {
    const Group group = program.group("job", "open tasks, run jobs, follow them");
    group.add<Init>();
    group.add<Close>();
    group.add<Execute>();
    group.add<Start>();
    group.add<ShowStatus>();
    group.add<ShowLogs>();
    group.add<Outputs>();
    group.add<Cancel>();
    add_job_receipt(group);
    group.add<ListJobs>();
}

}  // namespace c2d::cli
