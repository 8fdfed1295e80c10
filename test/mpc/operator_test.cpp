/// The Python operator in three processes, each behind its own relay, with TLS between the relays:
/// what three providers run, without their sandboxes.

#include "net/frame_relay.hpp"
#include "net/peers.hpp"
#include "support/temp_dir.hpp"

#include "base/file.hpp"

#include <c2d/mpc.hpp>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <regex>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace c2d;
using namespace c2d::test;
namespace fs = std::filesystem;

namespace {

bool full() { return std::getenv("C2D_FULL") != nullptr; }

/// Arguments of the reference sample; `more` is appended to model_args, where the last of two members of a name counts.
std::string args_json(unsigned party, unsigned in_dim, unsigned split, unsigned epoch, const std::string& outputs,
                      const std::string& more) {
    return R"({"party_id": )" + std::to_string(party) +
           R"(, "inputs": {"0": "./inputs/org1_feature.csv", "1": "./inputs/org2_feature.csv",)"
           R"( "2": "./inputs/org1_label.csv"}, "exec_endpoints": {"0": "127.0.0.1:8911",)"
           R"( "1": "127.0.0.1:8912", "2": "127.0.0.1:8913"}, "model_args": {"in_dim": )" +
           std::to_string(in_dim) + R"(, "out_dim": 1, "lr": 0.01, "batch_size": 256, "split": )" +
           std::to_string(split) + R"(, "epoch": )" + std::to_string(epoch) + more + R"(}, "outputs": )" + outputs +
           "}";
}

/// One party's process, its end of the socketpair as descriptor 3. `addresses`: what it may have of memory, as a
/// sandbox bounds it.
pid_t start_operator(const fs::path& folder, unsigned party, int peer_fd, rlim_t addresses) {
    const pid_t pid = ::fork();
    if (pid != 0) return pid;
    const rlimit bound{addresses, addresses};
    ::setrlimit(RLIMIT_AS, &bound);
    if (::chdir(folder.c_str()) != 0) ::_exit(126);
    // The log is what a provider would keep.
    const int log = ::open("log", O_WRONLY | O_CREAT | O_TRUNC, 0600);
    ::dup2(log, 1);
    ::dup2(log, 2);
    if (peer_fd != 3) ::dup2(peer_fd, 3);
    ::fcntl(3, F_SETFD, 0);
    ::setenv("C2D_PEER_FD", "3", 1);
    ::setenv("C2D_PARTY", std::to_string(party).c_str(), 1);
    ::setenv("PYTHONPATH", C2D_SOURCE_DIR "/bindings/python", 1);
    ::setenv("C2D_LIBRARY", C2D_LIBRARY_FILE, 1);
    ::execl("/usr/bin/python3", "python3", "-B", C2D_SOURCE_DIR "/examples/joint_risk/samples/op/rtt_op.py", "--config",
            "args.json", nullptr);
    ::_exit(127);
}

struct Run {
    int exit_code[3] = {-1, -1, -1};
    std::string log[3];
    FrameRelayReport relay[3];
    double seconds = 0;
};

/// Runs the three operators in folders 0, 1, 2 below `root`; party 1 with so many bytes of addresses.
Run run_operators(const fs::path& root, rlim_t addresses = RLIM_INFINITY) {
    auto connected = connect_all(options_of(3));
    std::unique_ptr<FrameRelay> relays[3];
    pid_t pids[3];
    const auto start = std::chrono::steady_clock::now();
    int ends[3][2];
    for (auto& pair : ends) REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) == 0);
    for (unsigned party = 0; party < 3; ++party) {
        pids[party] =
            start_operator(root / std::to_string(party), party, ends[party][1], party == 1 ? addresses : RLIM_INFINITY);
        REQUIRE(pids[party] > 0);
    }
    for (unsigned party = 0; party < 3; ++party) {
        ::close(ends[party][1]);
        REQUIRE(connected[party].ok());
        FrameRelayOptions options;
        options.operator_fd = Fd(ends[party][0]);
        options.party = party;
        options.peers = *std::move(connected[party]);
        relays[party] = *FrameRelay::start(std::move(options));
    }
    Run out;
    for (unsigned party = 0; party < 3; ++party) {
        int status = 0;
        REQUIRE(::waitpid(pids[party], &status, 0) == pids[party]);
        out.exit_code[party] = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
        out.relay[party] = relays[party]->wait();
        out.log[party] = *read_file(root / std::to_string(party) / "log", 1 << 20);
    }
    const std::chrono::duration<double> time = std::chrono::steady_clock::now() - start;
    out.seconds = time.count();
    return out;
}

