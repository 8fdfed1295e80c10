/// What goes over the wire: how much, how often, to whom, and that no mask is used twice.

#include "base/opening_rules.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/core/sampling.hpp"
#include "mpc/engines.hpp"
#include "mpc/generated.hpp"
#include "mpc/operations.hpp"
#include "mpc/rep3/division.hpp"
#include "mpc/rep3/ml/auc.hpp"
#include "mpc/rep3/ml/short_sigmoid.hpp"
#include "mpc/rep3/ml/standardise.hpp"
#include "mpc/rep3/ml/training.hpp"
#include "mpc/rep3/sigmoid.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <mutex>
#include <set>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::rep3;
using namespace c2d::mpc::test;

namespace {

struct Cost {
    std::uint64_t sent[3], rounds;
    bool operator==(const Cost&) const = default;
};
Cost cost_of(Engine& engine, const Link::Stats& before) {
    const Link::Stats& now = engine.link().stats();
    return {{now.bytes_sent[0] - before.bytes_sent[0], now.bytes_sent[1] - before.bytes_sent[1],
             now.bytes_sent[2] - before.bytes_sent[2]},
            now.rounds - before.rounds};
}

Blocks share_block(Engine& engine, unsigned owner, std::size_t rows, std::size_t cols, Word value = 1) {
    const Words ones(rows * cols, value);
    return {std::make_shared<Block>(
        must(engine.input(owner, static_cast<unsigned>(engine.role()) == owner ? ones : Words{}, rows, cols)))};
}
Shares share_all(Engine& engine, unsigned owner, std::size_t rows, std::size_t cols, Word value = 1) {
    return joined(share_block(engine, owner, rows, cols, value));
}

/// What ten iterations of 72 columns and batch 256 cost each party.
std::map<unsigned, Cost> cost_of_ten_iterations(bool precise, bool wide_area = false) {
    std::mutex mutex;
    std::map<unsigned, Cost> costs;
    run_engines([&](Engine& engine) {
        const Blocks x = share_block(engine, 0, 300, 72);
        const Shares y = share_all(engine, 1, 300, 1);
        TrainOptions options;
        options.evaluate_every = 1000;
        options.precise = precise;
        options.wide_area = wide_area;
        const auto nothing = [](std::size_t, const Shares&) -> Result<bool> { return true; };
        // The difference of 16 and 6 iterations is ten plain ones.
        Cost cost[2];
        for (const std::size_t more : {0u, 1u}) {
            const Link::Stats before = engine.link().stats();
            options.iterations = 6 + 10 * more;
            (void)must(train(engine, x, y, 300, options, nothing));
            cost[more] = cost_of(engine, before);
        }
        std::lock_guard lock(mutex);
        Cost& out = costs[static_cast<unsigned>(engine.role())];
        for (unsigned peer = 0; peer < 3; ++peer) out.sent[peer] = cost[1].sent[peer] - cost[0].sent[peer];
        out.rounds = cost[1].rounds - cost[0].rounds;
    });
    return costs;
}

}  // namespace

TEST_CASE("cost of one precise training iteration: five rounds") {
    auto costs = cost_of_ten_iterations(true);
    // A and B, per iteration: z 4, bits 1 + series 8, error 8 bytes per row; gradient 8 + weights 8
    // per column and bias.
    CHECK(costs[0].sent[1] == 10 * (256 * (4 + 9 + 8) + 73 * 16));
    CHECK(costs[1].sent[0] == costs[0].sent[1]);
    CHECK(costs[0].rounds == 10 * 5);
    // H: 17 sines or cosines of 8 bytes and a table of 32 to each; three products to B.
    CHECK(costs[2].sent[0] == 10 * 256 * (17 * 8 + 32));
    CHECK(costs[2].sent[1] == 10 * (256 * (17 * 8 + 32 + 24) + 73 * 16));
    // H hears only how far B is: one more byte.
    CHECK(costs[0].sent[2] == 0);
    CHECK(costs[1].sent[2] == 1);
}

TEST_CASE("cost of one fast training iteration: three rounds") {
    auto costs = cost_of_ten_iterations(false);
    // A and B: logit 4 and error 8 bytes per row, gradient 8 per column and bias.
    CHECK(costs[0].sent[1] == 10 * (256 * (4 + 8) + 73 * 8));
    CHECK(costs[1].sent[0] == costs[0].sent[1]);
    CHECK(costs[0].rounds == 10 * 3);
    // H: 8 cosines to A, 8 sines, a table of 8 bytes and the weights' part to B.
    CHECK(costs[2].sent[0] == 10 * 256 * 8 * 8);
    CHECK(costs[2].sent[1] == 10 * (256 * (8 * 8 + 8) + 73 * 8));
    CHECK(costs[0].sent[2] == 0);
    CHECK(costs[1].sent[2] == 1);
}

