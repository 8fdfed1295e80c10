/// Sessions that go on where an earlier attempt was lost.

#include "base/try.hpp"
#include "mpc/changed_link.hpp"
#include "mpc/core/checkpoint_record.hpp"
#include "mpc/engines.hpp"
#include "mpc/generated.hpp"
#include "mpc/parties.hpp"
#include "mpc/rep3/backend.hpp"
#include "mpc/rep3/ml/training.hpp"
#include "mpc/rep3/tensor.hpp"

#include "support/temp_dir.hpp"
#include <c2d/regression.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <mutex>
#include <numeric>
#include <set>
#include <tuple>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;

namespace {

namespace fs = std::filesystem;

constexpr OpeningRules kGuarded{.rows = 10, .positives = 5, .negatives = 5};

/// A link that breaks after so many messages of its party; 0: never.
std::unique_ptr<Link> breaking(std::unique_ptr<Link> link, std::size_t messages) {
    return std::make_unique<ChangedLink>(
        std::move(link), ChangedLink::Change{},
        [left = messages](bool outgoing) mutable { return !outgoing || left == 0 || --left != 0; });
}

struct Party {
    bool ended = false;
    std::optional<Resumed> resumed;
    std::map<std::string, std::uint64_t> opened;
    std::vector<std::pair<std::size_t, std::optional<double>>> told;
    std::optional<Matrix> model;
    std::vector<double> numbers;
};
using Parties = std::array<Party, kParties>;

struct CheckpointCase {
    support::TempDir dir;
    GeneratedData data = generate(1200, 3, 2, 11);
    std::chrono::milliseconds every{0};
    OpeningRules rules = kGuarded;
    BackendKind kind = BackendKind::rep3;

    fs::path folder(unsigned party) const { return dir / ("party_" + std::to_string(party)); }

    /// One attempt at `program(session, party)`, which says whether it came to its end; party `lost` breaks after so
    /// many messages.
    template <class Program>
    Parties attempt(std::uint32_t number, Program program, unsigned lost = 0, std::size_t messages = 0) const {
        Parties out;
        auto links = memory_links();
        std::vector<std::thread> threads;
        for (unsigned party = 0; party < kParties; ++party)
            threads.emplace_back([&, party] {
                SessionOptions options;
                options.link = breaking(std::move(links[party]), party == lost ? messages : 0);
                options.link->set_timeout(std::chrono::seconds(60));
                options.backend = kind;
                options.rules = rules;
                options.checkpoints = Checkpoints::folder(folder(party));
                options.checkpoint_every = every;
                options.attempt = number;
                auto session = Session::open(std::move(options));
                if (!session) return;
                out[party].resumed = (*session)->resumed();
                out[party].ended = program(**session, out[party]);
                for (const Disclosure& one : (*session)->disclosures()) out[party].opened[one.kind] = one.count;
            });
        for (auto& thread : threads) thread.join();
        return out;
    }
    Result<Tensor> features(Session& session) const {
        C2D_TRY(const Tensor first, session.input(0, session.party() == 0 ? &data.first : nullptr));
        C2D_TRY(const Tensor second, session.input(1, session.party() == 1 ? &data.second : nullptr));
        return session.hconcat({first, second});
    }
    Result<Tensor> labels(Session& session) const {
        return session.input_labels(0, session.party() == 0 ? &data.label : nullptr);
    }
    auto training(TrainOptions options) const {
        return [this, options](Session& session, Party& party) {
            const auto x = features(session);
            if (!x) return false;
            const auto y = labels(session);
            if (!y) return false;
            const auto model = session.train_logistic(*x, *y, options, [&](std::size_t iteration, auto auc) {
                party.told.emplace_back(iteration, auc);
                return true;
            });
            if (!model) return false;
            auto opened = session.reveal(*model, {0, 1, 2});
            if (!opened) return false;
            party.model = *std::move(opened);
            return true;
        };
    }
};

TrainOptions long_training() {
    TrainOptions options;
    options.iterations = 1000;
    options.lr = 1.0 / 256;
    options.batch_size = 32;
    options.split = 1000;
    options.evaluate_every = 200;
    options.auc_to = 1;
    return options;
}

Bytes bytes_of(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    return {text.begin(), text.end()};
}

bool all_ended(const Parties& parties) {
    return std::ranges::all_of(parties, [](const Party& one) { return one.ended; });
}

}  // namespace

