#include "plan.h"

#include <stdbool.h>
#include <string.h>

/* What is left to read, and the first thing that was wrong. */
struct reader {
    const unsigned char* at;
    size_t left;
    const char* wrong;
};

static bool refuse(struct reader* in, const char* wrong) {
    if (!in->wrong) in->wrong = wrong;
    in->left = 0;
    return false;
}

static uint32_t read_u32(struct reader* in) {
    uint32_t value = 0;
    if (in->left < sizeof value) {
        refuse(in, "the plan ends inside a number");
        return 0;
    }
    memcpy(&value, in->at, sizeof value);
    in->at += sizeof value;
    in->left -= sizeof value;
    return value;
}

/* The bytes of a blob, followed by zeros up to the next multiple of eight. */
static const void* read_blob(struct reader* in, uint32_t* bytes_out, uint32_t bytes_max) {
    const uint32_t bytes = read_u32(in);
    if (bytes > bytes_max || bytes > in->left) {
        refuse(in, "a blob is longer than the plan or its bound");
        return NULL;
    }
    const unsigned char* content = in->at;
    in->at += bytes;
    in->left -= bytes;
    for (size_t used = sizeof bytes + bytes; used % 8 != 0; used++) {
        if (in->left == 0 || *in->at != 0) {
            refuse(in, "padding is missing or not zero");
            return NULL;
        }
        in->at++;
        in->left--;
    }
    *bytes_out = bytes;
    return content;
}

static const char* read_text(struct reader* in) {
    uint32_t bytes = 0;
    const char* text = read_blob(in, &bytes, C2D_PLAN_TEXT_BYTES_MAX);
    if (!text) return "";
    if (bytes == 0 || memchr(text, 0, bytes) != text + bytes - 1) {
        refuse(in, "a text does not end at its zero");
        return "";
    }
    return text;
}

/* Absolute, below the root, without empty, "." or ".." components. */
static bool path_is_plain(const char* path) {
    if (path[0] != '/' || path[1] == 0) return false;
    for (const char* at = path; *at;) {
        at++;
        const size_t size = strcspn(at, "/");
        if (size == 0 || size > 255) return false;
        if (at[0] == '.' && (size == 1 || (size == 2 && at[1] == '.'))) return false;
        at += size;
    }
    return true;
}

static const char* read_path(struct reader* in) {
    const char* path = read_text(in);
    if (!in->wrong && !path_is_plain(path)) refuse(in, "a path is not absolute and plain");
    return path;
}

static void read_mounts(struct reader* in, size_t descriptors, struct plan* out) {
    for (uint32_t i = 0; i < out->head.mount_count && !in->wrong; i++) {
        struct plan_mount* mount = &out->mounts[i];
        mount->descriptor = read_u32(in);
        mount->flags = read_u32(in);
        mount->inside = read_path(in);
        if (mount->descriptor >= descriptors) refuse(in, "a mount names no descriptor");
        if (mount->flags & ~(uint32_t)C2D_MOUNT_FLAGS_ALL) refuse(in, "a mount has unknown flags");
        const bool device = mount->flags & C2D_MOUNT_DEVICE;
        if ((mount->flags & C2D_MOUNT_WRITABLE) && !device) refuse(in, "a mount is writable");
    }
}

static void read_records(struct reader* in, size_t descriptors, struct plan* out) {
    read_mounts(in, descriptors, out);
    for (uint32_t i = 0; i < out->head.link_count && !in->wrong; i++) {
        out->links[i].path = read_path(in);
        out->links[i].target = read_text(in);
    }
    for (uint32_t i = 0; i < out->head.file_count && !in->wrong; i++) {
        struct plan_file* file = &out->files[i];
        file->mode = read_u32(in);
        if (read_u32(in) != 0 || (file->mode & ~0555u)) refuse(in, "a file has a bad mode");
        file->path = read_path(in);
        file->content = read_blob(in, &file->bytes, C2D_PLAN_BYTES_MAX);
    }
    for (uint32_t i = 0; i < out->head.argument_count && !in->wrong; i++) out->arguments[i] = (char*)read_text(in);
    for (uint32_t i = 0; i < out->head.variable_count && !in->wrong; i++) out->variables[i] = (char*)read_text(in);
    out->arguments[out->head.argument_count] = NULL;
    out->variables[out->head.variable_count] = NULL;
    uint32_t filter_bytes = 0;
    out->filter = read_blob(in, &filter_bytes, C2D_PLAN_FILTER_MAX * 8);
    if (!in->wrong && filter_bytes != out->head.filter_count * 8) refuse(in, "the filter is not as long as stated");
    out->engine = (char*)read_text(in);
    out->engine_filter = read_blob(in, &filter_bytes, C2D_PLAN_FILTER_MAX * 8);
    if (!in->wrong && filter_bytes != out->head.engine_filter_count * 8)
        refuse(in, "the engine's filter is not as long as stated");
    if (!in->wrong && out->engine[0] && !path_is_plain(out->engine)) refuse(in, "a path is not absolute and plain");
    const bool engine = out->head.engine_start != C2D_PLAN_NO_DESCRIPTOR;
    if (!in->wrong && (engine != (out->engine[0] != 0) || engine != (filter_bytes != 0)))
        refuse(in, "an engine is not whole");
}

