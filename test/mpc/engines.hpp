/// Runs one program as three engines on three threads.
#pragma once

#include "mpc/parties.hpp"
#include "mpc/rep3/engine.hpp"

namespace c2d::mpc::test {

/// `program(engine)` at three parties over links that the test may watch.
template <class Program>
void run_engines(Program program, std::vector<std::unique_ptr<Link>> links = memory_links()) {
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < kParties; ++party)
        threads.emplace_back([&, party] {
            auto random = Random::system();
            auto engine = must(rep3::Engine::open(*links[party], *random));
            program(*engine);
        });
    for (auto& thread : threads) thread.join();
}

}  // namespace c2d::mpc::test