TEST_CASE("cost of one wide-area training iteration: two rounds") {
    auto costs = cost_of_ten_iterations(false, true);
    // A and B: logit 4 bytes per row, gradient 8 per column and bias, and 16 sines and cosines ahead of time.
    CHECK(costs[0].sent[1] == 10 * (256 * (4 + 16 * 8) + 73 * 8));
    CHECK(costs[1].sent[0] == costs[0].sent[1]);
    CHECK(costs[0].sent[2] == 10 * 256 * 4);
    CHECK(costs[1].sent[2] == 10 * 256 * 4);
    CHECK(costs[0].rounds == 10 * 2);
    // H: 8 cosines to A, 8 sines, tables and weights to B, and its gradient to both.
    CHECK(costs[2].sent[0] == 10 * (256 * 8 * 8 + 73 * 8));
    CHECK(costs[2].sent[1] == 10 * (256 * (8 * 8 + 8) + 2 * 73 * 8));
}

TEST_CASE("the short series and its domain, for every mask") {
    std::mt19937_64 random(5);
    constexpr std::size_t n = 4096;
    constexpr fourier::Scale scale{7, 10};
    const double unit = 0.64 * std::ldexp(1.0, 17);
    double worst = 0, sum = 0;
    for (double z = -20; z <= 20; z += 0.37) {
        std::vector<std::uint32_t> u(n), m(n);
        const auto fixed = static_cast<std::uint32_t>(std::llround(std::ldexp(z, 23)));
        for (std::size_t i = 0; i < n; ++i) m[i] = (u[i] = static_cast<std::uint32_t>(random())) + fixed;
        Words cosine(short_sigmoid::kTerms * n), sine(short_sigmoid::kTerms * n), out(n);
        fourier::fill_sin_cos(short_sigmoid::kSeries, u.data(), n, scale.sine_bits, cosine.data(), sine.data());
        Bytes dither(2 * short_sigmoid::kTerms * n);
        for (auto& byte : dither) byte = static_cast<std::uint8_t>(random());
        fourier::add(short_sigmoid::kSeries, m.data(), n, scale, 0.64, dither.data(), cosine.data(), sine.data(),
                     out.data());
        double mean = 0;
        for (const Word word : out) mean += static_cast<double>(static_cast<std::int64_t>(word)) / unit / n;
        const double error = mean + 0.5 - 1 / (1 + std::exp(-z));
        if (std::abs(z) <= 16) worst = std::max(worst, std::abs(error)), sum += error;
        CHECK(std::abs(error) < 0.012);
    }
    // Rounding has no bias: what is left of the mean is the series' own error.
    CHECK(worst < 0.0022);
    CHECK(std::abs(sum) < 0.02);
}

TEST_CASE("a logit within 16 is always in the short domain, one from 24 to 488 never") {
    std::mt19937_64 random(6);
    const auto accepted = [&](double z) {
        const auto u = static_cast<std::uint32_t>(random());
        const auto m = u + static_cast<std::uint32_t>(std::llround(std::ldexp(z, 23)));
        const Word half = random(), table = short_sigmoid::dealt_table(u) ^ half;
        return (short_sigmoid::in_domain(m, table) ^ short_sigmoid::in_domain(m, half)) == 1;
    };
    for (int i = 0; i < 20000; ++i) {
        const double unit = static_cast<double>(random() >> 11) * 0x1p-53, sign = i % 2 ? 1 : -1;
        CHECK(accepted(sign * 15.9999 * unit));
        CHECK(!accepted(sign * (24 + 463.9 * unit)));
    }
}

TEST_CASE("a sharing of less than 64 bits becomes one of 64") {
    std::mt19937_64 random(7);
    const unsigned bits = 49;
    Words values(500);
    for (Word& value : values) value = static_cast<Word>(static_cast<std::int64_t>(random()) >> (64 - bits + 1));
    values[0] = 0;
    values[1] = (Word{1} << (bits - 2)) - 1;
    values[2] = Word{0} - (Word{1} << (bits - 2));
    run_engines([&](Engine& engine) {
        Shares x = must(engine.input(0, engine.is_a() ? values : Words{}, 500, 1)).whole();
        // What a wrap leaves in the upper bits, differently at each party.
        std::mt19937_64 noise(static_cast<unsigned>(engine.role()));
        for (Words* plane : {&x.p, &x.q})
            for (Word& word : *plane) word = (word & ((Word{1} << bits) - 1)) | noise() << bits;
        const Shares lifted = must(engine.extend_ring(x, bits));
        const Words out = must(engine.open_to(1, lifted));
        if (engine.is_b()) CHECK(out == values);
    });
}

