/// What a party receives is uniform and says nothing about the inputs, operation by operation.
///
/// All key material is fixed, so inputs give the same shares in every run. Before the operation the
/// two parties other than the watched one throw away as many draws of their common key as the run has
/// a number: that key is the only thing that the watched party does not know, and now the only thing
/// that varies. Everything that it receives must then be uniform, given all that it holds: a summand
/// opened without a mask would be the same in every run. Chi-square per byte of the transcript, on
/// both halves of the byte, and the same between two inputs. No two words may have a constant sum,
/// difference or exclusive or. The runs are the same every time, so
/// the test cannot fail by chance.
///
/// Operations of a session that are not listed are made of these: less = msb + to_arithmetic, select =
/// product, the sigmoid by comparison = less + truncated product, statistics = the rest.

#include "crypto/hash.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/parties.hpp"
#include "mpc/rep3/division.hpp"
#include "mpc/rep3/joining.hpp"
#include "mpc/rep3/ml/auc.hpp"
#include "mpc/rep3/ml/glm.hpp"
#include "mpc/rep3/ml/one_hot.hpp"
#include "mpc/rep3/ml/standardise.hpp"
#include "mpc/rep3/ml/training.hpp"
#include "mpc/rep3/sigmoid.hpp"
#include "mpc/rep3/tensor.hpp"

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <numeric>
#include <set>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::rep3;
using namespace c2d::mpc::test;

namespace {

/// Key material as a function of the party.
class FixedRandom final : public Random {
public:
    explicit FixedRandom(unsigned party) : generator_(party + 77) {}
    Result<Unit> fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(generator_());
        return Unit{};
    }

private:
    std::mt19937_64 generator_;
};

/// Two sets of inputs as unlike as can be: nothing, and numbers with all bits in use.
struct Inputs {
    Words values, more, labels;
};
Inputs inputs_of(bool second) {
    Inputs out;
    for (std::size_t i = 0; i < 12; ++i) {
        const double x = second ? -3.7 - 0.013 * static_cast<double>(i * i) : static_cast<double>(i * i % 5);
        out.values.push_back(static_cast<Word>(std::llround(x * 65536)));
        out.more.push_back(static_cast<Word>(std::llround((second ? 9.1 + x : 1) * 65536)));
        if (i < 6) out.labels.push_back(second ? i % 2 : (i + 1) % 2);
    }
    return out;
}

struct Shared {
    Shares x, y, labels;    // 6 x 2, 6 x 2 and positive, 6 x 1
    Blocks x_of_a, y_of_b;  // x and y as they came in
};

using Operation = std::function<void(Engine&, const Inputs&, const Shared&)>;

/// What a party hears in one run: byte for byte, and as words where a message is made of such.
struct Heard {
    Bytes bytes;
    Words words;

    void add(BytesView message) {
        bytes.insert(bytes.end(), message.begin(), message.end());
        if (message.size() % sizeof(Word) != 0) return;
        words.resize(words.size() + message.size() / sizeof(Word));
        std::memcpy(words.data() + words.size() - message.size() / sizeof(Word), message.data(), message.size());
    }
};

/// One party's transcript of an operation, as counts of bytes over runs, and the first runs' words.
struct View {
    std::vector<std::array<std::uint32_t, 256>> counts;  // [position][value]
    std::vector<Words> words;                            // [run]
    std::size_t runs = 0;

    void add(const Heard& heard) {
        if (runs++ == 0) counts.resize(heard.bytes.size());
        CHECK(heard.bytes.size() == counts.size());
        for (std::size_t i = 0; i < std::min(heard.bytes.size(), counts.size()); ++i) ++counts[i][heard.bytes[i]];
        if (words.size() < 8) words.push_back(heard.words);
    }

