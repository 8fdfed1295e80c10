/// How much an operator may use, as flags.
#pragma once

#include "tools/cli/command.hpp"

#include <c2d/sandbox.hpp>

namespace c2d::cli {

struct LimitFlags {
    std::uint64_t mem_mb = 4096, pids = 64, out_mb = 256, out_files = 64, tmp_mb = 256, wall_s = 3600, log_kb = 1024;

    void declare(Args& args) {
        // Within what 32 bits and milliseconds hold; the library says what it makes of the rest.
        const CLI::Range number(std::uint64_t(1), std::uint64_t(1) << 31, "1 to 2^31");
        const CLI::Range year(std::uint64_t(1), std::uint64_t(366) * 24 * 3600, "1 second to a year");
        args.optional("--mem_mb", mem_mb, "memory (4096)")->check(number);
        args.optional("--pids", pids, "processes and threads (64)")->check(number);
        args.optional("--out_mb", out_mb, "outputs in all (256)")->check(number);
        args.optional("--out_files", out_files, "number of outputs (64)")->check(number);
        args.optional("--tmp_mb", tmp_mb, "temporary files (256)")->check(number);
        args.optional("--wall", wall_s, "seconds (3600)")->check(year);
        args.optional("--log_kb", log_kb, "log kept (1024)")->check(number);
    }
    SandboxLimits limits() const {
        SandboxLimits out;
        out.memory_bytes = mem_mb << 20;
        out.processes = std::uint32_t(pids);
        out.output_bytes = out_mb << 20;
        out.output_files = std::uint32_t(out_files);
        out.tmp_bytes = tmp_mb << 20;
        out.wall = std::chrono::seconds(wall_s);
        out.log_bytes = log_kb << 10;
        return out;
    }
};

}  // namespace c2d::cli
