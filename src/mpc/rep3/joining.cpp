/// Both tables are shuffled with their tags, and H is shown the tags: for who lacks their key they are random numbers,
/// at places that say nothing of rows. H names the pairs, which A and B check. Here H decides something, and nowhere
/// else.

#include "mpc/rep3/joining.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "mpc/core/kernels.hpp"
#include "mpc/rep3/tensor.hpp"

#include <algorithm>
#include <array>

namespace c2d::mpc::rep3 {
namespace {

constexpr unsigned kA = 0, kB = 1, kH = 2;
constexpr std::size_t kTagWords = Joining::kTagWords;

/// The places of common rows in the two shuffled tables, pair by pair.
struct Pairs {
    std::vector<std::uint32_t> of[2];
    std::size_t size() const { return of[kA].size(); }
};
/// What H says before it names them.
struct Answer {
    std::uint64_t enough = 0, rows = 0;
};

/// Some columns of some rows.
Shares part_of(const Shares& x, const std::vector<std::uint32_t>* rows, std::size_t first, std::size_t cols) {
    const std::size_t count = rows ? rows->size() : x.rows;
    Shares out{count, cols, Words(count * cols), Words(count * cols)};
    for (std::size_t r = 0; r < count; ++r) {
        const std::size_t from = (rows ? (*rows)[r] : r) * x.cols + first;
        std::copy_n(&x.p[from], cols, &out.p[r * cols]);
        std::copy_n(&x.q[from], cols, &out.q[r * cols]);
    }
    return out;
}

// ---------------------------------------------------------------- the helper

struct Placed {
    std::array<Word, kTagWords> tag;
    std::uint32_t place;
};

Result<std::vector<Placed>> sorted(const Words& tags, unsigned bank) {
    std::vector<Placed> out(tags.size() / kTagWords);
    for (std::uint32_t i = 0; i < out.size(); ++i) out[i] = {{tags[kTagWords * i], tags[kTagWords * i + 1]}, i};
    std::ranges::sort(out, {}, &Placed::tag);
    const auto twice = std::ranges::adjacent_find(out, {}, &Placed::tag);
    if (twice != out.end()) return fail(Status::PEER, "two rows of party {} have one tag", bank);
    return out;
}

Pairs paired(const std::vector<Placed>& a, const std::vector<Placed>& b) {
    Pairs out;
    for (auto x = a.begin(), y = b.begin(); x != a.end() && y != b.end();) {
        if (x->tag == y->tag) {
            out.of[kA].push_back(x++->place);
            out.of[kB].push_back(y++->place);
        } else {
            ++(x->tag < y->tag ? x : y);
        }
    }
    return out;
}

// ---------------------------------------------------------------- all

class Rep3Joining final : public Joining {
public:
    explicit Rep3Joining(std::shared_ptr<Engine> engine) : engine_(std::move(engine)) {}

    Result<std::optional<Common>> join(const Table (&tables)[2], std::size_t rows_min) override {
        Shares shuffled[2];
        Words tags[2];
        for (const unsigned bank : {kA, kB}) {
            C2D_TRY(shuffled[bank], shuffled_table(tables[bank], bank));
            C2D_TRY(tags[bank], engine_->open_to(kH, part_of(shuffled[bank], nullptr, 0, kTagWords)));
        }
        C2D_TRY(const auto pairs, engine_->is_helper() ? name_pairs(tags, rows_min) : hear_pairs(tables, rows_min));
        if (!pairs) return std::optional<Common>();
        C2D_CHECK(check(shuffled, *pairs));
        Common out{pairs->size()};
        for (const unsigned bank : {kA, kB})
            out.columns[bank] = columns_of(tables[bank], shuffled[bank], pairs->of[bank]);
        return std::optional(std::move(out));
    }

private:
    /// The tags, then all columns, in one order that nobody knows.
    Result<Shares> shuffled_table(const Table& table, unsigned bank) {
        C2D_TRY(Block tags, engine_->input(bank, table.tags, table.rows, kTagWords));
        Blocks all{std::make_shared<Block>(std::move(tags))};
        for (const TensorData* column : table.columns)
            all.insert(all.end(), tensor_of(*column).blocks.begin(), tensor_of(*column).blocks.end());
        return engine_->shuffle(joined(all));
    }

