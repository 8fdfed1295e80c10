/* The few functions of the C library that the helper calls, on bare system calls.
 *
 * A C library examines the processor at each program start. Under a hypervisor every such question
 * leaves the virtual machine, which took half of the time that a sandbox needed to start. The
 * declarations are those of the system's headers; only what the helper needs of each function is
 * here, and every text and number is bounded by its callers. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(void);

/* One thread: errno needs no place of its own per thread. */
static int error_number;
int* __errno_location(void) { return &error_number; }

char** environ;

/* Where the compiler looks for the mark that a broken stack would overwrite. */
uintptr_t __stack_chk_guard;
_Noreturn void __stack_chk_fail(void) {
    for (;;) syscall(SYS_kill, syscall(SYS_getpid), SIGABRT);
}

/* What the kernel says about itself at the start. */
static long page_bytes, ticks_per_second;
long sysconf(int name) { return name == _SC_PAGESIZE ? page_bytes : ticks_per_second; }

static long raw_call(long number, long a, long b, long c, long d, long e, long f) {
#if defined __x86_64__
    long result;
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    register long r9 __asm__("r9") = f;
    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
                     : "rcx", "r11", "memory");
    return result;
#elif defined __aarch64__
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;
    register long x5 __asm__("x5") = f;
    __asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
    return x0;
#else
#error "no system calls for this architecture: configure with -DC2D_SMALL_HELPER=OFF"
#endif
}

long syscall(long number, ...) {
    va_list list;
    va_start(list, number);
    long in[6];
    for (int i = 0; i < 6; i++) in[i] = va_arg(list, long);
    va_end(list);
    const long result = raw_call(number, in[0], in[1], in[2], in[3], in[4], in[5]);
    if (result >= 0 || result < -4095) return result;
    errno = (int)-result;
    return -1;
}

/* Entry: the kernel leaves the argument count, the arguments, the environment and the auxiliary
 * vector on the stack. */
__attribute__((noreturn, used, no_stack_protector)) void start_main(const uintptr_t* stack) {
    const uintptr_t* at = stack + 1 + stack[0] + 1;
    environ = (char**)at;
    while (*at) at++;
    for (at++; at[0] != AT_NULL; at += 2) {
        if (at[0] == AT_RANDOM) __stack_chk_guard = *(const uintptr_t*)at[1];
        if (at[0] == AT_PAGESZ) page_bytes = (long)at[1];
        if (at[0] == AT_CLKTCK) ticks_per_second = (long)at[1];
    }
    _exit(main());
}

#if defined __x86_64__
__asm__(
    ".text\n.global _start\n_start:\n"
    "xor %ebp, %ebp\nmov %rsp, %rdi\nand $-16, %rsp\ncall start_main\nhlt\n");
#elif defined __aarch64__
__asm__(
    ".text\n.global _start\n_start:\n"
    "mov x29, #0\nmov x30, #0\nmov x0, sp\nand sp, x0, #-16\nbl start_main\nbrk #1\n");
#endif

/* Memory and texts. The build keeps the compiler from turning these loops into calls of themselves.
 */
void* memcpy(void* restrict to, const void* restrict from, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) ((char*)to)[i] = ((const char*)from)[i];
    return to;
}
void* memset(void* to, int value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++) ((char*)to)[i] = (char)value;
    return to;
}
int memcmp(const void* a, const void* b, size_t bytes) {
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < bytes; i++)
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}
void* memchr(const void* in, int value, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        if (((const unsigned char*)in)[i] == (unsigned char)value) return (char*)in + i;
    return NULL;
}
size_t strlen(const char* text) {
    size_t size = 0;
    while (text[size]) size++;
    return size;
}
char* strchr(const char* text, int wanted) {
    for (; *text != (char)wanted; text++)
        if (!*text) return NULL;
    return (char*)text;
}
char* strrchr(const char* text, int wanted) {
    const char* found = NULL;
    for (; *text; text++)
        if (*text == (char)wanted) found = text;
    return (char*)found;
}
int strcmp(const char* a, const char* b) {
    while (*a && *a == *b) a++, b++;
    return (unsigned char)*a - (unsigned char)*b;
}
size_t strcspn(const char* text, const char* stops) {
    size_t size = 0;
    while (text[size] && !strchr(stops, text[size])) size++;
    return size;
}
char* strstr(const char* text, const char* wanted) {
    const size_t size = strlen(wanted);
    for (; *text; text++) {
        size_t same = 0;
        while (same < size && text[same] == wanted[same]) same++;
        if (same == size) return (char*)text;
    }
    return NULL;
}
static size_t put_char(char* out, size_t bytes, size_t at, char c) {
    if (at + 1 < bytes) out[at] = c;
    return at + 1;
}
static size_t put_number(char* out, size_t bytes, size_t at, unsigned long long value) {
    char digits[20];
    int count = 0;
    do digits[count++] = (char)('0' + value % 10);
    while (value /= 10);
    while (count > 0) at = put_char(out, bytes, at, digits[--count]);
    return at;
}
/* Knows %s, %d, %u and %llu. */
int snprintf(char* out, size_t bytes, const char* format, ...) {
    va_list list;
    va_start(list, format);
    size_t at = 0;
    for (; *format; format++) {
        if (*format != '%') {
            at = put_char(out, bytes, at, *format);
            continue;
        }
        format++;
        if (*format == 's') {
            for (const char* text = va_arg(list, const char*); *text; text++) at = put_char(out, bytes, at, *text);
        } else if (*format == 'd') {
            const int value = va_arg(list, int);
            if (value < 0) at = put_char(out, bytes, at, '-');
            at = put_number(out, bytes, at, value < 0 ? 0ull - (unsigned long long)value : (unsigned)value);
        } else if (*format == 'u') {
            at = put_number(out, bytes, at, va_arg(list, unsigned));
        } else { /* llu */
            format += 2;
            at = put_number(out, bytes, at, va_arg(list, unsigned long long));
        }
    }
    va_end(list);
    if (bytes > 0) out[at < bytes ? at : bytes - 1] = 0;
    return (int)at;
}