void make_folders(const fs::path& root, unsigned label_party, const std::string& outputs, unsigned in_dim,
                  unsigned split, unsigned epoch, const std::string& more = "") {
    for (unsigned party = 0; party < 3; ++party) {
        const fs::path folder = root / std::to_string(party);
        fs::remove_all(folder);
        fs::create_directories(folder / "inputs");
        fs::create_directories(folder / "outputs");
        std::ofstream(folder / "args.json") << args_json(party, in_dim, split, epoch, outputs, more);
    }
    const auto give = [&](const char* name, unsigned party) {
        fs::copy_file(root / name, root / std::to_string(party) / "inputs" / name);
    };
    give("org1_feature.csv", 0);
    give("org2_feature.csv", 1);
    give("org1_label.csv", label_party);
}

void generate(const fs::path& root, unsigned rows, const char* more = "") {
    const std::string command = "/usr/bin/python3 " C2D_SOURCE_DIR "/examples/joint_risk/generate_data.py --out " +
                                root.string() + " --rows " + std::to_string(rows) + " " + more + " >/dev/null";
    REQUIRE(std::system(command.c_str()) == 0);
}

std::vector<std::string> lines_of(const fs::path& file) {
    std::ifstream stream(file);
    std::vector<std::string> out;
    for (std::string line; std::getline(stream, line);) out.push_back(line);
    return out;
}

/// The exit status that a provider knows as `input_unusable`.
constexpr int kInputUnusable = 65;
const char* const kLog = R"({"0": "./outputs/rtt_log.txt"})";

}  // namespace

TEST_CASE("bank A with features and label, bank B with features, company C with nothing") {
    support::TempDir root;
    const unsigned rows = full() ? 50000 : 5000, split = rows * 4 / 5, epoch = full() ? 10001 : 501;
    generate(root.path, rows, "--header");
    make_folders(root.path, 0, kLog, 72, split, epoch);
    const Run run = run_operators(root.path);
    for (unsigned party = 0; party < 3; ++party) {
        INFO(run.log[party]);
        CHECK(run.exit_code[party] == 0);
        CHECK(run.log[party].find("this takes about ") != std::string::npos);
        CHECK(frame_relay_end_name(run.relay[party].end) == std::string("operator_closed"));
    }
    const auto lines = lines_of(root.path / "0/outputs/rtt_log.txt");
    CHECK(lines.size() == (epoch + 99) / 100);
    for (std::size_t i = 0; i < lines.size(); ++i)
        CHECK(std::regex_match(lines[i],
                               std::regex("AUC at round " + std::to_string(100 * i) + ": (0\\.[0-9]{4}|1\\.0000)")));
    CHECK(fs::is_empty(root.path / "1/outputs"));
    CHECK(fs::is_empty(root.path / "2/outputs"));
    MESSAGE(rows << " rows, " << epoch << " iterations, " << lines.size() << " evaluations: " << run.seconds
                 << " s; last: " << (lines.empty() ? "" : lines.back()));
}