TEST_CASE("the fine sigmoid: near enough from end to end of its domain, for what the page says") {
    constexpr std::size_t n = 8000;
    Words values(n);
    for (std::size_t i = 0; i < n; ++i)
        values[i] =
            static_cast<Word>(std::llround((static_cast<double>(i) / n - 0.5) * 500 * (i % 2 == 0 ? 1 : 0.1) * 65536));
    run_engines([&](Engine& engine) {
        const Shares z = must(engine.input(0, engine.is_a() ? values : Words{}, n, 1)).whole();
        const Link::Stats before = engine.link().stats();
        Bytes outside;
        const Shares p = must(fine_sigmoid(engine, summands_of(engine.role(), z), kFractionBits, outside));
        const Cost cost = cost_of(engine, before);
        if (engine.is_helper()) CHECK(cost.sent[0] + cost.sent[1] == 252 * n);
        if (!engine.is_helper()) CHECK(cost == Cost{{engine.is_b() ? 21 * n : 0, engine.is_a() ? 21 * n : 0, 0}, 4});
        CHECK_FALSE(must(engine.reveal_any(outside)));
        const Words found = must(engine.open_to(1, p));
        double most = 0, bias = 0;
        for (std::size_t i = 0; i < found.size(); ++i) {
            const double exact =
                1 / (1 + std::exp(-std::ldexp(static_cast<double>(static_cast<std::int64_t>(values[i])), -16)));
            const double error = std::ldexp(static_cast<double>(static_cast<std::int64_t>(found[i])), -30) - exact;
            most = std::max(most, std::abs(error));
            bias += error / n;
        }
        CHECK(most < 1.5e-4);
        CHECK(std::abs(bias) < 5e-6);
    });
}

TEST_CASE("a shuffle keeps whole rows, each once, in an order that differs from one to the next") {
    constexpr std::size_t rows = 200, cols = 3;
    std::mutex mutex;
    std::set<std::vector<Word>> orders;
    run_engines([&](Engine& engine) {
        Words values(rows * cols);
        for (std::size_t i = 0; i < rows * cols; ++i) values[i] = i;
        const Shares x = must(engine.input(2, engine.is_helper() ? values : Words{}, rows, cols)).whole();
        const std::uint64_t heard = engine.link().stats().bytes_received[0] + engine.link().stats().bytes_received[1];
        for (int time = 0; time < 4; ++time) {
            const Shares shuffled = must(engine.shuffle(x));
            const Words out = must(engine.open_to(1, shuffled));
            if (!engine.is_b()) continue;
            std::vector<Word> order;
            for (std::size_t i = 0; i < rows; ++i) {
                order.push_back(out[i * cols] / cols);
                for (std::size_t c = 0; c < cols; ++c) CHECK(out[i * cols + c] == order.back() * cols + c);
            }
            const std::set<Word> once(order.begin(), order.end());
            CHECK(once.size() == rows);
            std::lock_guard lock(mutex);
            orders.insert(order);
        }
        const Link::Stats& now = engine.link().stats();
        if (engine.is_helper()) CHECK(now.bytes_received[0] + now.bytes_received[1] == heard);
    });
    CHECK(orders.size() == 4);
}

TEST_CASE("rounded to the nearest, a half up, whatever the masks") {
    std::mt19937_64 random(11);
    for (const unsigned shift : {1u, 4u, 8u, 13u, 16u, 24u, 32u, 46u, 48u}) {
        Words values = {0,
                        1,
                        Word{0} - 1,
                        Word{1} << (shift - 1),
                        Word{0} - (Word{1} << (shift - 1)),
                        (Word{1} << (shift - 1)) - 1,
                        Word{1} << shift,
                        (Word{1} << 61) + 5,
                        Word{0} - (Word{1} << 61) - 7};
        while (values.size() < 300)
            values.push_back(static_cast<Word>(static_cast<std::int64_t>(random()) >> (2 + random() % 60)));
        // One value many times: a coin would fall both ways.
        while (values.size() < 400) values.push_back((Word{3} << shift) + (Word{1} << (shift - 1)) - 1);
        Words expected;
        for (const Word value : values)
            expected.push_back(
                static_cast<Word>((static_cast<std::int64_t>(value) + (std::int64_t{1} << (shift - 1))) >> shift));
        run_engines([&](Engine& engine) {
            const Shares x = must(engine.input(1, engine.is_b() ? values : Words{}, 400, 1)).whole();
            const Shares one = must(engine.input(0, engine.is_a() ? Words(400, 1) : Words{}, 400, 1)).whole();
            const Shares out = must(engine.reshare_rounded(engine.local_products(x, one), shift, 400, 1));
            const Words opened = must(engine.open_to(0, out));
            if (engine.is_a()) CHECK(opened == expected);
        });
    }
}

