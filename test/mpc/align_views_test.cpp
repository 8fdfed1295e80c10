/// What each party of an alignment hears: uniform whatever the ids are, fresh in each call, and in an order that tells
/// nothing of rows. Broken variants show that the test would notice.

#include "crypto/blind_point.hpp"
#include "crypto/hash.hpp"
#include "mpc/align/tags.hpp"
#include "mpc/align_parties.hpp"

#include <bit>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <set>

using namespace c2d;
using namespace c2d::mpc;
using namespace c2d::mpc::test;
using align_detail::Tag;

namespace {

constexpr std::size_t kRows = 16;

std::size_t runs_per_view() { return std::getenv("C2D_FULL") ? 2048 : 160; }

/// Chance as a function of party, run and input.
class FixedRandom final : public Random {
public:
    explicit FixedRandom(std::uint64_t seed) : generator_(seed * 0x9e3779b97f4a7c15 + 1) {}
    Result<Unit> fill(std::span<std::uint8_t> out) override {
        for (std::uint8_t& byte : out) byte = static_cast<std::uint8_t>(generator_() >> 32);
        return Unit{};
    }

private:
    std::mt19937_64 generator_;
};

/// Two jobs as unlike as can be: short ids in order, and long ones. Row 0 of A is row 7 of B; nothing else is common.
std::vector<std::string> ids_of(unsigned party, bool second) {
    std::vector<std::string> out;
    for (std::size_t row = 0; row < kRows; ++row)
        out.push_back(second ? std::string(40, static_cast<char>('a' + party)) + std::to_string(row * row)
                             : std::to_string(1000 * party + row));
    const std::size_t common = party == 0 ? 0 : 7;
    out[common] = second ? std::string(200, 'z') : "0";
    return out;
}

/// What one party heard over the runs.
struct View {
    /// Of items at the same place of each message: how often each byte had each value.
    std::vector<std::array<std::uint32_t, 256>> bytes;
    std::set<Bytes> seen;
    std::size_t items = 0, repeats = 0;
    /// Where the common row stood among the party's own.
    std::array<std::uint32_t, kRows> places{};
    std::size_t runs = 0;

