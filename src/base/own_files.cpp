#include "base/own_files.hpp"

#include "base/fail.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>

namespace c2d {

namespace fs = std::filesystem;

fs::path own_library() {
    Dl_info info{};
    if (::dladdr(reinterpret_cast<const void*>(&own_library), &info) == 0 || !info.dli_fname) return {};
    std::error_code ignored;
    return fs::canonical(info.dli_fname, ignored);
}

std::vector<fs::path> own_folders() {
    std::error_code ignored;
    std::vector<fs::path> out;
    for (const fs::path& file : {own_library(), fs::read_symlink("/proc/self/exe", ignored)})
        if (!file.empty() && std::ranges::find(out, file.parent_path()) == out.end()) out.push_back(file.parent_path());
    return out;
}

fs::path named_in_environment(const char* variable) {
    const char* const value = ::secure_getenv(variable);
    return value ? value : "";
}

std::vector<fs::path> program_places(const fs::path& wanted, const char* name, const char* variable) {
    if (!wanted.empty()) return {wanted};
    if (auto named = named_in_environment(variable); !named.empty()) return {std::move(named)};
    std::vector<fs::path> out;
    const auto add_place = [&out, name](const fs::path& folder) {
        auto path = (folder / name).lexically_normal();
        if (std::ranges::find(out, path) == out.end()) out.push_back(std::move(path));
    };
    // From bin/ and lib/ libexec is one level up, from lib/<triplet>/ two; build/test/ has bin/ beside it.
    for (const fs::path& here : own_folders())
        for (const char* folder : {"../libexec/c2d", "../libexec", "../../libexec/c2d", "../../libexec", ".", "../bin"})
            add_place(here / folder);
    return out;
}

Result<Fd> open_program(const fs::path& path) {
    Fd fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!fd)
        return fail(errno == ENOENT || errno == ENOTDIR ? Status::NOT_FOUND : Status::IO,
                    "cannot open the program {}: {}", path.string(), errno_text(errno));
    struct stat info {};
    if (::fstat(fd.get(), &info) != 0 || !S_ISREG(info.st_mode))
        return fail(Status::IO, "the program {} is not a regular file", path.string());
    if (info.st_mode & S_IWOTH)
        return fail(Status::IO, "the program {} may be written by everybody; chmod o-w it", path.string());
    return fd;
}

}  // namespace c2d