TEST_CASE("what a program reveals of a product is the same each time, and the number nearest to it") {
    const Matrix x{40, 1, [] {
                       std::vector<double> out;
                       for (int i = 0; i < 40; ++i) out.push_back(static_cast<double>(37 * i - 700) / 65536);
                       return out;
                   }()};
    run_sessions(BackendKind::rep3, [&](Session& s) {
        const Tensor a = share(s, 0, x), b = share(s, 1, {40, 1, std::vector<double>(40, 1.0 / 3)});
        const double third = std::round(65536.0 / 3) / 65536;
        const auto exact = [&](const Matrix& found) {
            for (std::size_t i = 0; i < 40; ++i)
                CHECK(found.data[i] == std::floor(x.data[i] * third * 65536 + 0.5) / 65536);
        };
        const auto fixed = [&](auto operation) {
            const Matrix first = open_to_all(s, must(operation()));
            for (int time = 0; time < 10; ++time) CHECK(open_to_all(s, must(operation())).data == first.data);
            return first;
        };
        exact(fixed([&] { return s.mul(a, b); }));
        exact(fixed([&] { return s.scale(a, third); }));
        fixed([&] { return s.matmul(must(s.transpose(a)), b); });
        fixed([&] { return s.mul(must(s.mul(a, b)), b); });
        fixed([&] { return s.sigmoid(a, SigmoidKind::comparison); });
    });
}

TEST_CASE("any: whether two strings of summands differ, whoever asks") {
    run_engines([&](Engine& engine) {
        Bytes mine(1000, 7);
        CHECK(must(engine.reveal_any(engine.is_helper() ? Bytes{} : mine)) == false);
        if (engine.is_b()) mine[999] ^= 1;
        CHECK(must(engine.reveal_any(engine.is_helper() ? Bytes{} : mine)) == true);
        CHECK(must(engine.reveal_any({})) == false);
    });
}

TEST_CASE("cost of the basic operations") {
    std::mutex mutex;
    std::map<std::string, std::map<unsigned, Cost>> costs;
    run_engines([&](Engine& engine) {
        const Shares x = share_all(engine, 0, 10, 10), y = share_all(engine, 1, 10, 10);
        const auto measure = [&](const char* name, auto operation) {
            const Link::Stats before = engine.link().stats();
            operation();
            std::lock_guard lock(mutex);
            costs[name][static_cast<unsigned>(engine.role())] = cost_of(engine, before);
        };
        measure("mul", [&] { (void)must(engine.reshare(engine.local_products(x, y), 10, 10)); });
        measure("mul_truncated",
                [&] { (void)must(engine.reshare_truncated(engine.local_products(x, y), 16, 10, 10)); });
        measure("matmul_truncated",
                [&] { (void)must(engine.reshare_truncated(engine.local_matmul(x, y), 16, 10, 10)); });
        for (const unsigned shift : {8u, 16u, 32u, 33u})
            measure(("mul_rounded_" + std::to_string(shift)).c_str(),
                    [&] { (void)must(engine.reshare_rounded(engine.local_products(x, y), shift, 10, 10)); });
        measure("msb", [&] { (void)must(engine.msb(x)); });
        measure("open_to_b", [&] { (void)must(engine.open_to(1, x)); });
        measure("shuffle", [&] { (void)must(engine.shuffle(x)); });
    });
    const std::uint64_t n = std::uint64_t(100) * 8;
    // {sent to 0, to 1, to 2}, rounds. A, B and H hide their first receive of a dealt value in `rounds`.
    CHECK(costs["mul"][0] == Cost{{0, n, 0}, 1});
    CHECK(costs["mul"][2] == Cost{{0, n, 0}, 0});
    CHECK(costs["mul_truncated"][0] == Cost{{0, 2 * n, 0}, 2});
    CHECK(costs["mul_truncated"][2] == Cost{{0, 2 * n, 0}, 0});
    CHECK(costs["matmul_truncated"][0] == Cost{{0, 2 * n, 0}, 2});
    // Tables and triples of 2, 4, 8 and 16 digits; a bit each made a number; what is cut and what is reshared.
    const std::map<unsigned, Cost> rounded = {{8, {{0, 100 * (16 + 4 + 1), 0}, 4}},
                                              {16, {{0, 100 * (16 + 6 + 1), 0}, 5}},
                                              {32, {{0, 100 * (16 + 8 + 1), 0}, 6}},
                                              {33, {{0, 100 * (16 + 10 + 1), 0}, 7}}};
    const std::map<unsigned, std::uint64_t> dealt = {
        {8, 16 + 4 + 2 + 8}, {16, 16 + 8 + 3 + 8}, {32, 16 + 16 + 4 + 8}, {33, 16 + 32 + 5 + 8}};
    for (const auto& [shift, cost] : rounded) {
        CHECK(costs["mul_rounded_" + std::to_string(shift)][0] == cost);
        CHECK(costs["mul_rounded_" + std::to_string(shift)][2] == Cost{{0, 100 * dealt.at(shift), 0}, 0});
    }
    CHECK(costs["msb"][0] == Cost{{0, 100 * 10, 0}, 4});
    CHECK(costs["msb"][2] == Cost{{0, 100 * (32 + 5), 0}, 0});
    CHECK(costs["open_to_b"][0] == Cost{{0, n, 0}, 0});
    CHECK(costs["open_to_b"][2] == Cost{{0, 0, 0}, 0});
    // 40 bytes a cell, of which H deals 16. A message from B, one from A, one from B: A waits twice.
    CHECK(costs["shuffle"][0] == Cost{{0, n, 0}, 2});
    CHECK(costs["shuffle"][1] == Cost{{2 * n, 0, 0}, 1});
    CHECK(costs["shuffle"][2] == Cost{{n, n, 0}, 0});
}

