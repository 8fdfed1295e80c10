/// The plan that the helper carries out, and its encoding; see plan_format.h.
#pragma once

#include <c2d/types.hpp>

#include "base/file.hpp"
#include "sandbox/plan_format.h"

#include <string>
#include <utility>
#include <vector>

namespace c2d::sandbox {

struct PlanMount {
    std::uint32_t descriptor = 0, flags = 0;
    std::string inside;
};

struct PlanFile {
    std::uint32_t mode = 0444;
    std::string path, content;
};

struct Plan {
    /// Counts, size, magic and version are filled by `encode_plan`.
    c2d_plan_header head{};
    std::vector<PlanMount> mounts;
    std::vector<std::pair<std::string, std::string>> links;
    std::vector<PlanFile> files;
    std::vector<std::string> arguments, variables;
    Bytes filter;
    /// Of the engine: its path inside and its filter; empty without one.
    std::string engine;
    Bytes engine_filter;
};

/// The bytes of a plan. Fails with `limit` when they pass the helper's bound.
Result<std::string> encode_plan(const Plan& plan);
/// A memfd with these bytes that nobody can change any more.
Result<Fd> sealed_memory(const char* name, std::string_view content, bool executable = false);
/// A memfd of `size` bytes that begins with these and goes on with zeros; its size stays, its content may change.
Result<Fd> shared_memory(const char* name, std::string_view content, std::size_t size);

}  // namespace c2d::sandbox
