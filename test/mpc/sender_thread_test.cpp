/// Slots are worked on in their order, by one thread, and never more of them than there are.

#include "mpc/core/sender_thread.hpp"
#include "base/fail.hpp"
#include "mpc/parties.hpp"

#include <atomic>
#include <semaphore>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {
constexpr std::size_t kSlots = 3;
}

TEST_CASE("what stands in the slots is worked off in order") {
    std::vector<int> slots(kSlots), seen;
    SenderThread sender(kSlots, [&](std::size_t slot) -> Result<Unit> {
        seen.push_back(slots[slot]);
        return Unit{};
    });
    std::vector<int> expected;
    for (int i = 0; i < 1000; ++i) {
        slots[must(sender.slot())] = i;
        must(sender.push());
        expected.push_back(i);
        if (i % 250 == 0) {
            must(sender.drain());
            CHECK(seen == expected);
        }
    }
    must(sender.drain());
    CHECK(seen == expected);
}

TEST_CASE("a slot that is not worked off is not given out again") {
    std::counting_semaphore<> allowed(0);
    std::atomic<std::size_t> done = 0;
    SenderThread sender(kSlots, [&](std::size_t) -> Result<Unit> {
        allowed.acquire();
        ++done;
        return Unit{};
    });
    for (std::size_t i = 0; i < kSlots; ++i) {
        CHECK(must(sender.slot()) == i);
        must(sender.push());
    }
    CHECK(done == 0);
    allowed.release();
    CHECK(must(sender.slot()) == 0);
    CHECK(done == 1);
    allowed.release(kSlots);
    must(sender.drain());
    CHECK(done == kSlots);
}

TEST_CASE("a failure ends the work and is said by every later call") {
    std::size_t tried = 0;
    SenderThread sender(kSlots, [&](std::size_t slot) -> Result<Unit> {
        ++tried;
        if (slot == 1) return fail(Status::PEER, "party 0 vanished");
        return Unit{};
    });
    for (std::size_t i = 0; i < kSlots; ++i) (void)sender.push().ok();
    CHECK(sender.drain().status() == Status::PEER);
    CHECK(sender.slot().status() == Status::PEER);
    CHECK(tried == 2);
}

TEST_CASE("the end waits for the slot at work") {
    std::binary_semaphore begun(0);
    std::size_t done = 0;
    {
        SenderThread sender(kSlots, [&](std::size_t) -> Result<Unit> {
            if (done == 0) begun.release();
            ++done;
            return Unit{};
        });
        must(sender.push());
        begun.acquire();
    }
    CHECK(done == 1);
}
