// The collector over a folder grown from the input: each entry is a byte with its kind, a byte with
// the length of its name, the name, and a byte with its size.
#include "base/file.hpp"
#include "crypto/hash.hpp"
#include "fuzz/fuzz.hpp"
#include "sandbox/collector.hpp"

#include <algorithm>
#include <fcntl.h>
#include <set>
#include <string>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>

using namespace c2d;
using fuzz::require;
namespace fs = std::filesystem;

namespace {

/// In memory where there is such a folder: each round makes and removes files.
fs::path make_folder() {
    std::error_code ignored;
    fs::path base = fs::is_directory("/dev/shm", ignored) ? "/dev/shm" : fs::temp_directory_path();
    std::string name = base / "c2d-fuzz-XXXXXX";
    require(::mkdtemp(name.data()) != nullptr, "a folder can be made");
    return name;
}

struct Grower {
    int folder;
    std::string last;

    void add(unsigned kind, const std::string& name, std::uint8_t size) {
        const char* at = name.c_str();
        switch (kind % 8) {
            case 0: std::ignore = ::symlinkat("../secret", folder, at); break;
            case 1: std::ignore = ::mkfifoat(folder, at, 0600); break;
            case 2: std::ignore = ::mkdirat(folder, at, 0700); break;
            case 3: std::ignore = ::linkat(folder, last.c_str(), folder, at, 0); break;
            case 4: std::ignore = ::renameat(folder, last.c_str(), folder, at); break;
            default: {
                const Fd file(::openat(folder, at, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK, 0600));
                if (!file) break;
                (void)write_fd(file.get(), Bytes(size, kind));
                if (kind % 8 == 5) std::ignore = ::ftruncate(file.get(), off_t(size) << (kind >> 3));
            }
        }
        last = name;
    }
};

bool is_plain(const std::string& name) {
    return !name.empty() && name.size() <= 128 && name[0] != '.' && name[0] != '-' &&
           std::all_of(name.begin(), name.end(), [](unsigned char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
                      c == '.' || c == '-';
           });
}

void check(const sandbox::Collected& got, const SandboxLimits& limits, const fs::path& target) {
    std::uint64_t sum = 0;
    std::set<std::string> names;
    require(got.files.empty() || got.refused.empty(), "all or none");
    require(got.refused.size() <= 33, "the list of refusals is bounded");
    for (const auto& file : got.files) {
        require(is_plain(file.name) && names.insert(file.name).second, "names are plain");
        const auto content = read_file(target / file.name, 1u << 20);
        require(content && content->size() == file.bytes, "a file is as long as reported");
        require(sha256(as_bytes(*content)) == file.sha256, "a file has the reported hash");
        require(content->find("secret") == std::string::npos, "nothing is followed");
        sum += file.bytes;
    }
    require(sum <= limits.output_bytes && got.files.size() <= limits.output_files, "bounds hold");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const fs::path scratch = make_folder();
    fs::create_directory(scratch / "from");
    require(write_file_atomic(scratch / "secret", "secret").ok(), "a secret can be kept");
    const Fd folder(::open((scratch / "from").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    Grower grower{folder.get(), "x"};
    const std::uint8_t* const end = data + size;
    for (int entries = 0; data + 3 <= end && entries < 40; ++entries) {
        const unsigned kind = data[0];
        const auto bytes = std::min<std::size_t>(data[1], std::size_t(end - data) - 3);
        const std::string name(reinterpret_cast<const char*>(data) + 2, bytes);
        grower.add(kind, name, data[2 + bytes]);
        data += 3 + bytes;
    }
    SandboxLimits limits;
    limits.output_bytes = 2000;
    limits.output_files = 8;
    const auto got = sandbox::collect_outputs(folder.get(), limits, {}, scratch / "to");
    require(got.ok(), "a folder at rest can be collected or refused");
    check(*got, limits, scratch / "to");
    fs::remove_all(scratch);
    return 0;
}
