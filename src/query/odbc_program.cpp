#include "query/odbc_program.hpp"

#include "base/call_scope.hpp"
#include "base/fail.hpp"
#include "base/own_files.hpp"
#include "base/private_files.hpp"
#include "base/spawn_setup.hpp"
#include "base/try.hpp"
#include "query/odbc_message.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

extern char** environ;

namespace c2d::query {

using table::SourceCheck;
using table::TableSource;

namespace {

constexpr const char *kProgram = "c2d-odbc", *kVariable = "C2D_ODBC_PROGRAM";
/// How often a wait looks whether it should be given up.
constexpr int kLookMs = 50;

Result<std::string> find_program(const TableSource& source) {
    std::string looked;
    for (const auto& place : program_places(source.program, kProgram, kVariable)) {
        const auto program = open_program(place);
        if (program) return place.string();
        if (program.status() != Status::NOT_FOUND) return program.error();
        looked += (looked.empty() ? "" : ", ") + place.string();
    }
    return fail(Status::NOT_FOUND,
                "the program {} was not found (looked for {}): a c2d that was built where unixODBC is has it; install "
                "that, or name it in the variable {}",
                kProgram, looked, kVariable);
}

Result<SecretBytes> password_of(const TableSource& source) {
    if (source.password_file.empty()) return SecretBytes();
    auto out = read_password_file(source.password_file);
    if (!out) return fail(out.status(), "password_file: {}", out.error().message);
    return out;
}

/// What c2d-odbc is to do, in memory that nobody else has.
Result<Fd> request_file(const OdbcRequest& request, const SecretBytes& password) {
    Fd fd(::memfd_create("c2d-query", MFD_CLOEXEC));
    if (!fd) return fail(Status::IO, "memfd_create failed: {}", errno_text(errno));
    const std::string text = odbc_request_text(request);
    C2D_CHECK(write_fd(fd.get(), as_bytes(text)));
    const std::uint8_t between = 0;
    C2D_CHECK(write_fd(fd.get(), BytesView(&between, 1)));
    C2D_CHECK(write_fd(fd.get(), password.view()));
    if (::lseek(fd.get(), 0, SEEK_SET) != 0) return fail(Status::IO, "lseek failed: {}", errno_text(errno));
    return fd;
}

/// What drivers go by (ODBCINI, ORACLE_HOME, …), without what is ours.
std::vector<char*> environment_for_drivers() {
    std::vector<char*> out;
    for (char** entry = environ; entry && *entry; ++entry)
        if (std::strncmp(*entry, "C2D_", 4) != 0) out.push_back(*entry);
    out.push_back(nullptr);
    return out;
}

/// c2d-odbc under way; ended, whatever becomes of us, with this object.
class OdbcProcess {
public:
    static Result<OdbcProcess> start(const std::string& program, int request, int table) {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Status::IO, "pipe failed: {}", errno_text(errno));
        OdbcProcess out;
        out.answer_ = Fd(ends[0]);
        const Fd told(ends[1]);
        C2D_CHECK(out.spawn(program, {request, table, told.get()}));
        return out;
    }
    OdbcProcess(OdbcProcess&& other) noexcept
        : pid_(std::exchange(other.pid_, -1)), answer_(std::move(other.answer_)) {}
    OdbcProcess(const OdbcProcess&) = delete;
    OdbcProcess& operator=(const OdbcProcess&) = delete;
    ~OdbcProcess() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        (void)wait();
    }

    Result<std::uint64_t> answer() {
        std::string text;
        for (;;) {
            C2D_TRY(const bool more, read_some(text));
            if (!more) break;
            if (text.size() > kOdbcAnswerMax) return fail(Status::IO, "{} says too much", kProgram);
        }
        const int status = wait();
        if (text.empty() && WIFSIGNALED(status))
            return fail(Status::IO,
                        "{} was ended by signal {} before it answered: the driver crashed, or took too much "
                        "memory",
                        kProgram, WTERMSIG(status));
        return odbc_answer_from(text);
    }

private:
    OdbcProcess() = default;

    Result<Unit> spawn(const std::string& program, const std::array<int, 3>& descriptors) {
        SpawnSetup setup;
        std::vector<Fd> safe;  // away from the numbers that are given out below
        for (const int fd : descriptors) safe.emplace_back(::fcntl(fd, F_DUPFD_CLOEXEC, 10));
        for (const int fd : {0, 1, 2}) posix_spawn_file_actions_addopen(&setup.actions, fd, "/dev/null", O_RDWR, 0);
        for (std::size_t i = 0; i < safe.size(); ++i)
            posix_spawn_file_actions_adddup2(&setup.actions, safe[i].get(), kOdbcRequest + int(i));
        std::string name = kProgram;
        char* const arguments[] = {name.data(), nullptr};
        const auto environment = environment_for_drivers();
        const int error =
            ::posix_spawn(&pid_, program.c_str(), &setup.actions, &setup.attributes, arguments, environment.data());
        if (error == 0) return Unit{};
        pid_ = -1;
        return fail(Status::IO, "cannot start {}: {}", program, errno_text(error));
    }

    /// False: c2d-odbc has said all.
    Result<bool> read_some(std::string& text) {
        pollfd waiting{answer_.get(), POLLIN, 0};
        while (::poll(&waiting, 1, kLookMs) <= 0)
            if (CallScope::over()) return CallScope::error("the query");
        char part[4096];
        const auto got = ::read(answer_.get(), part, sizeof part);
        if (got < 0 && errno == EINTR) return true;
        if (got < 0) return fail(Status::IO, "cannot read what {} says: {}", kProgram, errno_text(errno));
        text.append(part, std::size_t(got));
        return got != 0;
    }

    int wait() {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        return status;
    }

    pid_t pid_ = -1;
    Fd answer_;
};

Result<std::uint64_t> ask(const TableSource& source, bool check, int table) {
    C2D_TRY(const auto program, find_program(source));
    C2D_TRY(const auto password, password_of(source));
    C2D_TRY(const auto request,
            request_file({check, source.database, source.query, source.rows_max, source.bytes_max}, password));
    C2D_TRY(auto process, OdbcProcess::start(program, request.get(), table));
    return process.answer();
}

}  // namespace

Result<Unit> check_odbc(const TableSource& source, SourceCheck how) {
    if (how == SourceCheck::files) {
        C2D_CHECK(find_program(source));
        C2D_CHECK(password_of(source));
        return Unit{};
    }
    const Fd nowhere(::open("/dev/null", O_WRONLY | O_CLOEXEC));
    C2D_CHECK(ask(source, true, nowhere.get()));
    return Unit{};
}

Result<std::uint64_t> write_odbc(const TableSource& source, int fd) { return ask(source, false, fd); }

}  // namespace c2d::query