    /// How many words have a constant sum, difference or exclusive or with another one: messages that are uniform each
    /// but not together.
    std::size_t linked_words() const {
        std::set<std::vector<Word>> seen;
        std::size_t out = 0;
        for (std::size_t i = 0; i < words.front().size(); ++i) {
            std::vector<Word> moves, back, flips{1};
            for (std::size_t run = 1; run < words.size(); ++run) {
                moves.push_back(words[run].at(i) - words[0][i]);
                back.push_back(words[0][i] - words[run].at(i));
                flips.push_back(words[0][i] ^ words[run].at(i));
            }
            if (seen.contains(moves) || seen.contains(back) || seen.contains(flips)) ++out;
            seen.insert(std::move(moves));
            seen.insert(std::move(flips));
        }
        return out;
    }
};

Shared share_inputs(Engine& engine, const Inputs& inputs) {
    const auto give = [&](unsigned owner, const Words& values, std::size_t cols) {
        const bool mine = static_cast<unsigned>(engine.role()) == owner;
        return Blocks{std::make_shared<Block>(must(engine.input(owner, mine ? values : Words{}, 6, cols)))};
    };
    const Blocks x = give(0, inputs.values, 2), y = give(1, inputs.more, 2);
    return {joined(x), joined(y), joined(give(2, inputs.labels, 1)), x, y};
}

/// Throws `count` draws away of the key that `watched` does not hold.
void skip_draws(Engine& engine, Role watched, std::size_t count) {
    if (engine.role() == watched) return;
    const Role other = static_cast<Role>(3 - static_cast<unsigned>(watched) - static_cast<unsigned>(engine.role()));
    std::uint8_t byte = 0;
    for (std::size_t i = 0; i < count; ++i) engine.draw(other, Purpose::mask, {&byte, 1});
}

/// Whether a message from `peer` is to be uniform.
using Heeds = std::function<bool(unsigned peer, BytesView message)>;
/// All but single bytes: public bits, credits.
bool heeds_words(unsigned, BytesView message) { return message.size() > 1; }

/// What `watched` hears during `operation`.
Heard heard_by(Role watched, bool second, std::size_t run, const Operation& operation,
               const Heeds& heeds = heeds_words) {
    auto links = memory_links();
    Heard heard;
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < kParties; ++party)
        threads.emplace_back([&, party] {
            FixedRandom random(party);
            auto engine = must(Engine::open(*links[party], random));
            const Inputs inputs = inputs_of(second);
            const Shared shared = share_inputs(*engine, inputs);
            skip_draws(*engine, watched, run);
            if (engine->role() == watched)
                links[party]->set_transcript([&](bool outgoing, unsigned peer, BytesView bytes) {
                    if (!outgoing && heeds(peer, bytes)) heard.add(bytes);
                });
            operation(*engine, inputs, shared);
        });
    for (auto& thread : threads) thread.join();
    return heard;
}

/// Threads and memory are the point under a sanitizer, not the counts.
#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::size_t kRuns = 24;
#else
constexpr std::size_t kRuns = 96;
#endif
std::size_t runs_per_view() { return std::getenv("C2D_FULL") ? 1024 : kRuns; }

View view_of_party(Role watched, bool second, const Operation& operation, const Heeds& heeds) {
    View out;
    for (std::size_t run = 0; run < runs_per_view(); ++run) out.add(heard_by(watched, second, run, operation, heeds));
    return out;
}

/// Counts of `field` bits at `shift`.
std::vector<double> cells_of(const std::array<std::uint32_t, 256>& counts, unsigned shift, unsigned bits) {
    std::vector<double> out(std::size_t{1} << bits);
    for (unsigned value = 0; value < 256; ++value) out[(value >> shift) & (out.size() - 1)] += counts[value];
    return out;
}

struct Verdict {
    double worst_uniform = 0, worst_between = 0;  // z-like: chi-square over its bound
    std::size_t constant_bits = 0, bits = 0;
    bool ones = false;  // a bit was always 1: no structure has that
    std::size_t linked_words = 0;
};