/* Files. */
int open(const char* path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    const int mode = va_arg(list, int);
    va_end(list);
    return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}
int openat(int dir, const char* path, int flags, ...) {
    va_list list;
    va_start(list, flags);
    const int mode = va_arg(list, int);
    va_end(list);
    return (int)syscall(SYS_openat, dir, path, flags, mode);
}
int close(int fd) { return (int)syscall(SYS_close, fd); }
ssize_t read(int fd, void* to, size_t bytes) { return syscall(SYS_read, fd, to, bytes); }
ssize_t write(int fd, const void* from, size_t bytes) { return syscall(SYS_write, fd, from, bytes); }
ssize_t pread(int fd, void* to, size_t bytes, off_t at) { return syscall(SYS_pread64, fd, to, bytes, at); }
int fstat(int fd, struct stat* out) { return (int)syscall(SYS_fstat, fd, out); }
int fstatfs(int fd, struct statfs* out) { return (int)syscall(SYS_fstatfs, fd, out); }
int fchmod(int fd, mode_t mode) { return (int)syscall(SYS_fchmod, fd, mode); }
int fchown(int fd, uid_t user, gid_t group) { return (int)syscall(SYS_fchown, fd, user, group); }
int fchownat(int dir, const char* path, uid_t user, gid_t group, int flags) {
    return (int)syscall(SYS_fchownat, dir, path, user, group, flags);
}
int faccessat(int dir, const char* path, int mode, int flags) {
    enum { FACCESSAT2 = 439 };
    return (int)syscall(FACCESSAT2, dir, path, mode, flags);
}
int mkdirat(int dir, const char* path, mode_t mode) { return (int)syscall(SYS_mkdirat, dir, path, mode); }
int symlinkat(const char* target, int dir, const char* path) { return (int)syscall(SYS_symlinkat, target, dir, path); }
ssize_t readlink(const char* path, char* out, size_t bytes) {
    return syscall(SYS_readlinkat, AT_FDCWD, path, out, bytes);
}
int rmdir(const char* path) { return (int)syscall(SYS_unlinkat, AT_FDCWD, path, AT_REMOVEDIR); }
int chdir(const char* path) { return (int)syscall(SYS_chdir, path); }
int fchdir(int fd) { return (int)syscall(SYS_fchdir, fd); }
int umount2(const char* path, int flags) { return (int)syscall(SYS_umount2, path, flags); }
mode_t umask(mode_t mask) { return (mode_t)syscall(SYS_umask, mask); }
int dup2(int from, int to) { return (int)syscall(SYS_dup3, from, to, 0); }
int dup3(int from, int to, int flags) { return (int)syscall(SYS_dup3, from, to, flags); }
int pipe2(int ends[2], int flags) { return (int)syscall(SYS_pipe2, ends, flags); }
int fcntl(int fd, int command, ...) {
    va_list list;
    va_start(list, command);
    const long argument = va_arg(list, long);
    va_end(list);
    return (int)syscall(SYS_fcntl, fd, command, argument);
}
void* mmap(void* at, size_t bytes, int access, int flags, int fd, off_t offset) {
    return (void*)syscall(SYS_mmap, at, bytes, access, flags, fd, offset);
}
ssize_t sendmsg(int fd, const struct msghdr* packet, int flags) { return syscall(SYS_sendmsg, fd, packet, flags); }
ssize_t recvmsg(int fd, struct msghdr* packet, int flags) { return syscall(SYS_recvmsg, fd, packet, flags); }
int socketpair(int domain, int type, int protocol, int ends[2]) {
    return (int)syscall(SYS_socketpair, domain, type, protocol, ends);
}
int poll(struct pollfd* list, nfds_t count, int milliseconds) {
    const struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
    return (int)syscall(SYS_ppoll, list, count, milliseconds < 0 ? NULL : &time, NULL, 0);
}
int clock_gettime(clockid_t clock, struct timespec* out) { return (int)syscall(SYS_clock_gettime, clock, out); }

