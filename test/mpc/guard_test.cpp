/// What may be opened: operators that try to get at single rows, and those that ask for what they may have.

#include "mpc/parties.hpp"

#include <c2d/regression.hpp>

#include <fmt/format.h>

#include <functional>
#include <numeric>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

constexpr OpeningRules kShipped{.rows = 10, .positives = 5, .negatives = 5};
constexpr std::size_t kRows = 40, kVictim = 17;

/// Bank B's columns, bank A's labels and a column of A's choice; `operator_` is what all three run.
struct World {
    Session& session;
    Tensor x, y, own;

    Tensor constant(std::vector<double> values) const {
        return must(session.constant({values.size(), 1, std::move(values)}));
    }
    /// The same number in each row.
    Tensor level(double value) const { return constant(std::vector<double>(x.rows(), value)); }
    Tensor one_hot() const {
        std::vector<double> values(x.rows());
        values[kVictim] = 1;
        return constant(std::move(values));
    }
    Tensor first_column() const { return columns(x, {0}); }
    Tensor columns(const Tensor& a, const std::vector<std::size_t>& index) const {
        return must(session.transpose(must(session.rows(must(session.transpose(a)), index))));
    }
    Tensor total(const Tensor& a) const { return must(session.sum(a, Sum::each_column)); }
    /// Party 0's: every row weighs as much, but one, which weighs nothing.
    Tensor weights() const {
        Matrix out{kRows, 1, std::vector<double>(kRows, 1)};
        out.data[kVictim] = 0;
        return share(session, 0, out);
    }
    /// Two halves of the rows as bins of bank B.
    Matrix halves() const {
        Matrix out{kRows, 1, std::vector<double>(kRows)};
        for (std::size_t row = 0; row < kRows; row += 2) out.data[row] = 1;
        return out;
    }
    Tensor counts_of(const Tensor& bits) const {
        const Matrix bins = halves();
        return must(session.bin_counts(1, session.party() == 1 ? &bins : nullptr, 2, bits));
    }
    Tensor counts() const { return counts_of(y); }
    Tensor evidence() const { return must(session.weight_of_evidence(counts())); }
    Tensor encoded() const {
        const Matrix bins = halves();
        return must(session.encode_bins(1, session.party() == 1 ? &bins : nullptr, evidence()));
    }
    /// The call that a program ends with; what was moved before it is remembered.
    Result<Unit> last(const auto& call) const {
        before = session.stats();
        const auto opened = call();
        if (!opened) return opened.error();
        return Unit{};
    }
    Result<Unit> open(const Tensor& a) const {
        return last([&] { return session.reveal(a, {0}); });
    }
    /// Trains a model, and opens it.
    Result<Unit> open_model(const Tensor& features, const Tensor& labels, const TrainOptions& options) const {
        Tensor model;
        const auto trained = last([&]() -> Result<Unit> {
            auto made = session.train_logistic(features, labels, options);
            if (!made) return made.error();
            model = *made;
            return Unit{};
        });
        return trained ? open(model) : trained;
    }
    /// Bytes of the last call to and from each party.
    std::vector<std::uint64_t> moved() const {
        std::vector<std::uint64_t> out;
        for (unsigned party = 0; party < kParties; ++party) {
            out.push_back(session.stats().bytes_sent[party] - before.bytes_sent[party]);
            out.push_back(session.stats().bytes_received[party] - before.bytes_received[party]);
        }
        return out;
    }
    mutable Link::Stats before = {};
};

std::vector<std::size_t> all_but(std::size_t left_out) {
    std::vector<std::size_t> out;
    for (std::size_t row = 0; row < kRows; ++row)
        if (row != left_out) out.push_back(row);
    return out;
}
std::vector<std::size_t> first_rows(std::size_t count) {
    std::vector<std::size_t> out(count);
    std::iota(out.begin(), out.end(), std::size_t{0});
    return out;
}

/// Columns that every world has, however many.
constexpr std::size_t kColumns = 3;

Matrix columns_of(std::size_t count) {
    std::mt19937_64 random(5);
    const Matrix first = random_matrix(random, kRows, kColumns, 4);
    Matrix out{kRows, count, {}};
    for (std::size_t i = 0; i < kRows; ++i)
        for (std::size_t j = 0; j < count; ++j) out.data.push_back(first.at(i, j % kColumns));
    return out;
}

/// One-hot in A's column, two positives more than the minimum among the labels.
void with_world(const std::function<void(World)>& program, const OpeningRules& rules, BackendKind kind,
                std::size_t positives = 7, std::size_t columns = kColumns) {
    const Matrix x = columns_of(columns);
    Matrix y{kRows, 1, std::vector<double>(kRows)}, own{kRows, 1, std::vector<double>(kRows)};
    for (std::size_t i = 0; i < positives; ++i) y.data[3 * i] = 1;
    own.data[kVictim] = 1;
    run_sessions(
        kind,
        [&](Session& session) {
            program({session, share(session, 1, x), share_labels(session, 0, y), share(session, 0, own)});
        },
        rules);
}

