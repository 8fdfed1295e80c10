// Each layer is left out, alone or with the walls that would hold in its place, and the hostile
// operators are run again: what escapes then must be what docs/sandbox.md says. So every layer has
// attacks that it alone holds, and this suite would notice if it held nothing.
#include "sandbox/helper_image.hpp"
#include "sandbox/layers.hpp"
#include "sandbox/sandbox_process.hpp"
#include "sandbox/victim.hpp"

#include <algorithm>
#include <cstdlib>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <map>
#include <set>

using namespace c2d;
using namespace c2d::test;

namespace {

constexpr std::string_view kTableBegin = "<!-- ablation table -->";
constexpr std::string_view kTableEnd = "<!-- end of ablation table -->";

bool full_counts() { return std::getenv("C2D_FULL") != nullptr; }

/// One row of the table: the layers left out and the attacks that escape then.
struct Row {
    std::vector<std::string> layers;
    std::set<std::string> escapes;

    std::string name() const { return fmt::format("{}", fmt::join(layers, " ")); }
    std::uint32_t bits() const {
        std::uint32_t out = 0;
        for (const auto& layer : layers)
            for (int i = 0; i < sandbox::kLayerCount; ++i)
                if (layer == layer_name(Layer(i))) out |= 1u << i;
        return out;
    }
};

std::vector<std::string> split(std::string_view text, std::string_view separator) {
    std::vector<std::string> out;
    while (!text.empty()) {
        const auto end = text.find(separator);
        out.emplace_back(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + separator.size());
    }
    return out;
}

std::string trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" `"), last = text.find_last_not_of(" `");
    return first == std::string_view::npos ? "" : std::string(text.substr(first, last - first + 1));
}

bool has_cgroup() {
    for (const auto& layer : test::sandbox().probe())
        if (layer.layer == Layer::pids_hard) return layer.state == LayerStatus::State::on;
    return false;
}

/// An attack as the table names it: "NAME", or "NAME (root)" where only one kind of host is meant.
void add_attack(std::set<std::string>& out, std::string_view text, bool cgroup) {
    const std::pair<std::string_view, bool> marks[] = {{" (root)", running_as_root()},
                                                       {" (user)", !running_as_root()},
                                                       {" (cgroup)", cgroup},
                                                       {" (no cgroup)", !cgroup}};
    for (const auto& [mark, fits] : marks) {
        if (!text.ends_with(mark)) continue;
        if (!fits) return;
        text.remove_suffix(mark.size());
    }
    if (text != "nothing") out.insert(std::string(text));
}

std::vector<Row> documented_rows() {
    const std::string text = read_text("docs/sandbox.md");
    const auto begin = text.find(kTableBegin), end = text.find(kTableEnd);
    REQUIRE_MESSAGE((begin != std::string::npos && end > begin), "docs/sandbox.md has no table");
    std::vector<Row> out;
    const bool cgroup = has_cgroup();
    for (const auto& line : split(std::string_view(text).substr(begin, end - begin), "\n")) {
        const auto cells = split(line, "|");
        if (cells.size() < 3 || !cells[1].starts_with(" `")) continue;
        Row row;
        for (const auto& layer : split(trimmed(cells[1]), "` `")) row.layers.push_back(layer);
        for (const auto& attack : split(trimmed(cells[2]), "; ")) add_attack(row.escapes, attack, cgroup);
        out.push_back(std::move(row));
    }
    return out;
}

/// What escapes from smaller sets of the same layers escapes here too; the table does not repeat
/// it.
std::set<std::string> with_inherited(const std::vector<Row>& rows, const Row& row) {
    std::set<std::string> out;
    for (const auto& other : rows)
        if ((other.bits() & ~row.bits()) == 0) out.insert(other.escapes.begin(), other.escapes.end());
    return out;
}

/// The attacks that the row names and a few that it does not; with C2D_FULL all there are.
std::vector<const HostileOperator*> chosen_attacks(const Row& row, std::size_t row_number) {
    constexpr std::size_t kNamed = 4, kOthers = 2;
    const auto all = hostile_operators();
    std::vector<const HostileOperator*> named, others, out;
    for (const auto& attack : all) (row.escapes.contains(attack.name) ? named : others).push_back(&attack);
    if (full_counts()) {
        for (const auto& attack : all) out.push_back(&attack);
        return out;
    }
    out.assign(named.begin(), named.begin() + std::ptrdiff_t(std::min(named.size(), kNamed)));
    for (std::size_t i = 0; i < kOthers; ++i) out.push_back(others[(row_number * 7 + i * 41) % others.size()]);
    return out;
}

class Ablation {
public:
    Ablation() {
        auto image = sandbox::HelperImage::open(helper_path());
        REQUIRE(image.ok());
        context_.helper = *image;
        context_.logger = Logger::silent();
    }

