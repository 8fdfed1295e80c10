/// Tables joined in secret: the right rows, on both backends; who is told what where it ends; what may be opened of
/// them; a helper that lies.

#include "mpc/align_parties.hpp"
#include "mpc/changed_link.hpp"

#include "base/try.hpp"

#include <c2d/regression.hpp>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <numeric>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

constexpr BackendKind kBackends[] = {BackendKind::rep3, BackendKind::clear};

/// Two banks' tables: ids, and what is known of each row. A row's numbers are a function of its customer.
struct Tables {
    std::vector<std::string> ids[2];

    /// A number of the customer, and one more.
    Matrix numbers(unsigned bank) const {
        Matrix out{ids[bank].size(), 2, {}};
        for (const std::string& id : ids[bank]) {
            out.data.push_back(number_of(id));
            out.data.push_back(number_of(id) / 4 + bank);
        }
        return out;
    }
    Matrix labels() const {
        Matrix out{ids[0].size(), 1, {}};
        for (const std::string& id : ids[0]) out.data.push_back(is_bad(id));
        return out;
    }
    static double number_of(const std::string& id) { return (std::stod(id.substr(id.find('-') + 1)) - 1e6) / 14 - 20; }
    static double is_bad(const std::string& id) { return static_cast<int>(number_of(id) * 2) % 3 == 0 ? 1 : 0; }
    std::vector<double> common() const {
        std::vector<double> out;
        for (const std::string& id : ids[0])
            if (std::ranges::find(ids[1], id) != ids[1].end()) out.push_back(number_of(id));
        std::ranges::sort(out);
        return out;
    }
};
Tables tables_of(int a, int first_of_b, int b) {
    return {{shuffled(numbers(0, a), 1), shuffled(numbers(first_of_b, b), 2)}};
}

/// What a party puts in, and what it does with it.
struct Inputs {
    Tensor a, y, b;
};
Inputs put_in(Session& session, const Tables& tables) {
    const unsigned me = session.party();
    const Matrix own = me < 2 ? tables.numbers(me) : Matrix{};
    const Matrix labels = tables.labels();
    const auto data = [&](unsigned owner) { return me == owner ? &own : nullptr; };
    return {must(session.input(0, data(0), 512)), must(session.input_labels(0, me == 0 ? &labels : nullptr)),
            must(session.input(1, data(1), 512))};
}
Result<Joined> join(Session& session, const std::vector<std::string>* ids, const std::vector<Tensor>& columns,
                    const AlignOptions& options = {}) {
    if (session.party() == 2) return session.join(std::nullopt, columns, options);
    IdValues values;
    for (const std::string& id : *ids) values.add(id);
    return session.join(std::vector{values.view()}, columns, options);
}
Result<Joined> join_all(Session& session, const Tables& tables, const AlignOptions& options = {}) {
    const Inputs in = put_in(session, tables);
    return join(session, session.party() < 2 ? &tables.ids[session.party()] : nullptr, {in.a, in.y, in.b}, options);
}

std::string end_of(const Result<Joined>& found) {
    if (found.ok()) return "ok";
    return std::string(status_name(found.status())) + (found.error().name.empty() ? "" : " " + found.error().name);
}
using Ends = std::vector<std::string>;

Ends ends_of(const Tables& tables, const std::function<AlignOptions(unsigned party)>& options,
             std::vector<std::string>* messages = nullptr) {
    Ends out(kParties);
    if (messages) messages->resize(kParties);
    run_sessions(BackendKind::rep3, [&](Session& session) {
        const auto found = join_all(session, tables, options(session.party()));
        out[session.party()] = end_of(found);
        if (messages && !found) (*messages)[session.party()] = found.error().message;
    });
    return out;
}

}  // namespace

