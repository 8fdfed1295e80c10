/// Runs one program as three parties on three threads over in-memory links.
#pragma once

#include "support/must.hpp"

#include <c2d/mpc.hpp>

#include <functional>
#include <random>
#include <thread>

namespace c2d::mpc::test {

using support::must;

/// What tests of operations say: everything may be looked at.
inline constexpr OpeningRules kRevealAny{.reveal_any = true};

/// `program(session)` on each party, whose options `change` may change; exceptions of doctest (REQUIRE) are not used
/// inside.
template <class Program>
void run_sessions(BackendKind kind, Program program, const OpeningRules& rules = kRevealAny,
                  const std::function<void(unsigned party, SessionOptions&)>& change = {}) {
    auto links = memory_links();
    std::vector<std::thread> threads;
    std::vector<std::string> failures(kParties);
    for (unsigned party = 0; party < kParties; ++party)
        threads.emplace_back([&, party] {
            SessionOptions options;
            options.link = std::move(links[party]);
            options.link->set_timeout(std::chrono::seconds(60));
            options.backend = kind;
            options.rules = rules;
            if (change) change(party, options);
            auto session = Session::open(std::move(options));
            if (!session) {
                failures[party] = session.error().message;
                return;
            }
            program(**session);
        });
    for (auto& thread : threads) thread.join();
    for (const std::string& failure : failures) CHECK(failure == "");
}

inline Matrix random_matrix(std::mt19937_64& random, std::size_t rows, std::size_t cols, double magnitude) {
    std::uniform_real_distribution<double> uniform(-magnitude, magnitude);
    Matrix out{rows, cols, std::vector<double>(rows * cols)};
    for (double& x : out.data) x = uniform(random);
    return out;
}

inline Tensor share(Session& session, unsigned owner, const Matrix& data, double magnitude_max = kInputMax) {
    return must(session.input(owner, session.party() == owner ? &data : nullptr, magnitude_max));
}
inline Tensor share_labels(Session& session, unsigned owner, const Matrix& data) {
    return must(session.input_labels(owner, session.party() == owner ? &data : nullptr));
}
/// Revealed to all three, so every party can check.
inline Matrix open_to_all(Session& session, const Tensor& x) { return *must(session.reveal(x, {0, 1, 2})); }

inline double largest_difference(const Matrix& a, const Matrix& b) {
    if (a.rows != b.rows || a.cols != b.cols) return 1e300;
    double out = 0;
    for (std::size_t i = 0; i < a.data.size(); ++i) out = std::max(out, std::abs(a.data[i] - b.data[i]));
    return out;
}

}  // namespace c2d::mpc::test
