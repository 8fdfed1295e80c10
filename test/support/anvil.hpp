/// The development node `anvil`, started for one test or bench on a free loopback port.
#pragma once

#include <c2d/result.hpp>

#include <memory>
#include <string>
#include <sys/types.h>
#include <vector>

namespace c2d::support {

class Anvil {
public:
    /// Starts it and waits until it listens. `arguments` are anvil's own. Fails with `not_found`
    /// and what to install when there is no anvil: it is looked for where C2D_ANVIL says, else
    /// among the packages of test/evm below `source_dir`.
    static Result<std::unique_ptr<Anvil>> start(const std::string& source_dir,
                                                const std::vector<std::string>& arguments);
    Anvil(const Anvil&) = delete;
    Anvil& operator=(const Anvil&) = delete;
    /// Ends the process, which does not outlive this one in any case.
    ~Anvil();

    const std::string& url() const noexcept { return url_; }

private:
    Anvil() = default;
    Result<Unit> wait_until_it_listens();
    /// What it printed so far.
    std::string output() const;

    pid_t pid_ = -1;
    std::string log_path_, url_;
};

}  // namespace c2d::support