/* Processes. */
void _exit(int status) {
    for (;;) syscall(SYS_exit_group, status);
}
pid_t fork(void) { return (pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }
pid_t getpid(void) { return (pid_t)syscall(SYS_getpid); }
uid_t geteuid(void) { return (uid_t)syscall(SYS_geteuid); }
gid_t getegid(void) { return (gid_t)syscall(SYS_getegid); }
pid_t setsid(void) { return (pid_t)syscall(SYS_setsid); }
pid_t waitpid(pid_t pid, int* status, int flags) { return (pid_t)syscall(SYS_wait4, pid, status, flags, NULL); }
int kill(pid_t pid, int number) { return (int)syscall(SYS_kill, pid, number); }
int unshare(int flags) { return (int)syscall(SYS_unshare, flags); }
int personality(unsigned long value) { return (int)syscall(SYS_personality, value); }
int sethostname(const char* name, size_t bytes) { return (int)syscall(SYS_sethostname, name, bytes); }
int setresuid(uid_t a, uid_t b, uid_t c) { return (int)syscall(SYS_setresuid, a, b, c); }
int setresgid(gid_t a, gid_t b, gid_t c) { return (int)syscall(SYS_setresgid, a, b, c); }
int prctl(int option, ...) {
    va_list list;
    va_start(list, option);
    long in[4];
    for (int i = 0; i < 4; i++) in[i] = va_arg(list, long);
    va_end(list);
    return (int)syscall(SYS_prctl, option, in[0], in[1], in[2], in[3]);
}
int getrlimit(__rlimit_resource_t resource, struct rlimit* out) {
    return (int)syscall(SYS_prlimit64, 0, resource, NULL, out);
}
int setrlimit(__rlimit_resource_t resource, const struct rlimit* limit) {
    return (int)syscall(SYS_prlimit64, 0, resource, limit, NULL);
}
int getrusage(__rusage_who_t who, struct rusage* out) { return (int)syscall(SYS_getrusage, who, out); }
/* The search of execvp in PATH, and its shell for a text without an interpreter line. */
static void try_program(const char* path, char* const arguments[]) {
    enum { ARGUMENTS_MAX = 260 };
    syscall(SYS_execve, path, arguments, environ);
    if (errno != ENOEXEC) return;
    const char* script[ARGUMENTS_MAX + 2] = {"/bin/sh", path};
    for (int i = 1; i < ARGUMENTS_MAX && arguments[0] && arguments[i]; i++) script[i + 1] = arguments[i];
    syscall(SYS_execve, script[0], script, environ);
}
int execvp(const char* name, char* const arguments[]) {
    char path[4096];
    if (strchr(name, '/')) {
        try_program(name, arguments);
        return -1;
    }
    const char* folders = "/bin:/usr/bin";
    for (char** variable = environ; *variable; variable++)
        if (memcmp(*variable, "PATH=", strlen(*variable) < 5 ? strlen(*variable) : 5) == 0) folders = *variable + 5;
    bool denied = false;
    for (const char* at = folders; *at;) {
        const size_t size = strcspn(at, ":");
        if (size + strlen(name) + 2 <= sizeof path) {
            memcpy(path, at, size);
            path[size] = '/';
            memcpy(path + size + 1, name, strlen(name) + 1);
            try_program(path, arguments);
            denied |= errno == EACCES;
            if (errno != EACCES && errno != ENOENT && errno != ENOTDIR) return -1;
        }
        at += size + (at[size] == ':');
    }
    errno = denied ? EACCES : ENOENT;
    return -1;
}

/* Signals: the kernel's sets are the first eight bytes of the library's. */
int sigemptyset(sigset_t* set) {
    memset(set, 0, sizeof *set);
    return 0;
}
int sigaddset(sigset_t* set, int number) {
    set->__val[0] |= 1ul << (number - 1);
    return 0;
}
int sigprocmask(int how, const sigset_t* set, sigset_t* before) {
    return (int)syscall(SYS_rt_sigprocmask, how, set, before, 8);
}
int signalfd(int fd, const sigset_t* set, int flags) { return (int)syscall(SYS_signalfd4, fd, set, 8, flags); }
/* SIG_DFL and SIG_IGN, which need no way back from a handler. */
__sighandler_t signal(int number, __sighandler_t handler) {
    const uintptr_t action[4] = {(uintptr_t)handler};
    return syscall(SYS_rt_sigaction, number, action, NULL, 8) == 0 ? SIG_DFL : SIG_ERR;
}