/// Chi-square of one field of one byte against uniform and between the two inputs.
void compare_field(const std::array<std::uint32_t, 256>& a, const std::array<std::uint32_t, 256>& b, unsigned shift,
                   unsigned bits, double runs, Verdict& verdict) {
    const auto x = cells_of(a, shift, bits), y = cells_of(b, shift, bits);
    const double freedom = static_cast<double>(x.size() - 1);
    double uniform = 0, between = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        const double expected = runs / static_cast<double>(x.size());
        uniform = std::max(uniform, 0.0) + std::pow(x[i] - expected, 2) / expected;
        if (x[i] + y[i] > 0) between += std::pow(x[i] - y[i], 2) / (x[i] + y[i]);
    }
    // Some 1e5 fields in all: the bound is passed by chance with probability 1e-10 each.
    const double bound = freedom + std::sqrt(2 * freedom) * 6.5 + 30;
    verdict.worst_uniform = std::max(verdict.worst_uniform, uniform / bound);
    verdict.worst_between = std::max(verdict.worst_between, between / bound);
}

Verdict compare(const View& a, const View& b) {
    Verdict out;
    out.linked_words = a.linked_words() + b.linked_words();
    const auto runs = static_cast<double>(a.runs);
    for (std::size_t i = 0; i < a.counts.size(); ++i) {
        unsigned never = 0, always = 0;
        for (unsigned bit = 0; bit < 8; ++bit) {
            const double ones = cells_of(a.counts[i], bit, 1)[1] + cells_of(b.counts[i], bit, 1)[1];
            never |= (ones == 0 ? 1u : 0u) << bit;
            always |= (ones == 2 * runs ? 1u : 0u) << bit;
        }
        out.bits += 8;
        out.constant_bits += static_cast<std::size_t>(std::popcount(never));
        out.ones = out.ones || always != 0;
        if (never == 0) {
            compare_field(a.counts[i], b.counts[i], 0, 4, runs, out);
            compare_field(a.counts[i], b.counts[i], 4, 4, runs, out);
        }
        for (unsigned bit = 0; bit < 8; ++bit)
            if (never != 0 && (never >> bit & 1) == 0) compare_field(a.counts[i], b.counts[i], bit, 1, runs, out);
    }
    return out;
}

Verdict verdict_on(Role watched, const Operation& operation, const Heeds& heeds = heeds_words) {
    return compare(view_of_party(watched, false, operation, heeds), view_of_party(watched, true, operation, heeds));
}
bool passes(const Verdict& verdict, std::size_t zero_bits) {
    return verdict.worst_uniform <= 1 && verdict.worst_between <= 1 && !verdict.ones &&
           verdict.constant_bits == zero_bits && verdict.linked_words == 0;
}

/// Bits that are 0 by construction, where two bits travel in a byte. Any other bit that never changes is a
/// fault.
constexpr std::size_t kSigmoid = 6;

void check_views(const std::string& name, std::size_t zero_bits, const Operation& operation, bool helper = true,
                 const Heeds& heeds = heeds_words) {
    INFO(name);
    std::size_t total = 0;
    for (const Role watched : {Role::a, Role::b, Role::h}) {
        if (watched == Role::h && !helper) continue;
        const Verdict verdict = verdict_on(watched, operation, heeds);
        CAPTURE(static_cast<unsigned>(watched));
        CAPTURE(verdict.worst_uniform);
        CAPTURE(verdict.worst_between);
        CAPTURE(verdict.constant_bits);
        CAPTURE(verdict.bits);
        CAPTURE(verdict.linked_words);
        CHECK(passes(verdict, watched == Role::h ? 0 : zero_bits));
        total += verdict.bits / 8;
    }
    CHECK(total > 0);
}

void refused(const std::string& name, const Operation& broken) {
    INFO(name);
    for (const Role watched : {Role::a, Role::b}) CHECK(!passes(verdict_on(watched, broken), 0));
}

TrainOptions small_training() {
    TrainOptions options;
    options.iterations = 3;
    options.batch_size = 4;
    options.evaluate_every = 2;
    options.lr = 0.01;
    return options;
}
const AtCheck kGoOn = [](std::size_t, const Shares&) -> Result<bool> { return true; };

/// What regression asks of this protocol, on an engine of the test's.
std::unique_ptr<Glm> glm_of(Engine& e) { return make_glm({std::shared_ptr<Engine>(), &e}); }

}  // namespace

