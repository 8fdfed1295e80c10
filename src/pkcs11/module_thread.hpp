/// The thread on which a PKCS#11 module is called for one key. A module takes as long as it likes for a call, or does
/// not return at all: its callers wait no longer than they can.
#pragma once

#include "base/fail.hpp"
#include "base/try.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>

namespace c2d::pkcs11 {

/// Thread-safe.
class ModuleThread {
public:
    using Work = std::function<void()>;

    explicit ModuleThread(std::chrono::milliseconds wait_max);
    /// What was posted is done first. A call that does not return within a second keeps the thread, which ends after
    /// it.
    ~ModuleThread();
    ModuleThread(const ModuleThread&) = delete;
    ModuleThread& operator=(const ModuleThread&) = delete;

    /// What `work` gives, done after what was asked for before. Fails with `timeout` after the wait that the
    /// constructor was given or the caller's `CallScope` allows, with `cancelled` as that says, and at once while a
    /// call takes longer than the first. `work` may still be done then, so it must own what it touches.
    template <class T>
    Result<T> call(std::string_view what, std::function<Result<T>()> work) {
        const auto out = std::make_shared<std::optional<Result<T>>>();
        C2D_CHECK(wait_for(what, [out, work = std::move(work)] { out->emplace(work()); }));
        if (!*out) return fail(Status::INTERNAL, "{} ended without an answer", what);
        return std::move(**out);
    }
    /// Does the work some time; nobody waits for it.
    void post(Work work);

private:
    struct Task;
    struct Queue;

    Result<Unit> wait_for(std::string_view what, Work work);
    static void run(const std::shared_ptr<Queue>& queue);

    const std::chrono::milliseconds wait_max_;
    /// The thread's too, which may outlive this.
    const std::shared_ptr<Queue> queue_;
    std::thread thread_;
};

}  // namespace c2d::pkcs11
