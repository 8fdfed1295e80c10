/// What sessions keep for later ones: fresh shares, taken back whole or not at all, and opened as scores alone.

#include "base/file.hpp"
#include "mpc/core/kept_record.hpp"
#include "mpc/engines.hpp"
#include "mpc/generated.hpp"
#include "mpc/parties.hpp"

#include "support/temp_dir.hpp"
#include <c2d/regression.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <set>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

namespace fs = std::filesystem;

constexpr OpeningRules kGuarded{.rows = 10, .positives = 5, .negatives = 5};
constexpr OpeningRules kPoints{.rows = 10, .positives = 5, .negatives = 5, .scores = ScoresOpened::points};
constexpr OpeningRules kProbabilities{
    .rows = 10, .positives = 5, .negatives = 5, .scores = ScoresOpened::probabilities};

struct KeepCase {
    support::TempDir dir;
    GeneratedData data = generate(600, 3, 2, 11);

    fs::path folder(unsigned party) const { return dir / ("party_" + std::to_string(party)); }
    fs::path file(unsigned party, const char* name = "model") const { return folder(party) / name; }

    template <class Program>
    void run(BackendKind kind, Program program, const OpeningRules& rules = kPoints) const {
        run_sessions(kind, program, rules, [this](unsigned party, SessionOptions& options) {
            options.kept = KeptShares::folder(folder(party));
        });
    }
    Tensor features(Session& session) const {
        return must(session.hconcat({share(session, 0, data.first), share(session, 1, data.second)}));
    }
    Tensor train(Session& session) const {
        TrainOptions options;
        options.iterations = 200;
        options.lr = 1.0 / 256;
        options.batch_size = 64;
        options.evaluate_every = 1000;
        return must(session.train_logistic(features(session), share_labels(session, 0, data.label), options));
    }
    /// Trains and keeps it; the scores of the training rows in that very session, at party 0.
    Matrix train_and_keep(BackendKind kind, const char* name = "model") const {
        Matrix out;
        run(kind, [&](Session& session) {
            const Tensor model = train(session);
            const Bytes32 binding = must(session.keep(model, name));
            CHECK_FALSE(binding.is_zero());
            auto opened = must(session.reveal(must(session.score(features(session), model)), {0}));
            if (opened) out = *std::move(opened);
        });
        return out;
    }
};

using Block = std::array<std::uint8_t, 16>;

/// No small numbers and no lengths: those have few different bytes.
bool is_random(const Block& block) { return std::set<std::uint8_t>(block.begin(), block.end()).size() >= 11; }

void add_blocks(std::set<Block>& out, BytesView bytes) {
    Block block;
    for (std::size_t at = 0; at + block.size() <= bytes.size(); at += 8) {
        std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(at), block.size(), block.begin());
        if (is_random(block)) out.insert(block);
    }
}

/// Whether a block is of what a load tells everybody, whatever stands around it: the digest of what all have alike.
bool is_announced(const Block& block, const Bytes32& digest) {
    return std::ranges::any_of(std::array{0, 8}, [&](int at) {
        const auto half = std::span(block).subspan(static_cast<std::size_t>(at), 8);
        return std::search(digest.data.begin(), digest.data.end(), half.begin(), half.end()) != digest.data.end();
    });
}

/// All that any party heard of a session, 16 bytes from every eighth on.
template <class Program>
std::set<Block> heard_in(const KeepCase& of, Program program) {
    std::array<std::set<Block>, kParties> heard;
    run_sessions(BackendKind::rep3, program, kPoints, [&](unsigned party, SessionOptions& options) {
        options.kept = KeptShares::folder(of.folder(party));
        options.link->set_transcript([&out = heard[party]](bool outgoing, unsigned, BytesView bytes) {
            if (!outgoing) add_blocks(out, bytes);
        });
    });
    std::set<Block> out;
    for (const auto& one : heard) out.insert(one.begin(), one.end());
    return out;
}

Result<Unit> outcome(const Result<Tensor>& tensor) {
    if (!tensor) return tensor.error();
    return Unit{};
}

}  // namespace