static const char* check_header(const struct c2d_plan_header* head, size_t bytes, size_t descriptors) {
    if (head->magic != C2D_PLAN_MAGIC) return "this is not a plan";
    if (head->version != C2D_PLAN_VERSION) return "helper and library are of different versions";
    if (head->bytes != bytes) return "the plan is not as long as stated";
    if (head->mount_count > C2D_PLAN_MOUNTS_MAX || head->link_count > C2D_PLAN_LINKS_MAX ||
        head->file_count > C2D_PLAN_FILES_MAX || head->argument_count > C2D_PLAN_ARGUMENTS_MAX ||
        head->variable_count > C2D_PLAN_VARIABLES_MAX || head->filter_count > C2D_PLAN_FILTER_MAX)
        return "a count passes its bound";
    if (head->argument_count == 0 || head->filter_count == 0) return "nothing to run or no filter";
    if (head->peer != C2D_PLAN_NO_DESCRIPTOR && head->peer >= descriptors) return "the peer names no descriptor";
    if (head->engine_filter_count > C2D_PLAN_FILTER_MAX) return "a count passes its bound";
    if (head->engine_start != C2D_PLAN_NO_DESCRIPTOR &&
        (head->engine_start >= descriptors || head->peer == C2D_PLAN_NO_DESCRIPTOR))
        return "the engine names no descriptor or has no peers";
    if (head->cgroup_count > C2D_PLAN_CGROUPS_MAX || head->cgroup_first > descriptors ||
        head->cgroup_count > descriptors - head->cgroup_first)
        return "a cgroup names no descriptor";
    if (head->cgroup_directory != C2D_PLAN_NO_DESCRIPTOR &&
        (head->cgroup_directory >= descriptors || head->cgroup_count == 0))
        return "the cgroup's directory names no descriptor or no cgroup";
    if ((head->required | head->left_out) >> C2D_LAYER_COUNT) return "a layer is unknown";
    if (head->left_out & (1u << C2D_LAYER_MOUNT_NS)) return "the machine's own mounts are in danger";
    if (head->zero != 0) return "a reserved number is not zero";
    if (!head->processes || !head->open_files || !head->output_inodes || !head->scratch_inodes || !head->sample_ms ||
        !head->root_bytes || !head->scratch_bytes || !head->output_bytes || !head->address_space_bytes ||
        !head->file_bytes || !head->memory_bytes || !head->cpu_seconds)
        return "a limit is zero";
    if (head->job_id == 0 || head->job_id == UINT32_MAX || head->inside_id == UINT32_MAX)
        return "the operator's user is root or nobody's";
    return NULL;
}

const char* plan_parse(const void* data, size_t bytes, size_t descriptors, struct plan* out) {
    if (bytes < sizeof out->head || bytes > C2D_PLAN_BYTES_MAX) return "the plan has no fit size";
    if (descriptors < C2D_DESCRIPTOR_FIRST_FREE || descriptors > C2D_PLAN_DESCRIPTORS_MAX)
        return "the plan came with a wrong number of descriptors";
    memcpy(&out->head, data, sizeof out->head);
    const char* wrong = check_header(&out->head, bytes, descriptors);
    if (wrong) return wrong;
    struct reader in = {(const unsigned char*)data + sizeof out->head, bytes - sizeof out->head, NULL};
    read_records(&in, descriptors, out);
    if (!in.wrong && in.left != 0) refuse(&in, "something follows the last record");
    return in.wrong;
}