TrainOptions training(std::size_t batch = 16, std::size_t split = 0) {
    TrainOptions out;
    out.batch_size = batch;
    out.iterations = 4;
    out.split = split;
    out.lr = 0.01;
    return out;
}

std::uint64_t times(const Session& session, std::string_view kind) {
    for (const Disclosure& one : session.disclosures())
        if (one.kind == kind) return one.count;
    return 0;
}

struct Attack {
    const char* what;
    /// Up to the call that must be refused, whose result it returns.
    Result<Unit> (*run)(const World&);
};

const Attack kAttacks[] = {
    {"raw columns", [](const World& w) { return w.open(w.x); }},
    {"labels", [](const World& w) { return w.open(w.y); }},
    {"one row", [](const World& w) { return w.open(must(w.session.rows(w.x, {kVictim}))); }},
    {"a sum along one row", [](const World& w) { return w.open(must(w.session.sum(w.x, Sum::each_row))); }},
    {"columns that are added", [](const World& w) { return w.open(must(w.session.add(w.x, w.x))); }},
    {"a raw column, transposed", [](const World& w) { return w.open(must(w.session.transpose(w.x))); }},
    {"statistics of a repeated row",
     [](const World& w) {
         return w.last([&] {
             return w.session.column_statistics(must(w.session.rows(w.x, std::vector(100, kVictim))), {}, 100, {0});
         });
     }},
    {"the sum of a repeated row",
     [](const World& w) { return w.open(w.total(must(w.session.rows(w.x, std::vector(100, kVictim))))); }},
    {"one row below itself",
     [](const World& w) {
         const Tensor row = must(w.session.rows(w.x, {kVictim}));
         return w.open(w.total(must(w.session.vconcat(std::vector(20, row)))));
     }},
    {"a model of all rows, then one in which a row weighs nothing",
     [](const World& w) {
         CHECK(w.open(must(w.session.fit_linear(w.first_column(), w.y, {})).weights));
         RegressionOptions options;
         options.sample_weight = w.weights();
         return w.last([&] { return w.session.fit_linear(w.first_column(), w.y, options); });
     }},
    {"a training of all rows, then a model in which a row weighs nothing",
     [](const World& w) {
         must(w.session.train_logistic(w.x, w.y, training()));
         RegressionOptions options;
         options.sample_weight = w.weights();
         return w.last([&] { return w.session.fit_logistic(w.first_column(), w.y, options); });
     }},
    {"a model of weighted rows, then one of rows that are weighted by others' weights",
     [](const World& w) {
         RegressionOptions options;
         options.sample_weight = w.weights();
         must(w.session.fit_linear(w.first_column(), w.y, options));
         std::vector<std::size_t> turned(kRows);
         for (std::size_t row = 0; row < kRows; ++row) turned[row] = (row + 1) % kRows;
         options.sample_weight = must(w.session.rows(options.sample_weight, turned));
         return w.last([&] { return w.session.fit_linear(w.first_column(), w.y, options); });
     }},
    {"one row, above all others weighted by nothing",
     [](const World& w) {
         const Tensor none = must(w.session.scale(must(w.session.rows(w.x, all_but(kVictim))), 0));
         return w.open(w.total(must(w.session.vconcat({must(w.session.rows(w.x, {kVictim})), none}))));
     }},
    {"one row, beside all others weighted by nothing, transposed",
     [](const World& w) {
         const auto of = [&](const std::vector<std::size_t>& index) {
             return must(w.session.transpose(must(w.session.rows(w.x, index))));
         };
         const Tensor none = must(w.session.scale(of(all_but(kVictim)), 0));
         return w.open(must(w.session.sum(must(w.session.hconcat({of({kVictim}), none})), Sum::each_row)));
     }},
    {"one row with another column in its place",
     [](const World& w) {
         const Tensor rest = must(w.session.rows(w.columns(w.x, {1, 0}), all_but(kVictim)));
         const Tensor one = must(w.session.rows(w.columns(w.x, {0, 1}), {kVictim}));
         return w.open(w.total(must(w.session.vconcat({one, rest}))));
     }},
    {"rows standardised with others, below rows standardised alone",
     [](const World& w) {
         const Tensor both = must(w.session.standardise(must(w.session.vconcat({w.first_column(), w.own}))));
         const Tensor alone = must(w.session.standardise(w.first_column()));
         return w.open(w.total(must(w.session.vconcat(
             {must(w.session.rows(both, {kVictim})), must(w.session.rows(alone, all_but(kVictim)))}))));
     }},
    {"the bit of one row below others that are known",
     [](const World& w) {
         const auto below = [&](const std::vector<std::size_t>& index, double value) {
             const Tensor rows = must(w.session.rows(w.first_column(), index));
             return must(w.session.less(rows, w.constant(std::vector<double>(index.size(), value))));
         };
         std::vector<std::size_t> rest = all_but(kVictim);
         const std::vector<std::size_t> ones(rest.begin(), rest.begin() + 15), zeros(rest.begin() + 15, rest.end());
         return w.open(w.total(must(w.session.vconcat({below({kVictim}, 0), below(ones, 60), below(zeros, -60)}))));
     }},
    {"a count of one bank's rows, filled up with another's",
     [](const World& w) {
         const Tensor far = must(w.session.sub(w.own, w.level(60)));
         const Tensor both = must(w.session.vconcat({far, w.first_column()}));
         return w.open(w.total(must(w.session.less(both, w.constant(std::vector<double>(2 * kRows, -3.5))))));
     }},
    {"two counts of two banks' rows that differ by a row of the second",
     [](const World& w) {
         const Tensor both = must(w.session.vconcat({w.own, w.first_column()}));
         for (int step = -9; step < 0; ++step) {
             const Tensor least = w.constant(std::vector<double>(2 * kRows, step * 0.1));
             auto opened = w.open(w.total(must(w.session.less(both, least))));
             if (!opened) return opened;
         }
         return Result<Unit>(Unit{});
     }},
    {"one row, repeated to many",
     [](const World& w) {
         return w.open(w.total(must(w.session.repeat(must(w.session.rows(w.x, {kVictim})), 50, w.x.cols()))));
     }},
    {"a sum of nine rows", [](const World& w) { return w.open(w.total(must(w.session.rows(w.x, first_rows(9))))); }},
    {"a sum of one row", [](const World& w) { return w.open(w.total(must(w.session.rows(w.x, {kVictim})))); }},
    {"a public selector, multiplied",
     [](const World& w) { return w.open(w.total(must(w.session.mul(w.first_column(), w.one_hot())))); }},
    {"a public selector as a matrix",
     [](const World& w) { return w.open(must(w.session.matmul(must(w.session.transpose(w.one_hot())), w.x))); }},
    {"the same from the other side",
     [](const World& w) { return w.open(must(w.session.matmul(must(w.session.transpose(w.x)), w.one_hot()))); }},
    {"another party's selector, multiplied",
     [](const World& w) { return w.open(w.total(must(w.session.mul(w.first_column(), w.own)))); }},
    {"another party's selector as a matrix",
     [](const World& w) { return w.open(must(w.session.matmul(must(w.session.transpose(w.own)), w.x))); }},
    {"another party's threshold for each row",
     [](const World& w) { return w.open(w.total(must(w.session.less(w.own, w.first_column())))); }},
    {"a public threshold for each row",
     [](const World& w) {
         std::vector<double> far(kRows, 60);
         far[kVictim] = 0;
         return w.open(w.total(must(w.session.less(w.constant(far), w.first_column()))));
     }},
    {"what is added for each row, then compared",
     [](const World& w) {
         const Tensor moved = must(w.session.add(w.first_column(), must(w.session.scale(w.one_hot(), 60))));
         return w.open(w.total(must(w.session.less(moved, w.level(30)))));
     }},
    {"select by labels of one's own",
     [](const World& w) { return w.open(w.total(must(w.session.select(w.y, w.first_column(), w.level(0))))); }},
    {"a quotient by a selector",
     [](const World& w) {
         std::vector<double> divisors(kRows, 0x1p20);
         divisors[kVictim] = 1;
         return w.open(w.total(must(w.session.divide(w.first_column(), w.constant(divisors)))));
     }},
    {"a high power of a column",
     [](const World& w) {
         Tensor power = must(w.session.scale(w.first_column(), 0.25));
         for (int i = 0; i < 4; ++i) power = must(w.session.mul(power, power));
         return w.open(w.total(power));
     }},
    {"all rows, then all but one",
     [](const World& w) {
         CHECK(w.open(w.total(w.x)));
         return w.open(w.total(must(w.session.rows(w.x, all_but(kVictim)))));
     }},
    {"the difference of the two, shared",
     [](const World& w) {
         const Tensor less = w.total(must(w.session.rows(w.x, all_but(kVictim))));
         return w.open(must(w.session.sub(w.total(w.x), less)));
     }},
    {"halves that overlap in one row",
     [](const World& w) {
         std::vector<std::size_t> first = first_rows(kVictim + 1), second;
         for (std::size_t row = kVictim; row < kRows; ++row) second.push_back(row);
         CHECK(w.open(w.total(must(w.session.rows(w.x, first)))));
         return w.open(w.total(must(w.session.rows(w.x, second))));
     }},
    {"the mean of all, then of all but one",
     [](const World& w) {
         CHECK(w.session.column_statistics(w.x, {}, 10, {0}));
         return w.last(
             [&] { return w.session.column_statistics(must(w.session.rows(w.x, all_but(kVictim))), {}, 10, {0}); });
     }},
    {"statistics over too few labels",
     [](const World& w) { return w.last([&] { return w.session.column_statistics(w.x, w.y, 2, {0}); }); }},
    {"a count of few rows",
     [](const World& w) { return w.open(w.total(must(w.session.less(w.first_column(), w.level(-3.9))))); }},
    {"a count of nearly all",
     [](const World& w) { return w.open(w.total(must(w.session.less(w.first_column(), w.level(3))))); }},
    {"two counts that differ by a row",
     [](const World& w) {
         // The middle of an even grid: what lies between the two is one row at most.
         for (int step = -8; step < 8; ++step) {
             auto opened = w.open(w.total(must(w.session.less(w.first_column(), w.level(step * 0.1)))));
             if (!opened) return opened;
         }
         return Result<Unit>(Unit{});
     }},
    {"bits that are counted after something is added",
     [](const World& w) {
         const Tensor bits = must(w.session.less(w.first_column(), w.level(-3.9)));
         return w.open(w.total(must(w.session.add(bits, w.level(0)))));
     }},
    {"bits of one row times a column",
     [](const World& w) {
         const Tensor bits = must(w.session.less(w.first_column(), w.level(-3.9)));
         return w.open(w.total(must(w.session.mul(bits, w.first_column()))));
     }},
    {"a model of one row",
     [](const World& w) {
         const auto first = [&](const Tensor& a) { return must(w.session.rows(a, {kVictim})); };
         return w.open_model(first(w.x), first(w.y), training());
     }},
    {"a model of batches of one row", [](const World& w) { return w.open_model(w.x, w.y, training(1)); }},
    {"a model of one row, repeated",
     [](const World& w) {
         const std::vector<std::size_t> index(40, kVictim);
         const Tensor x = must(w.session.rows(w.x, index)), y = must(w.session.rows(w.y, index));
         return w.open_model(x, y, training());
     }},
    {"scores of a model trained on nothing",
     [](const World& w) { return w.last([&] { return w.session.train_logistic(w.x, w.y, training(1, 20)); }); }},
    {"a training of few rows, whose bits all learn",
     [](const World& w) {
         const auto few = [&](const Tensor& a) { return must(w.session.rows(a, first_rows(9))); };
         return w.last([&] { return w.session.train_logistic(few(w.x), few(w.y), training(4)); });
     }},
    {"a regression of few rows, whose steps all learn",
     [](const World& w) {
         const auto few = [&](const Tensor& a) { return must(w.session.rows(a, first_rows(9))); };
         return w.last([&] { return w.session.fit_logistic(few(w.first_column()), few(w.y), {}); });
     }},
    {"models of labels that differ in a row",
     [](const World& w) {
         CHECK(w.open(must(w.session.train_logistic(w.x, w.y, training()))));
         Matrix other{kRows, 1, std::vector<double>(kRows)};
         for (std::size_t i = 0; i < 7; ++i) other.data[3 * i] = 1;
         other.data[kVictim] = 1;
         const Tensor y = share_labels(w.session, 0, other);
         return w.open_model(w.x, y, training());
     }},
    {"models of rows that differ in one",
     [](const World& w) {
         CHECK(w.open(must(w.session.train_logistic(w.x, w.y, training()))));
         const Tensor x = must(w.session.rows(w.x, all_but(kVictim))), y = must(w.session.rows(w.y, all_but(kVictim)));
         return w.open_model(x, y, training());
     }},
    {"scores of rows",
     [](const World& w) {
         const Tensor model = must(w.session.train_logistic(w.x, w.y, training()));
         const Tensor weights = must(w.session.rows(model, first_rows(w.x.cols())));
         return w.open(must(w.session.sigmoid(must(w.session.matmul(w.x, weights)))));
     }},
    {"an AUC of scores that everybody knows",
     [](const World& w) { return w.last([&] { return w.session.auc(w.one_hot(), w.y, 1); }); }},
    {"an AUC of repeated rows",
     [](const World& w) {
         const std::vector<std::size_t> index(20, kVictim);
         return w.last(
             [&] { return w.session.auc(must(w.session.rows(w.own, index)), must(w.session.rows(w.y, index)), 0); });
     }},
    {"an AUC of few rows",
     [](const World& w) {
         const std::vector<std::size_t> index = {0, 1, 2, 3};
         return w.last(
             [&] { return w.session.auc(must(w.session.rows(w.own, index)), must(w.session.rows(w.y, index)), 0); });
     }},
    {"counts of labels in bins", [](const World& w) { return w.open(w.counts()); }},
    {"a sum of such counts", [](const World& w) { return w.open(must(w.session.sum(w.counts(), Sum::each_column))); }},
    {"counts times a number", [](const World& w) { return w.open(must(w.session.scale(w.counts(), 1))); }},
    {"weights of evidence", [](const World& w) { return w.open(w.evidence()); }},
    {"weights of evidence, compared",
     [](const World& w) {
         return w.open(must(w.session.less(w.evidence(), must(w.session.constant({2, 1, {0, 0}})))));
     }},
    {"an encoded column", [](const World& w) { return w.open(w.encoded()); }},
    {"a sum of an encoded column, which is a weight of evidence",
     [](const World& w) { return w.open(w.total(w.encoded())); }},
    {"the mean of an encoded column",
     [](const World& w) {
         const Tensor encoded = w.encoded();
         return w.last([&] { return w.session.column_statistics(encoded, {}, 10, {0}); });
     }},
    {"a sum of scores of an encoded column",
     [](const World& w) {
         return w.open(w.total(must(w.session.matmul(w.encoded(), must(w.session.constant({1, 1, {1}}))))));
     }},
    {"an encoded column beside another",
     [](const World& w) {
         return w.open(w.total(must(w.session.hconcat({w.x, w.encoded()}))));
     }},
    {"a count of an encoded column's bits",
     [](const World& w) { return w.open(w.total(must(w.session.less(w.encoded(), w.level(0))))); }},
    {"an information value by labels that everybody knows",
     [](const World& w) {
         std::vector<double> known(kRows);
         known[kVictim] = 1;
         const Tensor bits = must(w.session.less(w.level(0.5), w.constant(known)));
         return w.open(must(w.session.information_value(w.counts_of(bits))));
     }},
    {"an information value of too few positives",
     [](const World& w) {
         const Tensor bits = must(w.session.less(w.first_column(), w.level(-3.5)));
         return w.open(must(w.session.information_value(w.counts_of(bits))));
     }},
    {"correlations of few rows",
     [](const World& w) {
         const Tensor few = must(w.session.rows(w.x, first_rows(9)));
         return w.last([&] { return w.session.correlations(few); });
     }},
    {"correlations of all rows, and of all but one",
     [](const World& w) {
         must(w.session.reveal(must(w.session.correlations(w.x)), {0}));
         const Tensor rest = must(w.session.rows(w.x, all_but(kVictim)));
         return w.last([&] { return w.session.correlations(rest); });
     }},
    {"standardised over few rows, then all",
     [](const World& w) {
         return w.open(w.total(must(w.session.standardise(must(w.session.rows(w.x, all_but(kVictim)))))));
     }},
};