    /// The logs of the attacks in a sandbox without these layers.
    std::vector<std::string> run(std::uint32_t left_out, const std::vector<const HostileOperator*>& attacks) const {
        auto context = context_;
        context.left_out = left_out;
        return run_parallel(attacks.size(), [&](std::size_t at) {
            auto job = inside_job(*attacks[at], victim_);
            // Without a pid namespace the samples count what the whole machine uses.
            job.limits.cpu = std::chrono::hours(24 * 365);
            auto started = sandbox::SandboxProcess::start(context, job);
            return started ? log_of((*started)->wait()) : log_of(started.error());
        });
    }

    bool works_outside(const HostileOperator& attack) const {
        const bool worked = escaped(run_outside(attack, victim_));
        victim_.restore();
        return worked;
    }

private:
    sandbox::RunContext context_;
    Victim victim_;
};

/// Whether this machine lets the attack through is its own affair.
bool depends_on_machine(const HostileOperator& attack) { return attack.outside == HostileOperator::Outside::some; }

}  // namespace

TEST_CASE("what escapes without a layer is what the documentation says") {
#ifndef __x86_64__
    MESSAGE("skipped: the operators name system calls by their x86-64 numbers");
    return;
#endif
    (void)test::sandbox();
    const Ablation ablation;
    const auto rows = documented_rows();
    for (std::size_t number = 0; number < rows.size(); ++number) {
        const Row& row = rows[number];
        CAPTURE(row.name());
        const auto attacks = chosen_attacks(row, number);
        const auto logs = ablation.run(row.bits(), attacks);
        const auto expected = with_inherited(rows, row);
        std::vector<std::string> escapes;
        for (std::size_t i = 0; i < attacks.size(); ++i) {
            const auto& attack = *attacks[i];
            const bool out = escaped(logs[i]), stated = expected.contains(attack.name);
            if (out) escapes.push_back(attack.name);
            if (out == stated) continue;
            if (depends_on_machine(attack) && (out || !ablation.works_outside(attack))) continue;
            CHECK_MESSAGE(out == stated, std::string(attack.name) << ": " << logs[i]);
        }
        if (std::getenv("C2D_TEST_VERBOSE"))
            for (std::size_t i = 0; i < attacks.size(); ++i)
                fmt::print("{}: {}: {}\n", row.name(), attacks[i]->name, logs[i]);
        fmt::print("| {} | {} |\n", row.name(), fmt::join(escapes, "; "));
    }
}

TEST_CASE("the table names every layer and no attack that is not there") {
    const auto rows = documented_rows();
    std::set<std::string> layers, attacks;
    for (const auto& attack : hostile_operators()) attacks.insert(attack.name);
    for (const auto& row : rows) {
        for (const auto& layer : row.layers) {
            CHECK_MESSAGE((Row{{layer}, {}}.bits() != 0), layer);
            layers.insert(layer);
        }
        for (const auto& attack : row.escapes) CHECK_MESSAGE(attacks.contains(attack), attack);
    }
    // Without a mount namespace the private root would be built in the machine's own.
    CHECK(layers.size() == std::size_t(sandbox::kLayerCount) - 1);
    CHECK_FALSE(layers.contains("mount_ns"));
}

TEST_CASE("a layer that is left out is off in the report") {
    sandbox::RunContext context;
    auto image = sandbox::HelperImage::open(helper_path());
    REQUIRE(image.ok());
    context.helper = *image;
    context.logger = Logger::silent();
    for (const Layer layer : {Layer::uts_ns, Layer::landlock, Layer::seccomp, Layer::rlimits, Layer::capabilities,
                              Layer::memory_hard, Layer::pids_hard}) {
        context.left_out = 1u << int(layer);
        auto run = sandbox::SandboxProcess::start(context, python_job("pass"));
        REQUIRE(run.ok());
        const auto report = (*run)->wait();
        REQUIRE(report.ok());
        for (const auto& status : report->layers)
            CHECK_MESSAGE((status.state == LayerStatus::State::off) == (status.layer == layer),
                          layer_name(status.layer));
    }
}

TEST_CASE("the helper refuses to do without a mount namespace") {
    sandbox::RunContext context;
    auto image = sandbox::HelperImage::open(helper_path());
    REQUIRE(image.ok());
    context.helper = *image;
    context.logger = Logger::silent();
    context.left_out = 1u << int(Layer::mount_ns);
    const auto run = sandbox::SandboxProcess::start(context, python_job("pass"));
    REQUIRE_FALSE(run.ok());
    CHECK(run.error().message.find("the machine's own mounts are in danger") != std::string::npos);
}