/// Joins two tables of six rows with a column each, of which two are common. Known tags are the same in each run.
Joining::Common join(Engine& e, const Shared& s, bool tags_are_known = false) {
    const auto joining = make_joining({std::shared_ptr<Engine>(), &e});
    const auto x = make_tensor(s.x_of_a, kFractionBits), y = make_tensor(s.y_of_b, kFractionBits);
    Joining::Table tables[2] = {{6, {}, {x.get()}}, {6, {}, {y.get()}}};
    if (!e.is_helper()) {
        // Tags of customers, which H cannot tell from chance.
        constexpr std::size_t kCustomers = 10;
        Words tags(2 * kCustomers);
        e.draw(e.is_a() ? Role::b : Role::a, Purpose::mask, span_of(tags));
        if (tags_are_known) std::iota(tags.begin(), tags.end(), Word{1});
        // Rows 2 and 5 of A are rows 4 and 0 of B.
        const std::size_t of_a[] = {0, 1, 2, 3, 4, 5}, of_b[] = {5, 6, 7, 8, 2, 9};
        for (const std::size_t customer : e.is_a() ? of_a : of_b)
            for (const std::size_t word : {2 * customer, 2 * customer + 1})
                tables[static_cast<unsigned>(e.role())].tags.push_back(tags[word]);
    }
    return *must(joining->join(tables, 1));
}

TEST_CASE("tables joined in secret") {
    // The pairs that H names, as places in shuffled tables, and their hash: what they tell is looked at below.
    const auto is_masked = [](unsigned peer, BytesView message) {
        const bool is_head = peer == 2 && message.size() == 16, are_places = message.size() == 8;
        return message.size() > 1 && !is_head && !are_places && message.size() != 32;
    };
    check_views(
        "join", 0, [](Engine& e, const Inputs&, const Shared& s) { CHECK(join(e, s).rows == 2); }, true, is_masked);
}

TEST_CASE("the test fails for tags that the helper could make itself") {
    CHECK(!passes(verdict_on(Role::h, [](Engine& e, const Inputs&, const Shared& s) { (void)join(e, s, true); }), 0));
}

TEST_CASE("the places of common rows are any, as far as each party sees") {
    for (const Role watched : {Role::a, Role::b, Role::h}) {
        std::map<Bytes, std::size_t> seen;
        const std::size_t runs = runs_per_view();
        for (std::size_t run = 0; run < runs; ++run) {
            // Of the first common row, in both shuffled tables, as A is told.
            Bytes places;
            (void)heard_by(watched, true, run, [&](Engine& e, const Inputs&, const Shared& s) {
                if (e.is_a())
                    e.link().set_transcript([&](bool outgoing, unsigned peer, BytesView message) {
                        if (!outgoing && peer == 2 && message.size() == 8) places.push_back(message[0]);
                    });
                (void)join(e, s);
            });
            REQUIRE(places.size() == 2);
            ++seen[places];
        }
        // 36 pairs of places of the first common row, of which `runs` draws leave few out, and none is much more
        // likely.
        CHECK(seen.size() > 20);
        for (const auto& [places, count] : seen) CHECK(count < runs / 5);
    }
}

TEST_CASE("inputs") {
    for (unsigned owner = 0; owner < 3; ++owner)
        check_views("input", 0, [owner](Engine& e, const Inputs& inputs, const Shared&) {
            const bool mine = static_cast<unsigned>(e.role()) == owner;
            (void)must(e.input(owner, mine ? inputs.values : Words{}, 6, 2));
        });
}

TEST_CASE("products, truncation, resharing") {
    check_views("reshare", 0, [](Engine& e, const Inputs&, const Shared& s) {
        (void)must(e.reshare(e.local_products(s.x, s.y), 6, 2));
    });
    check_views("reshare_truncated", 0, [](Engine& e, const Inputs&, const Shared& s) {
        (void)must(e.reshare_truncated(e.local_products(s.x, s.y), 16, 6, 2));
    });
    for (const unsigned shift : {8u, 16u, 30u, 48u})
        check_views("reshare_rounded", 0, [shift](Engine& e, const Inputs&, const Shared& s) {
            (void)must(e.reshare_rounded(e.local_products(s.x, s.y), shift, 6, 2));
        });
    check_views("reshare", 0, [](Engine& e, const Inputs&, const Shared& s) {
        (void)must(e.reshare_pair(e.is_helper() ? Words{} : summands_of(e.role(), s.x), 6, 2));
    });
    check_views("extend_ring", 0,
                [](Engine& e, const Inputs&, const Shared& s) { (void)must(e.extend_ring(s.x, 49)); });
}

