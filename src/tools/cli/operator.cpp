// dt-cli operator: writing an operator, from a skeleton to a run on mock tables.

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/file_name.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"
#include "job/values.hpp"
#include "provider/values.hpp"
#include "tools/cli/limit_flags.hpp"
#include "tools/cli/live_log.hpp"
#include "tools/cli/operator_source.hpp"
#include "tools/end_signals.hpp"
#include "tools/runtime.hpp"

#include <c2d/operator_trial.hpp>

#include <fcntl.h>
#include <sys/file.h>

#include <algorithm>
#include <cstdlib>

namespace c2d::cli {

namespace {

namespace fs = std::filesystem;
using json::Value;

constexpr std::size_t kArgumentsBytesMax = std::size_t(1) << 20;
constexpr unsigned kJointParties = 3;

constexpr std::string_view kPlacePrefix = ".run-";

/// A folder beside where outputs go, until all have ended well; gone with this, or with the next run if this one was
/// killed.
class OutputFolder {
public:
    OutputFolder() = default;
    OutputFolder(OutputFolder&& other) noexcept
        : place_(std::exchange(other.place_, {})), target_(std::move(other.target_)), held_(std::move(other.held_)) {}
    OutputFolder& operator=(OutputFolder&&) = delete;
    ~OutputFolder() {
        std::error_code ignored;
        if (!place_.empty()) fs::remove_all(place_, ignored);
    }
    static Result<OutputFolder> beside(const fs::path& target) {
        std::error_code error;
        fs::create_directories(target, error);
        if (!error) remove_old(target);
        std::string name = (target / kPlacePrefix).string() + "XXXXXX";
        if (error || !::mkdtemp(name.data()))
            return fail(Status::IO, "cannot make a folder in {}: {}", target.string(),
                        error ? error.message() : errno_text(errno));
        OutputFolder out;
        out.place_ = std::move(name);
        out.target_ = target;
        out.held_ = held(out.place_);
        return out;
    }
    /// Nothing is moved out of it.
    OutputFolder without_target() && {
        target_.clear();
        return std::move(*this);
    }
    const fs::path& place() const noexcept { return place_; }
    const fs::path& target() const noexcept { return target_; }
    /// In the place of what an earlier run left under the same name.
    Result<Unit> move(const std::string& name) const {
        std::error_code error;
        fs::rename(place_ / name, target_ / name, error);
        if (error) return fail(Status::IO, "cannot write {}: {}", (target_ / name).string(), error.message());
        return Unit{};
    }

private:
    /// Empty where another process holds it.
    static Fd held(const fs::path& folder) {
        Fd fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        return fd && ::flock(fd.get(), LOCK_EX | LOCK_NB) == 0 ? std::move(fd) : Fd();
    }
    /// Of runs that were killed.
    static void remove_old(const fs::path& target) {
        std::error_code ignored;
        std::vector<fs::path> old;
        for (const auto& entry : fs::directory_iterator(target, ignored))
            if (entry.path().filename().string().starts_with(kPlacePrefix)) old.push_back(entry.path());
        for (const auto& folder : old)
            if (held(folder)) fs::remove_all(folder, ignored);
    }

    fs::path place_, target_;
    Fd held_;
};

struct Run {
    static constexpr About about{"run", "try an operator out: all its parties here, on mock tables",
                                 "dt-cli operator run logistic --party 0=bank_a --party 1=bank_b --args args.json"};
    std::string code, args, rules, kept, out;
    std::vector<std::string> parties;
    bool clear = false;
    LimitFlags bounds;

