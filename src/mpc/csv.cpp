#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/mistaken_text.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"

#include <c2d/mpc.hpp>

#include <charconv>
#include <cmath>

namespace c2d::mpc {
namespace {

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) text.remove_suffix(1);
    return text;
}

/// A finite number that fills the whole field.
bool parse_number(std::string_view field, double& out) {
    field = trimmed(field);
    if (field.size() >= 2 && field.front() == '"' && field.back() == '"')
        field = trimmed(field.substr(1, field.size() - 2));
    if (field.size() > 1 && field.front() == '+' && field[1] != '-') field.remove_prefix(1);
    const auto [end, code] = std::from_chars(field.data(), field.data() + field.size(), out);
    return code == std::errc() && end == field.data() + field.size() && std::isfinite(out);
}

/// Appends the numbers of one line; false (with `bad` the 1-based field) when one is no number.
bool parse_line(std::string_view line, std::vector<double>& out, std::size_t& bad) {
    for (bad = 1;; ++bad) {
        const std::size_t comma = line.find(',');
        double value = 0;
        if (!parse_number(line.substr(0, comma), value)) return false;
        out.push_back(value);
        if (comma == std::string_view::npos) return true;
        line.remove_prefix(comma + 1);
    }
}

}  // namespace

Result<Matrix> parse_csv(std::string_view text, std::string_view name) {
    const auto unmarked = without_mark(text);
    if (!unmarked) return fail(unmarked.status(), "{}: {}", name, unmarked.error().message);
    text = *unmarked;
    Matrix out;
    std::size_t number = 0, blank = 0;
    while (!text.empty()) {
        const std::size_t newline = text.find('\n');
        const std::string_view line = trimmed(text.substr(0, newline));
        text.remove_prefix(newline == std::string_view::npos ? text.size() : newline + 1);
        ++number;
        if (line.empty()) {
            if (blank == 0) blank = number;
            continue;
        }
        if (blank != 0) return fail(Status::INVALID_ARGUMENT, "{} line {}: blank line within the data", name, blank);
        const std::size_t before = out.data.size();
        std::size_t bad = 0;
        if (!parse_line(line, out.data, bad)) {
            out.data.resize(before);
            if (number == 1) continue;  // a header
            return fail(Status::INVALID_ARGUMENT, "{} line {}: field {} is not a finite number", name, number, bad);
        }
        const std::size_t fields = out.data.size() - before;
        if (out.rows == 0) out.cols = fields;
        if (fields != out.cols)
            return fail(Status::INVALID_ARGUMENT, "{} line {}: {} fields, expected {}", name, number, fields, out.cols);
        ++out.rows;
        if (out.data.size() > kElementsMax) return fail(Status::LIMIT, "{}: more than {} values", name, kElementsMax);
    }
    if (out.rows == 0)
        return fail(Status::INVALID_ARGUMENT, "{}: no line of numbers{}", name,
                    looks_like_path(*unmarked) ? found_instead(*unmarked) : "");
    return out;
}

Result<Matrix> read_csv(const std::string& path, std::size_t bytes_max) {
    C2D_TRY(const std::string text, read_file(path, bytes_max));
    return parse_csv(text, path);
}

}  // namespace c2d::mpc