TEST_CASE(
    "a run for which a party has not the memory ends as limit at all, with the figure, before anything is shared") {
    support::TempDir root;
    generate(root.path, 600);
    make_folders(root.path, 0, kLog, 72, 480, 101);
    // Half of what is left beside 1 GiB: 30 MB.
    const Run run = run_operators(root.path, (rlim_t{1} << 30) + 60'000'000);
    for (unsigned party = 0; party < 3; ++party) {
        INFO(run.log[party]);
        CHECK(run.exit_code[party] == 12);
        CHECK(run.log[party].find("MB of memory, and party 1 has 30 MB for a run") != std::string::npos);
        CHECK(run.log[party].find("slot 0: ") == std::string::npos);
    }
    CHECK(fs::is_empty(root.path / "0/outputs"));
}

TEST_CASE("the label at party 2, the model to party 1, without header") {
    support::TempDir root;
    generate(root.path, 2000);
    make_folders(root.path, 2, R"({"0": "./outputs/rtt_log.txt", "1": "./outputs/model.csv"})", 72, 1500, 101,
                 R"(, "model_to": 1, "seed": 9)");
    const Run run = run_operators(root.path);
    for (unsigned party = 0; party < 3; ++party) {
        INFO(run.log[party]);
        CHECK(run.exit_code[party] == 0);
    }
    CHECK(lines_of(root.path / "0/outputs/rtt_log.txt").size() == 2);
    CHECK(lines_of(root.path / "1/outputs/model.csv").size() == 73);
    CHECK(fs::is_empty(root.path / "2/outputs"));
}

TEST_CASE("mistakes end at every party with a message") {
    support::TempDir root;
    generate(root.path, 500);
    const auto all_say = [&](const std::string& text, unsigned parties, int status = 1) {
        const Run run = run_operators(root.path);
        unsigned count = 0;
        for (unsigned party = 0; party < 3; ++party) {
            CHECK(run.exit_code[party] == status);
            CHECK(run.log[party].find("vanished") == std::string::npos);
            count += run.log[party].find(text) != std::string::npos ? 1 : 0;
        }
        INFO(run.log[0] << run.log[1] << run.log[2]);
        CHECK(count >= parties);
    };
    SUBCASE("in_dim") {
        make_folders(root.path, 0, kLog, 71, 400, 101);
        all_say("in_dim is 71, but the inputs have 72 columns in all (30 + 42)", 3);
    }
    SUBCASE("a missing input") {
        make_folders(root.path, 0, kLog, 72, 400, 101);
        fs::remove(root.path / "1/inputs/org2_feature.csv");
        all_say("no party has slot 1", 3);
    }
    SUBCASE("other arguments at one party") {
        make_folders(root.path, 0, kLog, 72, 400, 101);
        std::ofstream(root.path / "2/args.json") << args_json(2, 72, 400, 102, kLog, "");
        all_say("runs other arguments", 3);
    }
    SUBCASE("columns that are not standardised") {
        auto lines = lines_of(root.path / "org2_feature.csv");
        std::ofstream file(root.path / "org2_feature.csv");
        for (std::size_t i = 0; i < lines.size(); ++i)
            file << (i == 123 ? "35000" : lines[i].substr(0, lines[i].find(','))) << lines[i].substr(lines[i].find(','))
                 << "\n";
        file.close();
        make_folders(root.path, 0, kLog, 72, 400, 101);
        all_say("the input of party 1", 3, kInputUnusable);
        all_say("are its columns standardised?", 1, kInputUnusable);
    }
    SUBCASE("a line that is no numbers") {
        std::ofstream(root.path / "org1_label.csv", std::ios::app) << "yes\n";
        make_folders(root.path, 0, kLog, 72, 400, 101);
        all_say("line 501, column column_1: expected a number, found \"yes\"", 1, kInputUnusable);
        all_say("the input of party 0 is not usable", 2, kInputUnusable);
    }
    SUBCASE("a category, and a value that is missing") {
        auto lines = lines_of(root.path / "org2_feature.csv");
        lines[7] = "middle" + lines[7].substr(lines[7].find(','));
        lines[19] = lines[19].substr(lines[19].find(','));
        std::ofstream file(root.path / "org2_feature.csv");
        for (const std::string& line : lines) file << line << "\n";
        file.close();
        make_folders(root.path, 0, kLog, 72, 400, 101);
        all_say("expected a number, found \"middle\"", 1, kInputUnusable);
        all_say("line 20, column", 1, kInputUnusable);
        all_say("the input of party 1 is not usable", 2, kInputUnusable);
    }
    SUBCASE("a row less at one party") {
        auto lines = lines_of(root.path / "org2_feature.csv");
        std::ofstream file(root.path / "org2_feature.csv");
        for (std::size_t i = 1; i < lines.size(); ++i) file << lines[i] << "\n";
        file.close();
        make_folders(root.path, 0, kLog, 72, 400, 101);
        all_say("slot 0 of party 0 has 500, slot 1 of party 1 has 499, slot 2 of party 0 has 500", 3);
    }
}