TEST_CASE("a large product takes one round and no byte more, though B passes it on in pieces") {
    constexpr std::size_t kRows = 500, kCols = 101;
    std::mutex mutex;
    std::map<unsigned, Cost> costs;
    run_engines([&](Engine& engine) {
        const Shares x = share_all(engine, 0, kRows, kCols, 3), y = share_all(engine, 1, kRows, kCols, 5);
        const Link::Stats before = engine.link().stats();
        const Shares product = must(engine.reshare(engine.local_products(x, y), kRows, kCols));
        const Cost cost = cost_of(engine, before);
        for (unsigned to = 0; to < 3; ++to) {
            const Words opened = must(engine.open_to(to, product));
            CHECK(std::ranges::all_of(opened, [](Word one) { return one == 15; }));
            CHECK(opened.size() == (static_cast<unsigned>(engine.role()) == to ? kRows * kCols : 0));
        }
        std::lock_guard lock(mutex);
        costs[static_cast<unsigned>(engine.role())] = cost;
    });
    constexpr std::uint64_t n = std::uint64_t{kRows} * kCols * 8;
    CHECK(costs[0] == Cost{{0, n, 0}, 1});
    // That B waits for what H deals after it put something in counts as one, of a small product, too.
    CHECK(costs[1] == Cost{{n, 0, 0}, 2});
    CHECK(costs[2] == Cost{{0, n, 0}, 0});
}

TEST_CASE("rounds of the operations do not depend on the size, and are as documented") {
    for (const std::size_t rows : {std::size_t{1}, std::size_t{40}})
        run_sessions(BackendKind::rep3, [&](Session& s) {
            const Tensor x = share(s, 0, {rows, 1, std::vector<double>(rows, 2.5)});
            const Tensor y = share(s, 1, {rows, 1, std::vector<double>(rows, 1.5)});
            const auto rounds = [&](auto operation) {
                const std::uint64_t before = s.stats().rounds;
                (void)must(operation());
                return s.stats().rounds - before;
            };
            // A dealt value that arrives after a message of one's own counts once more at B, and H
            // waits for nothing but what A tells it.
            const Tensor many = share(s, 0, {5000, 1, {[] {
                                                 std::vector<double> v(5000);
                                                 for (std::size_t i = 0; i < 5000; ++i) v[i] = i % 2 ? 1 : 3;
                                                 return v;
                                             }()}});
            const Tensor few = must(s.rows(many, {0, 1, 2, 3}));
            const Tensor bits = must(s.less(many, must(s.scale(many, 2))));
            if (s.party() != 0) {
                (void)must(s.standardise(few)), (void)must(s.standardise(many));
                (void)must(s.column_statistics(few, {}, 2, {1}));
                (void)must(s.column_statistics(many, bits, 2, {1}));
                (void)must(s.sum(x, Sum::all)), (void)must(s.scale(x, 0.3));
                return;
            }
            CHECK(rounds([&] { return s.standardise(few); }) == 49);
            CHECK(rounds([&] { return s.standardise(many); }) == 56);
            CHECK(rounds([&] { return s.column_statistics(few, {}, 2, {1}); }) == 67);
            CHECK(rounds([&] { return s.column_statistics(many, bits, 2, {1}); }) == 75);
            CHECK(rounds([&] { return s.sum(x, Sum::all); }) == 0);
            CHECK(rounds([&] { return s.scale(x, 0.3); }) == 5);
        });
}

TEST_CASE("rounds of what is computed element by element do not depend on the size, and are as documented") {
    for (const std::size_t rows : {std::size_t{1}, std::size_t{40}})
        run_sessions(BackendKind::rep3, [&](Session& s) {
            const Tensor x = share(s, 0, {rows, 1, std::vector<double>(rows, 2.5)});
            const Tensor y = share(s, 1, {rows, 1, std::vector<double>(rows, 1.5)});
            const Tensor bits = must(s.less(y, x));
            for (const Operation& operation : kOperations) {
                const Tensor two[] = {x, y}, three[] = {bits, x, y};
                const std::uint64_t before = s.stats().rounds;
                (void)must(operation.run(s, operation.arguments == 3 ? three : two));
                INFO(operation.name);
                if (s.party() == 0) CHECK(s.stats().rounds - before == operation.rounds);
            }
        });
}