TEST_CASE("comparison and conversion of bits") {
    check_views("msb", 0, [](Engine& e, const Inputs&, const Shared& s) { (void)must(e.msb(s.x)); });
    check_views("to_arithmetic", 0, [](Engine& e, const Inputs&, const Shared& s) {
        (void)must(e.to_arithmetic(
            e.is_helper() ? BooleanShares{} : BooleanShares(12, static_cast<std::uint8_t>(s.x.p[0] & 1)), 6, 2));
    });
    // Strings that are equal, and strings that are not: what is opened is 0 or uniform.
    for (const bool differ : {false, true})
        check_views("reveal_any", 0, [differ](Engine& e, const Inputs&, const Shared& s) {
            Bytes mine(40, static_cast<std::uint8_t>(s.labels.q[0] + (differ && e.is_a() ? 1 : 0)));
            CHECK(must(e.reveal_any(e.is_helper() ? Bytes{} : mine)) == differ);
        });
}

TEST_CASE("order") {
    check_views("shuffle", 0, [](Engine& e, const Inputs&, const Shared& s) { (void)must(e.shuffle(s.x)); });
    // H hears the order of the shuffled rows, which is an output, uniform over orders, not over bytes.
    // 15 pairs in one level, packed into two bytes.
    check_views(
        "auc", 1,
        [](Engine& e, const Inputs&, const Shared& s) {
            Shares score{6, 1, Words(6), Words(6)};
            for (std::size_t i = 0; i < 6; ++i) score.p[i] = s.x.p[2 * i], score.q[i] = s.x.q[2 * i];
            const Shares one = e.constant(Words(1, 1).data(), 1, 1);
            (void)must(auc_of(e, score, s.labels, one));
        },
        false);
}

TEST_CASE("whichever key a party lacks moves the order of a shuffle") {
    for (const Role watched : {Role::a, Role::b, Role::h}) {
        std::mutex mutex;
        std::set<Words> orders;
        for (std::size_t run = 0; run < 8; ++run)
            (void)heard_by(watched, true, run, [&](Engine& e, const Inputs&, const Shared& s) {
                const Words order = must(e.open_to(1, must(e.shuffle(s.x))));
                const std::lock_guard lock(mutex);
                if (e.is_b()) orders.insert(order);
            });
        CHECK(orders.size() > 5);
    }
}

TEST_CASE("sigmoid, quotients, roots, standardisation") {
    check_views("sigmoid", 12 * kSigmoid, [](Engine& e, const Inputs&, const Shared& s) {
        const Sigmoid p = must(sigmoid_of(e, summands_of(e.role(), s.x), 16, 1.0));
        (void)must(e.reveal_any(p.outside));
    });
    check_views("fine sigmoid", 12 * kSigmoid, [](Engine& e, const Inputs&, const Shared& s) {
        Bytes outside;
        (void)must(fine_sigmoid(e, summands_of(e.role(), s.x), 16, outside));
        (void)must(e.reveal_any(outside));
    });
    check_views("quotient", 0, [](Engine& e, const Inputs&, const Shared& s) { (void)must(quotient(e, s.x, s.y)); });
    check_views("inverse_root", 0, [](Engine& e, const Inputs&, const Shared& s) {
        (void)must(inverse_root(e, s.y, {kDivisorFirst, kDivisorLast, 16}, 1.0, 16));
    });
    check_views("standardised", 0, [](Engine& e, const Inputs&, const Shared& s) {
        Shares x = s.x;
        add_to(x, s.y);
        (void)must(standardised(e, s.x, 64, 64));
        (void)must(standardised(e, x, 64, 1));
    });
}

