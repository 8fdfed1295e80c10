/// The parties' summands of a linear model's products add up, whoever knows which column;
/// and blocks of columns are what they stand for.

#include "mpc/rep3/ml/linear_products.hpp"
#include "mpc/engines.hpp"

#include <mutex>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::rep3;
using namespace c2d::mpc::test;

namespace {

constexpr std::size_t kRows = 23, kFirst = 3, kCount = 19;
constexpr unsigned kFraction = 7;

/// Words that every party of a test can compute, any of the ring's.
Words words(std::size_t count, std::uint64_t seed) {
    std::mt19937_64 random(seed);
    Words out(count);
    for (Word& word : out) word = random();
    return out;
}

Block input(Engine& engine, unsigned owner, const Words& values, std::size_t rows) {
    const bool mine = static_cast<unsigned>(engine.role()) == owner;
    return must(engine.input(owner, mine ? values : Words{}, rows, values.size() / rows));
}
/// Shares of which no component is zero: somebody's input times another's.
Shares derived(Engine& engine, const Words& values, std::size_t rows) {
    const Shares one = input(engine, 1, Words(values.size(), 1), rows).whole();
    return must(
        engine.reshare(engine.local_products(input(engine, 0, values, rows).whole(), one), rows, values.size() / rows));
}

/// Columns of A, B, nobody, H, A again, and a public one.
constexpr std::size_t kColumns = 9;
constexpr std::size_t kWidths[] = {3, 2, 1, 1, 1, 1};

Words part_of_x(std::size_t number) { return words(kRows * kWidths[number], 100 + number); }
Blocks shared_x(Engine& engine) {
    const auto block = [](Block x) { return std::make_shared<const Block>(std::move(x)); };
    const auto nobodys = [&](Shares x) { return block({Owner::nobody, std::move(x)}); };
    return {block(input(engine, 0, part_of_x(0), kRows)),
            block(input(engine, 1, part_of_x(1), kRows)),
            nobodys(derived(engine, part_of_x(2), kRows)),
            block(input(engine, 2, part_of_x(3), kRows)),
            block(input(engine, 0, part_of_x(4), kRows)),
            nobodys(engine.constant(part_of_x(5).data(), kRows, kWidths[5]))};
}
Words clear_x() {
    Words out;
    for (std::size_t i = 0; i < kRows; ++i)
        for (std::size_t number = 0; number < std::size(kWidths); ++number) {
            const Words part = part_of_x(number);
            out.insert(out.end(), part.begin() + std::ptrdiff_t(i * kWidths[number]),
                       part.begin() + std::ptrdiff_t((i + 1) * kWidths[number]));
        }
    return out;
}

void add(Words& sum, const Words& summand) {
    sum.resize(summand.size());
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += summand[i];
}

}  // namespace

TEST_CASE("an input with more values than its shape is refused: they would have no mask") {
    run_engines([](Engine& engine) {
        const Words values = words(engine.is_a() ? 5 : 0, 3);
        if (engine.is_a()) CHECK(engine.input(0, values, 2, 2).status() == Status::INTERNAL);
        if (!engine.is_a()) CHECK(engine.input(0, {1}, 2, 2).status() == Status::INTERNAL);
    });
}

TEST_CASE("an input leaves out what its owner makes zero, and is whole again with it") {
    for (unsigned owner = 0; owner < 3; ++owner) {
        CAPTURE(owner);
        const Words values = words(10, 3);
        std::mutex mutex;
        Words alpha, beta, m;
        run_engines([&](Engine& engine) {
            const Block block = input(engine, owner, values, 5);
            const Shares whole = block.whole();
            const std::lock_guard lock(mutex);
            CHECK(block.owner() == (owner == 0 ? Owner::a : owner == 1 ? Owner::b : Owner::nobody));
            CHECK(block.rows() == 5);
            CHECK(block.cols() == 2);
            // A's has no beta, which B and H would hold; B's no alpha.
            const bool lacks = (owner == 0 && !engine.is_a()) || (owner == 1 && !engine.is_b());
            CHECK(block.is_whole() == !lacks);
            CHECK(whole.p.size() == 10);
            CHECK(whole.q.size() == 10);
            if (engine.is_a()) alpha = whole.p, m = whole.q;
            if (engine.is_helper()) beta = whole.q;
        });
        for (std::size_t i = 0; i < 10; ++i) CHECK(alpha[i] + beta[i] + m[i] == values[i]);
    }
}

TEST_CASE("blocks side by side, some rows of them, multiples: as the matrix that they make") {
    run_engines([](Engine& engine) {
        const Blocks x = shared_x(engine);
        const Shares whole = joined(x);
        CHECK(cols_of(x) == kColumns);
        CHECK(whole.size() == kRows * kColumns);
        const std::vector<std::size_t> index = {7, 0, 7, 22};
        const Blocks some = rows_of(x, index), twice = multiplied(x, 2);
        for (std::size_t k = 0; k < x.size(); ++k) {
            CHECK(some[k]->owner() == x[k]->owner());
            CHECK(twice[k]->owner() == x[k]->owner());
        }
        const Shares some_joined = joined(some), twice_joined = joined(twice);
        for (std::size_t j = 0; j < kColumns; ++j) {
            for (std::size_t i = 0; i < index.size(); ++i) {
                const std::size_t to = i * kColumns + j, from = index[i] * kColumns + j;
                CHECK(some_joined.p[to] == whole.p[from]);
                CHECK(some_joined.q[to] == whole.q[from]);
            }
            CHECK(twice_joined.p[j] == 2 * whole.p[j]);
            CHECK(twice_joined.q[j] == 2 * whole.q[j]);
        }
    });
}

TEST_CASE("the summands of both products add up to what is computed in the clear") {
    const std::vector<std::uint32_t> batch = {4, 0, 18, 18, 7, 3, 11};
    const Words w = words(kColumns + 1, 1), e = words(batch.size(), 2), x = clear_x();
    for (const bool known : {true, false}) {
        std::mutex mutex;
        Words z_all, z, g;
        run_engines([&](Engine& engine) {
            Blocks shared = shared_x(engine);
            if (!known) shared = blocks_of(Owner::nobody, joined(shared));
            LinearProducts products(engine.role(), shared, kFirst, kCount, kFraction);
            const Shares shared_w = derived(engine, w, 1), shared_e = derived(engine, e, e.size());
            Words all(kCount), some(batch.size()), gradient(kColumns + 1);
            products.forward(nullptr, shared_w.p, shared_w.q, all);
            products.forward(batch.data(), shared_w.p, shared_w.q, some);
            products.backward(batch, shared_e.p, shared_e.q, gradient);
            const std::lock_guard lock(mutex);
            add(z_all, all);
            add(z, some);
            add(g, gradient);
        });
        const auto clear_z = [&](std::size_t row) {
            Word sum = w[kColumns] << kFraction;
            for (std::size_t j = 0; j < kColumns; ++j) sum += x[(kFirst + row) * kColumns + j] * w[j];
            return sum;
        };
        for (std::size_t i = 0; i < kCount; ++i) CHECK(z_all[i] == clear_z(i));
        for (std::size_t i = 0; i < batch.size(); ++i) CHECK(z[i] == clear_z(batch[i]));
        for (std::size_t j = 0; j <= kColumns; ++j) {
            Word sum = 0;
            for (std::size_t i = 0; i < batch.size(); ++i)
                sum += e[i] * (j == kColumns ? Word{1} << kFraction : x[(kFirst + batch[i]) * kColumns + j]);
            CHECK(g[j] == sum);
        }
    }
}
