#include "sandbox/plan.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>

namespace c2d::sandbox {
namespace {

void put_u32(std::string& out, std::uint32_t value) { out.append(reinterpret_cast<const char*>(&value), sizeof value); }

void put_blob(std::string& out, std::string_view content) {
    put_u32(out, std::uint32_t(content.size()));
    out.append(content);
    while (out.size() % 8 != 0) out.push_back('\0');
}

void put_text(std::string& out, const std::string& text) {
    put_blob(out, std::string_view(text.c_str(), text.size() + 1));
}

// Every record begins at a multiple of eight: the helper pads by size field and content together.
static_assert(sizeof(c2d_plan_header) % 8 == 0);

}  // namespace

Result<std::string> encode_plan(const Plan& plan) {
    std::string out(sizeof(c2d_plan_header), '\0');
    for (const auto& mount : plan.mounts) {
        put_u32(out, mount.descriptor);
        put_u32(out, mount.flags);
        put_text(out, mount.inside);
    }
    for (const auto& [path, target] : plan.links) {
        put_text(out, path);
        put_text(out, target);
    }
    for (const auto& file : plan.files) {
        put_u32(out, file.mode);
        put_u32(out, 0);
        put_text(out, file.path);
        put_blob(out, file.content);
    }
    for (const auto& argument : plan.arguments) put_text(out, argument);
    for (const auto& variable : plan.variables) put_text(out, variable);
    put_blob(out, as_text(plan.filter));
    put_text(out, plan.engine);
    put_blob(out, as_text(plan.engine_filter));
    if (out.size() > C2D_PLAN_BYTES_MAX)
        return fail(Status::LIMIT, "expected a plan of at most {} bytes, found {}", C2D_PLAN_BYTES_MAX, out.size());
    c2d_plan_header head = plan.head;
    head.magic = C2D_PLAN_MAGIC;
    head.version = C2D_PLAN_VERSION;
    head.bytes = std::uint32_t(out.size());
    head.mount_count = std::uint32_t(plan.mounts.size());
    head.link_count = std::uint32_t(plan.links.size());
    head.file_count = std::uint32_t(plan.files.size());
    head.argument_count = std::uint32_t(plan.arguments.size());
    head.variable_count = std::uint32_t(plan.variables.size());
    head.filter_count = std::uint32_t(plan.filter.size() / 8);
    head.engine_filter_count = std::uint32_t(plan.engine_filter.size() / 8);
    std::memcpy(out.data(), &head, sizeof head);
    return out;
}

Result<Fd> sealed_memory(const char* name, std::string_view content, bool executable) {
    constexpr unsigned kExec = 0x10;  // MFD_EXEC: Linux 6.3 and later want it said
    const unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
    Fd fd(::memfd_create(name, executable ? flags | kExec : flags));
    if (!fd && executable && errno == EINVAL) fd = Fd(::memfd_create(name, flags));
    if (!fd) return fail(Status::IO, "memfd_create failed: {}", errno_text(errno));
    C2D_CHECK(write_fd(fd.get(), as_bytes(content)));
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    if (::fcntl(fd.get(), F_ADD_SEALS, seals) != 0)
        return fail(Status::IO, "cannot seal a memfd: {}", errno_text(errno));
    return fd;
}

Result<Fd> shared_memory(const char* name, std::string_view content, std::size_t size) {
    Fd fd(::memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));
    if (!fd) return fail(Status::IO, "memfd_create failed: {}", errno_text(errno));
    C2D_CHECK(write_fd(fd.get(), as_bytes(content)));
    if (::ftruncate(fd.get(), static_cast<off_t>(size)) != 0 ||
        ::fcntl(fd.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW) != 0)
        return fail(Status::IO, "cannot fix the size of a memfd: {}", errno_text(errno));
    return fd;
}

}  // namespace c2d::sandbox
