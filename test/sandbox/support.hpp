/// What the sandbox tests share: a sandbox, a scratch folder, operators as Python text.
///
/// With C2D_TEST_AS_USER set, a test program that is started by root becomes an ordinary user
/// (65534) before its first test, with a copy of the helper that this user can read.
#pragma once

#include <c2d/sandbox.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <functional>
#include <string>

namespace c2d::test {

/// A folder of its own, removed at the end.
class Scratch {
public:
    Scratch();
    ~Scratch();
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

bool running_as_root();
/// One sandbox per test program; its absence ends the program with the reason and the hint.
const Sandbox& sandbox();
std::filesystem::path helper_path();
/// A job with small limits that runs `code`.
SandboxJob python_job(std::string code);
/// Runs it and requires that it could be started.
Report run_job(const SandboxJob& job);
Report run_python(std::string code);
/// The state of a layer in a report.
LayerStatus::State state_of(const Report& report, Layer layer);

/// Runs `body` in a child process and returns what it returns; "" when the child died.
std::string in_child(const std::function<std::string()>& body);

void write_text(const std::filesystem::path& path, std::string_view text, unsigned mode = 0644);
std::string read_text(const std::filesystem::path& path);

}  // namespace c2d::test
