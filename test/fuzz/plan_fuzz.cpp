// The helper's reader of plans. The first byte says how many descriptors came, and whether the
// header is put right first, so that what lies behind it is reached.
#include "fuzz/fuzz.hpp"

#include <cstring>
#include <string>

extern "C" {
#include "sandbox/helper/plan.h"
}

using namespace c2d;
using fuzz::require;

namespace {

/// Whether `text` lies in the plan and ends there.
bool lies_in(const std::string& plan, const char* text) {
    return text >= plan.data() && text < plan.data() + plan.size() &&
           std::memchr(text, 0, std::size_t(plan.data() + plan.size() - text)) != nullptr;
}

bool is_plain(const char* path) {
    const std::string text = std::string(path) + "/";
    return text[0] == '/' && text.size() > 2 && text.find("//") == std::string::npos &&
           text.find("/./") == std::string::npos && text.find("/../") == std::string::npos;
}

void check(const std::string& bytes, std::size_t descriptors, const plan& plan) {
    for (std::uint32_t i = 0; i < plan.head.mount_count; ++i) {
        require(plan.mounts[i].descriptor < descriptors, "a mount names a descriptor");
        require(lies_in(bytes, plan.mounts[i].inside) && is_plain(plan.mounts[i].inside), "a mount's path is plain");
        require((plan.mounts[i].flags & C2D_MOUNT_WRITABLE) == 0 || (plan.mounts[i].flags & C2D_MOUNT_DEVICE) != 0,
                "only devices are writable");
    }
    for (std::uint32_t i = 0; i < plan.head.link_count; ++i)
        require(
            lies_in(bytes, plan.links[i].path) && is_plain(plan.links[i].path) && lies_in(bytes, plan.links[i].target),
            "a link lies in the plan");
    for (std::uint32_t i = 0; i < plan.head.file_count; ++i) {
        const auto& file = plan.files[i];
        const char* content = static_cast<const char*>(file.content);
        require(lies_in(bytes, file.path) && is_plain(file.path), "a file's path is plain");
        require((file.mode & 0222) == 0, "a file cannot be written");
        require(content >= bytes.data() && content + file.bytes <= bytes.data() + bytes.size(),
                "a file's content lies in the plan");
    }
    for (std::uint32_t i = 0; i < plan.head.argument_count; ++i)
        require(lies_in(bytes, plan.arguments[i]), "an argument lies in the plan");
    for (std::uint32_t i = 0; i < plan.head.variable_count; ++i)
        require(lies_in(bytes, plan.variables[i]), "a variable lies in the plan");
    require(plan.arguments[plan.head.argument_count] == nullptr, "the arguments end");
    require(plan.variables[plan.head.variable_count] == nullptr, "the variables end");
    require(plan.head.cgroup_first + plan.head.cgroup_count <= descriptors, "cgroups were sent");
    require((plan.head.left_out & 1u << C2D_LAYER_MOUNT_NS) == 0, "mounts are private");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::size_t descriptors = data[0] & 0x7f;
    std::string bytes(fuzz::text_of(data + 1, size - 1));
    if (data[0] & 0x80 && bytes.size() >= sizeof(c2d_plan_header)) {
        const std::uint32_t right[] = {C2D_PLAN_MAGIC, C2D_PLAN_VERSION, std::uint32_t(bytes.size())};
        std::memcpy(bytes.data(), right, sizeof right);
    }
    static plan parsed;
    if (::plan_parse(bytes.data(), bytes.size(), descriptors, &parsed) == nullptr) check(bytes, descriptors, parsed);
    return 0;
}