/// What the refused call of an attack on so many columns moved, at each party, and how many bits it opened.
struct Moved {
    std::array<std::vector<std::uint64_t>, kParties> bytes;
    std::array<std::uint64_t, kParties> bits{};
    bool operator==(const Moved&) const = default;
};
Moved moved_by(const Attack& attack, std::size_t columns) {
    Moved out;
    with_world(
        [&](const World& world) {
            CHECK(attack.run(world).status() == Status::REFUSED);
            out.bytes[world.session.party()] = world.moved();
            out.bits[world.session.party()] = times(world.session, "minimum");
        },
        kShipped, BackendKind::rep3, 7, columns);
    return out;
}

}  // namespace

TEST_CASE("a refused call moves what the comparison with the minimum takes, however much it was to open") {
    for (const Attack& attack : kAttacks) {
        INFO(std::string(attack.what));
        const Moved narrow = moved_by(attack, kColumns), wide = moved_by(attack, 5 * kColumns);
        CHECK(narrow == wide);
        // Without a comparison nothing at all is sent.
        if (narrow.bits[0] != 0) continue;
        for (const auto& bytes : narrow.bytes) CHECK(bytes == std::vector<std::uint64_t>(2 * kParties, 0));
    }
}

TEST_CASE("crafted operators get a refusal and nothing else") {
    for (const Attack& attack : kAttacks) {
        INFO(std::string(attack.what));
        with_world(
            [&](const World& world) {
                const auto answer = attack.run(world);
                CHECK_MESSAGE(answer.status() == Status::REFUSED,
                              std::string(attack.what)
                                  << ": " << (answer ? std::string("opened") : answer.error().message));
                if (answer) return;
                CHECK((answer.error().name == "not_openable" || answer.error().name == "below_minimum"));
                CHECK(times(world.session, "refusal") == 1);
                CHECK(times(world.session, "any") == 0);
                // And that was the last that it asked.
                CHECK(world.session.sum(world.x, Sum::all).status() == Status::REFUSED);
                CHECK(times(world.session, "refusal") == 1);
            },
            kShipped, BackendKind::rep3);
    }
}

