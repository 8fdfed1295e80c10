/// A host worth attacking, and the two ways to run a hostile operator against it: as a child of
/// this process, where it must do its harm, and in a sandbox, where it must not.
#pragma once

#include "base/file.hpp"
#include "sandbox/operators.hpp"
#include "sandbox/support.hpp"

#include <functional>
#include <span>
#include <string>
#include <vector>

namespace c2d::test {

/// A host with things worth stealing: files, ports, sockets, shared memory, a descriptor, a
/// variable.
class Victim {
public:
    Victim();
    ~Victim();
    Victim(const Victim&) = delete;
    Victim& operator=(const Victim&) = delete;

    std::filesystem::path operator/(std::string_view name) const { return scratch_ / name; }
    /// Everything that an attacker needs to know, with the paths of outside or inside.
    std::string coordinates(bool inside) const;
    /// Outside attacks on the input succeed by design; it starts afresh for each.
    void restore() const;

private:
    void listen_tcp();
    static void listen_unix(Fd& out, const std::string& name);

    TempDir scratch_;
    Fd descriptor_, tcp_listener_, abstract_listener_, file_listener_;
    int port_ = 0, shared_memory_ = -1;
    std::string abstract_;
};

/// The log of the attack as a child of this process, with everything a careless host passes on.
std::string run_outside(const HostileOperator& attack, const Victim& victim);
/// A job that tries it; `victim` must outlive the run.
SandboxJob inside_job(const HostileOperator& attack, const Victim& victim);
/// What a run's log says about the attack.
std::string log_of(const Result<Report>& report);
bool escaped(const std::string& log);
/// `work(i)` for each i below `count`, four at a time: most of a short run is waiting for the
/// kernel.
std::vector<std::string> run_parallel(std::size_t count, const std::function<std::string(std::size_t)>& work);

}  // namespace c2d::test