TEST_CASE("the rows that both have, in an order that tells nothing") {
    const Tables tables = tables_of(60, 20, 90);
    for (const BackendKind backend : kBackends) {
        CAPTURE(static_cast<int>(backend));
        std::vector<double> orders[2];
        for (auto& order : orders)
            run_sessions(backend, [&](Session& session) {
                const Joined found = must(join_all(session, tables));
                CHECK(found.common == 40);
                CHECK(found.table_rows[0] == 60);
                CHECK(found.table_rows[1] == 70);
                REQUIRE(found.columns.size() == 3);
                const Matrix a = open_to_all(session, found.columns[0]), y = open_to_all(session, found.columns[1]),
                             b = open_to_all(session, found.columns[2]);
                std::vector<double> all;
                for (std::size_t row = 0; row < 40; ++row) {
                    const double number = a.at(row, 0);
                    all.push_back(number);
                    CHECK(std::abs(b.at(row, 0) - number) < 1e-4);
                    CHECK(std::abs(a.at(row, 1) - number / 4) < 1e-4);
                    CHECK(std::abs(b.at(row, 1) - number / 4 - 1) < 1e-4);
                    CHECK(y.at(row, 0) ==
                          Tables::is_bad("x-" + std::to_string(std::llround((number + 20) * 14 + 1e6))));
                }
                if (session.party() == 0) order = all;
                std::ranges::sort(all);
                for (std::size_t i = 0; i < 40; ++i) CHECK(std::abs(all[i] - tables.common()[i]) < 1e-4);
            });
        if (backend == BackendKind::rep3) CHECK(orders[0] != orders[1]);
    }
}

TEST_CASE("sizes around borders") {
    for (const auto& sizes :
         std::vector<std::array<int, 3>>{{1, 0, 1}, {1, 0, 9}, {9, 8, 9}, {64, 0, 64}, {30, 29, 400}}) {
        const int a = sizes[0], first = sizes[1], b = sizes[2];
        CAPTURE(a);
        CAPTURE(b);
        const Tables tables = tables_of(a, first, b);
        run_sessions(BackendKind::rep3, [&](Session& session) {
            const Joined found = must(join_all(session, tables));
            CHECK(found.common == static_cast<std::size_t>(std::min(a, b) - first));
            Matrix opened = open_to_all(session, found.columns[2]);
            std::vector<double> all;
            for (std::size_t row = 0; row < opened.rows; ++row) all.push_back(opened.at(row, 0));
            std::ranges::sort(all);
            REQUIRE(all.size() == tables.common().size());
            for (std::size_t i = 0; i < all.size(); ++i) CHECK(std::abs(all[i] - tables.common()[i]) < 1e-4);
        });
    }
}

TEST_CASE("rounds do not grow with the rows") {
    std::map<int, std::array<std::uint64_t, kParties>> rounds;
    for (const int rows : {10, 900}) {
        const Tables tables = tables_of(rows, 0, rows);
        auto& counted = rounds[rows];
        run_sessions(BackendKind::rep3, [&](Session& session) {
            const Inputs in = put_in(session, tables);
            const auto before = session.stats().rounds;
            const unsigned me = session.party();
            must(join(session, me < 2 ? &tables.ids[me] : nullptr, {in.a, in.y, in.b}));
            counted[me] = session.stats().rounds - before;
        });
    }
    CHECK(rounds[10] == rounds[900]);
    CHECK(std::ranges::max(rounds[10]) == 12);  // docs/mpc/operations.md
}