TEST_CASE("a refusal that everybody can foresee sends nothing") {
    with_world(
        [](const World& world) {
            const auto before = world.session.stats();
            CHECK(world.open(world.x).status() == Status::REFUSED);
            for (unsigned party = 0; party < kParties; ++party) {
                CHECK(world.session.stats().bytes_sent[party] == before.bytes_sent[party]);
                CHECK(world.session.stats().bytes_received[party] == before.bytes_received[party]);
            }
        },
        kShipped, BackendKind::rep3);
}

TEST_CASE("what is compared on shares says one bit, at all parties alike") {
    // The same bytes whether the count is below the minimum by one or by four.
    std::vector<std::uint64_t> received[kParties];
    for (const std::size_t positives : {1, 4})
        with_world(
            [&](const World& world) {
                const auto before = world.session.stats();
                const auto opened = world.session.column_statistics(world.x, world.y, 2, {0, 1, 2});
                CHECK(opened.status() == Status::REFUSED);
                const auto& after = world.session.stats();
                for (unsigned party = 0; party < kParties; ++party)
                    received[world.session.party()].push_back(after.bytes_received[party] -
                                                              before.bytes_received[party]);
                CHECK(times(world.session, "minimum") == 1);
            },
            kShipped, BackendKind::rep3, positives);
    for (const auto& bytes : received) {
        REQUIRE(bytes.size() == 6);
        CHECK(std::equal(bytes.begin(), bytes.begin() + 3, bytes.begin() + 3));
    }
}