    static std::vector<TensorPtr> columns_of(const Table& table, const Shares& shuffled,
                                             const std::vector<std::uint32_t>& rows) {
        std::vector<TensorPtr> out;
        std::size_t first = kTagWords;
        for (const TensorData* column : table.columns) {
            out.push_back(make_tensor(part_of(shuffled, &rows, first, column->cols), tensor_of(*column).fraction));
            first += column->cols;
        }
        return out;
    }

    Result<std::optional<Pairs>> name_pairs(const Words (&tags)[2], std::size_t rows_min) {
        C2D_TRY(const auto a, sorted(tags[kA], kA));
        C2D_TRY(const auto b, sorted(tags[kB], kB));
        Pairs out = paired(a, b);
        const bool enough = out.size() >= rows_min;
        const Answer answer{enough ? 1u : 0u, enough ? out.size() : 0};
        for (const unsigned bank : {kA, kB}) {
            C2D_CHECK(engine_->send_buffered(bank, {reinterpret_cast<const std::uint8_t*>(&answer), sizeof answer}));
            if (!enough) continue;
            for (const auto& places : out.of) C2D_CHECK(engine_->send_buffered(bank, view_of(places)));
        }
        C2D_CHECK(engine_->flush());
        if (!enough) return std::optional<Pairs>();
        return std::optional(std::move(out));
    }

    Result<std::optional<Pairs>> hear_pairs(const Table (&tables)[2], std::size_t rows_min) {
        Answer answer;
        C2D_CHECK(engine_->receive(kH, {reinterpret_cast<std::uint8_t*>(&answer), sizeof answer}));
        if (answer.enough == 0) return std::optional<Pairs>();
        if (answer.rows < rows_min || answer.rows > std::min(tables[kA].rows, tables[kB].rows))
            return fail(Status::PEER, "party {} named {} common rows of tables of {} and {}, at least {}", kH,
                        answer.rows, tables[kA].rows, tables[kB].rows, rows_min);
        Pairs out;
        for (const unsigned bank : {kA, kB}) {
            out.of[bank].resize(answer.rows);
            C2D_CHECK(engine_->receive(kH, span_of(out.of[bank])));
            C2D_CHECK(check_places(out.of[bank], tables[bank].rows));
        }
        C2D_CHECK(compare_with_other(out));
        return std::optional(std::move(out));
    }
    static Result<Unit> check_places(const std::vector<std::uint32_t>& places, std::size_t rows) {
        std::vector<bool> seen(rows);
        for (const std::uint32_t place : places) {
            if (place >= rows || seen[place])
                return fail(Status::PEER, "party {} paired a row twice, or one that there is not", kH);
            seen[place] = true;
        }
        return Unit{};
    }
    /// A and B must go on with the same pairs.
    Result<Unit> compare_with_other(const Pairs& pairs) {
        const unsigned other = engine_->is_a() ? kB : kA;
        Sha256 hash;
        for (const auto& places : pairs.of) hash.update(view_of(places));
        const Bytes32 mine = hash.finish();
        Bytes32 theirs;
        C2D_CHECK(engine_->send_buffered(other, mine));
        C2D_CHECK(engine_->flush());
        C2D_CHECK(engine_->receive(other, theirs.data));
        if (mine != theirs) return fail(Status::PEER, "party {} named other pairs to party {}", kH, other);
        return Unit{};
    }

    /// That the tags of each pair are the same: A's summand of each difference is then what B's lacks to zero.
    Result<Unit> check(const Shares (&shuffled)[2], const Pairs& pairs) {
        Shares difference = part_of(shuffled[kA], &pairs.of[kA], 0, kTagWords);
        subtract_from(difference, part_of(shuffled[kB], &pairs.of[kB], 0, kTagWords));
        Words mine = summands_of(engine_->role(), difference);
        if (engine_->is_b())
            for (Word& one : mine) one = Word{0} - one;
        C2D_TRY(const bool differ, engine_->reveal_any(view_of(mine)));
        if (differ) return fail(Status::PEER, "party {} paired rows whose ids are not the same", kH);
        return Unit{};
    }

    std::shared_ptr<Engine> engine_;
};

}  // namespace

std::unique_ptr<Joining> make_joining(std::shared_ptr<Engine> engine) {
    return std::make_unique<Rep3Joining>(std::move(engine));
}

}  // namespace c2d::mpc::rep3