TEST_CASE("how it ends is told alike, and why only to the owner of the input") {
    const Ends unusable(kParties, "domain input_unusable"), few(kParties, "domain common_below_minimum");
    const auto plain = [](unsigned) { return AlignOptions{}; };
    CHECK(ends_of(tables_of(20, 20, 30), plain) == few);
    CHECK(ends_of(tables_of(20, 10, 30), [](unsigned party) {
              AlignOptions out;
              if (party == 1) out.common_min = 11;
              return out;
          }) == few);
    CHECK(ends_of(tables_of(20, 10, 30), [](unsigned party) {
              AlignOptions out;
              if (party == 1) out.common_share_min = 0.51;
              return out;
          }) == few);
    CHECK(ends_of(tables_of(20, 10, 30), [](unsigned party) {
              AlignOptions out;
              if (party == 0) out.rows_max = 19;
              return out;
          }) == unusable);
    Tables twice = tables_of(20, 10, 30);
    twice.ids[1][4] = twice.ids[1][9];
    std::vector<std::string> messages;
    CHECK(ends_of(twice, plain, &messages) == unusable);
    CHECK(messages[0] == "the input of party 1 is not usable (its own message says why)");
    CHECK(messages[1].find("rows 4 and 9 have the same id") != std::string::npos);
    CHECK(messages[2] == messages[0]);
    CHECK(ends_of(tables_of(20, 10, 30), [](unsigned party) {
              AlignOptions out;
              out.rule.digits_only = party == 1;
              return out;
          })[0] == "peer");
}

TEST_CASE("of rows with one id the first counts, where its bank says so") {
    // Bank B's customers are those of bank A but for the last two, whose rows hold the first one's id again.
    const std::vector<std::string> first = shuffled(numbers(0, 20), 1), second = shuffled(numbers(0, 20), 2);
    const Tables as_put_in{{first, second}};
    Tables tables = as_put_in;
    tables.ids[1][18] = tables.ids[1][19] = tables.ids[1][0];
    run_sessions(BackendKind::rep3, [&](Session& session) {
        const Inputs in = put_in(session, as_put_in);
        AlignOptions options;
        options.duplicates = Duplicates::first;
        const Joined found =
            must(join(session, session.party() < 2 ? &tables.ids[session.party()] : nullptr, {in.a, in.b}, options));
        CHECK(found.common == 18);
        CHECK(found.table_rows[1] == 20);
        const Matrix a = open_to_all(session, found.columns[0]), b = open_to_all(session, found.columns[1]);
        for (std::size_t row = 0; row < found.common; ++row) CHECK(std::abs(a.at(row, 0) - b.at(row, 0)) < 1e-4);
    });
}

TEST_CASE("what cannot be joined is refused before anything is sent") {
    const Tables tables = tables_of(20, 10, 30);
    run_sessions(BackendKind::rep3, [&](Session& session) {
        const Inputs in = put_in(session, tables);
        const auto refused = [&](const std::vector<Tensor>& columns) {
            const auto before = session.stats().bytes_sent[(session.party() + 1) % kParties];
            const auto found = join(session, session.party() < 2 ? &tables.ids[session.party()] : nullptr, columns);
            CHECK(found.status() == Status::INVALID_ARGUMENT);
            CHECK(session.stats().bytes_sent[(session.party() + 1) % kParties] == before);
            return found.ok() ? std::string() : found.error().message;
        };
        CHECK(refused({in.a, in.y}) == "join: found no tensor of party 1");
        CHECK(refused({}) == "join: found no tensor of party 0");
        CHECK(refused({in.a, must(session.rows(in.y, {0, 1})), in.b}) ==
              "join: the tensors of party 0 have 20 and 2 rows");
        CHECK(refused({must(session.sum(in.a, Sum::each_column)), in.b}).find("rows of inputs") != std::string::npos);
        CHECK(refused({must(session.standardise(in.a)), in.b}).find("join first") != std::string::npos);
        CHECK(refused({must(session.hconcat({must(session.rows(in.a, {0})), must(session.rows(in.b, {0}))})), in.b})
                  .find("one bank") != std::string::npos);
        IdValues ids;
        ids.add("1");
        CHECK(session.align(std::vector{ids.view()}, {.mode = AlignMode::hidden}).status() == Status::INVALID_ARGUMENT);
    });
}

// ---------------------------------------------------------------- openings

