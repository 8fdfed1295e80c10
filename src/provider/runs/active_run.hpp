/// A run under way, as far as another thread may end it.
#pragma once

#include "provider/runs/ended_run.hpp"

#include <c2d/sandbox.hpp>

#include <mutex>
#include <optional>

namespace c2d::provider {

class ActiveRun {
public:
    const CancelToken& token() const noexcept { return token_; }
    /// Ends it as `why` (the first call decides); false when it has ended by itself.
    bool cancel(RunEndKind why);
    /// As what `cancel` ends it; nothing while nobody cancelled it.
    std::optional<RunEndKind> cancelled_as() const;
    /// It has ended, and is to be stored or is.
    bool is_closed() const;
    /// From now on `cancel` ends this sandbox too; at once when it was cancelled already.
    void attach(SandboxRun* sandbox);
    /// How it came out: what was cancelled ends as `cancel` said. Nothing cancels it from now on.
    EndedRun close(EndedRun ended);

private:
    CancelToken token_;
    mutable std::mutex mutex_;
    SandboxRun* sandbox_ = nullptr;
    std::optional<RunEndKind> why_;
    bool closed_ = false;
};

}  // namespace c2d::provider