TEST_CASE_FIXTURE(CheckpointCase, "a training goes on where it was lost, and ends with the model of one that was not") {
    const auto program = training(long_training());
    for (const BackendKind backend : {BackendKind::rep3, BackendKind::clear}) {
        kind = backend;
        CAPTURE(static_cast<int>(kind));
        for (unsigned party = 0; party < kParties; ++party) fs::remove_all(folder(party));
        every = std::chrono::hours(1);
        const Parties whole = attempt(1, program);
        REQUIRE(all_ended(whole));
        for (unsigned party = 0; party < kParties; ++party) CHECK_FALSE(fs::exists(folder(party)));

        every = std::chrono::milliseconds(0);
        // Found by trying: a training of that many messages is lost somewhere in its middle.
        std::size_t messages = 20;
        Parties lost;
        for (; messages < 100'000; messages += messages / 4) {
            for (unsigned party = 0; party < kParties; ++party) fs::remove_all(folder(party));
            lost = attempt(1, program, 1, messages);
            if (!lost[0].told.empty() && lost[0].told.back().first >= 400) break;
        }
        REQUIRE_FALSE(all_ended(lost));
        const Parties rest = attempt(2, program);
        REQUIRE(all_ended(rest));
        for (unsigned party = 0; party < kParties; ++party) {
            CAPTURE(party);
            REQUIRE(rest[party].resumed.has_value());
            CHECK(rest[party].resumed->attempt == 1);
            CHECK(rest[party].resumed->step > 0);
            CHECK(rest[party].resumed->step == rest[0].resumed->step);
            CHECK(largest_difference(*rest[party].model, *whole[party].model) < 0.01);
            // The operator hears of all evaluations, as if nothing had been.
            REQUIRE(rest[party].told.size() == whole[party].told.size());
            for (std::size_t i = 0; i < rest[party].told.size(); ++i) {
                CHECK(rest[party].told[i].first == whole[party].told[i].first);
                CHECK(rest[party].told[i].second.has_value() == (party == 1));
                if (party == 1) CHECK(std::abs(*rest[party].told[i].second - *whole[party].told[i].second) < 0.02);
            }
            // What came before the checkpoint is not opened again.
            const auto opened_again = static_cast<std::uint64_t>(std::ranges::count_if(
                rest[party].told, [&](const auto& one) { return one.first > rest[party].resumed->step; }));
            CHECK(rest[party].opened.at("auc") == opened_again);
            CHECK(rest[party].opened.at("auc") < whole[party].opened.at("auc"));
            CHECK_FALSE(rest[party].opened.contains("domain"));
        }
    }
}

TEST_CASE_FIXTURE(CheckpointCase,
                  "wherever a training is lost, the next attempt loses no more than what is between two checkpoints") {
    TrainOptions options = long_training();
    options.split = 0;
    options.evaluate_every = 1'000'000;
    const auto program = training(options);
    const Parties whole = attempt(1, program);
    REQUIRE(all_ended(whole));
    std::mt19937_64 random(7);
    for (int i = 0; i < 6; ++i) {
        for (unsigned party = 0; party < kParties; ++party) fs::remove_all(folder(party));
        const auto messages = 30 + random() % 2500;
        const unsigned victim = random() % kParties;
        CAPTURE(messages);
        CAPTURE(victim);
        std::uint32_t number = 1;
        Parties last = attempt(number, program, victim, messages);
        std::uint64_t before = 0;
        while (!all_ended(last) && number < 6) {
            ++number;
            last = attempt(number, program, victim, number < 5 ? messages : 0);
            const auto step = last[0].resumed ? last[0].resumed->step : 0;
            // Never further back than the attempt before.
            CHECK(step >= before);
            before = step;
        }
        REQUIRE(all_ended(last));
        CHECK(largest_difference(*last[0].model, *whole[0].model) < 0.01);
    }
}

