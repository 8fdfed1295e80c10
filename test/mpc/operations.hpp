/// What a session computes element by element: the exact function, the stated domain and error, and the rounds. The
/// tests of accuracy, of random programs and of rounds go through this table; docs/mpc/operations.md states the same.
#pragma once

#include "mpc/parties.hpp"

#include <algorithm>
#include <cmath>
#include <span>

namespace c2d::mpc::test {

constexpr double kUlp = 0x1p-16;

/// What an operation finds: values as the clear backend has them, and what shares may be off by in each.
struct Operand {
    Matrix values;
    double error = 0;
    bool is_bits = false;

    double largest() const { return *std::ranges::max_element(values.data) + error; }
    double smallest() const { return *std::ranges::min_element(values.data) - error; }
    double magnitude() const { return std::max(std::abs(largest()), std::abs(smallest())); }
};
using Operands = std::span<const Operand* const>;

struct Operation {
    const char* name;
    std::size_t arguments;
    Result<Tensor> (*run)(Session&, const Tensor* arguments);
    double (*exact)(const double* arguments);
    /// Whether all values are in its domain.
    bool (*takes)(Operands);
    /// What shares are off by from the clear backend: the operation's own error, and what it makes of the operands'.
    double (*error)(Operands);
    std::uint64_t rounds;
    bool makes_bits = false;
    /// What the clear backend is off by from the exact function.
    double approximation = 0;
};

inline bool anything(Operands) { return true; }
inline bool one_divisor(const Operand& x) { return x.smallest() >= 1.0 / 64 && x.largest() < 0x1p20; }
inline bool divisors(Operands x) { return one_divisor(*x[0]); }
inline bool quotients(Operands x) { return one_divisor(*x[1]) && x[0]->magnitude() < 8000 * x[1]->smallest(); }
/// Rounding cannot turn two of them around.
inline bool apart(Operands x) {
    for (std::size_t i = 0; i < x[0]->values.data.size(); ++i)
        if (std::abs(x[0]->values.data[i] - x[1]->values.data[i]) <= x[0]->error + x[1]->error) return false;
    return true;
}

inline double error_of_sum(Operands x) { return x[0]->error + x[1]->error; }
inline double error_of_product(Operands x) {
    return x[0]->magnitude() * x[1]->error + x[1]->magnitude() * x[0]->error + kUlp;
}
inline double error_of_quotient(Operands x) {
    const double most = x[0]->magnitude() / x[1]->smallest();
    return (x[0]->error + most * x[1]->error) / x[1]->smallest() + 2 * kUlp + most * 0x1p-26;
}
inline double sigmoid_of(const double* x) { return 1 / (1 + std::exp(-x[0])); }

inline const Operation kOperations[] = {
    {"add", 2, [](Session& s, const Tensor* t) { return s.add(t[0], t[1]); },
     [](const double* x) { return x[0] + x[1]; }, anything, error_of_sum, 0},
    {"sub", 2, [](Session& s, const Tensor* t) { return s.sub(t[0], t[1]); },
     [](const double* x) { return x[0] - x[1]; }, anything, error_of_sum, 0},
    {"mul", 2, [](Session& s, const Tensor* t) { return s.mul(t[0], t[1]); },
     [](const double* x) { return x[0] * x[1]; }, anything, error_of_product, 5},
    {"divide", 2, [](Session& s, const Tensor* t) { return s.divide(t[0], t[1]); },
     [](const double* x) { return x[0] / x[1]; }, quotients, error_of_quotient, 31},
    {"reciprocal", 1, [](Session& s, const Tensor* t) { return s.reciprocal(t[0]); },
     [](const double* x) { return 1 / x[0]; }, divisors,
     [](Operands x) { return x[0]->error / std::pow(x[0]->smallest(), 2) + 2.1 * kUlp; }, 31},
    {"inverse_sqrt", 1, [](Session& s, const Tensor* t) { return s.inverse_sqrt(t[0]); },
     [](const double* x) { return 1 / std::sqrt(x[0]); }, divisors,
     [](Operands x) { return x[0]->error / 2 / std::pow(x[0]->smallest(), 1.5) + 2 * kUlp; }, 36},
    {"log", 1, [](Session& s, const Tensor* t) { return s.log(t[0]); }, [](const double* x) { return std::log(x[0]); },
     divisors, [](Operands x) { return x[0]->error / x[0]->smallest() + kUlp / 2 + 0x1p-21; }, 24},
    {"less", 2, [](Session& s, const Tensor* t) { return s.less(t[0], t[1]); },
     [](const double* x) { return x[0] < x[1] ? 1.0 : 0.0; }, apart, [](Operands) { return 0.0; }, 6, true},
    {"select", 3, [](Session& s, const Tensor* t) { return s.select(t[0], t[1], t[2]); },
     [](const double* x) { return x[0] != 0 ? x[1] : x[2]; }, [](Operands x) { return x[0]->is_bits; },
     [](Operands x) { return std::max(x[1]->error, x[2]->error); }, 1},
    {"sigmoid", 1, [](Session& s, const Tensor* t) { return s.sigmoid(t[0]); }, sigmoid_of,
     [](Operands x) { return x[0]->magnitude() < 250; }, [](Operands x) { return x[0]->error / 4 + 1.5e-4; }, 10},
    {"sigmoid by comparison", 1, [](Session& s, const Tensor* t) { return s.sigmoid(t[0], SigmoidKind::comparison); },
     sigmoid_of, anything, [](Operands x) { return x[0]->error / 4 + 3 * kUlp; }, 11, false, 0.0051},
};

}  // namespace c2d::mpc::test
