/// 200 random small programs over all operations: shares against the clear-text backend, within the
/// error that each operation states, carried through the program.
///
/// A program is made while it runs on the clear backend, since what may follow depends on values
/// (domains, comparisons that rounding could turn around); shares then run the same steps. A failure
/// prints the seed: C2D_SEED=n build/test/mpc_programs runs that program alone.

#include "mpc/core/tensor.hpp"
#include "mpc/operations.hpp"

#include <cmath>
#include <cstdlib>
#include <functional>
#include <set>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

constexpr double kMagnitudeMax = 4096;

/// One step: makes a tensor from earlier ones.
using Step = std::function<Tensor(Session&, const std::vector<Tensor>&)>;
struct Program {
    std::vector<Step> steps;
    std::vector<Operand> nodes;
    std::vector<std::string> names;
};

double largest(const Matrix& x) {
    double out = 0;
    for (double v : x.data) out = std::max(out, std::abs(v));
    return out;
}
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
    const Operand& node(std::size_t i) const { return program_.nodes[i]; }
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
        const Operand &a = node(i), &b = node(j);
        const double x = a.magnitude();
        const auto on_two = [&](const char* name, double error, auto operation, bool bits = false) {
            add(
                name, error, [=](Session& s, const auto& t) { return must(operation(s, t[i], t[j])); }, bits);
        };
        const Operand* const both[] = {&a, &b};
        const auto on_one = [&](const char* name, double error, auto operation, bool bits = false) {
            add(
                name, error, [=](Session& s, const auto& t) { return must(operation(s, t[i])); }, bits);
        };
        switch (random_() % 20) {
            case 0: {
                const double factor = random_() % 2 ? std::round(uniform(-5, 5)) : uniform(-3, 3);
                return on_one("scale", std::abs(factor) * a.error + x * kUlp / 2 + kUlp,
                              [=](auto& s, auto& p) { return s.scale(p, factor); });
            }
            case 1:
                if (a.values.cols != b.values.rows) return;
                return on_two("matmul", static_cast<double>(a.values.cols) * error_of_product(both),
                              [](auto& s, auto& p, auto& q) { return s.matmul(p, q); });
            case 2:
                return on_one(
                    "transpose", a.error, [](auto& s, auto& p) { return s.transpose(p); }, a.is_bits);
            case 3: {
                std::vector<std::size_t> index(1 + random_() % 4);
                for (auto& row : index) row = random_() % a.values.rows;
                return on_one(
                    "rows", a.error, [=](auto& s, auto& p) { return s.rows(p, index); }, a.is_bits);
            }
            case 4:
                if (a.values.rows != b.values.rows) return;
                return on_two("hconcat", std::max(a.error, b.error), [](auto& s, auto& p, auto& q) {
                    return s.hconcat({p, q});
                });
            case 5: {
                const auto which = static_cast<Sum>(random_() % 3);
                return on_one("sum", static_cast<double>(a.values.data.size()) * a.error,
                              [=](auto& s, auto& p) { return s.sum(p, which); });
            }
            case 6: {
                const std::size_t rows = a.values.rows == 1 ? 3 : a.values.rows;
                const std::size_t cols = a.values.cols == 1 ? 3 : a.values.cols;
                return on_one(
                    "repeat", a.error, [=](auto& s, auto& p) { return s.repeat(p, rows, cols); }, a.is_bits);
            }
            case 7: return constant();
            case 8: return input(static_cast<unsigned>(random_() % 3));
            case 9: return bin_counts(i);
            case 10: return encode_bins(i);
            default: return element_by_element();
        }
    }

    void constant() {
        const Matrix data = random_matrix(random_, 1 + random_() % 4, 1 + random_() % 4, 4);
        add("constant", kUlp / 2, [=](Session& s, const auto&) { return must(s.constant(data)); });
    }

    Matrix bins(std::size_t rows, std::size_t count) {
        Matrix out{rows, 1 + random_() % 3, {}};
        for (std::size_t i = 0; i < rows * out.cols; ++i) out.data.push_back(static_cast<double>(random_() % count));
        return out;
    }
    void bin_counts(std::size_t i) {
        if (!tensors_[i].data()->is_bits || tensors_[i].cols() != 1) return;
        const std::size_t count = 2 + random_() % 4;
        const auto owner = static_cast<unsigned>(random_() % 2);
        const Matrix of = bins(tensors_[i].rows(), count);
        add("bin_counts", 0, [=](Session& s, const auto& t) {
            return must(s.bin_counts(owner, s.party() == owner ? &of : nullptr, count, t[i]));
        });
    }
    void encode_bins(std::size_t i) {
        const std::size_t count = tensors_[i].rows();
        if (count < 2) return;
        const auto owner = static_cast<unsigned>(random_() % 2);
        Matrix of{1 + random_() % 5, tensors_[i].cols(), {}};
        for (std::size_t j = 0; j < of.rows * of.cols; ++j) of.data.push_back(static_cast<double>(random_() % count));
        add("encode_bins", node(i).error, [=](Session& s, const auto& t) {
            return must(s.encode_bins(owner, s.party() == owner ? &of : nullptr, t[i]));
        });
    }

    /// One of the table, on operands that fit it.
    void element_by_element() {
        const Operation& operation = kOperations[random_() % std::size(kOperations)];
        for (int tries = 0; tries < 40; ++tries) {
            std::vector<std::size_t> at(operation.arguments);
            std::vector<const Operand*> operands;
            for (std::size_t& number : at) operands.push_back(&node(number = pick()));
            const auto fits = [&](const Operand* x) { return alike(x->values, operands[0]->values); };
            if (!std::ranges::all_of(operands, fits) || !operation.takes(operands)) continue;
            const auto run = [&operation, at](Session& s, const auto& t) {
                std::vector<Tensor> arguments;
                for (const std::size_t number : at) arguments.push_back(t[number]);
                return must(operation.run(s, arguments.data()));
            };
            return add(operation.name, operation.error(operands), run, operation.makes_bits);
        }
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
        const double off = largest_difference(open_to_all(session, tensors.back()), program.nodes[i].values);
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
    if (!chosen) CHECK(used.size() == std::size(kOperations) + 11);
}