TEST_CASE_FIXTURE(CheckpointCase, "a regression goes on with the step after its checkpoint") {
    const auto program = [&](Session& session, Party& party) {
        const auto x = features(session);
        const auto y = labels(session);
        if (!x || !y) return false;
        // Opened before: once in all, whatever is tried again.
        const auto sum = session.sum(*x, Sum::each_column);
        if (!sum) return false;
        const auto sums = session.reveal(*sum, {0, 1, 2});
        if (!sums) return false;
        party.numbers = (*sums)->data;
        RegressionOptions options;
        options.statistics_to = {0};
        const auto found = session.fit_logistic(*x, *y, options);
        if (!found) return false;
        auto opened = session.reveal(found->weights, {0, 1, 2});
        if (!opened) return false;
        party.model = *std::move(opened);
        return found->converged;
    };
    every = std::chrono::hours(1);
    const Parties whole = attempt(1, program);
    REQUIRE(all_ended(whole));
    every = std::chrono::milliseconds(0);
    Parties rest;
    std::size_t messages = 100;
    for (; messages < 100'000; messages += 60) {
        for (unsigned party = 0; party < kParties; ++party) fs::remove_all(folder(party));
        const Parties lost = attempt(1, program, 0, messages);
        REQUIRE_FALSE(all_ended(lost));
        rest = attempt(2, program);
        REQUIRE(all_ended(rest));
        if (rest[0].resumed && rest[0].resumed->step >= 2) break;
    }
    REQUIRE(rest[0].resumed.has_value());
    for (unsigned party = 0; party < kParties; ++party) {
        CHECK(largest_difference(*rest[party].model, *whole[party].model) < 0.001);
        CHECK(rest[party].numbers == whole[party].numbers);
        CHECK_FALSE(rest[party].opened.contains("sum"));
        CHECK(whole[party].opened.at("sum") == 1);
    }
}

TEST_CASE_FIXTURE(CheckpointCase,
                  "a loop of an operator's own goes on from what it saved, and its result may be opened as before") {
    constexpr std::uint64_t kSteps = 12;
    const auto program = [&](Session& session, Party& party) {
        const auto x = features(session);
        const auto y = labels(session);
        if (!x || !y) return false;
        const auto zeros = session.constant({1, 5, std::vector<double>(5)});
        const auto zero = session.constant({1, 1, {0}});
        const auto loaded = session.load_checkpoint();
        if (!zeros || !zero || !loaded) return false;
        std::vector<Tensor> state{*zeros, *zero};
        std::uint64_t step = 0;
        if (*loaded) {
            step = (*loaded)->step;
            state = (*loaded)->state;
        }
        party.numbers.push_back(static_cast<double>(step));
        while (step < kSteps) {
            // A part of the sums at a time, and of how many labels are 1: bits choose these rows.
            const auto sums = session.sum(*x, Sum::each_column);
            const auto ones = session.sum(*y, Sum::all);
            if (!sums || !ones) return false;
            const auto part = session.scale(*sums, 1.0 / 16);
            if (!part) return false;
            const auto both = session.add(state[0], *part);
            const auto count = session.add(state[1], *ones);
            if (!both || !count) return false;
            state = {*both, *count};
            const auto saved = session.save_checkpoint(++step, state);
            if (!saved) return false;
        }
        auto opened = session.reveal(state[0], {0, 1, 2});
        auto counted = opened ? session.reveal(state[1], {0, 1, 2}) : opened;
        if (!counted) return false;
        party.model = *std::move(opened);
        party.numbers.push_back((*counted)->data[0]);
        return true;
    };
    every = std::chrono::hours(1);
    const Parties whole = attempt(1, program);
    REQUIRE(all_ended(whole));
    every = std::chrono::milliseconds(0);
    Parties rest;
    for (std::size_t messages = 40; messages < 10'000; messages += 20) {
        for (unsigned party = 0; party < kParties; ++party) fs::remove_all(folder(party));
        const Parties lost = attempt(1, program, 2, messages);
        if (all_ended(lost)) break;
        rest = attempt(2, program);
        REQUIRE(all_ended(rest));
        if (rest[0].numbers.front() >= 3) break;
    }
    CHECK(rest[0].numbers.front() >= 3);
    for (unsigned party = 0; party < kParties; ++party) {
        CHECK(largest_difference(*rest[party].model, *whole[party].model) < 0.01);
        CHECK(rest[party].numbers.back() == whole[party].numbers.back());
        CHECK(rest[party].opened == whole[party].opened);
    }
}

