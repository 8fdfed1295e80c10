/// 200 random small programs over all operations: shares against the clear-text backend, within the
/// error that each operation states, carried through the program.
///
/// A program is made while it runs on the clear backend, since what may follow depends on values
/// (domains, comparisons that rounding could turn around); shares then run the same steps. A failure
/// prints the seed: C2D_SEED=n build/test/mpc_programs runs that program alone.

#include "mpc/parties.hpp"

#include <cmath>
#include <cstdlib>
#include <functional>
#include <set>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

constexpr double kUlp = 0x1p-16;
constexpr double kMagnitudeMax = 4096;

/// One step: makes a tensor from earlier ones.
using Step = std::function<Tensor(Session&, const std::vector<Tensor>&)>;
struct Node {
    Matrix value;  // as the clear backend has it
    double error;  // what shares may be off by, in every element
    bool bits = false;
};
struct Program {
    std::vector<Step> steps;
    std::vector<Node> nodes;
    std::vector<std::string> names;
};

double largest(const Matrix& x) {
    double out = 0;
    for (double v : x.data) out = std::max(out, std::abs(v));
    return out;
}
double smallest(const Matrix& x) { return *std::min_element(x.data.begin(), x.data.end()); }
bool alike(const Matrix& a, const Matrix& b) { return a.rows == b.rows && a.cols == b.cols; }

/// Adds random steps to a program on a clear session. Every party does the same from the same seed.
class Maker {
public:
    Maker(Session& session, std::uint64_t seed) : session_(session), random_(seed) {}

    Program make(std::size_t steps) {
        for (unsigned owner = 0; owner < 3; ++owner) input(owner);
        for (int tries = 0; program_.steps.size() < steps && tries < 500; ++tries) step();
        return std::move(program_);
    }

private:
    std::size_t pick() { return random_() % program_.nodes.size(); }
    const Node& node(std::size_t i) const { return program_.nodes[i]; }
    double uniform(double low, double high) {
        return low + (high - low) * static_cast<double>(random_() >> 11) * 0x1p-53;
    }

    /// Runs the step here and keeps it if its values stay in range.
    void add(const char* name, double error, Step step, bool bits = false) {
        Tensor tensor = step(session_, tensors_);
        Matrix value = open_to_all(session_, tensor);
        if (largest(value) > kMagnitudeMax || error > 0.05 || value.data.size() > 400) return;
        tensors_.push_back(std::move(tensor));
        program_.steps.push_back(std::move(step));
        program_.nodes.push_back({std::move(value), error, bits});
        program_.names.push_back(name);
    }

    void input(unsigned owner) {
        const std::size_t rows = 1 + random_() % 4, cols = 1 + random_() % 4;
        const Matrix data = random_matrix(random_, rows, cols, 8);
        add("input", kUlp / 2, [=](Session& s, const auto&) { return share(s, owner, data); });
    }

    void step() {
        const std::size_t i = pick(), j = pick();
        const Node &a = node(i), &b = node(j);
        const double x = largest(a.value) + a.error, y = largest(b.value) + b.error;
        const auto on_two = [&](const char* name, double error, auto operation, bool bits = false) {
            add(
                name, error, [=](Session& s, const auto& t) { return must(operation(s, t[i], t[j])); }, bits);
        };
        const auto on_one = [&](const char* name, double error, auto operation, bool bits = false) {
            add(
                name, error, [=](Session& s, const auto& t) { return must(operation(s, t[i])); }, bits);
        };
        const double cross = x * b.error + y * a.error + kUlp;
        switch (random_() % 19) {
            case 0:
                if (!alike(a.value, b.value)) return;
                return on_two("add", a.error + b.error, [](auto& s, auto& p, auto& q) { return s.add(p, q); });
            case 1:
                if (!alike(a.value, b.value)) return;
                return on_two("sub", a.error + b.error, [](auto& s, auto& p, auto& q) { return s.sub(p, q); });
            case 2: {
                const double factor = random_() % 2 ? std::round(uniform(-5, 5)) : uniform(-3, 3);
                return on_one("scale", std::abs(factor) * a.error + x * kUlp / 2 + kUlp,
                              [=](auto& s, auto& p) { return s.scale(p, factor); });
            }
            case 3:
                if (!alike(a.value, b.value)) return;
                return on_two("mul", cross, [](auto& s, auto& p, auto& q) { return s.mul(p, q); });
            case 4:
                if (a.value.cols != b.value.rows) return;
                return on_two("matmul", static_cast<double>(a.value.cols) * cross,
                              [](auto& s, auto& p, auto& q) { return s.matmul(p, q); });
            case 5:
                return on_one(
                    "transpose", a.error, [](auto& s, auto& p) { return s.transpose(p); }, a.bits);
            case 6: {
                std::vector<std::size_t> index(1 + random_() % 4);
                for (auto& row : index) row = random_() % a.value.rows;
                return on_one(
                    "rows", a.error, [=](auto& s, auto& p) { return s.rows(p, index); }, a.bits);
            }
            case 7:
                if (a.value.rows != b.value.rows) return;
                return on_two("hconcat", std::max(a.error, b.error), [](auto& s, auto& p, auto& q) {
                    return s.hconcat({p, q});
                });
            case 8: {
                const auto which = static_cast<Sum>(random_() % 3);
                return on_one("sum", static_cast<double>(a.value.data.size()) * a.error,
                              [=](auto& s, auto& p) { return s.sum(p, which); });
            }
            case 9: {
                const std::size_t rows = a.value.rows == 1 ? 3 : a.value.rows;
                const std::size_t cols = a.value.cols == 1 ? 3 : a.value.cols;
                return on_one(
                    "repeat", a.error, [=](auto& s, auto& p) { return s.repeat(p, rows, cols); }, a.bits);
            }
            case 10: return constant();
            case 11: return less(i, j);
            case 12: return select(i, j);
            case 13: return divide(i, j);
            case 14:
                if (smallest(a.value) - a.error < 1.0 / 64) return;
                return on_one("reciprocal", a.error / std::pow(smallest(a.value) - a.error, 2) + kUlp * 2.1,
                              [](auto& s, auto& p) { return s.reciprocal(p); });
            case 15:
                if (smallest(a.value) - a.error < 1.0 / 64) return;
                return on_one("inverse_sqrt", a.error / 2 / std::pow(smallest(a.value) - a.error, 1.5) + kUlp * 2,
                              [](auto& s, auto& p) { return s.inverse_sqrt(p); });
            case 16:
                if (x > 250) return;
                return on_one("sigmoid", a.error / 4 + 1.5e-4, [](auto& s, auto& p) { return s.sigmoid(p); });
            case 17:
                return on_one("sigmoid by comparison", a.error / 4 + 3 * kUlp,
                              [](auto& s, auto& p) { return s.sigmoid(p, SigmoidKind::comparison); });
            default: return input(static_cast<unsigned>(random_() % 3));
        }
    }

