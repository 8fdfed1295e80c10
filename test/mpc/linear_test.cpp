/// The parties' summands of a linear model's products add up, whoever knows which column.

#include "mpc/engines.hpp"
#include "mpc/model/linear.hpp"

#include <map>
#include <mutex>

using namespace c2d;
using namespace c2d::mpc;
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

Shares input(Engine& engine, unsigned owner, const Words& values, std::size_t rows) {
    const bool mine = static_cast<unsigned>(engine.role()) == owner;
    return must(engine.input(owner, mine ? values : Words{}, rows, values.size() / rows));
}
/// Shares of which no component is zero: somebody's input times another's.
Shares derived(Engine& engine, const Words& values, std::size_t rows) {
    const Shares one = input(engine, 1, Words(values.size(), 1), rows);
    return must(engine.finish(engine.products_of(input(engine, 0, values, rows), one), rows,
                              values.size() / rows));
}
Shares joined(const std::vector<Shares>& parts) {
    Shares out{kRows, 0, {}, {}};
    for (const Shares& part : parts) out.cols += part.cols;
    for (std::size_t i = 0; i < kRows; ++i)
        for (const Shares& part : parts)
            for (std::size_t j = 0; j < part.cols; ++j) {
                out.p.push_back(part.p[i * part.cols + j]);
                out.q.push_back(part.q[i * part.cols + j]);
            }
    return out;
}

/// Columns of A, B, nobody, H, A again, and a public one.
const std::vector<Owner> kOwners = {Owner::a,      Owner::a,      Owner::a, Owner::b, Owner::b,
                                    Owner::nobody, Owner::nobody, Owner::a, Owner::a};
constexpr std::size_t kColumns = 9;
constexpr std::size_t kWidths[] = {3, 2, 1, 1, 1, 1};

Words part_of_x(std::size_t number) { return words(kRows * kWidths[number], 100 + number); }
Shares shared_x(Engine& engine) {
    return joined({input(engine, 0, part_of_x(0), kRows), input(engine, 1, part_of_x(1), kRows),
                   derived(engine, part_of_x(2), kRows), input(engine, 2, part_of_x(3), kRows),
                   input(engine, 0, part_of_x(4), kRows),
                   engine.constant(part_of_x(5).data(), kRows, kWidths[5])});
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

TEST_CASE("all parties learn alike whose input a column is") {
    std::mutex mutex;
    run_engines([&](Engine& engine) {
        const Shares x = shared_x(engine);
        const Link::Stats before = engine.link().stats();
        const Owners owners = must(owners_of(engine, x));
        const Link::Stats& after = engine.link().stats();
        const std::lock_guard lock(mutex);
        CHECK(owners == kOwners);
        const std::size_t told = engine.is_helper() ? 0 : kColumns;
        CHECK(after.bytes_sent[0] + after.bytes_sent[1] + after.bytes_sent[2] ==
              before.bytes_sent[0] + before.bytes_sent[1] + before.bytes_sent[2] + told);
        CHECK(after.rounds - before.rounds == (engine.is_helper() ? 0 : 1));
    });
}

TEST_CASE("the summands of both products add up to what is computed in the clear") {
    const std::vector<std::uint32_t> batch = {4, 0, 18, 18, 7, 3, 11};
    const Words w = words(kColumns + 1, 1), e = words(batch.size(), 2), x = clear_x();
    for (const bool known : {true, false}) {
        std::mutex mutex;
        Words z_all, z, g;
        run_engines([&](Engine& engine) {
            const Shares shared = shared_x(engine);
            const Owners owners = known ? must(owners_of(engine, shared)) : Owners{};
            LinearProducts products(engine.role(), shared, owners, kFirst, kCount, kFraction);
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
            for (std::size_t j = 0; j < kColumns; ++j)
                sum += x[(kFirst + row) * kColumns + j] * w[j];
            return sum;
        };
        for (std::size_t i = 0; i < kCount; ++i) CHECK(z_all[i] == clear_z(i));
        for (std::size_t i = 0; i < batch.size(); ++i) CHECK(z[i] == clear_z(batch[i]));
        for (std::size_t j = 0; j <= kColumns; ++j) {
            Word sum = 0;
            for (std::size_t i = 0; i < batch.size(); ++i)
                sum += e[i] * (j == kColumns ? Word{1} << kFraction
                                             : x[(kFirst + batch[i]) * kColumns + j]);
            CHECK(g[j] == sum);
        }
    }
}
