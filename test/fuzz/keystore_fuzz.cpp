#include "codec/keystore.hpp"
#include "fuzz/fuzz.hpp"

using namespace c2d;
using fuzz::require;

namespace {

constexpr std::string_view kPassword = "secret word";

/// Cheap enough for thousands of runs a second.
KeystoreLimits cheap() {
    KeystoreLimits limits;
    limits.memory_bytes_max = std::uint64_t(1) << 18;
    limits.work_bytes_max = std::uint64_t(1) << 19;
    limits.iterations_max = 100;
    return limits;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto key = open_keystore(fuzz::text_of(data, size), kPassword, cheap());
    if (!key.ok()) {
        require(key.error().message.find(kPassword) == std::string::npos, "no failure shows the password");
        return 0;
    }
    const auto written = (*key)->to_keystore(kPassword, nullptr, 1);
    require(written.ok(), "what opens can be written");
    const auto again = open_keystore(*written, kPassword, cheap());
    require(again.ok() && (*again)->address() == (*key)->address(), "what is written opens");
    return 0;
}