TEST_CASE("no mask is drawn twice, and both holders of a key draw the same") {
    struct Draw {
        Purpose purpose;
        std::uint64_t sequence;
        std::size_t count;
        auto operator<=>(const Draw&) const = default;
    };
    std::mutex mutex;
    std::map<std::pair<unsigned, unsigned>, std::vector<Draw>> draws;  // (key, party)
    const GeneratedData data = generate(400, 3, 4, 5);
    run_engines([&](Engine& engine) {
        const unsigned me = static_cast<unsigned>(engine.role());
        engine.watch([&, me](unsigned key, Purpose purpose, std::uint64_t sequence, std::size_t count) {
            std::lock_guard lock(mutex);
            draws[{key, me}].push_back({purpose, sequence, count});
        });
        const Blocks x = share_block(engine, 0, 200, 7);
        const Shares whole = joined(x), y = share_all(engine, 2, 200, 1);
        const Shares one = share_all(engine, 1, 1, 1);
        TrainOptions options;
        options.iterations = 40;
        options.batch_size = 16;
        options.evaluate_every = 10;
        const auto at_check = [&](std::size_t, const Shares& w) -> Result<bool> {
            LinearProducts test(engine.role(), x, 150, 50);
            const Shares scores = must(score(engine, test, w));
            Shares labels{50, 1, Words(y.p.begin() + 150, y.p.end()), Words(y.q.begin() + 150, y.q.end())};
            (void)must(auc_of(engine, scores, labels, one));
            return true;
        };
        (void)must(train(engine, x, y, 150, options, at_check));
        options.wide_area = true;
        (void)must(train(engine, x, y, 150, options, at_check));
        options.precise = true;
        (void)must(train(engine, x, y, 150, options, at_check));
        (void)must(train(
            engine, x, whole, 150, options, [](auto, auto&) { return true; }, Model::linear));
        const Shares large = share_all(engine, 1, 20, 1, 3 << 16);
        (void)must(quotient(engine, large, large));
        (void)must(inverse_root(engine, large, {kDivisorFirst, kDivisorLast, 16}, 1, 16));
        (void)must(standardised(engine, whole, 64, 64));
    });
    const unsigned holders[3][2] = {{0, 1}, {0, 2}, {1, 2}};
    for (unsigned key = 0; key < 3; ++key) {
        const auto& first = draws[{key, holders[key][0]}];
        CHECK(first.size() > (key == 0 ? 5 : 100));
        CHECK((first == draws[{key, holders[key][1]}]));
        // Unique addresses; 2^32 blocks each, so the stretches of key stream are disjoint.
        std::set<std::uint64_t> sequences;
        for (const Draw& draw : first) {
            CHECK(sequences.insert(draw.sequence).second);
            CHECK(draw.count < (std::size_t{1} << 36));
        }
    }
    CHECK(draws.size() == 6);  // no party draws from the key that it does not hold
}

TEST_CASE("key streams of different addresses differ and repeat for equal ones") {
    const Prg::Key key = Prg::derive("test", as_bytes("material"));
    Prg a(key), b(key);
    std::set<Word> seen;
    for (int i = 0; i < 200; ++i) {
        const Words x = a.words(Purpose::mask, 10);
        CHECK(x == b.words(Purpose::mask, 10));
        for (Word word : x) CHECK(seen.insert(word).second);
    }
    Prg c(key), d(key);
    CHECK(c.words(Purpose::mask, 4) != d.words(Purpose::deal, 4));
    CHECK(Prg::derive("test", as_bytes("other")) != key);
    // A long draw does not run into the next one.
    Prg e(key), f(key);
    const Bytes long_one = e.bytes(Purpose::mask, 1 << 20);
    const Bytes short_one = f.bytes(Purpose::mask, 16), next = f.bytes(Purpose::mask, 16);
    CHECK(std::equal(short_one.begin(), short_one.end(), long_one.begin()));
    CHECK(std::search(long_one.begin(), long_one.end(), next.begin(), next.end()) == long_one.end());
}

