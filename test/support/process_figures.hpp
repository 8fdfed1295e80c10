/// What a process takes of its machine, as /proc tells it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace c2d::support {

struct ProcessFigures {
    std::uint64_t resident_kib = 0, threads = 0, descriptors = 0;
};

/// Of a process's number, or "self".
inline ProcessFigures figures_of(const std::string& process) {
    ProcessFigures out;
    const std::filesystem::path folder = "/proc/" + process;
    std::ifstream status(folder / "status");
    for (std::string name; status >> name;) {
        if (name == "VmRSS:") status >> out.resident_kib;
        if (name == "Threads:") status >> out.threads;
    }
    const std::filesystem::directory_iterator all(folder / "fd"), end;
    // One of them is the one that looks.
    out.descriptors = std::uint64_t(std::distance(all, end)) - (process == "self" ? 1 : 0);
    return out;
}

}  // namespace c2d::support