TEST_CASE_FIXTURE(CheckpointCase,
                  "parties that do not have the same checkpoint begin anew, and so does another program") {
    const auto program = training(long_training());
    const auto written = [&] {
        for (unsigned party = 0; party < kParties; ++party) fs::remove_all(folder(party));
        Parties lost;
        for (std::size_t messages = 400; messages < 100'000; messages += messages / 4) {
            lost = attempt(1, program, 1, messages);
            if (!lost[0].told.empty() && lost[0].told.back().first >= 400) return;
        }
    };
    written();
    SUBCASE("one party has none") { fs::remove_all(folder(2)); }
    SUBCASE("a byte of one's shares is another") {
        for (const auto& entry : fs::directory_iterator(folder(1))) {
            std::fstream file(entry.path(), std::ios::in | std::ios::out | std::ios::binary);
            file.seekg(0, std::ios::end);
            const auto size = static_cast<std::streamoff>(file.tellg());
            // Within the shares of the weights: behind them stand the evaluations.
            CheckpointRecord record = must(decode_checkpoint(bytes_of(entry.path())));
            REQUIRE(record.milestones.back().tensors.size() == 1);
            record.milestones.back().tensors[0].shares[3] ^= 1;
            const auto bytes = must(encode_checkpoint(record));
            REQUIRE(static_cast<std::streamoff>(bytes.size()) == size);
            file.seekp(0);
            file.write(reinterpret_cast<const char*>(bytes.data()), size);
        }
    }
    SUBCASE("one party's are another's") {
        fs::remove_all(folder(0));
        fs::copy(folder(1), folder(0));
    }
    SUBCASE("they are cut off") {
        for (const auto& entry : fs::directory_iterator(folder(0))) fs::resize_file(entry.path(), 100);
    }
    Parties anew = attempt(2, program);
    CHECK(all_ended(anew));
    for (const Party& party : anew) CHECK_FALSE(party.resumed.has_value());

    // The program differs from its training on: what it opens is opened, and the training begins at its beginning.
    written();
    TrainOptions other = long_training();
    other.seed = 5;
    anew = attempt(2, training(other));
    CHECK(all_ended(anew));
    CHECK(anew[1].opened.at("auc") == 6);
}

namespace {

/// Opens how many flags are up, and writes a checkpoint behind that; an attempt that goes on from there opens it once
/// more.
auto counting(const Matrix& flags) {
    return [&flags](Session& session, Party& party) {
        const auto flag = session.input(1, session.party() == 1 ? &flags : nullptr, 1);
        const auto half = session.constant({1, 1, {0.5}});
        const auto zero = session.constant({1, 1, {0}});
        if (!flag || !half || !zero) return false;
        const auto halves = session.repeat(*half, flag->rows(), 1);
        const auto up = halves ? session.less(*halves, *flag) : halves;
        const auto count = up ? session.sum(*up, Sum::all) : up;
        if (!count) return false;
        const auto first = session.reveal(*count, {0, 1, 2});
        const auto loaded = session.load_checkpoint();
        if (!first || !loaded) return false;
        party.numbers.push_back((*first)->data[0]);
        if (!*loaded) return session.save_checkpoint(1, {*zero}).ok() && false;
        const auto second = session.reveal(*count, {0, 1, 2});
        if (second) party.numbers.push_back((*second)->data[0]);
        return second.status() == Status::REFUSED && second.error().name == "below_minimum";
    };
}

/// Lost in the middle of its training.
template <class Program>
void lose_training(const CheckpointCase& of, Program program) {
    for (std::size_t messages = 400; messages < 100'000; messages += messages / 4) {
        const Parties lost = of.attempt(1, program, 1, messages);
        if (!lost[0].told.empty() && lost[0].told.back().first >= 400) return;
    }
    FAIL("the training was never lost in its middle");
}

}  // namespace