namespace {

constexpr OpeningRules kShipped{.rows = 10, .positives = 3, .negatives = 3};

/// How a program ends at all parties; each throws its own message.
std::string run_joined(const Tables& tables,
                       const std::function<Result<Unit>(Session&, const Inputs&, const Joined&)>& last,
                       const std::function<void(Session&, const Inputs&)>& before = {},
                       const OpeningRules& rules = kShipped) {
    std::string ends[kParties];
    run_sessions(
        BackendKind::rep3,
        [&](Session& session) {
            const Inputs in = put_in(session, tables);
            if (before) before(session, in);
            const auto found =
                join(session, session.party() < 2 ? &tables.ids[session.party()] : nullptr, {in.a, in.y, in.b});
            Result<Unit> end = found ? last(session, in, *found) : Result<Unit>(found.error());
            ends[session.party()] = end.ok() ? "ok" : end.error().name.empty() ? end.error().message : end.error().name;
        },
        rules);
    CHECK(ends[0] == ends[1]);
    CHECK(ends[0] == ends[2]);
    return ends[0];
}
Result<Unit> opened(const auto& result) {
    if (!result) return result.error();
    return Unit{};
}
Result<Unit> open_sums(Session& session, const Tensor& x) {
    return opened(session.reveal(must(session.sum(x, Sum::each_column)), {0}));
}

}  // namespace

TEST_CASE("results are opened of the joined rows, and of nothing else that went in") {
    const Tables tables = tables_of(60, 20, 90);
    using Given = const Inputs&;
    using Found = const Joined&;
    CHECK(run_joined(tables, [](Session& s, Given, Found found) { return open_sums(s, found.columns[0]); }) == "ok");
    CHECK(run_joined(tables, [](Session& s, Given, Found found) { return open_sums(s, found.columns[1]); }) == "ok");
    CHECK(run_joined(tables, [](Session& s, Given, Found found) { return opened(s.reveal(found.columns[0], {0})); }) ==
          "not_openable");
    // All rows less the common ones are those that are not.
    CHECK(run_joined(tables, [](Session& s, Given in, Found) { return open_sums(s, in.a); }) == "not_openable");
    CHECK(run_joined(tables, [](Session& s, Given in, Found) { return open_sums(s, in.y); }) == "not_openable");
    CHECK(run_joined(
              tables, [](Session& s, Given, Found found) { return open_sums(s, found.columns[0]); },
              [](Session& s, Given in) { must(open_sums(s, in.a)); }) == "not_openable");
    // Joined again under other ids, or put in again for that.
    CHECK(run_joined(tables, [&](Session& s, Given in, Found) {
              return opened(join(s, s.party() < 2 ? &tables.ids[s.party()] : nullptr, {in.a, in.b}));
          }) == "budget_spent");
    CHECK(run_joined(tables, [&](Session& s, Given, Found) {
              const Inputs again = put_in(s, tables);
              return opened(join(s, s.party() < 2 ? &tables.ids[s.party()] : nullptr, {again.a, again.b}));
          }) == "budget_spent");
    // One row, and nothing in the place of the others.
    CHECK(run_joined(tables, [](Session& s, Given, Found found) {
              const Tensor a = found.columns[0];
              std::vector<std::size_t> rest(39);
              std::iota(rest.begin(), rest.end(), std::size_t{1});
              return open_sums(s, must(s.vconcat({must(s.rows(a, {0})), must(s.scale(must(s.rows(a, rest)), 0))})));
          }) == "not_openable");
    // All but one.
    CHECK(run_joined(tables, [](Session& s, Given, Found found) -> Result<Unit> {
              std::vector<std::size_t> most(39);
              std::iota(most.begin(), most.end(), std::size_t{0});
              C2D_CHECK(open_sums(s, found.columns[0]));
              return open_sums(s, must(s.rows(found.columns[0], most)));
          }) == "below_minimum");
    // Nine common rows are too few for results, and so for a join.
    CHECK(run_joined(tables_of(60, 51, 90), [](Session&, Given, Found) -> Result<Unit> { return Unit{}; }) ==
          "common_below_minimum");
}