TEST_CASE_FIXTURE(KeepCase, "a model that was kept scores as in the session that trained it, to the last point") {
    for (const BackendKind kind : {BackendKind::rep3, BackendKind::clear}) {
        const Matrix before = train_and_keep(kind);
        REQUIRE(before.data.size() == 600);
        for (const double points : before.data) CHECK(points == std::floor(points));
        Matrix after;
        run(kind, [&](Session& session) {
            const Tensor model = must(session.load("model"));
            CHECK(model.rows() == 6);
            auto opened = must(session.reveal(must(session.score(features(session), model)), {0}));
            if (opened) after = *std::move(opened);
        });
        CHECK(after.data == before.data);
    }
}

TEST_CASE_FIXTURE(KeepCase, "points and probabilities are what their formulas say") {
    Matrix logits, points, probabilities;
    run(
        BackendKind::rep3,
        [&](Session& session) {
            const Tensor model = train(session), x = features(session);
            must(session.keep(model, "model"));
            const auto open = [&](ScoreKind kind, Matrix& out) {
                ScoreOptions options;
                options.kind = kind;
                auto opened = must(session.reveal(must(session.score(x, model, options)), {1}));
                if (opened) out = *std::move(opened);
            };
            open(ScoreKind::logit, logits);
            open(ScoreKind::points, points);
            open(ScoreKind::probability, probabilities);
        },
        kRevealAny);
    REQUIRE(logits.data.size() == 600);
    for (std::size_t i = 0; i < logits.data.size(); ++i) {
        const double wanted = 600 + 20 / std::log(2.0) * (-logits.data[i] - std::log(50.0));
        CHECK(std::abs(points.data[i] - wanted) <= 0.5 + 0x1p-10);
        CHECK(std::abs(probabilities.data[i] - 1 / (1 + std::exp(-logits.data[i]))) < 2e-4);
    }
}

TEST_CASE_FIXTURE(KeepCase, "what is stored are fresh draws: twice the same model is twice something else") {
    train_and_keep(BackendKind::rep3, "model");
    run(BackendKind::rep3, [&](Session& session) {
        const Tensor model = train(session);
        must(session.keep(model, "first"));
        must(session.keep(model, "second"));
    });
    std::set<std::uint64_t> seen;
    std::size_t count = 0;
    for (unsigned party = 0; party < kParties; ++party)
        for (const char* name : {"first", "second"}) {
            const auto record = must(decode_kept(as_bytes(support::read_text(file(party, name)))));
            for (std::size_t at = 0; at < record.tensor.shares.size(); at += 8, ++count) {
                std::uint64_t word = 0;
                std::memcpy(&word, record.tensor.shares.data() + at, 8);
                seen.insert(word);
            }
        }
    // Each component stands at two parties.
    CHECK(seen.size() == count / 2);
}