TEST_CASE_FIXTURE(CheckpointCase,
                  "an attempt over other bits than the one before opens nothing of fewer rows than the minimum") {
    Matrix flags{1200, 1, std::vector<double>(1200)};
    for (std::size_t row = 0; row < 600; ++row) flags.data[row] = 1;
    attempt(1, counting(flags));
    std::ranges::fill(flags.data, 0);
    flags.data[7] = 1;
    const Parties next = attempt(2, counting(flags));
    CHECK(all_ended(next));
    for (const Party& party : next) {
        REQUIRE(party.resumed.has_value());
        CHECK(party.numbers == std::vector<double>{600});
    }
}

TEST_CASE_FIXTURE(CheckpointCase, "a training goes on over labels that are enough, whatever the attempt before had") {
    lose_training(*this, training(long_training()));
    std::ranges::fill(data.label.data, 0);
    data.label.data[7] = data.label.data[1100] = 1;
    Status found[kParties] = {};
    const Parties next = attempt(2, [&](Session& session, Party&) {
        const auto x = features(session);
        const auto y = labels(session);
        if (!x || !y) return false;
        found[session.party()] = session.train_logistic(*x, *y, long_training()).status();
        return true;
    });
    REQUIRE(next[0].resumed.has_value());
    for (const Status one : found) CHECK(one == Status::REFUSED);
}

TEST_CASE_FIXTURE(CheckpointCase, "a training over other columns than in the attempt before begins anew") {
    for (const BackendKind backend : {BackendKind::rep3, BackendKind::clear}) {
        kind = backend;
        data = generate(1200, 3, 2, 11);
        for (unsigned party = 0; party < kParties; ++party) fs::remove_all(folder(party));
        lose_training(*this, training(long_training()));
        data = generate(1200, 30, 20, 11);
        const Parties next = attempt(2, training(long_training()));
        REQUIRE(all_ended(next));
        for (const Party& party : next) {
            CHECK(party.model->rows == 51);
            CHECK(party.told.front().first == 0);
        }
        CHECK(next[1].opened.at("auc") == next[1].told.size());
    }
}

TEST_CASE_FIXTURE(CheckpointCase,
                  "another state than the one that was loaded does not stand for what was opened of that") {
    Matrix many{1200, 1, std::vector<double>(1200)}, few = many;
    for (std::size_t row = 0; row < 600; ++row) many.data[row] = 1;
    few.data[7] = 1;
    const auto program = [&](Session& session, Party& party) {
        const auto half = session.constant({1, 1, {0.5}});
        const auto halves = half ? session.repeat(*half, 1200, 1) : half;
        const auto ones = [&](const Matrix& flags) -> Result<Tensor> {
            C2D_TRY(const Tensor flag, session.input(1, session.party() == 1 ? &flags : nullptr, 1));
            C2D_TRY(const Tensor up, session.less(*halves, flag));
            return session.sum(up, Sum::all);
        };
        if (!halves) return false;
        const auto of_many = ones(many), of_few = ones(few);
        const auto loaded = session.load_checkpoint();
        if (!of_many || !of_few || !loaded) return false;
        const bool again = loaded->has_value();
        if (!session.save_checkpoint(1, {again ? *of_few : *of_many})) return false;
        const auto opened = session.reveal(again ? *of_few : *of_many, {0, 1, 2});
        if (opened) party.numbers = (*opened)->data;
        if (again) return opened.status() == Status::REFUSED;
        // Another loop: behind what was opened something is written.
        return opened.ok() && session.load_checkpoint().ok() && session.save_checkpoint(1, {*half}).ok() && false;
    };
    const Parties first = attempt(1, program);
    CHECK(first[0].numbers == std::vector<double>{600});
    const Parties next = attempt(2, program);
    REQUIRE(next[0].resumed.has_value());
    CHECK(all_ended(next));
    for (const Party& party : next) CHECK(party.numbers.empty());
}