TEST_CASE("training, every schedule") {
    check_views("fast", 0, [](Engine& e, const Inputs&, const Shared& s) {
        (void)must(train(e, s.x_of_a, s.labels, 6, small_training(), kGoOn));
    });
    check_views("fast, on B's columns", 0, [](Engine& e, const Inputs&, const Shared& s) {
        (void)must(train(e, s.y_of_b, s.labels, 6, small_training(), kGoOn));
    });
    check_views("fast, on nobody's columns", 0, [](Engine& e, const Inputs&, const Shared& s) {
        (void)must(train(e, blocks_of(Owner::nobody, s.x), s.labels, 6, small_training(), kGoOn));
    });
    check_views("wide area", 0, [](Engine& e, const Inputs&, const Shared& s) {
        TrainOptions options = small_training();
        options.wide_area = true;
        (void)must(train(e, s.x_of_a, s.labels, 6, options, kGoOn));
    });
    check_views("precise with a penalty", 12 * kSigmoid, [](Engine& e, const Inputs&, const Shared& s) {
        TrainOptions options = small_training();
        options.precise = true;
        options.l2 = 2;
        (void)must(train(e, s.x_of_a, s.labels, 6, options, kGoOn));
    });
    check_views("linear", 0, [](Engine& e, const Inputs&, const Shared& s) {
        Shares target{6, 1, Words(6), Words(6)};
        for (std::size_t i = 0; i < 6; ++i) target.p[i] = s.y.p[2 * i], target.q[i] = s.y.q[2 * i];
        (void)must(train(e, s.x_of_a, target, 6, small_training(), kGoOn, Model::linear));
    });
}

TEST_CASE("regression") {
    check_views("passes over the rows", 6 * kSigmoid, [](Engine& e, const Inputs&, const Shared& s) {
        const auto glm = glm_of(e);
        const auto x = make_tensor(s.x_of_a, kFractionBits);
        x->bound = 64;
        const auto design = must(glm->design(*x));
        const TensorPtr w = must(glm->constant_at({3, 1, {0.25, -0.125, 0.5}}, 24));
        Doubts outside;
        const TensorPtr p = must(glm->predict(*design, *w, nullptr, LinkFunction::logistic, outside));
        CHECK_FALSE(must(glm->any({&outside})));
        (void)must(glm->predict(*design, *w, nullptr, LinkFunction::identity, outside));
        (void)must(glm->weighted_sum(*design, *p, 1, *w, 3));
        (void)must(glm->gram(*design, p.get(), 1, {0, 1, 2, 3, 4, 5}));
        const TensorPtr v = must(glm->mul_at(*p, *p, kShortCurvatureBits));
        CHECK(glm->curvature_bits(*design, 0.25) == kShortCurvatureBits);
        (void)must(glm->gram(*design, v.get(), 0.25, {0, 1, 2, 3, 4, 5}));
        (void)must(glm->gram(*design, nullptr, 1, {5, 0, 5}));
    });
    check_views("normaliser and comparison", 0, [](Engine& e, const Inputs&, const Shared& s) {
        const auto glm = glm_of(e);
        const auto one = make_tensor({1, 1, {s.y.p[0]}, {s.y.q[0]}}, kFractionBits);
        Doubts outside;
        (void)must(glm->normaliser(*one, outside));
        CHECK_FALSE(must(glm->any({&outside})));
        (void)must(glm->any_above(*make_tensor(s.x, kFractionBits), 1.5));
    });
    check_views("products at other scales", 0, [](Engine& e, const Inputs&, const Shared& s) {
        const auto glm = glm_of(e);
        const auto x = make_tensor(s.x, kFractionBits), y = make_tensor(s.y, kFractionBits);
        (void)must(glm->mul_at(*x, *y, 20));
        (void)must(glm->mul_at(*x, *y, 32));
        (void)must(glm->matmul_at(*x, *must(glm->constant_at({2, 2, {1, 2, 3, 4}}, 24)), 24));
    });
}