TEST_CASE_FIXTURE(KeepCase, "nothing that hid a value in the training hides one at scoring, nor at the next scoring") {
    const auto scores = [&](Session& session) {
        must(session.reveal(must(session.score(features(session), must(session.load("model")))), {0}));
    };
    // What a session opens with is text.
    const auto known = heard_in(*this, [](Session& session) { must(session.exchange({})); });
    const auto trains = heard_in(*this, [&](Session& session) { must(session.keep(train(session), "model")); });
    const auto first = heard_in(*this, scores), second = heard_in(*this, scores);
    CHECK(first.size() > 3'000);
    CHECK(trains.size() > 30'000);
    const Bytes32 announced = common_digest(must(decode_kept(as_bytes(support::read_text(file(0))))));
    const auto again = [&](const std::set<Block>& one, const std::set<Block>& other) {
        return std::ranges::count_if(one, [&](const Block& block) {
            return other.contains(block) && !known.contains(block) && !is_announced(block, announced);
        });
    };
    // The same rows and the same model: a mask of either run that came back would show the same bytes.
    CHECK(again(trains, first) == 0);
    CHECK(again(first, second) == 0);
    // What stands on a disk is in neither.
    for (unsigned party = 0; party < kParties; ++party) {
        std::set<Block> stored;
        add_blocks(stored, must(decode_kept(as_bytes(support::read_text(file(party))))).tensor.shares);
        CHECK(again(stored, first) == 0);
        CHECK(again(stored, second) == 0);
    }
}

TEST_CASE_FIXTURE(KeepCase, "a model that was loaded is kept anew: the same scores, other shares, another binding") {
    for (const BackendKind kind : {BackendKind::rep3, BackendKind::clear}) {
        const Matrix before = train_and_keep(kind);
        std::array<Bytes, kParties> old;
        for (unsigned party = 0; party < kParties; ++party) {
            const std::string text = support::read_text(file(party));
            old[party] = {text.begin(), text.end()};
        }
        run(kind, [](Session& session) { must(session.keep(must(session.load("model")), "fresh")); });
        Matrix after;
        run(kind, [&](Session& session) {
            auto opened =
                must(session.reveal(must(session.score(features(session), must(session.load("fresh")))), {0}));
            if (opened) after = *std::move(opened);
        });
        CHECK(after.data == before.data);
        for (unsigned party = 0; party < kParties; ++party) {
            const auto first = must(decode_kept(old[party]));
            const auto second = must(decode_kept(as_bytes(support::read_text(file(party, "fresh")))));
            CHECK(first.binding != second.binding);
            if (kind == BackendKind::clear) continue;
            // Old and new shares together are no model: each component is another.
            const auto& one = first.tensor.shares;
            const auto& other = second.tensor.shares;
            for (std::size_t at = 0; at < one.size(); at += 8)
                CHECK_FALSE(std::equal(&one[at], &one[at] + 8, &other[at]));
            support::write_text(file(party),
                                party == 0 ? support::read_text(file(party, "fresh"))
                                           : std::string(old[party].begin(), old[party].end()),
                                0600);
        }
        if (kind == BackendKind::clear) continue;
        run(kind, [](Session& session) { CHECK(session.load("model").error().name == "model_mismatch"); });
    }
}

TEST_CASE_FIXTURE(KeepCase, "of a model that was loaded nothing but the whole is kept anew") {
    train_and_keep(BackendKind::rep3);
    const auto refused = [&](const auto& make) {
        run(BackendKind::rep3, [&](Session& session) {
            const auto kept = session.keep(make(session, must(session.load("model"))), "other");
            REQUIRE_FALSE(kept.ok());
            CHECK(kept.error().name == "not_openable");
        });
    };
    refused([](Session& session, const Tensor& model) { return must(session.rows(model, {0, 5})); });
    refused([](Session& session, const Tensor& model) { return must(session.scale(model, 2)); });
    refused([](Session& session, const Tensor& model) { return must(session.transpose(model)); });
}

TEST_CASE_FIXTURE(KeepCase, "two of the three together are the model, each alone is uniform") {
    train_and_keep(BackendKind::rep3);
    std::array<KeptRecord, kParties> records;
    for (unsigned party = 0; party < kParties; ++party)
        records[party] = must(decode_kept(as_bytes(support::read_text(file(party)))));
    const auto word = [&](unsigned party, std::size_t at) {
        std::uint64_t out = 0;
        std::memcpy(&out, records[party].tensor.shares.data() + 8 * at, 8);
        return out;
    };
    CHECK(records[0].binding == records[1].binding);
    CHECK(records[0].binding == records[2].binding);
    for (std::size_t i = 0; i < 6; ++i) {
        // A: alpha, m; B: beta, m; H: alpha, beta.
        CHECK(word(0, i) == word(2, i));
        CHECK(word(1, i) == word(2, 6 + i));
        CHECK(word(0, 6 + i) == word(1, 6 + i));
        const auto value = static_cast<std::int64_t>(word(0, i) + word(1, i) + word(0, 6 + i));
        CHECK(std::abs(std::ldexp(double(value), -int(records[0].tensor.fraction))) < 16);
    }
}

TEST_CASE_FIXTURE(KeepCase, "a share that is missing, altered, copied or of another run is refused at all parties") {
    const auto refused_everywhere = [&](const std::string& what) {
        CAPTURE(what);
        std::array<std::string, kParties> names;
        run(BackendKind::rep3, [&](Session& session) {
            const auto loaded = outcome(session.load("model"));
            names[session.party()] = loaded ? "" : loaded.error().name;
            CHECK_FALSE(session.constant({1, 1, {1}}).ok());
        });
        for (const std::string& name : names) CHECK(name == "model_mismatch");
    };
    for (const BackendKind kind : {BackendKind::rep3}) {
        for (unsigned party = 0; party < kParties; ++party) {
            train_and_keep(kind);
            const std::string whole = support::read_text(file(party));
            fs::remove(file(party));
            refused_everywhere("missing");
            // In either component, and in what everybody has alike.
            for (const std::size_t back : {std::size_t(1), std::size_t(8 * 6 + 1), whole.size() - 40}) {
                std::string altered = whole;
                altered[altered.size() - back] = char(altered[altered.size() - back] ^ 1);
                support::write_text(file(party), altered, 0600);
                refused_everywhere("altered");
            }
            support::write_text(file(party), support::read_text(file((party + 1) % kParties)), 0600);
            refused_everywhere("copied");
            train_and_keep(kind);
            support::write_text(file(party), whole, 0600);
            refused_everywhere("of another run");
        }
    }
}

TEST_CASE_FIXTURE(KeepCase,
                  "what another run kept is not opened, nor what is made of it, but for scores where all allow") {
    train_and_keep(BackendKind::rep3);
    const auto opened = [&](const OpeningRules& rules, const auto& make) {
        std::array<bool, kParties> out{};
        run(
            BackendKind::rep3,
            [&](Session& session) {
                const Tensor made = make(session, must(session.load("model")));
                const auto value = session.reveal(made, {0});
                CHECK((value.ok() || value.error().name == "not_openable"));
                out[session.party()] = value.ok();
            },
            rules);
        CHECK(out[0] == out[1]);
        CHECK(out[0] == out[2]);
        return out[0];
    };
    const auto scored = [&](ScoreKind kind) {
        return [&, kind](Session& session, const Tensor& model) {
            ScoreOptions options;
            options.kind = kind;
            return must(session.score(features(session), model, options));
        };
    };
    CHECK_FALSE(opened(kProbabilities, [](Session&, const Tensor& model) { return model; }));
    CHECK_FALSE(opened(kProbabilities,
                       [](Session& session, const Tensor& model) { return must(session.sum(model, Sum::all)); }));
    CHECK_FALSE(opened(kProbabilities, [](Session& session, const Tensor& model) {
        return must(session.mul(model, must(session.constant({6, 1, std::vector<double>(6, 1)}))));
    }));
    CHECK_FALSE(opened(kProbabilities, [](Session& session, const Tensor& model) {
        return must(session.sigmoid(must(session.rows(model, {0}))));
    }));
    CHECK_FALSE(opened(kGuarded, scored(ScoreKind::points)));
    CHECK(opened(kPoints, scored(ScoreKind::points)));
    CHECK_FALSE(opened(kPoints, scored(ScoreKind::probability)));
    CHECK(opened(kProbabilities, scored(ScoreKind::probability)));
    CHECK_FALSE(opened(kProbabilities, scored(ScoreKind::logit)));
}

TEST_CASE_FIXTURE(KeepCase, "one party's rules suffice to keep scores shut") {
    train_and_keep(BackendKind::rep3);
    std::array<std::string, kParties> names;
    auto links = memory_links();
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < kParties; ++party)
        threads.emplace_back([&, party] {
            SessionOptions options;
            options.link = std::move(links[party]);
            options.rules = party == 1 ? kGuarded : kProbabilities;
            options.kept = KeptShares::folder(folder(party));
            const auto session = must(Session::open(std::move(options)));
            const Tensor points = must(session->score(features(*session), must(session->load("model"))));
            const auto value = session->reveal(points, {0});
            names[party] = value ? "" : value.error().name;
        });
    for (auto& thread : threads) thread.join();
    for (const std::string& name : names) CHECK(name == "not_openable");
}

TEST_CASE_FIXTURE(KeepCase, "a session opens the scores of as many rows as the strictest party lets") {
    train_and_keep(BackendKind::rep3);
    std::array<std::string, kParties> first, second;
    auto links = memory_links();
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < kParties; ++party)
        threads.emplace_back([&, party] {
            SessionOptions options;
            options.link = std::move(links[party]);
            options.rules = kPoints;
            if (party == 1) options.rules.score_rows_max = 2 * data.first.rows - 1;
            options.kept = KeptShares::folder(folder(party));
            const auto session = must(Session::open(std::move(options)));
            const Tensor points = must(session->score(features(*session), must(session->load("model"))));
            const auto once = session->reveal(points, {0});
            first[party] = once ? "" : once.error().name;
            const auto again = session->reveal(points, {0});
            second[party] = again ? "" : again.error().name;
        });
    for (auto& thread : threads) thread.join();
    for (const std::string& name : first) CHECK(name == "");
    for (const std::string& name : second) CHECK(name == "score_rows_max");
}