TEST_CASE("what may be had is had, and counted") {
    for (const BackendKind kind : {BackendKind::rep3, BackendKind::clear})
        with_world(
            [](const World& w) {
                Session& s = w.session;
                CHECK(w.open(w.total(w.x)));
                CHECK(w.open(must(s.scale(w.total(w.x), 1.0 / kRows))));
                CHECK(w.open(w.total(w.y)));
                CHECK(w.open(w.level(3)));
                CHECK(s.column_statistics(w.x, {}, 2, {0, 1}));
                // A half, of one owner's choice, and the mean of a linear function of it.
                const Tensor young = must(s.less(w.first_column(), w.level(0)));
                CHECK(s.column_statistics(w.x, young, 2, {0}));
                CHECK(times(s, "sum") == 2);
                CHECK(times(s, "count") == 1);
                CHECK(times(s, "statistics") == 2);
                CHECK(times(s, "any") == 0);
            },
            OpeningRules{.rows = 5, .positives = 4, .negatives = 4}, kind);
}

TEST_CASE("models and AUCs of enough rows") {
    with_world(
        [](const World& w) {
            Session& s = w.session;
            const Tensor z = must(s.standardise(w.x));
            const Tensor model = must(s.train_logistic(z, w.y, training()));
            CHECK(w.open(model));
            const Tensor weights = must(s.rows(model, {0, 1, 2}));
            const Tensor scores = must(s.matmul(z, weights));
            CHECK(s.auc(scores, w.y, 1));
            CHECK(s.auc(must(s.sigmoid(scores)), w.y, 1));
            CHECK(times(s, "model") == 1);
            CHECK(times(s, "auc") == 2);
        },
        kShipped, BackendKind::rep3);
}

