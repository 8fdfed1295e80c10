// A source out of JSON, as the provider's configuration has it.

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"

#include <c2d/table_source.hpp>

#include <algorithm>
#include <cctype>

namespace c2d::table {

namespace {

using json::Value;

constexpr std::size_t kTextMax = std::size_t{1} << 20;

Error wrong(std::string_view what) {
    return fail(Status::INVALID_ARGUMENT,
                "expected {{\"sqlite\": FILE, \"query\": SQL}} or {{\"odbc\": CONNECTION, \"query\": SQL, "
                "\"password_file\": FILE}}, with \"schema\", \"rows_max\", \"bytes_max\", \"seconds\" where wanted; {}",
                what);
}

class SourceReader {
public:
    SourceReader(const Value& value, const std::function<std::string(const std::string&)>& resolve)
        : value_(value), resolve_(resolve) {}

    Result<TableSource> read() {
        if (!value_.is_object()) return wrong("found something that is no object");
        TableSource out;
        const bool sqlite = value_.find("sqlite") != nullptr;
        if (sqlite == (value_.find("odbc") != nullptr)) return wrong("found neither or both of the first two");
        out.kind = sqlite ? TableSource::Kind::sqlite : TableSource::Kind::odbc;
        C2D_CHECK(check_members(sqlite));
        C2D_TRY(out.database, text(sqlite ? "sqlite" : "odbc"));
        C2D_TRY(out.query, text("query"));
        if (out.database.empty() || out.query.empty()) return wrong("found an empty text");
        if (sqlite) out.database = path(out.database);
        C2D_TRY(const auto password_file, text("password_file"));
        C2D_TRY(const auto schema, text("schema"));
        if (!password_file.empty()) out.password_file = path(password_file);
        if (!schema.empty()) out.schema = path(schema);
        C2D_TRY(out.rows_max, number("rows_max", out.rows_max));
        C2D_TRY(out.bytes_max, number("bytes_max", out.bytes_max));
        C2D_TRY(const auto seconds, number("seconds", std::uint64_t(out.timeout.count())));
        out.timeout = std::chrono::seconds(std::min<std::uint64_t>(seconds, 7 * 24 * 3600));
        return out;
    }

private:
    std::string path(const std::string& written) const { return resolve_ ? resolve_(written) : written; }

    Result<Unit> check_members(bool sqlite) const {
        constexpr std::string_view kKnown[] = {"sqlite", "odbc",     "query",     "password_file",
                                               "schema", "rows_max", "bytes_max", "seconds"};
        for (const auto& [name, member] : value_.members())
            if (std::ranges::find(kKnown, name) == std::end(kKnown) || (sqlite && name == "password_file"))
                return wrong("found a member \"" + display_text(name, 40) + "\"");
        return Unit{};
    }
    Result<std::string> text(const char* name) const {
        const Value* const member = value_.find(name);
        if (!member) return std::string();
        if (!member->is_string() || member->text().size() > kTextMax || member->text().find('\0') != std::string::npos)
            return wrong(fmt::format("\"{}\" is no text", name));
        return member->text();
    }
    Result<std::uint64_t> number(const char* name, std::uint64_t otherwise) const {
        const Value* const member = value_.find(name);
        if (!member) return otherwise;
        const auto out = member->as_uint();
        if (!out || *out == 0) return wrong(fmt::format("\"{}\" is no whole number from 1 on", name));
        return *out;
    }

    const Value& value_;
    const std::function<std::string(const std::string&)>& resolve_;
};

/// A password in a connection string would stand in configuration files and their copies.
Result<Unit> check_no_password(const TableSource& source) {
    std::string text;
    for (const char c : source.database)
        if (!std::isspace(static_cast<unsigned char>(c))) text += char(std::tolower(static_cast<unsigned char>(c)));
    for (const char* const word : {"pwd=", "password="})
        if (text.starts_with(word) || text.find(";" + std::string(word)) != text.npos)
            return wrong(
                "found a password in \"odbc\"; write it into a file of mode 0600 that \"password_file\" names");
    return Unit{};
}

}  // namespace

Result<TableSource> parse_table_source(std::string_view text,
                                       const std::function<std::string(const std::string&)>& resolve) {
    const auto parsed = json::parse(text);
    if (!parsed) return wrong(parsed.error().message);
    C2D_TRY(const auto out, SourceReader(*parsed, resolve).read());
    if (out.kind == TableSource::Kind::odbc) C2D_CHECK(check_no_password(out));
    return out;
}

}  // namespace c2d::table