/// Bins that change with the input: of three in two columns.
Bins bins_of(Engine& e, const Inputs& inputs, unsigned owner) {
    Bins out{owner, 6, 2, 3};
    if (static_cast<unsigned>(e.role()) != owner) return out;
    for (const Word value : inputs.values) out.numbers.push_back(static_cast<std::uint8_t>(value % 3));
    return out;
}

TEST_CASE("bins and logarithms") {
    for (const unsigned owner : {0u, 1u}) {
        check_views("sums over bins", 0, [owner](Engine& e, const Inputs& inputs, const Shared& s) {
            (void)must(bin_sums(e, bins_of(e, inputs, owner), s.labels));
        });
        check_views("look-up", 0, [owner](Engine& e, const Inputs& inputs, const Shared& s) {
            const Shares table{3, 2, {s.x.p.begin(), s.x.p.begin() + 6}, {s.x.q.begin(), s.x.q.begin() + 6}};
            (void)must(looked_up(e, bins_of(e, inputs, owner), table));
        });
    }
    for (const Rounding rounding : {Rounding::coins, Rounding::nearest})
        check_views("logarithm", 0, [rounding](Engine& e, const Inputs&, const Shared& s) {
            (void)must(logarithm(e, s.y, {kDivisorFirst, kDivisorLast, 16}, 16, rounding));
        });
}

TEST_CASE("the test fails for one-hot columns and choices that are not masked, or whose mask is known") {
    // What O sends P: columns, and choices of what P adds up; then what P sends O.
    const auto sent = [](bool from_owner, bool masked) {
        return [from_owner, masked](Engine& e, const Inputs& inputs, const Shared& s) {
            for (const unsigned owner : {0u, 1u}) {
                const unsigned sender = from_owner ? owner : 1 - owner;
                Bytes message(48);
                if (e.is_helper()) {
                    for (unsigned turn = 0; turn < 1 && masked; ++turn)
                        e.draw(static_cast<Role>(sender), Purpose::mask, message);
                    continue;
                }
                if (static_cast<unsigned>(e.role()) == sender) {
                    if (masked) e.draw(Role::h, Purpose::mask, message);
                    for (std::size_t i = 0; i < message.size(); ++i)
                        message[i] = static_cast<std::uint8_t>(
                            message[i] + (from_owner ? inputs.values[i % 12] % 3 == i / 12 : s.x.p[i % 12] >> i % 8));
                    CHECK(e.send_buffered(1 - sender, message).ok());
                    CHECK(e.flush().ok());
                } else {
                    CHECK(e.receive(sender, message).ok());
                }
            }
        };
    };
    refused("one-hot columns as they are", sent(true, false));
    refused("sums of a choice as they are", sent(false, false));
    for (const bool from_owner : {true, false})
        for (const Role watched : {Role::a, Role::b}) CHECK(passes(verdict_on(watched, sent(from_owner, true)), 0));
}

TEST_CASE("the test fails for masks that are missing, short, or the same for both inputs") {
    refused("a product's summands opened as they are", [](Engine& e, const Inputs&, const Shared& s) {
        Words local = e.local_products(s.x, s.y);
        CHECK(e.open(local).ok());
    });
    refused("a Gram matrix opened as it is summed", [](Engine& e, const Inputs&, const Shared& s) {
        LinearProducts x(e.role(), s.x_of_a, 0, 6);
        const std::vector<std::uint32_t> index = {0, 1, 2, 3, 4, 5};
        Words u_p(18, s.y.p[0]), u_q(18, s.y.q[0]), sums(6);
        x.gram(index, u_p.data(), u_q.data(), sums);
        CHECK(e.open(sums).ok());
    });
    // aby3 masks with 62-bit shares: numbers this large show through.
    refused("a mask of 62 bits", [](Engine& e, const Inputs&, const Shared& s) {
        Words local = e.local_products(s.x, s.y);
        const Words mask = e.random_words(local.size());
        if (e.is_helper()) return;
        for (std::size_t i = 0; i < local.size(); ++i) local[i] = (local[i] >> 20) + (mask[i] >> 2);
        CHECK(e.open(local).ok());
    });
    refused("a mask that the receiver knows", [](Engine& e, const Inputs&, const Shared& s) {
        Words local = e.local_products(s.x, s.y);
        if (e.is_helper()) return;
        Words mask(local.size());
        e.draw(e.is_a() ? Role::b : Role::a, Purpose::mask, span_of(mask));
        kernel::add(mask.data(), local.data(), local.size());
        CHECK(e.open(local).ok());
    });
    refused("a dealt value without its half", [](Engine& e, const Inputs&, const Shared& s) {
        const Words lambda = e.is_helper() ? s.x.p : Words{};
        for (const Role to : {Role::a, Role::b}) {
            Words half(12);
            if (e.is_helper()) CHECK(e.send_buffered(static_cast<unsigned>(to), c2d::mpc::view_of(lambda)).ok());
            if (e.role() == to) CHECK(e.receive(2, span_of(half)).ok());
        }
        CHECK(e.flush().ok());
    });
}