TEST_CASE_FIXTURE(KeepCase, "rows of inputs are not kept, and a model of too few rows is not either") {
    const auto name_of = [&](const auto& make) {
        std::array<std::string, kParties> names;
        run(BackendKind::rep3, [&](Session& session) {
            const auto kept = session.keep(make(session), "thing");
            names[session.party()] = kept ? "" : kept.error().name;
        });
        CHECK(names[0] == names[1]);
        CHECK(names[0] == names[2]);
        return names[0];
    };
    CHECK(name_of([&](Session& session) { return features(session); }) == "not_openable");
    CHECK(name_of([&](Session& session) {
              return must(session.sum(must(session.rows(share(session, 0, data.first), {1, 2, 3})), Sum::each_column));
          }) == "below_minimum");
    CHECK(name_of([&](Session& session) { return train(session); }) == "");
}

TEST_CASE_FIXTURE(KeepCase, "points of bins are kept as a model is, and score rows; nothing else becomes of them") {
    Matrix bins{600, 2, {}};
    for (std::size_t i = 0; i < 1200; ++i) bins.data.push_back(static_cast<double>((i * 7919 + i / 600) % 3));
    const auto bins_at = [&](Session& s, unsigned owner) { return s.party() == owner ? &bins : nullptr; };
    const auto points_of = [&](Session& s) {
        const Tensor y = share_labels(s, 0, data.label);
        const Tensor woe = must(s.weight_of_evidence(must(s.bin_counts(1, bins_at(s, 1), 3, y))));
        const Tensor model = must(s.fit_logistic(must(s.encode_bins(1, bins_at(s, 1), woe)), y, {})).weights;
        return must(s.bin_points(woe, model));
    };
    const auto scored = [&](Session& s, const Tensor& points, ScoreKind kind) {
        const Tensor rows = must(s.encode_bins(1, bins_at(s, 1), points));
        return must(s.score(rows, must(s.constant({3, 1, {1, 1, 0}})), {.kind = kind}));
    };
    for (const BackendKind kind : {BackendKind::clear, BackendKind::rep3}) {
        Matrix before, after;
        run(kind, [&](Session& s) {
            const Tensor points = points_of(s);
            must(s.keep(points, "scorecard"));
            if (auto opened = must(s.reveal(scored(s, points, ScoreKind::points), {0}))) before = *std::move(opened);
        });
        run(kind, [&](Session& s) {
            const Tensor points = must(s.load("scorecard"));
            if (auto opened = must(s.reveal(scored(s, points, ScoreKind::points), {0}))) after = *std::move(opened);
        });
        CHECK(before.data.size() == 600);
        CHECK(before.data == after.data);
    }
    const auto refused = [&](const auto& call) {
        run(BackendKind::rep3, [&](Session& s) {
            const Tensor points = must(s.load("scorecard"));
            const auto rows = must(s.encode_bins(1, bins_at(s, 1), points));
            const auto name = call(s, points, rows);
            CHECK(name == "not_openable");
        });
    };
    const auto opened = [](Session& s, const Result<Tensor>& a) {
        if (!a) return a.error().name;
        const auto value = s.reveal(*a, {0});
        return value ? std::string() : value.error().name;
    };
    using Rows = const Tensor&;
    refused([&](Session& s, Rows points, Rows) { return opened(s, points); });
    refused([&](Session& s, Rows, Rows rows) { return opened(s, rows); });
    refused([&](Session& s, Rows, Rows rows) { return opened(s, s.sum(rows, Sum::each_column)); });
    refused([&](Session& s, Rows, Rows rows) { return opened(s, s.correlations(rows)); });
    refused([&](Session& s, Rows, Rows rows) {
        const auto fitted = s.fit_logistic(rows, share_labels(s, 0, data.label), {});
        return fitted ? opened(s, fitted->weights) : fitted.error().name;
    });
    refused([&](Session& s, Rows, Rows rows) {
        const auto auc =
            s.auc(must(s.transpose(must(s.rows(must(s.transpose(rows)), {0})))), share_labels(s, 0, data.label), 0);
        return auc ? std::string() : auc.error().name;
    });
    refused([&](Session& s, Rows points, Rows) { return opened(s, scored(s, points, ScoreKind::probability)); });
    refused([&](Session& s, Rows, Rows rows) {
        const auto kept = s.keep(rows, "again");
        return kept ? std::string() : kept.error().name;
    });
    // Weights that are no result make no points that are kept.
    run(BackendKind::rep3, [&](Session& s) {
        const Tensor y = share_labels(s, 0, data.label);
        const Tensor woe = must(s.weight_of_evidence(must(s.bin_counts(1, bins_at(s, 1), 3, y))));
        const Tensor rows = must(s.rows(must(s.hconcat({share(s, 0, data.first)})), {0, 1, 2}));
        const Tensor first = must(s.transpose(must(s.rows(must(s.transpose(rows)), {0}))));
        const auto kept = s.keep(must(s.bin_points(woe, first)), "thing");
        CHECK(kept.status() == Status::REFUSED);
    });
}

