/// Load on a provider over HTTP: honest solvers, hostile clients, and somebody who looks whether it lives.
#pragma once

#include "bench/verifier_world.hpp"

#include <c2d/http.hpp>

#include <atomic>
#include <thread>
#include <vector>

namespace c2d::bench {

/// A fraction of latencies in seconds; 0 of none.
double quantile(std::vector<double> latencies, double fraction);

struct Load {
    double seconds = 0;
    std::vector<double> latencies;
    double rate() const { return double(latencies.size()) / seconds; }
};

/// Every solver asks `/v1/verify` for its job, one request after the other, each from a thread of its own.
/// Fails with the first answer that is not 200.
Result<Load> verify_load(std::uint16_t port, const VerifierWorld& world, const std::vector<Solver>& solvers,
                         std::chrono::milliseconds duration);

/// Clients without a right to anything, each with one request under way until the end: bodies that are no
/// request, and requests signed by nobody in particular. One thread, so that they take the server's time and
/// little of their own.
class Hostile {
public:
    Hostile(std::uint16_t port, const VerifierWorld& world, unsigned clients);
    ~Hostile();
    std::uint64_t answers() const { return answers_; }

private:
    void run(std::uint16_t port, const VerifierWorld& world, unsigned clients);

    std::atomic<bool> stopping_{false};
    std::atomic<std::uint64_t> answers_{0};
    std::thread thread_;
};

/// A thousand trivial jobs of three solvers, one of whom floods the queue, from registration to receipt
/// (provider_jobs.cpp): how many a minute, in which order, and what they leave in the process.
Result<Unit> jobs_end_to_end(std::vector<Goal>& goals);

/// Asks `/healthz` every few milliseconds while `work` runs.
template <class Work>
std::vector<double> health_during(std::uint16_t port, Work&& work);
std::vector<double> health_until(std::uint16_t port, const std::atomic<bool>& over);

template <class Work>
std::vector<double> health_during(std::uint16_t port, Work&& work) {
    std::atomic<bool> over{false};
    std::vector<double> latencies;
    std::thread looking([&] { latencies = health_until(port, over); });
    work();
    over = true;
    looking.join();
    return latencies;
}

}  // namespace c2d::bench