namespace {

/// Points by a model that everybody knows: the first column, made larger.
Result<Unit> open_scores(Session& session, const Tensor& x) {
    const Tensor model = must(session.constant({3, 1, {10, 0, 0}}));
    return opened(session.reveal(must(session.score(x, model, {.kind = ScoreKind::points})), {0}));
}

}  // namespace

TEST_CASE("scores would tell which rows are common: of joined rows there are none, and none of what went in") {
    const Tables tables = tables_of(60, 20, 90);
    OpeningRules rules = kShipped;
    rules.scores = ScoresOpened::points;
    using Given = const Inputs&;
    using Found = const Joined&;
    CHECK(run_joined(
              tables, [](Session& s, Given, Found found) { return open_scores(s, found.columns[0]); }, {}, rules) ==
          "not_openable");
    CHECK(run_joined(
              tables, [](Session& s, Given in, Found) { return open_scores(s, in.a); }, {}, rules) == "not_openable");
    CHECK(run_joined(
              tables, [](Session& s, Given, Found found) { return open_sums(s, found.columns[0]); },
              [](Session& s, Given in) { must(open_scores(s, in.a)); }, rules) == "not_openable");
}

TEST_CASE("two tensors of a bank are one input when they are joined, and stay two columns") {
    const Tables tables = tables_of(60, 20, 90);
    run_sessions(
        BackendKind::rep3,
        [&](Session& session) {
            const Inputs in = put_in(session, tables);
            const Tensor none = must(session.scale(in.a, 0));
            const Joined found =
                must(join(session, session.party() < 2 ? &tables.ids[session.party()] : nullptr, {in.a, none, in.b}));
            std::vector<std::size_t> rest(found.common - 1);
            std::iota(rest.begin(), rest.end(), std::size_t{1});
            const Tensor one = must(session.vconcat(
                {must(session.rows(found.columns[0], {0})), must(session.rows(found.columns[1], rest))}));
            CHECK(open_sums(session, one).error().name == "not_openable");
        },
        kShipped);
}

TEST_CASE("rows of which something else was made are not joined as one column") {
    const Tables tables = tables_of(60, 20, 90);
    run_sessions(
        BackendKind::rep3,
        [&](Session& session) {
            const Inputs in = put_in(session, tables), more = put_in(session, tables);
            const auto part = [&](const Tensor& x, std::size_t first) {
                std::vector<std::size_t> index(30);
                std::iota(index.begin(), index.end(), first);
                return must(session.rows(x, index));
            };
            const Tensor other = must(session.scale(part(more.a, 30), 0));
            const auto found = join(session, session.party() < 2 ? &tables.ids[session.party()] : nullptr,
                                    {must(session.vconcat({part(in.a, 0), other})), in.b});
            REQUIRE(found.status() == Status::INVALID_ARGUMENT);
            CHECK(found.error().message.find("something else was made") != std::string::npos);
        },
        kShipped);
}

TEST_CASE("a model of joined columns is that of the rows in the clear, and so is its AUC") {
    const Tables tables = tables_of(600, 150, 700);
    double aucs[2];
    Matrix weights[2];
    for (const BackendKind backend : kBackends)
        run_sessions(backend, [&](Session& session) {
            const Joined found = must(join_all(session, tables));
            const Tensor x = must(session.standardise(must(session.hconcat({found.columns[0], found.columns[2]}))));
            RegressionOptions options;
            options.ridge = 0.01;
            const Regression model = must(session.fit_logistic(x, found.columns[1], options));
            CHECK(model.converged);
            const std::size_t at = backend == BackendKind::rep3 ? 0 : 1;
            const Matrix w = open_to_all(session, model.weights);
            const auto auc = must(session.auc(must(session.matmul(x, must(session.rows(model.weights, {0, 1, 2, 3})))),
                                              found.columns[1], 2));
            CHECK(auc.has_value() == (session.party() == 2));
            // The labels' owner is told how many are positive.
            const auto opened = session.disclosures();
            CHECK(std::ranges::any_of(opened,
                                      [](const Disclosure& one) { return one.kind == "count" && one.count == 1; }));
            if (!auc) return;
            weights[at] = w;
            aucs[at] = *auc;
        });
    CHECK(largest_difference(weights[0], weights[1]) < 1e-3);
    CHECK(std::abs(aucs[0] - aucs[1]) < 2e-3);
}