namespace {

/// Calls whose domain tells something of row 17 alone.
const Attack kQuestions[] = {
    {"a quotient",
     [](const World& w) { return w.last([&] { return w.session.divide(w.level(1), w.first_column()); }); }},
    {"an inverse root",
     [](const World& w) {
         const Tensor row = must(w.session.rows(w.first_column(), {kVictim}));
         const Tensor low = must(w.session.sub(row, w.constant({60})));
         return w.last([&] { return w.session.inverse_sqrt(low); });
     }},
    {"a quotient by a sum over one row",
     [](const World& w) {
         const Tensor sum = w.total(must(w.session.rows(w.first_column(), {kVictim})));
         const Tensor low = must(w.session.sub(sum, w.constant({60})));
         return w.last([&] { return w.session.divide(w.constant({1}), low); });
     }},
    {"a sigmoid",
     [](const World& w) {
         const Tensor large = must(w.session.scale(w.first_column(), 0x1p14));
         return w.last([&] { return w.session.sigmoid(large); });
     }},
};

}  // namespace

TEST_CASE("a domain that was left says something of rows once, and that was the last") {
    for (const Attack& question : kQuestions) {
        INFO(std::string(question.what));
        with_world(
            [&](const World& w) {
                CHECK(question.run(w).status() == Status::DOMAIN);
                const auto again = w.session.sum(w.x, Sum::all);
                CHECK(again.status() == Status::REFUSED);
                CHECK(again.error().name == "session_ended");
                CHECK(times(w.session, "domain") == 1);
            },
            kShipped, BackendKind::rep3);
        // Owners who ask for nothing are told as before, and the session goes on.
        with_world(
            [&](const World& w) {
                CHECK(question.run(w).status() == Status::DOMAIN);
                CHECK(w.session.sum(w.x, Sum::all));
            },
            {}, BackendKind::rep3);
    }
    // Of results alone nothing is told that could not be opened.
    with_world(
        [](const World& w) {
            CHECK(w.session.divide(w.constant({1}), w.constant({0})).status() == Status::DOMAIN);
            CHECK(w.session.sum(w.x, Sum::all));
        },
        kShipped, BackendKind::rep3);
}