TEST_CASE_FIXTURE(CheckpointCase, "bits that one loop hands on choose rows in the next one, after a loss too") {
    bool loses = true;
    const auto program = [&](Session& session, Party& party) {
        const auto y = labels(session);
        const auto first = session.load_checkpoint();
        if (!y || !first) return false;
        const Tensor bits = *first ? (*first)->state[0] : *y;
        if (!*first && !session.save_checkpoint(1, {bits})) return false;
        const auto ones = session.sum(bits, Sum::all);
        const auto second = session.load_checkpoint();
        if (!ones || !second) return false;
        const Tensor count = *second ? (*second)->state[0] : *ones;
        if (loses) return session.save_checkpoint(1, {count}).ok() && false;
        const auto opened = session.reveal(count, {0, 1, 2});
        if (!opened) return false;
        party.numbers = (*opened)->data;
        return true;
    };
    const double ones = std::accumulate(data.label.data.begin(), data.label.data.end(), 0.0);
    attempt(1, program);
    loses = false;
    const Parties next = attempt(2, program);
    REQUIRE(next[0].resumed.has_value());
    CHECK(all_ended(next));
    for (const Party& party : next) CHECK(party.numbers == std::vector<double>{ones});
}

TEST_CASE_FIXTURE(CheckpointCase, "a checkpoint that one party has twice and another damaged is tried once by all") {
    const auto program = training(long_training());
    lose_training(*this, program);
    std::map<std::uint64_t, fs::path> of[kParties];
    for (unsigned party = 0; party < kParties; ++party)
        for (const auto& entry : fs::directory_iterator(folder(party)))
            of[party][must(decode_checkpoint(bytes_of(entry.path()))).number] = entry.path();
    REQUIRE(of[0].size() == kCheckpointsKept);
    const auto newest = of[0].rbegin()->first;
    fs::copy_file(of[0].at(newest), of[0].begin()->second, fs::copy_options::overwrite_existing);
    CheckpointRecord record = must(decode_checkpoint(bytes_of(of[1].at(newest))));
    record.milestones.back().tensors[0].shares[3] ^= 1;
    const auto bytes = must(encode_checkpoint(record));
    std::ofstream(of[1].at(newest), std::ios::binary | std::ios::in)
        .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    const Parties next = attempt(2, program);
    REQUIRE(all_ended(next));
    for (const Party& party : next) {
        REQUIRE(party.resumed.has_value());
        CHECK(party.resumed->number == newest - 1);
    }
}

TEST_CASE_FIXTURE(CheckpointCase,
                  "what an earlier computation left in the folder is not taken for an attempt at this one") {
    const auto program = training(long_training());
    lose_training(*this, program);
    // The next one over the same folders is lost before it writes anything.
    every = std::chrono::hours(1);
    attempt(1, program, 1, 20);
    const Parties anew = attempt(2, program);
    REQUIRE(all_ended(anew));
    for (const Party& party : anew) CHECK_FALSE(party.resumed.has_value());
}

TEST_CASE_FIXTURE(CheckpointCase, "all parties have a place for checkpoints, or none") {
    auto links = memory_links();
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < kParties; ++party)
        threads.emplace_back([&, party] {
            SessionOptions options;
            options.link = std::move(links[party]);
            if (party != 1) options.checkpoints = Checkpoints::folder(folder(party));
            const auto session = Session::open(std::move(options));
            CHECK(session.status() == Status::PEER);
            if (!session) CHECK(session.error().message.find("speaks another protocol") != std::string::npos);
        });
    for (auto& thread : threads) thread.join();
}

TEST_CASE("checkpoints: what is none is refused, and what a hostile length announces takes no memory") {
    CheckpointRecord record;
    record.attempt = 3;
    record.number = 9;
    Milestone& stone = record.milestones.emplace_back();
    stone.step = 77;
    stone.numbers = {1, 2};
    stone.tensors.push_back({2, 1, 24, ClearedBytes(32, 5)});
    stone.evaluations = {{0, 0.5}, {100, {}}};
    stone.opened = Matrix{1, 2, {3, 4}};
    stone.aligned = Bytes(17, 6);
    const ClearedBytes bytes = must(encode_checkpoint(record));
    const CheckpointRecord again = must(decode_checkpoint(bytes));
    CHECK(common_digest(again) == common_digest(record));
    CHECK(again.milestones[0].evaluations[0].auc == 0.5);
    CHECK_FALSE(again.milestones[0].evaluations[1].auc.has_value());
    CHECK(again.milestones[0].opened->data == std::vector<double>{3, 4});
    CHECK(again.milestones[0].aligned == stone.aligned);
    for (std::size_t length = 0; length < bytes.size(); ++length)
        CHECK_FALSE(decode_checkpoint(BytesView(bytes).first(length)).ok());
    for (std::size_t at = 0; at + 8 <= bytes.size(); ++at) {
        ClearedBytes hostile = bytes;
        for (std::size_t i = 0; i < 8; ++i) hostile[at + i] = 0xff;
        (void)decode_checkpoint(hostile);
    }
    // What a party learned alone is not what all have alike.
    CheckpointRecord other = record;
    other.party = 2;
    other.milestones[0].opened.reset();
    other.milestones[0].aligned.clear();
    other.milestones[0].evaluations[0].auc.reset();
    other.milestones[0].tensors[0].shares[0] ^= 1;
    CHECK(common_digest(other) == common_digest(record));
    other.milestones[0].step = 78;
    CHECK(common_digest(other) != common_digest(record));
}

