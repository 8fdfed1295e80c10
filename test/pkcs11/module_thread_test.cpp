/// The thread that calls a module: who asks waits no longer than it can, whatever the module does.
#include "pkcs11/module_thread.hpp"

#include "support/must.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <future>

using namespace c2d;
using pkcs11::ModuleThread;
using support::must;
using namespace std::chrono_literals;

namespace {

Result<int> answer(ModuleThread& module, int number) {
    return module.call<int>("the key", [number] { return Result<int>(number); });
}

}  // namespace

TEST_CASE("module thread: work is done in its order, and gives what it gives") {
    ModuleThread module(60s);
    std::vector<int> order;
    for (int i = 0; i < 3; ++i) module.post([&order, i] { order.push_back(i); });
    CHECK(must(answer(module, 7)) == 7);
    CHECK(order == std::vector{0, 1, 2});
    const auto failed = module.call<int>("the key", [] { return Result<int>(Error(Status::CONFLICT, "no")); });
    CHECK(failed.status() == Status::CONFLICT);
    const auto threw = module.call<int>("the key", []() -> Result<int> { throw std::bad_alloc(); });
    CHECK(threw.status() == Status::INTERNAL);
    CHECK(must(answer(module, 8)) == 8);
}

TEST_CASE("module thread: a call that does not return is waited for no longer than said, and then not at all") {
    std::promise<void> returns;
    std::atomic<int> done = 0;
    ModuleThread module(100ms);
    const auto stalled = module.call<int>("the key", [&, gate = returns.get_future().share()] {
        gate.wait();
        return Result<int>(++done);
    });
    CHECK(stalled.status() == Status::TIMEOUT);
    for (int i = 0; i < 3; ++i) {
        const auto after = module.call<int>("the key", [&] { return Result<int>(++done); });
        CHECK(after.status() == Status::TIMEOUT);
        CHECK(after.error().message.find("the key: ") == 0);
    }
    CHECK(done == 0);
    returns.set_value();
    auto next = answer(module, 9);
    while (!next) next = answer(module, 9);
    CHECK(*next == 9);
    CHECK(done == 1);
}

TEST_CASE("module thread: what does not return outlives it") {
    std::promise<void> returns, returned;
    {
        ModuleThread module(1ms);
        (void)module.call<int>("the key", [&, gate = returns.get_future().share()] {
            gate.wait();
            return Result<int>(1);
        });
        module.post([&] { returned.set_value(); });
    }
    returns.set_value();
    returned.get_future().wait();
}