TEST_CASE("the test fails for a shuffle that shows its rows in one message, or in two together") {
    // A pass of a shuffle in which H deals: B sends its summand of the rows, H what makes up for the mask.
    const auto shuffle_pass = [](Engine& e, const Shares& s, bool hide_summand, bool hide_dealt) {
        for (const Role to : {Role::a, Role::b}) {
            const Role from = to == Role::a ? Role::b : Role::a;
            Words mask(12), fresh(12), message(12);
            if (e.role() != to)
                for (Words* draw : {&mask, &fresh})
                    e.draw(e.is_helper() ? from : Role::h, Purpose::mask, span_of(*draw));
            if (e.role() == to) {
                for (const Role sender : {from, Role::h})
                    CHECK(e.receive(static_cast<unsigned>(sender), span_of(message)).ok());
                continue;
            }
            if (e.is_helper()) {
                for (std::size_t i = 0; i < 12; ++i) message[i] = mask[11 - i] - (hide_dealt ? fresh[i] : 0);
            } else {
                message = summands_of(e.role(), s);
                for (std::size_t i = 0; i < 12; ++i) message[i] -= hide_summand ? mask[i] : 0;
            }
            CHECK(e.send_buffered(static_cast<unsigned>(to), c2d::mpc::view_of(message)).ok());
            CHECK(e.flush().ok());
        }
    };
    refused("rows on their way to be shuffled, as they are",
            [&](Engine& e, const Inputs&, const Shared& s) { shuffle_pass(e, s.x, false, true); });
    refused("a dealt order whose mask also hides the rows: the two messages add up to them",
            [&](Engine& e, const Inputs&, const Shared& s) { shuffle_pass(e, s.x, true, false); });
    for (const Role watched : {Role::a, Role::b})
        CHECK(passes(
            verdict_on(watched, [&](Engine& e, const Inputs&, const Shared& s) { shuffle_pass(e, s.x, true, true); }),
            0));
}

TEST_CASE("the test fails for a comparison of strings that shows their hashes") {
    // "any", with the hashes opened as they are, with one mask for both, and without the secret factor. The strings
    // differ at one place, and their hashes are shown to who knows the key.
    const auto any = [](bool masked, bool multiplied) {
        return [masked, multiplied](Engine& e, const Inputs&, const Shared& s) {
            Bytes mask = e.random_bytes(16), hash(16);
            if (e.is_helper()) return;
            Bytes string(8);
            std::memcpy(string.data(), s.labels.q.data(), 8);
            if (e.is_a()) string[0] ^= 1;
            std::ranges::copy(BytesView(hmac_sha256(Bytes(32, 7), string)).first(16), hash.begin());
            if (masked) kernel::add_bits(mask.data(), hash.data(), hash.size());
            CHECK(e.open_xor(hash).ok());
            // The mask itself, as if the factor were 1: the sum of the hashes comes out.
            if (!multiplied) CHECK(e.open_xor(mask).ok());
        };
    };
    refused("the hashes of strings, as they are", any(false, true));
    refused("hashes masked, and their difference opened without a secret factor", any(true, false));
    for (const Role watched : {Role::a, Role::b}) CHECK(passes(verdict_on(watched, any(true, true)), 0));
}
