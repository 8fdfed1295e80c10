/// Group commit: every transaction once, in a block shared with others, whatever the commit does.
#include "chain/ledger/commit_queue.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <map>
#include <random>
#include <stdexcept>
#include <thread>

using namespace c2d;
using ledger::CommitQueue;

namespace {

constexpr std::size_t kThreads = 8;
constexpr std::size_t kEach = 100;

/// Transactions named by their nonce, and the block number as the receipt.
struct Counter {
    std::size_t blocks = 0;
    std::map<std::uint64_t, int> committed;

    void commit(const std::vector<CommitQueue::Pending*>& batch) {
        CHECK_FALSE(batch.empty());
        ++blocks;
        for (auto* pending : batch) {
            ++committed[pending->transaction->transaction.nonce];
            Receipt receipt;
            receipt.block_number = pending->transaction->transaction.nonce;
            pending->result = receipt;
        }
        // A disk takes its time; the others queue up meanwhile.
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
};

template <class Work>
void in_threads(Work work) {
    std::vector<std::thread> threads;
    for (std::size_t i = 0; i < kThreads; ++i) threads.emplace_back([&, i] { work(i); });
    for (auto& thread : threads) thread.join();
}

SignedTransaction named(std::uint64_t nonce) {
    SignedTransaction out;
    out.transaction.nonce = nonce;
    return out;
}

/// Every thread submits transactions of its own, `before` each of them; all get their own receipt,
/// once.
template <class Before>
void check_each_once(Counter& counter, Before before) {
    CommitQueue queue([&](const auto& batch) { counter.commit(batch); });
    std::atomic<std::size_t> wrong{0};
    in_threads([&](std::size_t thread) {
        std::minstd_rand draw(unsigned(thread) + 1);
        for (std::size_t i = 0; i < kEach; ++i) {
            before(draw);
            const auto transaction = named(thread * kEach + i);
            const auto receipt = queue.submit(transaction);
            if (!receipt || receipt->block_number != transaction.transaction.nonce) ++wrong;
        }
    });
    CHECK(wrong == 0);
    CHECK(counter.committed.size() == kThreads * kEach);
    for (const auto& [nonce, times] : counter.committed) CHECK(times == 1);
}

}  // namespace

TEST_CASE("threads that submit at the same time share blocks, and each gets its own receipt") {
    Counter counter;
    check_each_once(counter, [](auto&) {});
    CHECK(counter.blocks < kThreads * kEach);
}

TEST_CASE("threads that come and go at odd times are served once each, whoever leads") {
    Counter counter;
    check_each_once(counter, [](auto& draw) {
        // Around the time that a block takes, where waits end just when others take over.
        std::this_thread::sleep_for(std::chrono::microseconds(draw() % 400));
    });
}

TEST_CASE("a lone thread has a block for each transaction") {
    Counter counter;
    CommitQueue queue([&](const auto& batch) { counter.commit(batch); });
    for (std::uint64_t i = 0; i < 20; ++i) CHECK(queue.submit(named(i)).ok());
    CHECK(counter.blocks == 20);
}

TEST_CASE("a commit that throws fails its batch, and the queue goes on") {
    int calls = 0;
    Counter counter;
    CommitQueue queue([&](const auto& batch) {
        if (++calls % 2 == 1) throw std::runtime_error("out of memory");
        counter.commit(batch);
    });
    std::atomic<std::size_t> failed{0}, done{0};
    in_threads([&](std::size_t thread) {
        for (std::size_t i = 0; i < 20; ++i) {
            const auto receipt = queue.submit(named(thread * 20 + i));
            (receipt ? done : failed)++;
            if (!receipt && receipt.status() != Status::INTERNAL) ++failed;
        }
    });
    CHECK(done == counter.committed.size());
    CHECK(done + failed == kThreads * 20);
    CHECK(failed > 0);
}
