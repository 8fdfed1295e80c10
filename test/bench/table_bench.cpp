// c2d-bench table: a CSV file of a bank into typed columns, beside pandas' C reader on the same file in turns, and what
// a streamed check of it holds. The columns: an id, whole numbers, fractions, two texts, a date, some cells missing.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "bench/bench.hpp"
#include "support/temp_dir.hpp"

#include <c2d/table.hpp>

#include <fmt/format.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cstdio>
#include <random>

namespace c2d::bench {

namespace {

constexpr std::size_t kFileBytes = std::size_t{128} << 20;
constexpr double kMegabyte = 1e6;
constexpr const char* kPython = "/usr/bin/python3";
/// One core: pandas' C reader has one thread.
constexpr const char* kPandas =
    "import sys, time, pandas; t = time.perf_counter(); f = pandas.read_csv(sys.argv[1], engine=\"c\"); "
    "print(time.perf_counter() - t)";

Result<Unit> write_file(const std::filesystem::path& path) {
    std::mt19937 random(1);
    std::FILE* const file = std::fopen(path.c_str(), "wb");
    if (file == nullptr) return fail(Status::IO, "cannot write {}", path.string());
    std::string piece = "customer_id,default,age,accounts,balance";
    for (int i = 0; i < 16; ++i) piece += fmt::format(",x{}", i);
    piece += ",city,product,opened\n";
    constexpr const char* kCities[] = {"Bern", "Basel", "\"Zürich, Kreis 1\"", "上海", "Genf", ""};
    std::size_t written = 0;
    for (std::uint64_t row = 0; written < kFileBytes; ++row) {
        piece += fmt::format("C{:010X},{},{},{},{:.2f}", row * 2654435761 % 0xffffffffff, random() % 20 == 0 ? 1 : 0,
                             18 + random() % 70, random() % 12, double(random() % 10000000) / 100);
        for (int i = 0; i < 16; ++i)
            piece += random() % 50 == 0 ? "," : fmt::format(",{:.4f}", double(int(random() % 60000) - 30000) / 10000);
        piece += fmt::format(",{},p{},20{:02}-{:02}-{:02}\n", kCities[random() % 6], random() % 9, random() % 25,
                             1 + random() % 12, 1 + random() % 28);
        if (piece.size() < 1 << 20) continue;
        written += std::fwrite(piece.data(), 1, piece.size(), file);
        piece.clear();
    }
    return std::fclose(file) == 0 ? Result<Unit>(Unit{}) : fail(Status::IO, "cannot write {}", path.string());
}

/// Peak memory of `dt-cli data check`, a process of its own, in MiB. To be called before this one is large itself: a
/// process begins with the peak of the one that started it.
Result<double> check_peak(const std::string& file) {
    const auto program = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "dt-cli";
    const std::string path = program.string();
    std::vector<const char*> words = {path.c_str(), "data", "check", file.c_str(), nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", 1, 0);
    pid_t child = 0;
    const int failed =
        ::posix_spawn(&child, path.c_str(), &actions, nullptr, const_cast<char* const*>(words.data()), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0) return fail(Status::IO, "cannot start {}", path);
    int status = 0;
    struct rusage usage {};
    ::wait4(child, &status, 0, &usage);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return fail(Status::INTERNAL, "data check failed on the bench's file");
    return double(usage.ru_maxrss) / 1024;
}

Result<double> read_once(const std::string& file) {
    Result<table::Table> table = Error(Status::INTERNAL, "");
    const double spent = seconds([&] { table = table::read_csv(file); });
    if (!table) return table.error();
    return spent;
}

Result<double> read_with_schema(const std::string& file, const table::Schema& schema) {
    table::ReadOptions options;
    options.schema = schema;
    Result<table::Table> table = Error(Status::INTERNAL, "");
    const double spent = seconds([&] { table = table::read_csv(file, options); });
    if (!table) return table.error();
    return spent;
}

Result<double> check_once(const std::string& file, const table::Schema& schema) {
    table::ReadOptions options;
    options.schema = schema;
    Result<table::CheckReport> report = Error(Status::INTERNAL, "");
    const double spent = seconds([&] { report = table::check_csv(file, options); });
    if (!report) return report.error();
    return spent;
}

/// What pandas itself says that it took.
Result<double> pandas_once(const std::string& file) {
    const std::string command = fmt::format("{} -c '{}' '{}' 2>/dev/null", kPython, kPandas, file);
    std::FILE* const out = ::popen(command.c_str(), "r");
    if (out == nullptr) return fail(Status::IO, "cannot start {}", kPython);
    double spent = 0;
    const int read = std::fscanf(out, "%lf", &spent);
    if (::pclose(out) != 0 || read != 1) return fail(Status::NOT_FOUND, "pandas is not installed (python3-pandas)");
    return spent;
}

}  // namespace

Result<std::vector<Goal>> table_bench() {
    const support::TempDir folder;
    const std::string file = folder / "accounts.csv";
    C2D_CHECK(write_file(file));
    C2D_TRY(const double peak, check_peak(file));
    C2D_TRY(const auto report_of_file, table::check_csv(file));
    const double megabytes = double(report_of_file.bytes) / kMegabyte;
    const table::Schema schema = report_of_file.schema;

    std::vector<Measure> subjects = {[&] { return read_once(file); }, [&] { return read_with_schema(file, schema); },
                                     [&] { return check_once(file, schema); }};
    const bool pandas = pandas_once(file).ok();
    if (pandas) subjects.emplace_back([&] { return pandas_once(file); });
    C2D_TRY(const auto series, in_turns(subjects, {}));

    std::vector<Goal> out;
    out.push_back(report("file_megabytes", megabytes));
    out.push_back(at_least("read_megabytes_per_second", series[0].per_second(megabytes).middle(), 150));
    out.push_back(report("read_with_schema_megabytes_per_second", series[1].per_second(megabytes)));
    out.push_back(report("check_with_schema_megabytes_per_second", series[2].per_second(megabytes)));
    if (pandas) {
        out.push_back(report("pandas_megabytes_per_second", series[3].per_second(megabytes)));
        out.push_back(
            at_least("read_over_pandas", ratio(series[0].per_second(megabytes), series[3].per_second(megabytes)), 1));
    }
    out.push_back(at_most("check_peak_mebibytes", peak, 64));
    return out;
}

}  // namespace c2d::bench