    void declare(Args& flags) {
        flags.required("CODE", code, "file, folder with operator.py, or the name of one that ships");
        flags
            .optional("--party", parties,
                      "N=DIR: a party and the folder with its input files; several (default: mock/party_N beside CODE)")
            ->allow_extra_args(false);
        flags.optional("--args", args, "the arguments: a file, or JSON (default: args.json beside CODE)");
        flags.flag("--clear", clear, "compute in the clear, with doubles: what should come out");
        flags.optional("--rules", rules,
                       "what the owners ask of openings, JSON: {\"rows\": 10, \"scores\": \"points\"}");
        flags.optional("--kept", kept, "folder for what is kept from one run to the next");
        flags.optional("--out", out, "folder for the outputs (default: outputs in each party's folder)");
        bounds.declare(flags);
    }
    Result<int> run(Session& session);
    Result<OperatorTrial> trial(const OperatorSource& source, std::vector<OutputFolder>& outputs) const;
    Result<Value> arguments(const OperatorSource& source) const;
    Result<TrialParty> party(unsigned number, const std::optional<fs::path>& folder, std::size_t count,
                             std::vector<OutputFolder>& outputs) const;
};

/// "N=DIR" words.
Result<std::map<unsigned, fs::path>> party_folders(const std::vector<std::string>& words) {
    std::map<unsigned, fs::path> out;
    for (const auto& word : words) {
        const bool numbered = word.size() > 2 && word[0] >= '0' && word[0] < '0' + int(kJointParties) && word[1] == '=';
        if (!numbered)
            return fail(Status::INVALID_ARGUMENT, "--party: expected N=DIR with N from 0 to 2, found {}", word);
        const fs::path folder = word.substr(2);
        std::error_code ignored;
        if (!fs::is_directory(folder, ignored))
            return fail(Status::NOT_FOUND, "--party {}: there is no folder {}", word[0], folder.string());
        if (!out.emplace(unsigned(word[0] - '0'), folder).second)
            return fail(Status::INVALID_ARGUMENT, "--party: party {} is there twice", word[0]);
    }
    return out;
}

Result<std::vector<SandboxInput>> inputs_in(const fs::path& folder) {
    std::vector<SandboxInput> out;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
        const auto name = entry.path().filename().string();
        if (!entry.is_regular_file(error)) continue;
        if (is_plain_name(name))
            out.push_back({name, entry.path(), -1});
        else
            Output::note(fmt::format("{} is not shown to the operator: a name has letters, digits, _ . and -",
                                     display_text(entry.path().string(), 400)));
    }
    if (error) return fail(Status::IO, "cannot read {}: {}", folder.string(), error.message());
    return out;
}

/// What the owners ask, by the names of `mpc::OpeningRules`.
Result<mpc::OpeningRules> rules_of(const std::string& text) {
    mpc::OpeningRules out;
    if (text.empty()) return out;
    const auto parsed = json::parse(text);
    if (!parsed || !parsed->is_object())
        return fail(Status::INVALID_ARGUMENT, "--rules: expected a JSON object, found {}", display_text(text, 200));
    const Value& given = *parsed;
    constexpr std::string_view kScores[] = {"none", "points", "probabilities"};
    const std::map<std::string_view, std::size_t*> numbers{{"rows", &out.rows},
                                                           {"positives", &out.positives},
                                                           {"negatives", &out.negatives},
                                                           {"label_counts", &out.label_counts},
                                                           {"reason_codes", &out.reason_codes}};
    for (const auto& [name, value] : given.members()) {
        const auto number = numbers.find(name);
        const auto* const scores = std::ranges::find(kScores, value.is_string() ? value.text() : std::string());
        if (number != numbers.end() && value.as_uint())
            *number->second = *value.as_uint();
        else if (name == "score_rows_max" && value.as_uint())
            out.score_rows_max = *value.as_uint();
        else if (name == "weight_share_max" && value.is_number())
            out.weight_share_max = value.number();
        else if (name == "reveal_any" && value.is_bool())
            out.reveal_any = value.boolean();
        else if (name == "coefficients" && value.is_bool())
            out.coefficients = value.boolean();
        else if (name == "scores" && scores != std::end(kScores))
            out.scores = mpc::ScoresOpened(scores - std::begin(kScores));
        else
            return fail(
                Status::INVALID_ARGUMENT,
                "--rules: expected rows, positives, negatives, label_counts, reason_codes, score_rows_max (whole "
                "numbers), weight_share_max, reveal_any, coefficients (true or false), scores (none, points or "
                "probabilities), found \"{}\": {}",
                name, json::compact(value));
    }
    return out;
}

/// A job is refused for an argument that the template does not name.
Result<Unit> check_arguments(const Value& given, const OperatorSource& source) {
    for (const auto& [name, value] : given.members())
        if (source.parameters && std::ranges::find(*source.parameters, name) == source.parameters->end())
            return fail(Status::INVALID_ARGUMENT, "argument {}: the operator's parameters name no such one, but: {}",
                        display_text(name), fmt::join(*source.parameters, ", "));
    return Unit{};
}

Result<Value> Run::arguments(const OperatorSource& source) const {
    const std::string file = args.empty() ? source.args.string() : args;
    if (file.empty()) return Value(json::Object());
    const bool is_text =
        file.find_first_not_of(" \t\r\n") != std::string::npos && file[file.find_first_not_of(" \t\r\n")] == '{';
    C2D_TRY(const auto text, is_text ? Result<std::string>(file) : read_written_file(file, kArgumentsBytesMax));
    auto given = json::parse(text);
    if (!given || !given->is_object())
        return fail(Status::INVALID_ARGUMENT, "{}: expected a JSON object of arguments{}", is_text ? "--args" : file,
                    given ? "" : ": " + given.error().message);
    return given;
}

Result<TrialParty> Run::party(unsigned number, const std::optional<fs::path>& folder, std::size_t count,
                              std::vector<OutputFolder>& outputs) const {
    TrialParty made;
    const std::string name = fmt::format("party_{}", number);
    if (folder) {
        C2D_TRY(made.inputs, inputs_in(*folder));
    }
    if (folder || !out.empty()) {
        const fs::path target = out.empty() ? *folder / "outputs" : count > 1 ? fs::path(out) / name : fs::path(out);
        C2D_TRY(auto place, OutputFolder::beside(target));
        made.outputs = place.place();
        outputs.push_back(std::move(place));
    } else if (!kept.empty()) {
        // What it writes beside a share that it keeps; the rest goes.
        C2D_TRY(auto place, OutputFolder::beside(fs::path(kept) / name));
        made.outputs = place.place();
        outputs.push_back(std::move(place).without_target());
    } else {
        outputs.emplace_back();
    }
    if (!kept.empty()) made.kept = fs::path(kept) / name;
    return made;
}

Result<OperatorTrial> Run::trial(const OperatorSource& source, std::vector<OutputFolder>& outputs) const {
    OperatorTrial made;
    C2D_TRY(const auto named, party_folders(parties));
    const auto& folders = named.empty() ? source.mock : named;
    if (folders.empty())
        return fail(Status::INVALID_ARGUMENT,
                    "expected --party N=DIR, the folder with the input files of party N, or mock/party_N beside {}",
                    code);
    C2D_TRY(const auto given, arguments(source));
    C2D_CHECK(check_arguments(given, source));
    C2D_TRY(made.rules, rules_of(rules));
    const bool joint = source.joint.value_or(folders.size() > 1);
    const unsigned count = joint ? kJointParties : 1;
    for (const auto& [number, folder] : folders)
        if (number >= count)
            return fail(Status::INVALID_ARGUMENT, "--party {}: this operator runs alone, as party 0", number);
    for (unsigned number = 0; number < count; ++number) {
        const auto folder = folders.find(number);
        C2D_TRY(auto own,
                party(number, folder == folders.end() ? std::nullopt : std::optional(folder->second), count, outputs));
        Value own_arguments = given;
        if (!source.party_argument.empty() && !given.find(source.party_argument))
            own_arguments.set(source.party_argument, number);
        C2D_TRY(own.args_json, json::canonical(own_arguments));
        made.parties.push_back(std::move(own));
    }
    made.code = source.code;
    made.clear = clear;
    made.kept_names = source.kept_names;
    made.limits = bounds.limits();
    C2D_CHECK(tools::add_python_runtime(made.runtime, made.environment));
    return made;
}

/// What each wall is on this machine, before anything is started.
std::string walls_text(const std::vector<LayerStatus>& layers) {
    std::string weak;
    std::size_t on = 0;
    for (const auto& layer : layers) {
        on += layer.state == LayerStatus::State::on ? 1 : 0;
        if (layer.state != LayerStatus::State::on)
            weak += fmt::format("; {} is {}{}", layer_name(layer.layer), layer_state_name(layer.state),
                                layer.hint.empty() ? "" : " (" + layer.hint + ")");
    }
    return fmt::format("walls: {} of {} are on{}", on, layers.size(), weak);
}

std::string labelled_log(unsigned party, const std::string& log) {
    std::string out;
    for (std::size_t begin = 0; begin < log.size();) {
        const std::size_t end = std::min(log.find('\n', begin), log.size());
        out += labelled_line(party, std::string_view(log).substr(begin, end - begin));
        begin = end + 1;
    }
    return out;
}

/// The logs that are wanted after the end: of who failed first, since others wrote behind that, and of which not all
/// was shown.
std::string logs_again(const TrialReport& report, const LiveLog& live) {
    std::string out;
    const auto add = [&](unsigned party, const std::string& why) {
        const std::string& log = report.parties[party].report.log;
        if (!log.empty())
            out += fmt::format("the log of party {} once more, {}:\n{}", party, why, labelled_log(party, log));
    };
    const auto count = unsigned(report.parties.size());
    const unsigned first = report.succeeded() ? count : report.failed[0];
    if (first < count) add(first, "which failed first");
    for (unsigned party = 0; party < count; ++party)
        if (const auto lines = live.left_out(party); lines > 0 && party != first)
            add(party, fmt::format("of which {} lines were not shown in full", lines));
    return out;
}

/// Lines go where notes do: what is answered stays the one thing on standard output.
void write_live(const std::string& line) { std::fwrite(line.data(), 1, line.size(), stderr); }

std::string end_text(const TrialEnd& end, unsigned party, const OutputFolder& outputs, bool succeeded, bool keeps) {
    std::string out = fmt::format("party {}: {} after {:.1f} s, {} MiB", party, end.end.text(),
                                  double(end.report.wall.count()) / 1000, end.report.memory_peak_bytes >> 20);
    if (end.end.kind != RunEndKind::succeeded && !end.detail.empty()) out += ": " + display_text(end.detail, 512);
    for (const auto& [kind, count] : end.disclosures) out += fmt::format("\n  opened {}: {}", kind, count);
    for (const auto& file : end.report.outputs)
        out += succeeded && !outputs.target().empty()
                   ? fmt::format("\n  wrote {}", (outputs.target() / file.name).string())
                   : fmt::format("\n  wrote {}, which is not stored{}", file.name,
                                 succeeded ? "; --out DIR stores it" : " since a party failed");
    for (const auto& name : end.kept)
        out += fmt::format("\n  kept {}{}", name, keeps ? "" : ", which is not stored; --kept DIR stores it");
    return out + "\n";
}

Result<int> Run::run(Session& session) {
    // A terminal that is closed ends it as Ctrl-C does.
    tools::EndInTime end(std::chrono::seconds(20), {SIGHUP});
    C2D_TRY(const auto source, find_operator(code));
    std::vector<OutputFolder> outputs;
    C2D_TRY(auto made, trial(source, outputs));
    C2D_TRY(const auto sandbox, Sandbox::open({{}, session.logger()}));
    Output::note(walls_text(sandbox.probe()));
    LiveLog live(made.parties.size(), made.limits.log_bytes, write_live);
    for (unsigned party = 0; party < made.parties.size(); ++party)
        made.parties[party].on_log = [&live, party](std::string_view bytes) { live.take(party, bytes); };
    const auto tried = try_operator(sandbox, made, &end.token());
    live.finish();
    if (!tried) return tried.error();
    const TrialReport& report = *tried;
    std::string text = logs_again(report, live);
    Value answer = to_value(report);
    for (unsigned party = 0; party < report.parties.size(); ++party) {
        const TrialEnd& one = report.parties[party];
        if (report.succeeded() && !outputs[party].target().empty())
            for (const auto& file : one.report.outputs) C2D_CHECK(outputs[party].move(file.name));
        text += end_text(one, party, outputs[party], report.succeeded(), !kept.empty());
        answer.find("parties")->items()[party].set("outputs", outputs[party].target().string());
    }
    session.output.answer(answer, text);
    if (report.succeeded()) return 0;
    Output::note(
        fmt::format("party {} failed first: {}", report.failed[0], report.parties[report.failed[0]].end.text()));
    return 1;
}

struct New {
    static constexpr About about{"new", "write a skeleton of an operator of your own", "dt-cli operator new mean"};
    std::string name;