TEST_CASE_FIXTURE(KeepCase, "without a place nothing is kept, and no name leads out of it") {
    run_sessions(
        BackendKind::clear,
        [&](Session& session) {
            CHECK(session.keep(must(session.constant({1, 1, {1}})), "model").status() == Status::UNSUPPORTED);
        },
        kPoints);
    run(BackendKind::clear, [&](Session& session) {
        const Tensor one = must(session.constant({1, 1, {1}}));
        for (const char* name : {"", "../model", "a/b", "-x"}) {
            CHECK(session.keep(one, name).status() == Status::INVALID_ARGUMENT);
            CHECK(session.load(name).status() == Status::INVALID_ARGUMENT);
        }
    });
}

TEST_CASE_FIXTURE(KeepCase, "features that do not fit the model are refused by their numbers") {
    train_and_keep(BackendKind::clear);
    run(BackendKind::clear, [&](Session& session) {
        const Tensor model = must(session.load("model"));
        const auto scored = session.score(share(session, 0, data.first), model);
        CHECK(scored.status() == Status::INVALID_ARGUMENT);
        CHECK(scored.error().message.find("a model of 3 columns is 4 x 1") != std::string::npos);
        ScoreOptions odd;
        odd.odds = 0;
        CHECK(session.score(features(session), model, odd).status() == Status::INVALID_ARGUMENT);
    });
}

TEST_CASE("a record is read as it was written, and anything else is corrupt") {
    KeptRecord record;
    record.party = 2;
    record.name = "model";
    record.binding.data[3] = 7;
    record.bound = 4;
    record.tensor = {2, 1, 24, ClearedBytes(32, 9)};
    const ClearedBytes bytes = encode_kept(record);
    const auto read = must(decode_kept(bytes));
    CHECK(read.party == 2);
    CHECK(read.name == "model");
    CHECK(read.binding == record.binding);
    CHECK(read.tensor.rows == 2);
    CHECK(read.tensor.shares == record.tensor.shares);
    CHECK(common_digest(read) == common_digest(record));
    for (std::size_t left = 0; left < bytes.size(); ++left)
        CHECK(decode_kept(BytesView(bytes).first(left)).status() == Status::CORRUPT);
    Bytes huge(bytes.begin(), bytes.end());
    huge[12] = 0xff;
    CHECK(decode_kept(huge).status() == Status::CORRUPT);
}
