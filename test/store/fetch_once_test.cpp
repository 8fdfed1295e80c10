#include "store/fetch_once.hpp"

#include "base/call_scope.hpp"
#include "support/doubles.hpp"

#include <atomic>
#include <future>
#include <stdexcept>
#include <thread>

using namespace c2d;
using namespace std::chrono_literals;

namespace {

/// Documents that come when they are let go; counts who asked.
class SlowStore final : public DocumentStore {
public:
    Result<std::string> put(std::string_view) override { return std::string("cid"); }
    Result<std::string> get(std::string_view) override {
        ++fetches;
        while (!go && !CallScope::over()) std::this_thread::sleep_for(1ms);
        return answer;
    }
    std::atomic<int> fetches{0};
    std::atomic<bool> go{false};
    Result<std::string> answer = std::string("text");
};

}  // namespace

TEST_CASE("reads of one document at a time cost one fetch") {
    const auto slow = std::make_shared<SlowStore>();
    const auto store = store::fetch_once(slow, {16, 5'000ms, 250ms, 60'000ms});
    std::vector<std::future<Result<std::string>>> reads;
    for (int i = 0; i < 8; ++i) reads.push_back(std::async(std::launch::async, [&] { return store->get("cid"); }));
    while (slow->fetches == 0) std::this_thread::sleep_for(1ms);
    // Whoever gives up does so alone.
    const CallScope over(std::chrono::steady_clock::now(), nullptr);
    CHECK(store->get("cid").status() == Status::TIMEOUT);
    CHECK(slow->fetches == 1);
    slow->go = true;
    for (auto& read : reads) CHECK(support::must(read.get()) == "text");
}

TEST_CASE("a fetch that failed late is not tried again at once, and one given up says nothing") {
    const auto slow = std::make_shared<SlowStore>();
    slow->answer = Error(Status::NOT_FOUND, "not there");
    slow->go = true;
    const auto quick = store::fetch_once(slow);
    CHECK(quick->get("cid").status() == Status::NOT_FOUND);
    CHECK(quick->get("cid").status() == Status::NOT_FOUND);
    CHECK(slow->fetches == 2);  // what failed at once costs nothing
    const auto store = store::fetch_once(slow, {16, 60'000ms, 0ms, 2'000ms});
    CHECK(store->get("cid").status() == Status::NOT_FOUND);
    CHECK(store->get("cid").status() == Status::NOT_FOUND);
    CHECK(slow->fetches == 3);
    REQUIRE(store->put("text").ok());
    CHECK(store->get("cid").status() == Status::NOT_FOUND);
    CHECK(slow->fetches == 4);  // whoever stores it here finds it
    slow->go = false;
    slow->answer = Error(Status::TIMEOUT, "took too long");
    {
        const CallScope hasty(std::chrono::steady_clock::now() + 5ms, nullptr);
        CHECK(store->get("late").status() == Status::TIMEOUT);
    }
    slow->go = true;
    slow->answer = std::string("text");
    CHECK(store->get("late").ok());  // the next one has time
}

TEST_CASE("a store that throws leaves nobody waiting") {
    class ThrowingStore final : public DocumentStore {
    public:
        Result<std::string> put(std::string_view) override { return std::string("cid"); }
        Result<std::string> get(std::string_view) override { throw std::runtime_error("thrown"); }
    };
    const auto store = store::fetch_once(std::make_shared<ThrowingStore>());
    for (int i = 0; i < 2; ++i) {
        const auto read = store->get("cid");
        CHECK(read.status() == Status::INTERNAL);
        CHECK(read.error().message.find("thrown") != std::string::npos);
    }
}