TEST_CASE("a party whose program compares something else is found out before the bit is opened") {
    for (unsigned liar = 0; liar < kParties; ++liar) {
        CAPTURE(liar);
        auto links = memory_links();
        std::array<Error, kParties> told;
        std::array<std::uint64_t, kParties> counts{};
        std::vector<std::thread> threads;
        for (unsigned party = 0; party < kParties; ++party)
            threads.emplace_back([&, party] {
                links[party]->set_timeout(std::chrono::seconds(20));
                const auto session = must(Session::open({.link = std::move(links[party]), .rules = kShipped}));
                Session& s = *session;
                Matrix few{kRows, 1, std::vector<double>(kRows)}, enough = few;
                few.data[kVictim] = 1;
                for (std::size_t i = 0; i < kRows / 2; ++i) enough.data[i] = 1;
                const Tensor y = share_labels(s, 0, few), other = share_labels(s, 0, enough);
                const auto opened = s.reveal(must(s.sum(party == liar ? other : y, Sum::all)), {0, 1, 2});
                told[party] = opened ? Error(Status::OK, "") : opened.error();
                counts[party] = times(s, "count");
            });
        for (auto& thread : threads) thread.join();
        for (unsigned party = 0; party < kParties; ++party) {
            CAPTURE(told[party].message);
            CHECK(told[party].status == Status::PEER);
            CHECK(counts[party] == 0);
        }
        const unsigned honest = liar == 0 ? 1 : 0;
        CHECK(told[honest].message.find(fmt::format("party {} made other calls", liar)) == 0);
    }
}

TEST_CASE("what a program tells the others is counted in bytes") {
    with_world(
        [](const World& w) {
            must(w.session.exchange(as_bytes(std::string(w.session.party() * 100, 'x'))));
            must(w.session.exchange(as_bytes("yz")));
            CHECK(times(w.session, "announced") == w.session.party() * 100 + 2);
        },
        kShipped, BackendKind::rep3);
}

TEST_CASE("information values, decisions by them, and models of encoded columns") {
    for (const BackendKind kind : {BackendKind::rep3, BackendKind::clear})
        with_world(
            [](const World& w) {
                Session& s = w.session;
                const Tensor value = must(s.information_value(w.counts()));
                CHECK(w.open(must(s.less(value, must(s.constant({1, 1, {0.02}}))))));
                CHECK(w.open(value));
                const Tensor both = must(s.hconcat({w.encoded(), w.x}));
                CHECK(w.open(must(s.fit_logistic(both, w.y, {})).weights));
                const Tensor model = must(s.train_logistic(must(s.standardise(both)), w.y, training()));
                CHECK(w.open(model));
                CHECK(s.auc(must(s.matmul(both, must(s.rows(model, {0, 1, 2, 3})))), w.y, 1));
                const Tensor correlations = must(s.correlations(both));
                CHECK(w.open(correlations));
                CHECK(w.open(must(s.variance_inflation(correlations))));
                CHECK(times(s, "correlation") == 1);
                CHECK(times(s, "variance_inflation") == 1);
                CHECK(times(s, "information_value") == 2);
                CHECK(times(s, "model") == 2);
                CHECK(times(s, "any") == 0);
            },
            kShipped, kind);
}

TEST_CASE("a bin of fewer rows than the minimum is refused by its owner, with its number") {
    with_world(
        [](const World& w) {
            Matrix bins = w.halves();
            for (std::size_t row = 0; row < 9; ++row) bins.data[row] = 2;
            const Matrix* const own = w.session.party() == 1 ? &bins : nullptr;
            const auto counts = w.session.bin_counts(1, own, 3, w.y);
            CHECK(counts.status() == Status::DOMAIN);
            if (own && !counts) CHECK(counts.error().message.find("9 rows in bin 2 of column 0") != std::string::npos);
        },
        kShipped, BackendKind::rep3);
}

TEST_CASE("the strictest rules of all count") {
    auto links = memory_links();
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < kParties; ++party)
        threads.emplace_back([&, party] {
            SessionOptions options;
            options.link = std::move(links[party]);
            options.rules = party == 2 ? OpeningRules{.rows = 3} : kRevealAny;
            auto session = must(Session::open(std::move(options)));
            const Matrix two{2, 1, {1, 2}}, five{5, 1, {1, 2, 3, 4, 5}};
            const Tensor enough = share(*session, 0, five), few = share(*session, 0, two);
            CHECK(session->reveal(must(session->sum(enough, Sum::all)), {0}));
            CHECK(session->reveal(must(session->sum(few, Sum::all)), {0}).error().name == "below_minimum");
        });
    for (auto& thread : threads) thread.join();
}

