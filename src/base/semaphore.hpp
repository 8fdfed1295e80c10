/// A counting semaphore on POSIX's, which sleeps at once: std::counting_semaphore yields the
/// processor several times first, and wakes its waiters with more calls.
#pragma once

#include <semaphore.h>

#include <cerrno>
#include <chrono>

namespace c2d {

class Semaphore {
public:
    Semaphore() { ::sem_init(&semaphore_, 0, 0); }
    ~Semaphore() { ::sem_destroy(&semaphore_); }
    Semaphore(const Semaphore&) = delete;
    Semaphore& operator=(const Semaphore&) = delete;

    void post() { ::sem_post(&semaphore_); }
    void wait() {
        while (::sem_wait(&semaphore_) != 0 && errno == EINTR) {
        }
    }
    /// False when the time is over.
    bool wait_for(std::chrono::nanoseconds time) {
        constexpr long kNanoseconds = 1'000'000'000;
        timespec end{};
        ::clock_gettime(CLOCK_MONOTONIC, &end);
        const auto sum = end.tv_nsec + long(time.count() % kNanoseconds);
        end.tv_sec += time_t(time.count() / kNanoseconds + sum / kNanoseconds);
        end.tv_nsec = sum % kNanoseconds;
        int failed = 0;
        while ((failed = ::sem_clockwait(&semaphore_, CLOCK_MONOTONIC, &end)) != 0 && errno == EINTR) {
        }
        return failed == 0;
    }

private:
    sem_t semaphore_;
};

}  // namespace c2d
