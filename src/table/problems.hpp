/// The list of all that is wrong with a file: bounded, and fit for a terminal.
#pragma once

#include "base/display_text.hpp"

#include <c2d/table.hpp>

namespace c2d::table {

class Problems {
public:
    /// What problems are counted by.
    enum class Place { line, row };
    explicit Problems(std::size_t kept_max, Place place = Place::line) : kept_max_(kept_max), place_(place) {}

    void add(std::uint64_t line, std::string_view column, std::string_view found, std::string what) {
        if (full())
            ++count_;
        else
            add({line, display_text(column, 80), display_text(found, 80), std::move(what)});
    }
    void add(Problem problem) {
        ++count_;
        if (place_ == Place::row) std::swap(problem.line, problem.row);
        if (!full()) kept_.push_back(std::move(problem));
    }
    std::uint64_t count() const noexcept { return count_; }
    const std::vector<Problem>& kept() const noexcept { return kept_; }

private:
    bool full() const noexcept { return kept_.size() >= kept_max_; }

    std::size_t kept_max_;
    Place place_;
    std::vector<Problem> kept_;
    std::uint64_t count_ = 0;
};

/// Names, for a message.
inline std::string listed(const std::vector<std::string>& names) {
    std::string out;
    for (const auto& name : names) out += (out.empty() ? "" : ", ") + display_text(name, 80);
    return display_text(out, 400);
}

}  // namespace c2d::table