namespace {

/// Four rows with a value that a rare flag may have, of both labels: the model of a step on one of them throws the
/// others far.
void make_outliers(const fs::path& root) {
    auto features = lines_of(root / "org2_feature.csv"), labels = lines_of(root / "org1_label.csv");
    for (std::size_t i = 0; i < 4; ++i) {
        features[100 * i] = "900" + features[100 * i].substr(features[100 * i].find(','));
        labels[100 * i] = i % 2 == 0 ? "0" : "1";
    }
    std::ofstream feature(root / "org2_feature.csv"), label(root / "org1_label.csv");
    for (const std::string& line : features) feature << line << "\n";
    for (const std::string& line : labels) label << line << "\n";
}

void sort_by_label(const fs::path& root) {
    std::vector<std::string> label = lines_of(root / "org1_label.csv");
    std::vector<std::size_t> order(label.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::stable_sort(order, {}, [&](std::size_t i) { return label[i]; });
    for (const char* name : {"org1_feature.csv", "org2_feature.csv", "org1_label.csv"}) {
        const auto before = lines_of(root / name);
        std::ofstream file(root / name);
        for (const std::size_t i : order) file << before[i] << "\n";
    }
}

std::vector<std::string> evaluated(const fs::path& root) { return lines_of(root / "0/outputs/rtt_log.txt"); }

void check_all_succeed(const fs::path& root) {
    const Run run = run_operators(root);
    for (unsigned party = 0; party < 3; ++party) {
        INFO(run.log[party]);
        CHECK(run.exit_code[party] == 0);
    }
}

}  // namespace

TEST_CASE("what people give as arguments: rates of zero, short runs, large batches, fractions") {
    support::TempDir root;
    generate(root.path, 600);
    SUBCASE("epoch_50: a run shorter than an evaluation's distance is evaluated when it is trained") {
        make_folders(root.path, 0, kLog, 72, 480, 50);
        check_all_succeed(root.path);
        const auto lines = evaluated(root.path);
        REQUIRE(lines.size() == 2);
        CHECK(lines[0].starts_with("AUC at round 0: "));
        CHECK(lines[1].starts_with("AUC at round 50: "));
        CHECK(lines[0].substr(16) != lines[1].substr(17));
    }
    SUBCASE("lr_zero: zero is zero, the model stays at its start") {
        make_folders(root.path, 0, R"({"0": ["./outputs/rtt_log.txt", "./outputs/model.csv"]})", 72, 480, 150,
                     R"(, "lr": 0, "model_to": 0)");
        check_all_succeed(root.path);
        const auto lines = evaluated(root.path), model = lines_of(root.path / "0/outputs/model.csv");
        REQUIRE(lines.size() == 3);
        CHECK(lines[0].substr(16) == lines[1].substr(18));
        CHECK(lines[0].substr(16) == lines[2].substr(18));
        REQUIRE(model.size() == 73);
        CHECK(model.back() == "bias,0.00000000");
    }
    SUBCASE("batch_1024: batches to 8,192 rows") {
        make_folders(root.path, 0, kLog, 72, 480, 20, R"(, "batch_size": 8192, "lr": 0.0001)");
        check_all_succeed(root.path);
        CHECK(evaluated(root.path).size() == 2);
    }
    SUBCASE("split_as_fraction: a fraction of the rows, a penalty, a rate that falls") {
        make_folders(root.path, 0, kLog, 72, 0, 101,
                     R"(, "split": 0.8, "l2": 0.5, "lr_decay": 0.5, "lr_decay_every": 40)");
        check_all_succeed(root.path);
        CHECK(evaluated(root.path).size() == 2);
    }
    SUBCASE("sorted_by_label: files sorted by what happened") {
        sort_by_label(root.path);
        make_folders(root.path, 0, kLog, 72, 480, 101, R"(, "shuffle": true)");
        check_all_succeed(root.path);
        const auto shuffled = evaluated(root.path);
        CHECK(shuffled.size() == 2);
        // As the files have them, unless the arguments say otherwise: other rows test.
        make_folders(root.path, 0, kLog, 72, 480, 101);
        check_all_succeed(root.path);
        CHECK(evaluated(root.path) != shuffled);
    }
}

TEST_CASE("almost_separable_default_rate: a run that leaves the domain delivers what was evaluated, and no model") {
    support::TempDir root;
    generate(root.path, 600);
    make_outliers(root.path);
    make_folders(root.path, 0, R"({"0": ["./outputs/rtt_log.txt", "./outputs/model.csv"]})", 72, 480, 2001,
                 R"(, "batch_size": 1, "model_to": 0, "shuffle": true)");
    check_all_succeed(root.path);
    const auto lines = evaluated(root.path);
    MESSAGE(lines.size() << " lines, the last: " << (lines.empty() ? "" : lines.back()));
    REQUIRE(lines.size() > 2);
    CHECK(lines[1].starts_with("AUC at round 100: "));
    CHECK(std::regex_search(lines.back(),
                            std::regex("^Ended after round [0-9]+: .*a logit left the domain.*try lr 0.001")));
    CHECK_FALSE(fs::exists(root.path / "0/outputs/model.csv"));
}

TEST_CASE("split_negative and others: arguments that are none are refused by name before data are read") {
    support::TempDir root;
    generate(root.path, 100);
    const struct {
        const char* more;
        const char* text;
    } cases[] = {
        {R"(, "batch_size": 0)", "batch_size must be 1 to 8192, found 0"},
        {R"(, "batch_size": 8193)", "batch_size must be 1 to 8192, found 8193"},
        {R"(, "batch_size": 0.8)", "batch_size must be a whole number, found 0.8"},
        {R"(, "epoch": 0)", "epoch must be 1 or more, found 0"},
        {R"(, "epoch": "many")", "epoch must be a number, found \"many\""},
        {R"(, "split": -5)", "split must not be negative, found -5"},
        {R"(, "split": 1.5)", "split must be a whole number of rows or a fraction between 0 and 1, found 1.5"},
        {R"(, "shuffle": 1)", "shuffle must be true or false, found 1"},
        {R"(, "lr": -1)", "lr must be 0 to 1, found -1.0"},
    };
    for (const auto& one : cases) {
        make_folders(root.path, 0, kLog, 72, 80, 101, one.more);
        for (unsigned party = 0; party < 3; ++party) fs::remove_all(root.path / std::to_string(party) / "inputs");
        const Run run = run_operators(root.path);
        for (unsigned party = 0; party < 3; ++party) {
            INFO(one.more << run.log[party]);
            CHECK(run.exit_code[party] == 1);
            CHECK(run.log[party].find(one.text) != std::string::npos);
        }
    }
}
