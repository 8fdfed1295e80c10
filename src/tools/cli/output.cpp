#include "tools/cli/output.hpp"

#include <cstdio>

namespace c2d::cli {

namespace {

std::string one_line(std::string text) {
    for (char& c : text)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    return text;
}

std::string as_lines(const json::Value& members) {
    std::string out;
    for (const auto& [key, value] : members.members())
        out += key + ": " + (value.is_string() ? one_line(value.text()) : json::compact(value)) + "\n";
    return out;
}

}  // namespace

void Output::answer(const json::Value& members, const std::string& text) const {
    const std::string out = as_json_ ? json::compact(members) + "\n" : text.empty() ? as_lines(members) : text;
    std::fwrite(out.data(), 1, out.size(), stdout);
    std::fflush(stdout);
}

json::Value failure_value(const Error& error) {
    json::Value details = json::Value::object(
        {{"status", status_name(error.status)}, {"message", error.message}});
    if (!error.name.empty()) details.set("code", error.name);
    if (error.code != 0) details.set("contract_code", error.code);
    return json::Value::object({{"error", std::move(details)}});
}

int Output::failure(const Error& error) const {
    note("error: " + error.message);
    if (as_json_) answer(failure_value(error));
    return 1;
}

void Output::note(const std::string& line) {
    const std::string out = one_line(line) + "\n";
    std::fwrite(out.data(), 1, out.size(), stderr);
}

}  // namespace c2d::cli