    void constant() {
        const Matrix data = random_matrix(random_, 1 + random_() % 4, 1 + random_() % 4, 4);
        add("constant", kUlp / 2, [=](Session& s, const auto&) { return must(s.constant(data)); });
    }

    /// Only where no element is so near that rounding could turn it around.
    void less(std::size_t i, std::size_t j) {
        const Node &a = node(i), &b = node(j);
        if (!alike(a.value, b.value)) return;
        for (std::size_t k = 0; k < a.value.data.size(); ++k)
            if (std::abs(a.value.data[k] - b.value.data[k]) <= a.error + b.error) return;
        add(
            "less", 0, [=](Session& s, const auto& t) { return must(s.less(t[i], t[j])); }, true);
    }

    void select(std::size_t i, std::size_t j) {
        std::size_t k = pick();
        for (std::size_t tries = 0; tries < 20 && !(node(k).bits && alike(node(i).value, node(k).value)); ++tries)
            k = pick();
        if (!node(k).bits || !alike(node(i).value, node(k).value) || !alike(node(i).value, node(j).value)) return;
        add("select", std::max(node(i).error, node(j).error),
            [=](Session& s, const auto& t) { return must(s.select(t[k], t[i], t[j])); });
    }

    void divide(std::size_t i, std::size_t j) {
        const Node &a = node(i), &b = node(j);
        if (!alike(a.value, b.value)) return;
        const double divisor = smallest(b.value) - b.error;
        if (divisor < 1.0 / 64) return;
        const double most = (largest(a.value) + a.error) / divisor;
        if (most > 8000) return;
        add("divide", (a.error + most * b.error) / divisor + 2 * kUlp + most * 0x1p-26,
            [=](Session& s, const auto& t) { return must(s.divide(t[i], t[j])); });
    }

    Session& session_;
    std::mt19937_64 random_;
    std::vector<Tensor> tensors_;
    Program program_;
};

/// Where shares differ from the clear backend by more than may be, or an empty text.
std::string run_on_shares(Session& session, const Program& program) {
    std::vector<Tensor> tensors;
    for (std::size_t i = 0; i < program.steps.size(); ++i) {
        tensors.push_back(program.steps[i](session, tensors));
        const double off = largest_difference(open_to_all(session, tensors.back()), program.nodes[i].value);
        if (off > program.nodes[i].error)
            return "step " + std::to_string(i) + " (" + program.names[i] + ") is off by " + std::to_string(off) +
                   ", allowed " + std::to_string(program.nodes[i].error);
    }
    return {};
}

}  // namespace

TEST_CASE("200 random programs equal the clear-text backend within the stated error") {
    const char* chosen = std::getenv("C2D_SEED");
    const std::uint64_t first = chosen ? std::strtoull(chosen, nullptr, 10) : 1;
    const std::uint64_t count = chosen ? 1 : 200;
    std::set<std::string> used;
    std::size_t steps = 0;
    for (std::uint64_t seed = first; seed < first + count; ++seed) {
        INFO("seed ", seed);
        Program programs[3];
        run_sessions(BackendKind::clear, [&](Session& s) { programs[s.party()] = Maker(s, seed).make(24); });
        std::string found[3];
        run_sessions(BackendKind::rep3, [&](Session& s) { found[s.party()] = run_on_shares(s, programs[s.party()]); });
        for (const std::string& problem : found) CHECK(problem == "");
        used.insert(programs[0].names.begin(), programs[0].names.end());
        steps += programs[0].steps.size();
    }
    MESSAGE(count << " programs, seeds from " << first << ", " << steps << " steps, " << used.size() << " operations");
    if (!chosen) CHECK(used.size() == 19);
}