    void add(BytesView item) {
        if (bytes.size() < item.size()) bytes.resize(item.size());
        for (std::size_t i = 0; i < item.size(); ++i) ++bytes[i][item[i]];
        repeats += seen.insert(Bytes(item.begin(), item.end())).second ? 0 : 1;
        ++items;
    }
    void add_all(BytesView message, std::size_t width) {
        for (std::size_t at = 0; at + width <= message.size(); at += width) add(message.subspan(at, width));
    }
    void place(std::size_t at) {
        if (at < kRows) ++places[at];
        ++runs;
    }
};

/// Adds one run to a view.
using Listen = std::function<void(View&, bool second, std::uint64_t run)>;

View view_of(const Listen& listen, bool second) {
    View out;
    for (std::size_t run = 0; run < runs_per_view(); ++run) listen(out, second, run);
    return out;
}

/// Over its bound: the worst of any nibble against uniform and between the inputs.
double worst_bytes(const View& a, const View& b) {
    double worst = 0;
    for (std::size_t i = 0; i < a.bytes.size(); ++i)
        for (const unsigned shift : {0u, 4u}) {
            double x[16] = {}, y[16] = {}, items = 0, uniform = 0, between = 0;
            for (unsigned value = 0; value < 256; ++value) {
                x[value >> shift & 15] += a.bytes[i][value];
                y[value >> shift & 15] += b.bytes[i][value];
                items += a.bytes[i][value];
            }
            const double expected = items / 16;
            for (int cell = 0; cell < 16; ++cell) {
                uniform += std::pow(x[cell] - expected, 2) / expected;
                if (x[cell] + y[cell] > 0) between += std::pow(x[cell] - y[cell], 2) / (x[cell] + y[cell]);
            }
            // 15 degrees of freedom: passed by chance with probability 1e-10.
            worst = std::max({worst, uniform / 80, between / 80});
        }
    return worst;
}
double worst_places(const View& view) {
    double sum = 0;
    const double expected = static_cast<double>(view.runs) / kRows;
    for (const std::uint32_t count : view.places) sum += std::pow(count - expected, 2) / expected;
    return view.runs == 0 ? 0 : sum / 80;
}

bool passes(const Listen& listen) {
    const View a = view_of(listen, false), b = view_of(listen, true);
    std::size_t in_both = 0;
    for (const Bytes& item : a.seen) in_both += b.seen.count(item);
    CAPTURE(worst_bytes(a, b));
    INFO("bytes ", worst_bytes(a, b), ", places ", worst_places(a), " ", worst_places(b), ", repeats ",
         a.repeats + b.repeats + in_both);
    REQUIRE(a.items > 0);
    return worst_bytes(a, b) <= 1 && worst_places(a) <= 1 && worst_places(b) <= 1 &&
           a.repeats + b.repeats + in_both == 0;
}

/// Everything that `watched` hears in one alignment, by sender.
std::vector<std::vector<Bytes>> heard_by(unsigned watched, AlignMode mode, bool second, std::uint64_t run) {
    auto links = memory_links();
    std::vector<std::vector<Bytes>> out(kParties);
    links[watched]->set_transcript([&](bool outgoing, unsigned peer, BytesView bytes) {
        if (!outgoing) out[peer].emplace_back(bytes.begin(), bytes.end());
    });
    std::vector<std::thread> threads;
    for (unsigned party = 0; party < kParties; ++party)
        threads.emplace_back([&, party] {
            FixedRandom random(run * 8 + party * 2 + (second ? 1 : 0) + 1);
            AlignOptions options;
            options.mode = mode;
            const Table table = party < 2 ? Table{ids_of(party, second)} : Table{};
            const auto found = must(align_table(*links[party], table, options, &random));
            if (found.common != 1) std::abort();
        });
    for (auto& thread : threads) thread.join();
    return out;
}

/// The number of the one bit that is set.
std::size_t bit_of(const Bytes& bits) {
    for (std::size_t i = 0; i < bits.size() * 8; ++i)
        if (bits[i / 8] >> (i % 8) & 1) return i;
    return ~std::size_t{0};
}

// Messages as docs/alignment.md numbers them; the first of each sender are its bounds, which are public.

void helper_hears(View& view, bool second, std::uint64_t run) {
    const auto heard = heard_by(2, AlignMode::helper, second, run);
    std::set<Bytes> tags;  // the common one comes twice, which is what it learns
    for (const unsigned bank : {0u, 1u})
        for (std::size_t at = 0; at < heard[bank].at(2).size(); at += 16)
            tags.insert(Bytes(heard[bank][2].begin() + static_cast<std::ptrdiff_t>(at),
                              heard[bank][2].begin() + static_cast<std::ptrdiff_t>(at + 16)));
    CHECK(tags.size() == 2 * kRows - 1);
    for (const Bytes& tag : tags) view.add(tag);
}
void bank_hears_with_helper(View& view, bool second, std::uint64_t run) {
    const auto heard = heard_by(0, AlignMode::helper, second, run);
    view.add(heard[1].at(1));
    view.add(heard[1].at(3));
    view.place(bit_of(heard[2].at(2)));
}
void bank_hears_points(View& view, bool second, std::uint64_t run) {
    const auto heard = heard_by(0, AlignMode::two_party, second, run);
    view.add_all(heard[1].at(3), 64);
    std::uint32_t place = 0;
    REQUIRE(heard[1].at(6).size() == 4);
    std::memcpy(&place, heard[1][6].data(), 4);
    view.place(place);
}
void bank_hears_tags(View& view, bool second, std::uint64_t run) {
    const auto heard = heard_by(0, AlignMode::two_party, second, run);
    view.add_all(heard[1].at(4), 16);
    view.add(heard[1].at(1));
}

}  // namespace

TEST_CASE("by the helper: tags, and what the banks hear") {
    CHECK(passes(helper_hears));
    CHECK(passes(bank_hears_with_helper));
}

TEST_CASE("without a third party: points and tags") {
    CHECK(passes(bank_hears_points));
    CHECK(passes(bank_hears_tags));
}