TEST_CASE("checkpoints: no address of a key stream is drawn twice over all attempts") {
    // By a draw of its own each key is told from all others.
    using Drawn = std::tuple<Bytes, Purpose, std::uint64_t>;
    std::mutex mutex;
    std::map<std::pair<unsigned, unsigned>, std::vector<Drawn>> draws;  // (key, party)
    std::array<rep3::Course, kParties> left;
    const GeneratedData data = generate(200, 3, 2, 5);
    Matrix all{200, 3, data.first.data};
    TrainOptions options;
    options.iterations = 60;
    options.batch_size = 16;
    options.evaluate_every = 10;
    for (int attempt = 1; attempt <= 3; ++attempt)
        run_engines([&](rep3::Engine& engine) {
            const auto me = static_cast<unsigned>(engine.role());
            std::map<unsigned, Bytes> key_of;
            for (unsigned peer = 0; peer < kParties; ++peer) {
                if (peer == me) continue;
                Bytes told(16);
                engine.draw(static_cast<rep3::Role>(peer), Purpose::tag, told);
                key_of[me + peer == 1 ? 0 : me + peer == 2 ? 1 : 2] = told;
            }
            engine.watch([&, me](unsigned key, Purpose purpose, std::uint64_t sequence, std::size_t) {
                const std::lock_guard lock(mutex);
                draws[{key, me}].push_back({key_of.at(key), purpose, sequence});
            });
            const auto backend = rep3::make_backend(std::shared_ptr<rep3::Engine>(&engine, [](rep3::Engine*) {}));
            const auto x = must(backend->input(0, me == 0 ? &all : nullptr, 200, 3, InputKind::values));
            const auto y = must(backend->input(1, me == 1 ? &data.label : nullptr, 200, 1, InputKind::labels));
            rep3::Course course = left[me];
            course.between = [&, me](std::size_t iteration, bool, const rep3::Shares& weights) {
                const auto kept = backend->save(*rep3::make_tensor(weights, 24));
                left[me].iteration = iteration;
                left[me].weights = weights;
                // Lost in its middle, but for the last attempt.
                if (attempt < 3 && iteration >= 20 * static_cast<std::size_t>(attempt))
                    return Result<Unit>(kept.ok() ? Error(Status::CANCELLED, "lost") : kept.error());
                return Result<Unit>(Unit{});
            };
            const auto trained = rep3::train(
                engine, rep3::tensor_of(*x).blocks, rep3::tensor_of(*y).shares(), 200, options,
                [](std::size_t, const rep3::Shares&) { return Result<bool>(true); }, Model::logistic, kInputMax,
                course);
            CHECK(trained.ok() == (attempt == 3));
        });
    constexpr unsigned kHolders[3][2] = {{0, 1}, {0, 2}, {1, 2}};
    for (unsigned key = 0; key < 3; ++key) {
        const auto& first = draws[{key, kHolders[key][0]}];
        CHECK((first == draws[{key, kHolders[key][1]}]));
        CHECK(std::set<Drawn>(first.begin(), first.end()).size() == first.size());
        std::set<Bytes> keys;
        for (const auto& one : first) keys.insert(std::get<0>(one));
        CHECK(keys.size() == 3);
    }
}