    void declare(Args& flags) { flags.required("NAME", name, "what it is called; the folder that is made"); }
    Result<int> run(Session& session);
    Result<Unit> check() const;
    Result<json::Array> write(const fs::path& from) const;
};

Result<Unit> New::check() const {
    if (!is_plain_name(name))
        return fail(Status::INVALID_ARGUMENT, "NAME: expected letters, digits, _ . and -, found {}", name);
    C2D_TRY(const auto shipped, shipped_operators());
    if (std::ranges::find(shipped, name) != shipped.end())
        return fail(Status::CONFLICT, "an operator {} ships with c2d; choose another name", name);
    return Unit{};
}

/// Each file without its ending, with the operator's name put in.
Result<json::Array> New::write(const fs::path& from) const {
    constexpr std::string_view kEnding = ".in", kPlace = "@NAME@";
    json::Array files;
    std::error_code error;
    for (const auto& entry : fs::recursive_directory_iterator(from, error)) {
        if (!entry.is_regular_file(error) || entry.path().extension() != kEnding) continue;
        C2D_TRY(auto text, read_file(entry.path(), kArgumentsBytesMax));
        for (auto at = text.find(kPlace); at != std::string::npos; at = text.find(kPlace, at))
            text.replace(at, kPlace.size(), name);
        const fs::path to = fs::path(name) / entry.path().lexically_relative(from).replace_extension();
        fs::create_directories(to.parent_path(), error);
        C2D_CHECK(write_file_atomic(to, text));
        files.emplace_back(to.string());
    }
    if (error) return fail(Status::IO, "cannot write {}: {}", name, error.message());
    std::ranges::sort(files, {}, [](const Value& file) { return file.text(); });
    return files;
}

Result<int> New::run(Session& session) {
    C2D_CHECK(check());
    C2D_TRY(const auto from, operator_skeleton());
    std::error_code error;
    if (fs::exists(fs::symlink_status(name, error)) || !fs::create_directory(name, error))
        return error ? fail(Status::IO, "cannot make the folder {}: {}", name, error.message())
                     : fail(Status::CONFLICT, "{} is there already; nothing was written", name);
    C2D_TRY(auto files, write(from));
    std::string text = fmt::format("wrote {}:", name);
    for (const auto& file : files) text += "\n  " + file.text();
    text += fmt::format("\nTry it out:\n  dt-cli operator run {0}\n  python3 {0}/test/operator_test.py\n", name);
    session.output.answer(Value::object({{"folder", name}, {"files", std::move(files)}}), text);
    return 0;
}

struct List {
    static constexpr About about{"list", "the operators that ship with c2d", "dt-cli operator list"};
    void declare(Args&) {}
    Result<int> run(Session& session);
};

Result<int> List::run(Session& session) {
    C2D_TRY(const auto names, shipped_operators());
    json::Array rows;
    std::string text;
    for (const auto& name : names) {
        C2D_TRY(const auto folder, shipped_operator(name));
        C2D_TRY(const auto source, find_operator(folder.string()));
        rows.push_back(Value::object({{"name", name}, {"folder", folder.string()}, {"desc", source.description}}));
        text += fmt::format("{:<12} {}\n", name, display_text(source.description, 200));
    }
    session.output.answer(Value::object({{"operators", std::move(rows)}}), text);
    return 0;
}

struct Runtime {
    static constexpr About about{"runtime", "which c2d operators are shown on this machine", "dt-cli operator runtime"};
    void declare(Args&) {}
    Result<int> run(Session& session);
};

Result<int> Runtime::run(Session& session) {
    std::vector<SandboxMount> mounts;
    std::vector<std::pair<std::string, std::string>> environment;
    C2D_CHECK(tools::add_python_runtime(mounts, environment));
    C2D_TRY(const auto shown, runtime_shown(mounts, environment));
    session.output.answer(c2d::to_value(shown));
    return 0;
}

}  // namespace

void add_operator(const Group& program) {
    const Group group = program.group("operator", "write an operator, and try it out");
    group.add<New>();
    group.add<Run>();
    group.add<List>();
    group.add<Runtime>();
}

}  // namespace c2d::cli
