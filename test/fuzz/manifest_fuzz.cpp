// The list of files that a provider announces: any JSON is read or refused, and what is read names
// each allowed output at most once, within the bound.
#include "client/provider_call.hpp"
#include "client/result_manifest.hpp"
#include "fuzz/fuzz.hpp"

#include <set>

using namespace c2d;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto body = json::parse(fuzz::text_of(data, size));
    if (!body) return 0;
    const std::vector<std::string> allowed = {"a", "log.txt", "../a"};
    constexpr std::uint64_t kBytesMax = 1000;
    const auto files = client::read_manifest(*body, allowed, kBytesMax);
    if (!files) {
        require(files.error().name == client::kResultInvalid, "a refused manifest has its own name");
        return 0;
    }
    std::set<std::string> names;
    std::uint64_t total = 0;
    for (const auto& file : *files) {
        require(file.name == "a" || file.name == "log.txt", "only allowed and plain names are taken");
        require(names.insert(file.name).second, "a name is taken once");
        total += file.bytes;
    }
    require(total <= kBytesMax, "all files together stay within the bound");
    return 0;
}
