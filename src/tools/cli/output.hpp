/// What the command line prints: one JSON object, or lines for people; everything else to stderr.
#pragma once

#include "codec/json.hpp"

#include <c2d/result.hpp>

#include <string>

namespace c2d::cli {

class Output {
public:
    explicit Output(bool as_json) : as_json_(as_json) {}

    bool as_json() const noexcept { return as_json_; }
    /// The one answer of a command: the members as JSON, or `text` (by default "key: value" lines). Nothing
    /// in either drives a terminal; that values keep to their lines is for whoever makes `text` (`row`).
    void answer(const json::Value& members, const std::string& text = {}) const;
    /// The same of an answer that is written out already, and would not be held twice: one JSON object,
    /// or lines.
    static void answer_as_is(std::string_view rendered);
    /// A failure: one line on stderr, and the JSON object if asked for. Returns the exit status 1.
    int failure(const Error& error) const;
    static void note(const std::string& line);

private:
    bool as_json_;
};

/// One line of a table. Each value is made fit for it, for others may have chosen it.
std::string row(std::initializer_list<std::string_view> values);

/// {"error":{"status","message"}}, with "code", the name, and the number under a name of its own where there are any.
json::Value failure_value(const Error& error);

}  // namespace c2d::cli
