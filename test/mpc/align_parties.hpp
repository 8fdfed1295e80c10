/// Tables of ids for tests, and parties that align them on threads.
#pragma once

#include "mpc/parties.hpp"

#include <c2d/align.hpp>

#include <algorithm>
#include <set>

namespace c2d::mpc::test {

/// One bank's ids: columns of texts.
using Table = std::vector<std::vector<std::string>>;

inline std::vector<IdValues> values_of(const Table& table) {
    std::vector<IdValues> out(table.size());
    for (std::size_t c = 0; c < table.size(); ++c)
        for (const std::string& value : table[c]) out[c].add(value);
    return out;
}

/// `align` with the ids of a table; none for the helper.
inline Result<Alignment> align_table(Link& link, const Table& table, const AlignOptions& options,
                                     Random* random = nullptr) {
    if (link.party() == 2) return align(link, std::nullopt, options, random);
    const std::vector<IdValues> values = values_of(table);
    std::vector<IdColumn> columns;
    for (const IdValues& one : values) columns.push_back(one.view());
    return align(link, columns, options, random);
}

/// Both banks' tables, and each party's options.
struct Job {
    Table tables[2];
    AlignOptions options[kParties] = {};

    Job(Table a, Table b, const AlignOptions& all = {}) : tables{std::move(a), std::move(b)} {
        for (AlignOptions& one : options) one = all;
    }
};

using Results = std::vector<Result<Alignment>>;

/// Every party on a thread of its own, over links that `wrap` may change.
template <class Wrap>
Results align_over(std::vector<std::unique_ptr<Link>> links, const Job& job, Wrap wrap) {
    Results out(links.size(), Error(Status::INTERNAL, "did not run"));
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < links.size(); ++party)
        threads.emplace_back([&, party] {
            auto link = wrap(std::move(links[party]));
            link->set_timeout(std::chrono::seconds(60));
            out[party] = align_table(*link, party < 2 ? job.tables[party] : Table{}, job.options[party]);
        });
    for (auto& thread : threads) thread.join();
    return out;
}
inline Results align_job(const Job& job, unsigned parties = kParties) {
    return align_over(memory_links(parties), job, [](auto link) { return link; });
}

/// What each party is told: "ok", or the status and the name of the error.
inline std::vector<std::string> ends_of(const Results& results) {
    std::vector<std::string> out;
    for (const auto& result : results)
        out.push_back(result.ok() ? "ok"
                                  : std::string(status_name(result.status())) +
                                        (result.error().name.empty() ? "" : " " + result.error().name));
    return out;
}
inline std::string message_of(const Result<Alignment>& result) { return result.ok() ? "" : result.error().message; }

inline constexpr AlignMode kModes[] = {AlignMode::helper, AlignMode::two_party};

inline AlignOptions in_mode(AlignMode mode) {
    AlignOptions out;
    out.mode = mode;
    out.job = "job 17";
    return out;
}

inline std::vector<std::string> numbers(int first, int last) {
    std::vector<std::string> out;
    for (int i = first; i < last; ++i) out.push_back("customer-" + std::to_string(1'000'000 + i * 7));
    return out;
}
inline std::vector<std::string> shuffled(std::vector<std::string> values, unsigned seed) {
    std::ranges::shuffle(values, std::mt19937(seed));
    return values;
}

/// Every pair is one customer, none is missing, and both parties and the helper agree on the sizes.
inline void check_aligned(const Results& results, const Job& job, std::size_t common) {
    for (const auto& result : results) {
        REQUIRE(message_of(result) == "");
        CHECK(result->common == common);
        CHECK(result->table_rows[0] == results[0]->table_rows[0]);
        CHECK(result->table_rows[1] == results[0]->table_rows[1]);
    }
    if (results.size() > 2) CHECK(results[2]->rows.empty());
    REQUIRE(results[0]->rows.size() == common);
    REQUIRE(results[1]->rows.size() == common);
    std::set<std::uint32_t> seen;
    for (std::size_t i = 0; i < common; ++i) {
        const std::uint32_t a = results[0]->rows[i], b = results[1]->rows[i];
        seen.insert(a);
        for (std::size_t c = 0; c < job.tables[0].size(); ++c) CHECK(job.tables[0][c][a] == job.tables[1][c][b]);
    }
    CHECK(seen.size() == common);
}

inline Job small_job(AlignMode mode) {
    return {{shuffled(numbers(0, 60), 1)}, {shuffled(numbers(20, 90), 2)}, in_mode(mode)};
}

}  // namespace c2d::mpc::test