TEST_CASE("tags come in ascending order, which is no order of rows") {
    for (std::uint64_t run = 0; run < 8; ++run) {
        const auto heard = heard_by(2, AlignMode::helper, run % 2 == 1, run + 1000);
        for (const unsigned bank : {0u, 1u}) {
            std::vector<Tag> tags;
            for (std::size_t at = 0; at < heard[bank].at(2).size(); at += 16)
                tags.push_back(align_detail::tag_of(heard[bank][2].data() + at));
            CHECK(tags.size() == kRows);
            CHECK(std::ranges::is_sorted(tags));
        }
        const auto by_two = heard_by(0, AlignMode::two_party, run % 2 == 1, run + 2000)[1];
        std::vector<Tag> tags;
        for (std::size_t at = 0; at < by_two.at(4).size(); at += 16)
            tags.push_back(align_detail::tag_of(by_two[4].data() + at));
        CHECK(std::ranges::is_sorted(tags));
    }
}

TEST_CASE("the test fails for tags under a known key, of fewer bits, and for rows in their own order") {
    const auto tags = [](std::uint64_t key_seed, bool second) {
        FixedRandom random(key_seed);
        CmacBatch::Key key;
        (void)random.fill(key);
        const std::vector<IdValues> values = values_of({ids_of(0, second)});
        JoinedIds ids = must(JoinedIds::open(std::vector{values[0].view()}, {}));
        return must(align_detail::tag_rows(ids, key, Duplicates::refuse));
    };
    const auto place_of_first = [](const align_detail::TaggedRows& rows) {
        return static_cast<std::size_t>(std::ranges::find(rows.rows, 0u) - rows.rows.begin());
    };
    // As it should be, so that what follows fails for what is broken.
    CHECK(passes([&](View& view, bool second, std::uint64_t run) {
        const auto rows = tags(2 * run + (second ? 1 : 0), second);
        view.add_all(align_detail::bytes_of(std::span<const Tag>(rows.tags)), 16);
        view.place(place_of_first(rows));
    }));
    CHECK_FALSE(passes([&](View& view, bool second, std::uint64_t) {  // one key for all jobs
        view.add_all(align_detail::bytes_of(std::span<const Tag>(tags(5, second).tags)), 16);
    }));
    CHECK_FALSE(passes([&](View& view, bool second, std::uint64_t run) {  // 120 bits and a zero
        auto rows = tags(2 * run + (second ? 1 : 0), second);
        for (Tag& tag : rows.tags) tag.low &= 0x00ffffffffffffff;
        view.add_all(align_detail::bytes_of(std::span<const Tag>(rows.tags)), 16);
    }));
    CHECK_FALSE(passes([&](View& view, bool second, std::uint64_t run) {  // in the order of the rows
        const auto rows = tags(2 * run + (second ? 1 : 0), second);
        view.add_all(align_detail::bytes_of(std::span<const Tag>(rows.tags)), 16);
        view.place(0);
    }));
    CHECK_FALSE(passes([&](View& view, bool second, std::uint64_t) {  // an order that every job has
        const auto order = tags(7, second);
        view.add(sha256(as_bytes(std::to_string(view.runs) + (second ? "b" : "a"))));
        view.place(place_of_first(order));
    }));
}

TEST_CASE("the test fails for points by a number that does not change, and for points as they are") {
    const auto points = [](std::optional<std::uint64_t> seed, bool second) {
        Bytes out;
        FixedRandom random(seed.value_or(0));
        const BlindingScalar scalar = must(BlindingScalar::draw(random));
        for (const std::string& id : ids_of(1, second)) {
            const CurvePoint plain = hash_to_curve({}, as_bytes(id));
            const CurvePoint point = seed ? must(scalar.times(plain)) : plain;
            out.insert(out.end(), point.data.begin(), point.data.end());
        }
        return out;
    };
    CHECK(passes([&](View& view, bool second, std::uint64_t run) {
        view.add_all(points(2 * run + (second ? 1 : 0), second), 64);
    }));
    CHECK_FALSE(passes([&](View& view, bool second, std::uint64_t) { view.add_all(points(9, second), 64); }));
    CHECK_FALSE(passes([&](View& view, bool second, std::uint64_t) { view.add_all(points({}, second), 64); }));
}
