/// A folder of its own, removed at the end.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace c2d::test {

class Scratch {
public:
    Scratch() {
        char name[] = "/tmp/c2d-e2e-XXXXXX";
        if (!::mkdtemp(name)) std::abort();
        path_ = name;
    }
    ~Scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    Scratch(const Scratch&) = delete;
    Scratch& operator=(const Scratch&) = delete;
    std::filesystem::path operator/(std::string_view name) const { return path_ / name; }
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace c2d::test
