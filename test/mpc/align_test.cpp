/// Alignment: the right rows, in every mode; what is refused, at whom and in which words; parties that lie.

#include "mpc/align/agreement.hpp"
#include "mpc/align_parties.hpp"
#include "mpc/changed_link.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <set>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

using Ends = std::vector<std::string>;

/// One party's messages are changed; the ends of all.
Results with_liar(unsigned liar, const Job& job, const ChangedLink::Change& change, unsigned parties = kParties) {
    return align_over(memory_links(parties), job, [&](std::unique_ptr<Link> link) -> std::unique_ptr<Link> {
        if (link->party() != liar) return link;
        return std::make_unique<ChangedLink>(std::move(link), change);
    });
}

}  // namespace

TEST_CASE("the rows that both have, in every mode") {
    for (const AlignMode mode : kModes) {
        CAPTURE(static_cast<int>(mode));
        const Job job = small_job(mode);
        const Results results = align_job(job);
        check_aligned(results, job, 40);
        CHECK(results[0]->table_rows[0] == 60);
        CHECK(results[0]->table_rows[1] == 70);
        // The order is another one in each side, and not that of either table.
        const Results again = align_job(job);
        check_aligned(again, job, 40);
        CHECK(again[0]->rows != results[0]->rows);
        CHECK_FALSE(std::ranges::is_sorted(results[0]->rows));
        CHECK_FALSE(std::ranges::is_sorted(results[1]->rows));
    }
}

TEST_CASE("sizes around every border, all and few in common") {
    for (const AlignMode mode : kModes)
        for (const auto& sizes : std::vector<std::array<int, 3>>{
                 {1, 1, 0}, {1, 9, 0}, {9, 1, 8}, {8, 8, 0}, {256, 255, 0}, {257, 512, 256}, {30, 700, 29}}) {
            const int a = sizes[0], b = sizes[1], shift = sizes[2];
            CAPTURE(a);
            CAPTURE(b);
            const Job job{{shuffled(numbers(0, a), 3)}, {shuffled(numbers(shift, shift + b), 4)}, in_mode(mode)};
            check_aligned(align_job(job), job, static_cast<std::size_t>(std::min(a, shift + b) - shift));
        }
}

