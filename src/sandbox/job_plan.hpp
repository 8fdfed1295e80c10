/// Turns a checked job into a plan and the descriptors that travel with it.
#pragma once

#include <c2d/sandbox.hpp>

#include "base/file.hpp"
#include "sandbox/plan.hpp"

#include <vector>

namespace c2d::sandbox {

/// What the run adds to the job.
struct PlanContext {
    int log_fd = -1;
    /// Files of cgroups that the operator writes itself into, and the directory of the first, where
    /// it can be born; -1 without one.
    std::vector<int> cgroups;
    int cgroup_directory = -1;
    bool memory_hard = false, processes_hard = false;
    bool probe = false;
    std::uint32_t left_out = 0;
    Bytes filter;
    /// Of the engine, where the job has one: its filter, its program and what it reads first.
    Bytes engine_filter;
    int engine_program = -1, engine_start = -1;
};

struct JobPlan {
    Plan plan;
    /// All descriptors to send after the plan's own, in order.
    std::vector<int> descriptors;
    /// Those of them that this object opened.
    std::vector<Fd> owned;
};

/// Opens inputs and runtime paths. Fails with `not_found`, `invalid_argument` or `io`; the
/// descriptors in `context` and `job` must stay open until the plan is sent.
Result<JobPlan> make_job_plan(const SandboxJob& job, const PlanContext& context);

}  // namespace c2d::sandbox
