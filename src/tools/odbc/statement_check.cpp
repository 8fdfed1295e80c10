#include "tools/odbc/statement_check.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"

#include <algorithm>
#include <cctype>

namespace c2d::odbc {

namespace {

bool is_space(char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; }

/// Where the blank, the comment or the quoted text that begins at `at` ends; `at` where none begins.
std::size_t end_of_passage(std::string_view sql, std::size_t at) {
    const auto behind = [sql, at](std::string_view end, std::size_t from) {
        const auto found = sql.find(end, at + from);
        return found == sql.npos ? sql.size() : found + end.size();
    };
    const std::string_view rest = sql.substr(at);
    if (is_space(rest[0])) return at + 1;
    if (rest.starts_with("--")) return behind("\n", 2);
    if (rest.starts_with("/*")) return behind("*/", 2);
    for (const std::string_view quote : {"'", "\"", "`"})
        if (rest.starts_with(quote)) return behind(quote, 1);
    return at;
}

std::string first_word(std::string_view sql, std::size_t at) {
    std::string out;
    for (; at < sql.size() && std::isalpha(static_cast<unsigned char>(sql[at])) && out.size() < 40; ++at)
        out += char(std::toupper(static_cast<unsigned char>(sql[at])));
    return out;
}

}  // namespace

Result<Unit> check_statement(std::string_view sql) {
    bool begun = false, ended = false;
    for (std::size_t at = 0; at < sql.size();) {
        const bool quoted = sql[at] == '\'' || sql[at] == '"' || sql[at] == '`';
        if (const auto end = end_of_passage(sql, at); end != at && !(quoted && !begun)) {
            at = end;
            continue;
        }
        if (ended)
            return fail(Status::INVALID_ARGUMENT, "the query holds more than one statement; expected one SELECT");
        if (!begun && sql[at] != '(') {
            const std::string word = first_word(sql, at);
            const bool reads = word == "SELECT" || word == "WITH" || word == "VALUES" || word == "TABLE";
            if (!reads)
                return fail(Status::INVALID_ARGUMENT, "the query writes, or is no query: expected one SELECT, found {}",
                            word.empty() ? "\"" + display_text(sql.substr(at, 20), 20) + "\"" : word);
            begun = true;
        }
        ended = sql[at] == ';';
        ++at;
    }
    if (!begun) return fail(Status::INVALID_ARGUMENT, "the query is empty; expected one SELECT");
    return Unit{};
}

}  // namespace c2d::odbc
