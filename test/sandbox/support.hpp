/// What the sandbox tests share: a sandbox, a folder, operators as Python text.
///
/// With C2D_TEST_AS_USER set, a test program that is started by root becomes an ordinary user
/// (65534) before its first test, with a copy of the helper that this user can read.
#pragma once

#include "support/temp_dir.hpp"

#include <c2d/sandbox.hpp>

#include <doctest/doctest.h>

#include <filesystem>
#include <functional>
#include <string>

namespace c2d::test {

using support::read_text;
using support::TempDir;
using support::write_text;

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

}  // namespace c2d::test