TEST_CASE("models of rows that weigh the same, all or some of them") {
    with_world(
        [](World w) {
            RegressionOptions options;
            options.sample_weight = w.weights();
            must(w.session.fit_linear(w.first_column(), w.y, options));
            const auto twenty = [&](const Tensor& a) { return must(w.session.rows(a, first_rows(20))); };
            options.sample_weight = twenty(options.sample_weight);
            CHECK(w.session.fit_linear(twenty(w.first_column()), twenty(w.y), options).status() != Status::REFUSED);
        },
        OpeningRules{.rows = 10}, BackendKind::rep3);
}

TEST_CASE("rows that were changed alike go below each other") {
    with_world(
        [](World w) {
            const auto part = [&](std::size_t first) {
                std::vector<std::size_t> index(kRows / 2);
                std::iota(index.begin(), index.end(), first);
                const Tensor rows = must(w.session.rows(w.x, index));
                return must(w.session.scale(must(w.session.add(rows, rows)), 0.25));
            };
            const Tensor total = w.total(must(w.session.vconcat({part(0), part(kRows / 2)})));
            const auto opened = must(w.session.reveal(total, {0}));
            const auto expected = must(w.session.reveal(must(w.session.scale(w.total(w.x), 0.5)), {0}));
            if (w.session.party() == 0)
                for (std::size_t i = 0; i < kColumns; ++i) CHECK(std::abs(opened->data[i] - expected->data[i]) < 0.01);
        },
        kShipped, BackendKind::rep3);
}

namespace {

constexpr OpeningRules kScoring{.rows = 10, .scores = ScoresOpened::points, .score_rows_max = 30};

/// A model of its own by column: each is that column.
Tensor scored_by(const World& w, std::size_t column, const std::vector<std::size_t>& rows) {
    std::vector<double> model(kColumns + 1);
    model[column] = 1;
    const Tensor x = must(w.session.rows(w.x, rows));
    return must(w.session.score(x, w.constant(model), {.kind = ScoreKind::points}));
}

}  // namespace

TEST_CASE("scores of a row are opened by one model, however they lie") {
    for (const BackendKind kind : {BackendKind::rep3, BackendKind::clear}) {
        with_world(
            [](World w) {
                const Tensor one = w.constant({0, 1, 0, 0});
                const auto scores = [&](const std::vector<std::size_t>& rows) {
                    return must(w.session.score(must(w.session.rows(w.x, rows)), one, {.kind = ScoreKind::points}));
                };
                CHECK(w.open(scores({0, 1, 2})));
                CHECK(w.open(must(w.session.transpose(scores({2, 3, 4})))));
                const auto again = w.open(scored_by(w, 2, {4}));
                REQUIRE(again.status() == Status::REFUSED);
                CHECK(again.error().name == "not_openable");
            },
            kScoring, kind);
        with_world(
            [](World w) {
                const Tensor lying = must(w.session.transpose(scored_by(w, 0, first_rows(31))));
                const auto many = w.open(lying);
                REQUIRE(many.status() == Status::REFUSED);
                CHECK(many.error().name == "score_rows_max");
            },
            kScoring, kind);
    }
}

TEST_CASE("rows of two banks, one below the other, are rows of both") {
    run_sessions(BackendKind::rep3,
                 [](Session& s) {
                     std::mt19937_64 random(3);
                     const Matrix mine = random_matrix(random, 12, 2, 3);
                     const Tensor all = must(s.vconcat({share(s, 0, mine), share(s, 1, mine)}));
                     CHECK(s.reveal(must(s.sum(all, Sum::each_column)), {2}));
                     const Tensor one = must(s.constant({2, 1, {1, 0}})),
                                  zero = must(s.constant({24, 1, std::vector<double>(24)}));
                     const Tensor bits = must(s.less(must(s.matmul(all, one)), zero));
                     CHECK(s.column_statistics(all, bits, 3, {0}));
                 },
                 {.rows = 3});
}

TEST_CASE("a target that outweighs all others trains no model that is opened") {
    for (const double heavy : {64.0, 1.0})
        run_sessions(BackendKind::rep3,
                     [&](Session& s) {
                         std::mt19937_64 random(3);
                         const Matrix x = random_matrix(random, kRows, 2, 1);
                         Matrix y{kRows, 1, std::vector<double>(kRows, 1)};
                         y.data[kVictim] = heavy;
                         const auto model = s.train_linear(share(s, 1, x), share(s, 0, y), training());
                         CHECK((model.ok() && s.reveal(*model, {0}).ok()) == (heavy == 1));
                     },
                     {.rows = 10, .weight_share_max = 0.2});
}

TEST_CASE("rules that are none are refused") {
    for (const double share : {0.0, -1.0, 1.5}) {
        auto links = memory_links();
        SessionOptions options;
        options.link = std::move(links[0]);
        options.rules.weight_share_max = share;
        CHECK(Session::open(std::move(options)).status() == Status::INVALID_ARGUMENT);
    }
}
