#include "usage.h"

#include "system.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statfs.h>

struct totals {
    uint64_t ticks, pages, tasks;
};

/* The numbers behind the command's name, which may itself hold spaces and brackets. Fields are
 * counted as in proc(5): 14 to 17 processor ticks, 20 threads, 24 resident pages. */
static void add_process(int dir, const char* pid, bool is_init, struct totals* out) {
    char path[32], text[1024];
    snprintf(path, sizeof path, "%s/stat", pid);
    if (!read_short_file(dir, path, text, sizeof text)) return;
    const char* at = strrchr(text, ')');
    if (!at || at[1] == 0) return;
    uint64_t fields[25] = {0};
    at += 3; /* over the bracket, a blank and the state letter (field 3) */
    for (int field = 4; field < 25 && *at; field++) fields[field] = read_decimal(&at);
    out->ticks += fields[16] + fields[17];
    if (is_init) return;
    out->ticks += fields[14] + fields[15];
    out->tasks += fields[20];
    out->pages += fields[24];
}

/* Private memory of one process; shared pages count once per process in the quick sum. */
static uint64_t private_bytes(int dir, const char* pid) {
    char path[32], text[2048];
    snprintf(path, sizeof path, "%s/smaps_rollup", pid);
    if (!read_short_file(dir, path, text, sizeof text)) return UINT64_MAX;
    const char* at = strstr(text, "Pss_Anon:");
    if (!at) return UINT64_MAX;
    at += strlen("Pss_Anon:");
    return read_decimal(&at) * 1024u;
}

static uint64_t file_system_bytes(int dir) {
    struct statfs info;
    if (dir < 0 || fstatfs(dir, &info) != 0) return 0;
    return (uint64_t)(info.f_blocks - info.f_bfree) * (uint64_t)info.f_bsize;
}

/* The processes of the sandbox, one after the other. */
struct process_list {
    int fd;
    long left; /* bytes of `entries` that were not looked at */
    char* at;
    _Alignas(struct dirent64) char entries[8192];
};

static void open_processes(const struct job* job, struct process_list* list) {
    list->fd = openat(job->process_directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    list->left = 0;
}

/* The next one's number as text; null after the last, and then the list is closed. */
static const char* next_process(struct process_list* list) {
    while (list->fd >= 0) {
        if (list->left <= 0) {
            list->left = syscall(SYS_getdents64, list->fd, list->entries, sizeof list->entries);
            list->at = list->entries;
            if (list->left <= 0) break;
        }
        const struct dirent64* entry = (const struct dirent64*)list->at;
        list->at += entry->d_reclen;
        list->left -= entry->d_reclen;
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9') return entry->d_name;
    }
    if (list->fd >= 0) close(list->fd);
    return NULL;
}

/* The quick sum passed the limit: count again what is really private, where that can be read. */
static uint64_t exact_bytes(struct job* job, uint64_t quick) {
    static struct process_list processes;
    open_processes(job, &processes);
    if (processes.fd < 0) return quick;
    uint64_t sum = 0;
    for (const char* process; (process = next_process(&processes));) {
        if (strcmp(process, "1") == 0) continue;
        const uint64_t bytes = private_bytes(job->process_directory, process);
        if (bytes == UINT64_MAX) {
            struct totals one = {0};
            add_process(job->process_directory, process, false, &one);
            sum += one.pages * (uint64_t)sysconf(_SC_PAGESIZE);
        } else {
            sum += bytes;
        }
    }
    return sum;
}

void measure_usage(struct job* job, struct c2d_message* out) {
    struct totals totals = {0};
    static struct process_list processes;
    open_processes(job, &processes);
    for (const char* process; (process = next_process(&processes));)
        add_process(job->process_directory, process, strcmp(process, "1") == 0, &totals);
    out->cpu_us = totals.ticks * (1000000u / (uint64_t)sysconf(_SC_CLK_TCK));
    out->tasks = totals.tasks;
    if (!(job->plan.head.flags & C2D_PLAN_MEASURE_MEMORY)) return;
    const uint64_t files = file_system_bytes(job->scratch) + file_system_bytes(job->outputs);
    const uint64_t quick = totals.pages * (uint64_t)sysconf(_SC_PAGESIZE);
    const bool over = quick + files > job->plan.head.memory_bytes;
    out->memory_bytes = files + (over ? exact_bytes(job, quick) : quick);
}
