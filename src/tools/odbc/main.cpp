/// c2d-odbc: asks a database over ODBC, and writes the answer as a table file. Started by c2d-provider and dt-cli, of
/// no use by hand: descriptor 3 says what is asked, with the password; 4 is the file; the answer goes to 5
/// (src/query/odbc_message.hpp). Drivers are their vendors', run with our rights, and may do what they like to this
/// process: it holds nothing else.

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "query/odbc_message.hpp"
#include "table/file/writer.hpp"
#include "tools/odbc/columns.hpp"
#include "tools/odbc/statement_check.hpp"

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace c2d::odbc {

namespace {

/// What is fetched at a time, and what this process may hold.
constexpr std::size_t kFetchBytes = std::size_t{4} << 20, kFetchRowsMax = 1000;
constexpr rlim_t kMemoryMax = rlim_t{4} << 30;

void give_up_rights() {
    constexpr rlimit kNone{0, 0};
    ::setrlimit(RLIMIT_CORE, &kNone);
    ::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    constexpr rlimit kMemory{kMemoryMax, kMemoryMax};
    ::setrlimit(RLIMIT_AS, &kMemory);
#endif
    // Whoever asked is gone: nobody wants the answer.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

Result<SecretBytes> read_request() {
    SecretBytes out(query::kOdbcRequestMax + (std::size_t{64} << 10));
    std::size_t count = 0;
    while (count < out.size()) {
        const auto got = ::pread(query::kOdbcRequest, out.span().data() + count, out.size() - count, off_t(count));
        if (got < 0) return fail(Status::IO, "cannot read what is asked: {}", errno_text(errno));
        if (got == 0) break;
        count += std::size_t(got);
    }
    out.shorten(count);
    return out;
}

/// The statement, and what it gives.
class Answer {
public:
    explicit Answer(const Connection& connection) : connection_(connection) {}

    Result<Unit> prepare(const std::string& sql) {
        if (!statement_.make(connection_.get()))
            return error_of(SQL_HANDLE_DBC, connection_.get(), "making a statement", "");
        auto written = utf16_of(sql);
        if (!SQL_SUCCEEDED(SQLPrepareW(statement_.get(), written.data(), SQL_NTS)))
            return not_taken(error("preparing the query"));
        return Unit{};
    }
    Result<Unit> describe() {
        SQLSMALLINT count = 0;
        if (!SQL_SUCCEEDED(SQLNumResultCols(statement_.get(), &count)))
            return not_taken(error("looking at the columns"));
        if (count <= 0) return fail(Status::INVALID_ARGUMENT, "the query gives no rows; expected one SELECT");
        std::string wrong;
        for (SQLSMALLINT i = 1; i <= count; ++i) {
            auto column = AnswerColumn::describe(connection_, statement_.get(), SQLUSMALLINT(i));
            if (!column && column.status() != Status::INVALID_ARGUMENT) return column.error();
            if (!column && wrong.size() < 1000) wrong += (wrong.empty() ? "" : "; ") + column.error().message;
            if (column) columns_.push_back(*std::move(column));
        }
        if (!wrong.empty()) return fail(Status::INVALID_ARGUMENT, "{}", wrong);
        return Unit{};
    }
    Result<std::uint64_t> write(const query::OdbcRequest& request);

private:
    /// What a driver does not take before anything ran is the query's fault, whatever code it has.
    static Error not_taken(Error error) {
        if (error.status == Status::IO) error.status = Status::INVALID_ARGUMENT;
        return error;
    }
    Error error(std::string_view doing) const { return connection_.error(statement_.get(), doing); }
    std::size_t bind();
    Result<Unit> check_size(const table::TableFileWriter& out, const query::OdbcRequest& request) const;

    const Connection& connection_;
    Handle<SQL_HANDLE_STMT> statement_;
    std::vector<AnswerColumn> columns_;
    SQLULEN fetched_ = 0;
};

/// Rows that are fetched at a time; 0: the driver will not have it.
std::size_t Answer::bind() {
    std::size_t width = 0;
    for (const auto& column : columns_) width += column.width();
    SQLULEN rows = std::clamp<std::size_t>(kFetchBytes / std::max<std::size_t>(1, width), 1, kFetchRowsMax);
    const auto set = [this](SQLINTEGER what, SQLPOINTER value) {
        return SQL_SUCCEEDED(SQLSetStmtAttr(statement_.get(), what, value, 0));
    };
    if (!set(SQL_ATTR_ROW_ARRAY_SIZE, reinterpret_cast<SQLPOINTER>(rows))) rows = 1;
    if (!set(SQL_ATTR_ROWS_FETCHED_PTR, &fetched_)) return 0;
    for (std::size_t i = 0; i < columns_.size(); ++i)
        if (!columns_[i].bind(statement_.get(), SQLUSMALLINT(i + 1), rows)) return 0;
    return rows;
}

Result<Unit> Answer::check_size(const table::TableFileWriter& out, const query::OdbcRequest& request) const {
    if (out.rows() > request.rows_max)
        return fail(Status::LIMIT, "the query gives more than {} rows; narrow it, or raise \"rows_max\"",
                    request.rows_max);
    if (out.bytes() > request.bytes_max)
        return fail(Status::LIMIT, "the query gives more than {} bytes; narrow it, or raise \"bytes_max\"",
                    request.bytes_max);
    return Unit{};
}

Result<std::uint64_t> Answer::write(const query::OdbcRequest& request) {
    const auto executed = SQLExecute(statement_.get());
    if (!SQL_SUCCEEDED(executed) && executed != SQL_NO_DATA) return error("running the query");
    table::Schema schema;
    for (const auto& column : columns_) schema.fields.push_back(column.field());
    C2D_TRY(auto out, table::TableFileWriter::start(query::kOdbcTable, schema));
    if (bind() == 0) return error("fetching rows");
    for (;;) {
        fetched_ = 1;  // for drivers that do not say
        const auto done = SQLFetch(statement_.get());
        if (done == SQL_NO_DATA) break;
        if (!SQL_SUCCEEDED(done)) return error(fmt::format("after {} rows", out.rows()));
        for (std::size_t row = 0; row < fetched_; ++row) {
            for (std::size_t i = 0; i < columns_.size(); ++i) C2D_CHECK(columns_[i].add_to(out, i, row));
            C2D_CHECK(out.end_row());
        }
        C2D_CHECK(check_size(out, request));
    }
    C2D_CHECK(out.finish());
    C2D_CHECK(check_size(out, request));
    return out.rows();
}

Result<std::uint64_t> run() {
    C2D_TRY(const auto memory, read_request());
    const auto end = memory.text().find('\0');
    if (end == memory.text().npos)
        return fail(Status::INVALID_ARGUMENT, "c2d-odbc is started by other programs of c2d");
    C2D_TRY(const auto request, query::odbc_request_from(memory.text().substr(0, end)));
    C2D_CHECK(check_statement(request.query));
    Connection connection;
    C2D_CHECK(connection.open(request.connection, memory.text().substr(end + 1)));
    Answer answer(connection);
    C2D_CHECK(answer.prepare(request.query));
    C2D_CHECK(answer.describe());
    return request.check ? Result<std::uint64_t>(0) : answer.write(request);
}

}  // namespace

}  // namespace c2d::odbc

int main() {
    c2d::odbc::give_up_rights();
    const auto answer = c2d::odbc::run();
    const std::string text = c2d::query::odbc_answer_text(answer);
    return c2d::write_fd(c2d::query::kOdbcAnswer, c2d::as_bytes(text)) ? 0 : 1;
}