TEST_CASE("what a party receives looks uniform and holds no marker; in the clear it does") {
    // A marker as fixed point and as double, in a matrix that is otherwise zero.
    const double marker = 27.271827;
    Matrix x{64, 8, std::vector<double>(512)}, label{64, 1, std::vector<double>(64)};
    for (std::size_t i = 0; i < x.data.size(); i += 3) x.data[i] = marker;
    for (std::size_t i = 0; i < 64; i += 2) label.data[i] = 1;
    Bytes patterns[2];
    const auto fixed = static_cast<std::int64_t>(std::llround(marker * 65536));
    patterns[0].assign(reinterpret_cast<const std::uint8_t*>(&fixed),
                       reinterpret_cast<const std::uint8_t*>(&fixed) + 8);
    patterns[1].assign(reinterpret_cast<const std::uint8_t*>(&marker),
                       reinterpret_cast<const std::uint8_t*>(&marker) + 8);
    for (const BackendKind kind : {BackendKind::rep3, BackendKind::clear}) {
        auto links = memory_links();
        Bytes heard[3];
        std::vector<std::thread> threads;
        for (unsigned party = 0; party < 3; ++party)
            threads.emplace_back([&, party] {
                SessionOptions options;
                options.link = std::move(links[party]);
                options.link->set_transcript([&heard, party](bool outgoing, unsigned, BytesView bytes) {
                    if (!outgoing) heard[party].insert(heard[party].end(), bytes.begin(), bytes.end());
                });
                options.backend = kind;
                auto session = must(Session::open(std::move(options)));
                const Tensor t = share(*session, 0, x);
                const Tensor y = share_labels(*session, 0, label);
                TrainOptions train;
                train.iterations = 3;
                train.batch_size = 32;
                (void)must(session->train_logistic(t, y, train));
                (void)must(session->matmul(t, must(session->transpose(t))));
            });
        for (auto& thread : threads) thread.join();
        const auto holds_marker = [&](unsigned party) {
            for (const Bytes& pattern : patterns)
                if (std::search(heard[party].begin(), heard[party].end(), pattern.begin(), pattern.end()) !=
                    heard[party].end())
                    return true;
            return false;
        };
        CHECK(holds_marker(1) == (kind == BackendKind::clear));
        CHECK(holds_marker(2) == (kind == BackendKind::clear));
        if (kind == BackendKind::clear) continue;
        // Each byte value about equally often: chi-square with 255 degrees of freedom, 8 sigma.
        for (const unsigned party : {0u, 1u}) {
            double counts[256] = {}, chi = 0;
            for (std::uint8_t byte : heard[party]) ++counts[byte];
            const double expected = static_cast<double>(heard[party].size()) / 256;
            for (double count : counts) chi += (count - expected) * (count - expected) / expected;
            CHECK(heard[party].size() > 10000);
            CHECK(chi < 255 + 8 * std::sqrt(2 * 255.0));
        }
        // The party without data hears greetings, keys, shapes and one opened bit, and nothing else.
        const std::size_t greeting =
            4 + std::string_view("c2d-mpc/3 rep3\n").size() + rules_text(OpeningRules{}).size();
        CHECK(heard[2].size() < 2 * greeting + 240);
    }
}

TEST_CASE("a value is opened to the parties named and no message goes to the others") {
    const Matrix x{2, 2, {1, 2, 3, 4}};
    for (unsigned mask = 0; mask < 8; ++mask)
        run_sessions(BackendKind::rep3, [&](Session& s) {
            const Tensor t = share(s, 1, x);
            std::vector<unsigned> to;
            for (unsigned party = 0; party < 3; ++party)
                if (mask >> party & 1) to.push_back(party);
            const Link::Stats before = s.stats();
            const auto value = must(s.reveal(t, to));
            CHECK(value.has_value() == ((mask >> s.party() & 1) != 0));
            if (value) CHECK(value->data == x.data);
            for (unsigned peer = 0; peer < 3; ++peer)
                if (!(mask >> peer & 1)) CHECK(s.stats().bytes_sent[peer] == before.bytes_sent[peer]);
        });
}

TEST_CASE("announcements reach everybody") {
    run_sessions(BackendKind::rep3, [&](Session& s) {
        for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{1} << 20}) {
            const Bytes mine(size, static_cast<std::uint8_t>(s.party()));
            const auto all = must(s.exchange(mine));
            for (unsigned party = 0; party < 3; ++party)
                CHECK(all[party] == Bytes(size, static_cast<std::uint8_t>(party)));
        }
        CHECK(s.exchange(Bytes((1 << 20) + 1)).status() == Status::LIMIT);
    });
}

TEST_CASE("parties whose programs speak different protocols part before any share") {
    auto links = memory_links();
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < 3; ++party)
        threads.emplace_back([&, party] {
            SessionOptions options;
            options.link = std::move(links[party]);
            options.backend = party == 1 ? BackendKind::clear : BackendKind::rep3;
            CHECK(Session::open(std::move(options)).status() == Status::PEER);
        });
    for (auto& thread : threads) thread.join();
}

TEST_CASE("a party that vanishes in the middle is named by the others within bounded time") {
    const GeneratedData data = generate(500, 3, 4, 6);
    for (unsigned lost = 0; lost < 3; ++lost) {
        auto links = memory_links();
        std::vector<std::thread> threads;
        const auto start = std::chrono::steady_clock::now();
        for (unsigned party = 0; party < 3; ++party)
            threads.emplace_back([&, party] {
                SessionOptions options;
                options.link = std::move(links[party]);
                auto session = must(Session::open(std::move(options)));
                const Tensor x = share(*session, 0, data.first);
                const Tensor y = share_labels(*session, 1, data.label);
                TrainOptions train;
                train.iterations = 100000;
                train.split = 400;
                const auto w =
                    session->train_logistic(x, y, train, [&](std::size_t i, auto) { return party != lost || i < 200; });
                CHECK(w.status() == (party == lost ? Status::CANCELLED : Status::PEER));
                if (party != lost && !w) CHECK(w.error().message.find("party") == 0);
            });
        for (auto& thread : threads) thread.join();
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(20));
    }
}