TEST_CASE("tables of many messages") {
    Job job{{shuffled(numbers(0, 300'000), 5)}, {shuffled(numbers(200'000, 420'000), 6)}, in_mode(AlignMode::helper)};
    check_aligned(align_job(job), job, 100'000);
    job.tables[1][0].resize(10'000);
    std::set<std::string> first(job.tables[0][0].begin(), job.tables[0][0].end());
    const auto common = std::ranges::count_if(job.tables[1][0], [&](const auto& id) { return first.contains(id); });
    check_aligned(align_job(job), job, static_cast<std::size_t>(common));
}

TEST_CASE("several columns must all agree, and are joined by length") {
    for (const AlignMode mode : kModes) {
        const Job job{{{"ab", "a", "x", "p"}, {"c", "bc", "1", "q"}},
                      {{"a", "x", "abc", "q"}, {"bc", "2", "", "p"}},
                      in_mode(mode)};
        Job good = job;
        good.tables[1][1][2] = "d";
        const Results results = align_job(good);
        check_aligned(results, good, 1);
        CHECK(results[0]->rows == std::vector<std::uint32_t>{1});
        CHECK(ends_of(align_job(job)) ==
              Ends{"domain input_unusable", "domain input_unusable", "domain input_unusable"});
    }
}

TEST_CASE("ids are normalised by the rule") {
    for (const AlignMode mode : kModes) {
        AlignOptions options = in_mode(mode);
        options.rule = {.nfkc = true, .fold_case = true};
        const Job job{{{" AB1 ", "\uff21\uff22\uff12", "zz"}}, {{"ab2", "ab1", "yy"}}, options};
        const Results results = align_job(job);
        REQUIRE(message_of(results[0]) == "");
        CHECK(results[0]->common == 2);
        for (std::size_t i = 0; i < 2; ++i) CHECK(results[0]->rows[i] + results[1]->rows[i] == 1);
    }
}

TEST_CASE("one party's bad input: it is told what, the others whose") {
    const std::string others = "the input of party 1 is not usable (its own message says why)";
    struct Case {
        std::vector<std::string> ids;
        IdRule rule;
        std::string told;
    };
    const std::vector<Case> cases = {
        {{"a", "", "c"}, {}, "row 1, id column 0: the id is empty"},
        {{"a", "b", std::string(4096, 'x')}, {}, "row 2, id column 0: the id is longer than 1024 bytes"},
        {{"a", "\xff"}, {.nfkc = true}, "row 1, id column 0: the id is not UTF-8, which its rule needs"},
        {{"a", "b", "a", "b", "a"},
         {},
         "the same id; 3 rows repeat one in all: leave them out, or choose that the first counts"},
        {{"x", "Ab", "aB "},
         {.fold_case = true},
         "rows 1 and 2 have the same id after normalising; 1 rows repeat one in all: leave them out, or choose that "
         "the first counts"},
        {numbers(0, 12), {}, "the table has 12 distinct ids, and party 0 accepts 10 (rows_max)"},
    };
    for (const AlignMode mode : kModes)
        for (const Case& one : cases) {
            CAPTURE(one.told);
            AlignOptions options = in_mode(mode);
            options.rule = one.rule;
            Job job{{{"a", "q", "r"}}, {one.ids}, options};
            job.options[0].rows_max = 10;
            const Results results = align_job(job);
            CHECK(ends_of(results) == Ends{"domain input_unusable", "domain input_unusable", "domain input_unusable"});
            CHECK(message_of(results[1]).find(one.told) != std::string::npos);
            CHECK(message_of(results[0]) == others);
            CHECK(message_of(results[2]) == others);
        }
}

TEST_CASE("both banks' inputs are bad: each is told of its own") {
    for (const AlignMode mode : kModes) {
        const Results results = align_job({{{"a", "a"}}, {{"b", ""}}, in_mode(mode)});
        CHECK(message_of(results[0]).starts_with("rows 0 and 1 have the same id; 1 rows"));
        CHECK(message_of(results[1]) == "row 1, id column 0: the id is empty");
    }
}

TEST_CASE("of duplicates the first counts, where that was chosen") {
    for (const AlignMode mode : kModes) {
        Job job{{{"a", "b", "a", "c", "a", "b"}}, {{"b", "a"}}, in_mode(mode)};
        job.options[0].duplicates = Duplicates::first;
        const Results results = align_job(job);
        check_aligned(results, job, 2);
        CHECK(results[2]->table_rows[0] == 3);
        CHECK(std::ranges::max(results[0]->rows) == 1);
    }
}

TEST_CASE("a table of one id, a hundred thousand times") {
    Job job{{std::vector<std::string>(100'000, "same")}, {{"same"}}, in_mode(AlignMode::helper)};
    CHECK(message_of(align_job(job)[0]).starts_with("rows 0 and 1 have the same id; 99999 rows"));
    job.options[0].duplicates = Duplicates::first;
    const Results results = align_job(job);
    check_aligned(results, job, 1);
    CHECK(results[0]->rows == std::vector<std::uint32_t>{0});
}

TEST_CASE("too few common rows end all alike, whoever asked for more") {
    const Ends ended(3, "domain common_below_minimum");
    for (const AlignMode mode : kModes)
        for (unsigned asks = 0; asks < kParties; ++asks) {
            CAPTURE(asks);
            Job job = small_job(mode);  // 40 of 60 and 70
            job.options[asks].common_min = 40;
            check_aligned(align_job(job), job, 40);
            job.options[asks].common_min = 41;
            const Results few = align_job(job);
            CHECK(ends_of(few) == ended);
            CHECK(message_of(few[0]) == message_of(few[1]));
            CHECK(message_of(few[0]) == message_of(few[2]));
            CHECK(message_of(few[0]) == "the tables have fewer common rows than a party asks for (common_min)");
            // A share is one of the other table: 40 of B's 70 are 0.5714, of A's 60 0.6667.
            job = small_job(mode);
            job.options[asks].common_share_min = asks == 1 ? 0.666 : 0.571;
            check_aligned(align_job(job), job, 40);
            job.options[asks].common_share_min = asks == 1 ? 0.667 : 0.572;
            CHECK(ends_of(align_job(job)) == ended);
        }
    for (const AlignMode mode : kModes) CHECK(ends_of(align_job({{{"a"}}, {{"b"}}, in_mode(mode)})) == ended);
}

TEST_CASE("who aligns by other options is noticed before any tag") {
    const auto differing = [](auto change) {
        Job job = small_job(AlignMode::helper);
        change(job);
        return message_of(align_job(job)[0]);
    };
    const std::string all = ": mode, rule, id columns, job and schemas must be the same";
    CHECK(differing([](Job& job) { job.options[1].mode = AlignMode::two_party; }) ==
          "party 1 aligns with another mode" + all);
    CHECK(differing([](Job& job) { job.options[1].rule.trim = false; }) ==
          "party 1 aligns with another rule for normalising ids" + all);
    CHECK(differing([](Job& job) { job.options[2].rule.digits_only = true; }) ==
          "party 2 aligns with another rule for normalising ids" + all);
    CHECK(differing([](Job& job) { job.options[1].job = "job 18"; }) ==
          "party 1 aligns with another job, or other schemas" + all);
    CHECK(differing([](Job& job) { job.options[1].schemas[0].data[31] = 1; }) ==
          "party 1 aligns with another job, or other schemas" + all);
    CHECK(differing([](Job& job) { job.tables[1].push_back(job.tables[1][0]); }) ==
          "party 1 aligns with another number of id columns" + all);
}

TEST_CASE("the key of the tags rests on the banks' secret and on all that the ids mean") {
    using align_detail::Side;
    auto links = memory_links();
    const auto random = Random::system();
    std::set<CmacBatch::Key> keys;
    const auto key_of = [&](auto change) {
        AlignOptions options = in_mode(AlignMode::helper);
        Side side{*links[0], *random, options, 1};
        side.pair_secret.assign(64, 1);
        change(options, side);
        return align_detail::tag_key(side);
    };
    const auto alike = [](AlignOptions&, Side&) {};
    CHECK(key_of(alike) == key_of(alike));
    const std::function<void(AlignOptions&, Side&)> changes[] = {
        alike,
        [](AlignOptions&, Side& side) { side.pair_secret[0] = 2; },
        [](AlignOptions&, Side& side) { side.pair_secret[63] = 2; },
        [](AlignOptions&, Side& side) { side.columns = 2; },
        [](AlignOptions& options, Side&) { options.job = "job 18"; },
        [](AlignOptions& options, Side&) { options.mode = AlignMode::two_party; },
        [](AlignOptions& options, Side&) { options.rule.nfkc = true; },
        [](AlignOptions& options, Side&) { options.rule.fold_case = true; },
        [](AlignOptions& options, Side&) { options.rule.trim = false; },
        [](AlignOptions& options, Side&) { options.rule.digits_only = true; },
        [](AlignOptions& options, Side&) { options.schemas[0].data[0] = 1; },
        [](AlignOptions& options, Side&) { options.schemas[1].data[0] = 1; },
    };
    for (const auto& change : changes) keys.insert(key_of(change));
    CHECK(keys.size() == std::size(changes));
    // Bounds are no part of it.
    keys.insert(key_of([](AlignOptions& options, Side&) { options.rows_max = 7; }));
    CHECK(keys.size() == std::size(changes));
}

TEST_CASE("arguments that cannot be meant are refused before anything is sent") {
    auto links = memory_links();
    const auto refusal = [&](auto change, unsigned party = 0, const Table& table = {{"a"}}) {
        AlignOptions options = in_mode(AlignMode::helper);
        change(options);
        const auto result = align_table(*links[party], table, options);
        CHECK(result.status() == Status::INVALID_ARGUMENT);
        return message_of(result);
    };
    const auto nothing = [](AlignOptions&) {};
    CHECK(refusal([](auto& o) { o.mode = AlignMode::hidden; }) ==
          "in the mode `hidden` nobody learns which rows are common: call join, which returns their columns");
    CHECK(refusal([](auto& o) { o.mode = static_cast<AlignMode>(7); }) == "there is no such mode of alignment");
    CHECK(refusal([](auto& o) { o.rows_max = 0; }) == "rows_max must lie in 1 to 268435456, found 0");
    CHECK(refusal([](auto& o) { o.rows_max = kAlignRowsMax + 1; }).starts_with("rows_max must lie in"));
    CHECK(refusal([](auto& o) { o.common_min = 0; }) == "common_min must be at least 1, found 0");
    for (const double share : {-0.1, 1.1, std::nan("")})
        CHECK(refusal([share](auto& o) { o.common_share_min = share; }).starts_with("common_share_min must lie in"));
    CHECK(refusal(nothing, 0, {{}}) == "ids need 1 to 268435456 rows, found 0");
    CHECK(refusal(nothing, 0, {}) == "ids need 1 to 16 columns, found 0");
    CHECK(refusal(nothing, 1, {{"a", "b"}, {"c"}}) == "id column 1 has 1 rows, expected 2 as in column 0");
    const IdValues some = values_of({{"a"}})[0];
    CHECK(message_of(align(*links[2], std::vector{some.view()}, in_mode(AlignMode::helper))) ==
          "parties 0 and 1 pass ids, and party 2 none; party 2 passed some");
    CHECK(message_of(align(*links[1], std::nullopt, in_mode(AlignMode::helper))) ==
          "parties 0 and 1 pass ids, and party 2 none; party 1 passed none");
    for (const auto& link : links)
        for (unsigned peer = 0; peer < kParties; ++peer) CHECK(link->stats().bytes_sent[peer] == 0);
}

// ---------------------------------------------------------------- parties that lie

TEST_CASE("a helper that moves, adds or makes up pairs is noticed by both banks") {
    // To each bank it sends: its bounds, how it ended, then a bit a tag.
    constexpr std::size_t kBits = 2;
    Job job = small_job(AlignMode::helper);
    const auto told = [&](const ChangedLink::Change& change) {
        const Results results = with_liar(2, job, change);
        CHECK(results[0].status() == Status::PEER);
        CHECK(results[1].status() == Status::PEER);
        return message_of(results[0]);
    };
    // One bit moves: the count stays, the set of tags does not.
    const auto moved = [](Bytes& bits) {
        std::size_t from = 0, to = 0;
        while ((bits[from / 8] >> (from % 8) & 1) == 0) ++from;
        while ((bits[to / 8] >> (to % 8) & 1) != 0) ++to;
        bits[from / 8] ^= static_cast<std::uint8_t>(1 << (from % 8));
        bits[to / 8] ^= static_cast<std::uint8_t>(1 << (to % 8));
    };
    for (const unsigned to : {0u, 1u})
        CHECK(told([&](unsigned peer, std::size_t number, Bytes& bytes) {
                  if (number == kBits && peer == to) moved(bytes);
              }) == "party 2 paired rows that are not the same customers: the banks' common tags differ");
    // More bits than it said, a bit beyond the table, a count that is less than the minimum.
    CHECK(with_liar(2, job,
                    [](unsigned peer, std::size_t number, Bytes& bytes) {
                        if (number == kBits && peer == 0) std::ranges::fill(bytes, std::uint8_t{0xff});
                    })[0]
              .status() == Status::PEER);
    CHECK(with_liar(2, job,
                    [](unsigned peer, std::size_t number, Bytes& bytes) {
                        if (number == kBits && peer == 0) bytes.back() |= 0x80;
                    })[0]
              .status() == Status::PEER);
    // It leaves pairs out alike at both, so that the hashes agree, until there are fewer than a bank asked for.
    job.options[0].common_min = 10;
    const auto first_three = [](Bytes& bits) {
        std::size_t left = 3;
        for (std::size_t at = 0; at < bits.size() * 8; ++at) {
            const auto bit = static_cast<std::uint8_t>(1 << (at % 8));
            if ((bits[at / 8] & bit) != 0 && left-- == 0) bits[at / 8] ^= bit, left = 0;
        }
    };
    const auto few = [&](unsigned, std::size_t number, Bytes& bytes) {
        if (number == 1) bytes[8] = 3;
        if (number == kBits) first_three(bytes);
    };
    CHECK(told(few) == "party 2 named 3 common rows and marked 3, of at least 10");
    // Of what it may leave out nobody knows, as long as the bounds are met.
    job.options[0].common_min = 3;
    const Results left = with_liar(2, job, few);
    REQUIRE(message_of(left[0]) == "");
    CHECK(left[0]->rows.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) CHECK(job.tables[0][0][left[0]->rows[i]] == job.tables[1][0][left[1]->rows[i]]);
}

TEST_CASE("tags that repeat, or stand in the order of the rows, end at the helper") {
    const Job job = small_job(AlignMode::helper);
    // To the helper a bank sends: its bounds, its size, its tags.
    const auto helper_hears = [&](const std::function<void(Bytes&)>& change) {
        return message_of(with_liar(1, job, [&](unsigned peer, std::size_t number, Bytes& bytes) {
            if (peer == 2 && number == 2) change(bytes);
        })[2]);
    };
    CHECK(helper_hears([](Bytes& tags) { std::copy_n(tags.begin(), 16, tags.begin() + 16); }) ==
          "the tags of party 1 do not ascend");
    CHECK(helper_hears([](Bytes& tags) { std::swap_ranges(tags.begin(), tags.begin() + 16, tags.begin() + 32); }) ==
          "the tags of party 1 do not ascend");
}

TEST_CASE("sizes that a party did not accept are refused whoever announces them") {
    const Job job = small_job(AlignMode::helper);
    for (const std::uint64_t rows : {std::uint64_t{0}, std::uint64_t{10'000'001}, ~std::uint64_t{0}}) {
        const Results results = with_liar(1, job, [rows](unsigned, std::size_t number, Bytes& bytes) {
            if (number == 1 && bytes.size() == 16) std::memcpy(bytes.data() + 8, &rows, 8);
        });
        CHECK(message_of(results[2]) ==
              "party 1 announced " + std::to_string(rows) + " rows, expected 1 to 10000000 (rows_max)");
    }
}

TEST_CASE("bounds out of range are refused") {
    const Job job = small_job(AlignMode::helper);
    const double nan = std::nan("");
    const std::uint64_t none = 0, huge = kAlignRowsMax + 1;
    const std::pair<std::size_t, const void*> spoiled[] = {{40, &huge}, {48, &none}, {56, &nan}};
    for (const auto& [at, value] : spoiled)
        CHECK(message_of(with_liar(1, job, [at = at, value = value](unsigned, std::size_t number, Bytes& bytes) {
                  if (number == 0) std::memcpy(bytes.data() + at, value, 8);
              })[0]) == "party 1 announced bounds out of range");
}

TEST_CASE("without a third party: what is no point, comes twice, or names rows that are none") {
    const Job job = small_job(AlignMode::two_party);
    // To the other bank: bounds, random bytes, size, points, tags, a digest, positions.
    const auto hears = [&](std::size_t message, const std::function<void(Bytes&)>& change) {
        return message_of(with_liar(
            1, job,
            [&](unsigned peer, std::size_t number, Bytes& bytes) {
                if (peer == 0 && number == message) change(bytes);
            },
            2)[0]);
    };
    CHECK(hears(3, [](Bytes& points) { points[63] ^= 1; }) == "party 1 sent bytes that are no point of secp256k1");
    CHECK(hears(3, [](Bytes& points) { std::copy_n(points.begin(), 64, points.begin() + 64); }) ==
          "party 1 sent one point twice");
    CHECK(hears(4, [](Bytes& tags) { std::swap_ranges(tags.begin(), tags.begin() + 16, tags.begin() + 16); }) ==
          "the tags of party 1 do not ascend");
    CHECK(hears(5, [](Bytes& digest) { digest[0] ^= 1; }) == "party 1 found other common rows");
    const std::string named = "party 1 named a row that is none, or one twice";
    CHECK(hears(6, [](Bytes& positions) { positions[3] = 1; }) == named);
    CHECK(hears(6, [](Bytes& positions) { std::copy_n(positions.begin(), 4, positions.begin() + 4); }) == named);
}

TEST_CASE("a party that leaves ends the others with its number") {
    for (const AlignMode mode : kModes)
        for (unsigned gone = 0; gone < kParties; ++gone) {
            const Job job = small_job(mode);
            auto links = memory_links();
            links[gone].reset();
            std::vector<std::thread> threads;
            std::vector<std::string> ends(kParties);
            for (unsigned party = 0; party < kParties; ++party)
                if (party != gone)
                    threads.emplace_back([&, party] {
                        ends[party] = message_of(
                            align_table(*links[party], party < 2 ? job.tables[party] : Table{}, job.options[party]));
                        links[party].reset();
                    });
            for (auto& thread : threads) thread.join();
            const std::string left = "party " + std::to_string(gone) + " left before the end";
            CHECK(std::ranges::count(ends, left) >= 1);
        }
}
