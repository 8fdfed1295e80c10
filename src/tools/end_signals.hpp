/// SIGINT and SIGTERM as something to wait for.
#pragma once

#include <csignal>

namespace c2d::tools {

/// Blocks the signals in this thread and those it starts from now on; make one before any other
/// thread. SIGPIPE is ignored: a closed connection is an error value.
class EndSignals {
public:
    EndSignals() {
        sigemptyset(&signals_);
        sigaddset(&signals_, SIGINT);
        sigaddset(&signals_, SIGTERM);
        pthread_sigmask(SIG_BLOCK, &signals_, nullptr);
        std::signal(SIGPIPE, SIG_IGN);
    }
    void wait() const {
        int signal = 0;
        sigwait(&signals_, &signal);
    }

private:
    sigset_t signals_;
};

}  // namespace c2d::tools