TEST_CASE("labels whose rows nobody knows are put into no bins") {
    const Tables tables = tables_of(60, 20, 90);
    run_sessions(BackendKind::rep3, [&](Session& session) {
        const Joined found = must(join_all(session, tables));
        const Matrix bins{40, 1, std::vector<double>(40)};
        CHECK(session.bin_counts(0, session.party() == 0 ? &bins : nullptr, 2, found.columns[1]).status() ==
              Status::UNSUPPORTED);
    });
}

// ---------------------------------------------------------------- a helper that lies

namespace {

constexpr std::size_t kCommon = 13, kHead = 16, kBytes = kHead + 8 * kCommon;

/// What H does to the message that names the pairs, the only one of `kBytes` bytes.
using Lie = std::function<void(unsigned peer, Bytes& bytes)>;

/// What A and B are told.
std::pair<std::string, std::string> with_liar(const Lie& lie) {
    const Tables tables = tables_of(25, 12, 40);
    std::string told[kParties];
    run_sessions(
        BackendKind::rep3,
        [&](Session& session) {
            const auto found = join_all(session, tables);
            CHECK(!found.ok());
            if (!found && found.status() == Status::PEER) told[session.party()] = found.error().message;
        },
        kRevealAny,
        [&](unsigned party, SessionOptions& options) {
            if (party != 2) return;
            options.link =
                std::make_unique<ChangedLink>(std::move(options.link), [&](unsigned peer, std::size_t, Bytes& bytes) {
                    if (bytes.size() == kBytes) lie(peer, bytes);
                });
        });
    return {told[0], told[1]};
}
void swap_words(Bytes& bytes, std::size_t first, std::size_t second) {
    for (std::size_t i = 0; i < 4; ++i) std::swap(bytes[kHead + 4 * first + i], bytes[kHead + 4 * second + i]);
}

}  // namespace

TEST_CASE("a helper that pairs rows that are not the same customer is noticed") {
    const std::string other_ids = "party 2 paired rows whose ids are not the same";
    CHECK(with_liar([](unsigned, Bytes& bytes) { swap_words(bytes, 0, 1); }) == std::pair(other_ids, other_ids));
    CHECK(with_liar([](unsigned, Bytes& bytes) { swap_words(bytes, kCommon + 3, kCommon + 7); }) ==
          std::pair(other_ids, other_ids));
    // One word of one tag is enough.
    const auto [a, b] = with_liar([](unsigned peer, Bytes& bytes) {
        if (peer == 0) swap_words(bytes, 0, 1);
    });
    CHECK((a.find("named other pairs") != std::string::npos || b.find("named other pairs") != std::string::npos));
}

TEST_CASE("a helper that names a row twice, one that there is not, or too many is noticed") {
    const auto first = [](const Lie& lie) { return with_liar(lie).first; };
    CHECK(first([](unsigned, Bytes& bytes) {
              std::copy_n(&bytes[kHead], 4, &bytes[kHead + 4]);
          }).find("paired a row twice") != std::string::npos);
    CHECK(first([](unsigned, Bytes& bytes) { bytes[kHead + 3] = 0x7f; }).find("one that there is not") !=
          std::string::npos);
    CHECK(first([](unsigned, Bytes& bytes) { bytes[8] = 26; }).find("named 26 common rows of tables of 25") !=
          std::string::npos);
    CHECK(first([](unsigned, Bytes& bytes) { bytes[8] = 0; }).find("named 0 common rows") != std::string::npos);
}