TEST_CASE("values become the nearest integers of their unit") {
    std::mt19937_64 random(8);
    std::uniform_real_distribution<double> value(-0x1p20, 0x1p20);
    std::vector<double> values = {0, -0.0, 0x1p20, -0x1p20, 0x1.8p-17, -0x1.8p-17, 0x1p-18, -0x1p-18};
    while (values.size() < 1001) values.push_back(value(random));
    Words out(values.size());
    kernel::encode(values.data(), 0x1p16, out.data(), out.size());
    for (std::size_t i = 0; i < out.size(); ++i)
        CHECK(static_cast<std::int64_t>(out[i]) == std::llround(values[i] * 0x1p16));
}

TEST_CASE("integer sine and cosine") {
    double worst = 0, worst_harmonic = 0;
    std::vector<std::uint32_t> angles;
    for (std::uint64_t a = 0; a < (std::uint64_t{1} << 32); a += 1234567)
        angles.push_back(static_cast<std::uint32_t>(a));
    for (std::uint32_t edge : {0u, 1u, 0x1fffffffu, 0x20000000u, 0x7fffffffu, 0x80000000u, 0xffffffffu})
        angles.push_back(edge);
    for (const std::uint32_t a : angles) {
        const double x = 2 * M_PI * (a * 0x1p-32);
        const kernel::Turn turn = kernel::turn(a);
        worst = std::max({worst, std::abs(static_cast<double>(turn.cosine) * 0x1p-30 - std::cos(x)),
                          std::abs(static_cast<double>(turn.sine) * 0x1p-30 - std::sin(x))});
    }
    CHECK(worst < 0x1p-27);
    // Cosines and sines of twenty odd harmonics, at as many bits as they can have; a turn of 5 angles.
    static constexpr std::array<double, 20> kAny{};
    constexpr fourier::Series kFiveTurns{5, kAny};
    Words c(kAny.size() * angles.size()), s = c;
    fourier::fill_sin_cos(kFiveTurns, angles.data(), angles.size(), 28, c.data(), s.data());
    for (std::size_t i = 0; i < angles.size(); ++i)
        for (std::size_t k = 0; k < kAny.size(); ++k) {
            const double x = 2 * M_PI * static_cast<double>(2 * k + 1) * ((angles[i] * 5u) * 0x1p-32);
            const auto at = [&](const Words& words) {
                return static_cast<double>(static_cast<std::int64_t>(words[k * angles.size() + i])) * 0x1p-28;
            };
            worst_harmonic = std::max({worst_harmonic, std::abs(at(c) - std::cos(x)), std::abs(at(s) - std::sin(x))});
        }
    CHECK(worst_harmonic < 0x1p-20);
}

TEST_CASE("batches and starting weights are a function of the seed alone") {
    Sampler a(1), b(1), c(2);
    const auto batch = [](Sampler& sampler, std::size_t iteration, std::size_t count, std::size_t rows) {
        std::vector<std::uint32_t> out(count);
        sampler.batch(iteration, rows, out);
        return out;
    };
    CHECK(batch(a, 0, 100, 40000) == batch(b, 0, 100, 40000));
    CHECK(batch(a, 1, 100, 40000) != batch(b, 2, 100, 40000));
    CHECK(batch(a, 3, 100, 40000) != batch(c, 3, 100, 40000));
    CHECK(batch(a, 0, 100, 40000) == batch(b, 0, 100, 40000));  // again, after others
    std::vector<std::size_t> counts(10);
    for (std::uint32_t row : batch(a, 0, 100000, 10)) ++counts.at(row);
    for (std::size_t count : counts) CHECK(std::abs(static_cast<double>(count) - 10000) < 600);
    double sum = 0, squares = 0;
    const auto weights = Sampler::weights(5, 10000);
    for (std::int64_t w : weights) {
        sum += static_cast<double>(w) * 0x1p-24;
        squares += std::pow(static_cast<double>(w) * 0x1p-24, 2);
    }
    CHECK(std::abs(sum) < 4);
    CHECK(std::abs(squares - 1) < 0.06);
    // Known answers: parties on different machines must agree, so these never change. From
    // OpenSSL's command line: AES-128-CTR under SHA-256(label, 0, seed), as the header of Prg says.
    CHECK(batch(a, 0, 4, 40000) == std::vector<std::uint32_t>{23927, 6499, 37660, 18111});
    CHECK(weights[0] == -33221);
}
