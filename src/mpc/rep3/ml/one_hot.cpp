#include "mpc/rep3/ml/one_hot.hpp"

#include "base/try.hpp"
#include "mpc/core/kernels.hpp"

#include <algorithm>
#include <cstring>

namespace c2d::mpc::rep3 {
namespace {

/// Rows whose sum is one byte, of which a ring extension takes three quarters: from -64 to 63.
constexpr std::size_t kPieceRows = 127;
constexpr unsigned kPieceBits = 8;
constexpr Word kPieceOffset = Word{1} << (kPieceBits - 2);
static_assert(kPieceRows < 2 * kPieceOffset);
/// Sums of pieces, and looked up values, at once: memory does not grow with the rows.
constexpr std::size_t kSumsAtOnce = std::size_t{1} << 20, kLookedUpAtOnce = std::size_t{1} << 20;

/// Who is who of the bins' owner O, the other P of A and B, and H.
struct Parts {
    Parts(Engine& engine, unsigned owner)
        : o(static_cast<Role>(owner)),
          p(static_cast<Role>(1 - owner)),
          is_o(engine.role() == o),
          is_p(engine.role() == p) {}
    /// The component that O lacks, at P and H.
    const Words& lacking(const Shares& x) const { return is_p || o == Role::b ? x.p : x.q; }
    Role o, p;
    bool is_o, is_p;
};

// ---------------------------------------------------------------- sums over bins

/// This party's summands, modulo 256, of the sums over some rows: [column][bin].
class PieceSums {
public:
    PieceSums(Engine& engine, const Bins& bins, const Shares& bits)
        : engine_(engine), bins_(bins), bits_(bits), parts_(engine, bins.owner), others_(bins.count - 1) {}

    Result<Unit> add(std::size_t from, std::size_t rows, std::uint8_t* sums) {
        const std::size_t width = bins_.cols * others_;
        Bytes masks(rows * width);
        // y = u + a - 2 u a of bits u, which O knows, and a, which the others know: its last bits in the ring.
        if (!parts_.is_p) engine_.draw(parts_.is_o ? Role::h : parts_.o, Purpose::mask, masks);
        if (parts_.is_o) {
            split(from, rows, masks, sums);
            return engine_.send_buffered(static_cast<unsigned>(parts_.p), masks);
        }
        if (parts_.is_p) C2D_CHECK(engine_.receive(static_cast<unsigned>(parts_.o), masks));
        for (std::size_t row = 0; row < rows; ++row) {
            if ((parts_.lacking(bits_)[from + row] & 1) == 0) continue;
            const std::uint8_t* const one = masks.data() + row * width;
            for (std::size_t i = 0; i < width; ++i) sums[i] = static_cast<std::uint8_t>(sums[i] + one[i]);
        }
        return Unit{};
    }

private:
    /// H's half becomes P's, which is x (1 - 2 u) less it; O's own summand is the sum of x u.
    void split(std::size_t from, std::size_t rows, Bytes& masks, std::uint8_t* sums) const {
        for (std::uint8_t& one : masks) one = static_cast<std::uint8_t>(-one);
        for (std::size_t row = 0; row < rows; ++row) {
            const bool u = ((bits_.p[from + row] ^ bits_.q[from + row]) & 1) != 0;
            for (std::size_t c = 0; c < bins_.cols; ++c) {
                const unsigned bin = bins_.at(from + row, c);
                if (bin == others_) continue;
                const std::size_t at = c * others_ + bin;
                std::uint8_t& half = masks[row * bins_.cols * others_ + at];
                half = static_cast<std::uint8_t>(half + (u ? -1 : 1));
                if (u) ++sums[at];
            }
        }
    }

    Engine& engine_;
    const Bins& bins_;
    const Shares& bits_;
    Parts parts_;
    std::size_t others_;
};

/// Sums of pieces modulo 256, each from 0 to kPieceRows, added up in the ring.
Result<Unit> add_pieces(Engine& engine, const Bytes& summands, std::size_t pieces, Shares& out) {
    const std::size_t width = out.size();
    Words local(summands.begin(), summands.end());
    if (engine.is_a())
        for (Word& word : local) word -= kPieceOffset;
    C2D_TRY(const Shares narrow, engine.reshare(std::move(local), pieces, width));
    C2D_TRY(const Shares wide, engine.extend_ring(narrow, kPieceBits));
    for (std::size_t piece = 0; piece < pieces; ++piece) {
        kernel::add(wide.p.data() + piece * width, out.p.data(), width);
        kernel::add(wide.q.data() + piece * width, out.q.data(), width);
    }
    add_constant(out, kPieceOffset * pieces, engine.role());
    return Unit{};
}

// ---------------------------------------------------------------- look-up

/// Sums of any choice of one column's words, from tables of those of six.
class SubsetSums {
public:
    SubsetSums(const Words& table, std::size_t count, std::size_t cols)
        : groups_((count + kGroup - 1) / kGroup), sums_(cols * groups_ << kGroup) {
        for (std::size_t c = 0; c < cols; ++c)
            for (std::size_t bin = 0; bin < count; ++bin) {
                Word* const sums = &sums_[(c * groups_ + bin / kGroup) << kGroup];
                const std::size_t bit = std::size_t{1} << bin % kGroup;
                for (std::size_t some = 0; some < bit; ++some) sums[bit + some] = sums[some] + table[bin * cols + c];
            }
    }
    Word of(std::size_t col, std::uint64_t choice) const {
        Word out = 0;
        for (std::size_t group = 0; group < groups_; ++group, choice >>= kGroup)
            out += sums_[((col * groups_ + group) << kGroup) + (choice & ((1u << kGroup) - 1))];
        return out;
    }

private:
    static constexpr unsigned kGroup = 6;
    std::size_t groups_;
    Words sums_;
};

/// Without a branch, which nothing would foresee.
Word negated_if(bool negate, Word x) { return (x ^ (Word{0} - Word{negate})) + Word{negate}; }

/// f(number, row, column), in order.
template <class F>
void for_each_element(std::size_t rows, std::size_t cols, F f) {
    std::size_t i = 0;
    for (std::size_t row = 0; row < rows; ++row)
        for (std::size_t col = 0; col < cols; ++col) f(i++, row, col);
}

/// Choices of bins, one bit each, and one bit more: `bytes` to a row and column.
class Choices {
public:
    Choices(std::size_t bins, std::size_t count)
        : bins_(bins), bytes_((bins + 8) / 8), all_(count * bytes_ + sizeof(std::uint64_t)) {}
    std::span<std::uint8_t> all() { return std::span(all_).first(all_.size() - sizeof(std::uint64_t)); }
    /// And what stands behind it, in higher bits.
    std::uint64_t at(std::size_t i) const {
        std::uint64_t out = 0;
        std::memcpy(&out, all_.data() + i * bytes_, sizeof out);
        return out;
    }
    void flip(std::size_t i, std::size_t bit) { all_[i * bytes_ + bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8); }
    std::uint64_t chosen(std::size_t i) const { return at(i) & ((std::uint64_t{1} << bins_) - 1); }
    bool last(std::size_t i) const { return (at(i) >> bins_ & 1) != 0; }

private:
    std::size_t bins_, bytes_;
    Bytes all_;
};

class LookUp {
public:
    LookUp(Engine& engine, const Bins& bins, const Shares& table)
        : engine_(engine), bins_(bins), table_(table), parts_(engine, bins.owner) {
        if (!parts_.is_o) lacking_.emplace(parts_.lacking(table), bins.count, bins.cols);
    }

    Result<Shares> rows(std::size_t from, std::size_t rows) {
        const std::size_t n = rows * bins_.cols;
        Choices choices(bins_.count, n);
        if (!parts_.is_p) engine_.draw(parts_.is_o ? Role::h : parts_.o, Purpose::bits, choices.all());
        if (engine_.is_helper()) return dealt(choices, n, rows);
        return parts_.is_o ? at_owner(choices, from, rows) : at_other(choices, n, rows);
    }

private:
    /// H: the sum of what it is told to choose, masked, and with O's sign as far as H knows it.
    Result<Shares> dealt(const Choices& choices, std::size_t n, std::size_t rows) {
        Words y(n);
        engine_.draw(parts_.p, Purpose::mask, span_of(y));
        for_each_element(rows, bins_.cols, [&](std::size_t i, std::size_t, std::size_t col) {
            y[i] = negated_if(choices.last(i), y[i] - lacking_->of(col, choices.chosen(i)));
        });
        C2D_CHECK(engine_.share_from_helper(y, n, parts_.o));
        return engine_.reshare_pair({}, rows, bins_.cols);
    }

    /// P: the same of its own choice, which is H's but for the row's bin.
    Result<Shares> at_other(Choices& choices, std::size_t n, std::size_t rows) {
        C2D_CHECK(engine_.receive(static_cast<unsigned>(parts_.o), choices.all()));
        Words masked(n), mask(n);
        engine_.draw(Role::h, Purpose::mask, span_of(mask));
        for_each_element(rows, bins_.cols, [&](std::size_t i, std::size_t, std::size_t col) {
            masked[i] = lacking_->of(col, choices.chosen(i)) - mask[i];
        });
        C2D_CHECK(engine_.send_buffered(static_cast<unsigned>(parts_.o), view_of(masked)));
        C2D_TRY(AdditiveShares out, engine_.share_from_helper({}, n, parts_.o));
        for (std::size_t i = 0; i < n; ++i) out[i] = negated_if(choices.last(i), out[i]);
        return engine_.reshare_pair(out, rows, bins_.cols);
    }

    Result<Shares> at_owner(Choices& choices, std::size_t from, std::size_t rows) {
        const std::size_t cols = bins_.cols, n = rows * cols;
        std::vector<std::uint8_t> negative(n);
        for_each_element(rows, cols, [&](std::size_t i, std::size_t row, std::size_t col) {
            const unsigned bin = bins_.at(from + row, col);
            // P's choice has the bin exactly if H's has not; then P's sum is the larger one.
            negative[i] = static_cast<std::uint8_t>(choices.at(i) >> bin & 1);
            choices.flip(i, bin);
            if (negative[i] != 0) choices.flip(i, bins_.count);
        });
        C2D_CHECK(engine_.send_buffered(static_cast<unsigned>(parts_.p), choices.all()));
        Words masked(n);
        C2D_CHECK(engine_.receive(static_cast<unsigned>(parts_.p), span_of(masked)));
        C2D_TRY(AdditiveShares out, engine_.share_from_helper({}, n, parts_.o));
        for_each_element(rows, cols, [&](std::size_t i, std::size_t row, std::size_t col) {
            const std::size_t at = bins_.at(from + row, col) * cols + col;
            out[i] = negated_if(choices.last(i), out[i]) + negated_if(negative[i] != 0, masked[i]) + table_.p[at] +
                     table_.q[at];
        });
        return engine_.reshare_pair(out, rows, cols);
    }

    Engine& engine_;
    const Bins& bins_;
    const Shares& table_;
    Parts parts_;
    std::optional<SubsetSums> lacking_;
};

}  // namespace

Result<Shares> bin_sums(Engine& engine, const Bins& bins, const Shares& bits) {
    const std::size_t width = bins.cols * (bins.count - 1);
    const std::size_t rows_at_once = std::max<std::size_t>(1, kSumsAtOnce / width) * kPieceRows;
    PieceSums piece_sums(engine, bins, bits);
    Shares out{width, 1, Words(width), Words(width)};
    for (std::size_t from = 0; from < bins.rows; from += rows_at_once) {
        const std::size_t rows = std::min(rows_at_once, bins.rows - from);
        const std::size_t pieces = (rows + kPieceRows - 1) / kPieceRows;
        Bytes sums(pieces * width);
        for (std::size_t piece = 0; piece < pieces; ++piece) {
            const std::size_t first = piece * kPieceRows;
            C2D_CHECK(piece_sums.add(from + first, std::min(kPieceRows, rows - first), sums.data() + piece * width));
        }
        C2D_CHECK(add_pieces(engine, sums, pieces, out));
    }
    return out;
}

Result<Shares> looked_up(Engine& engine, const Bins& bins, const Shares& table) {
    LookUp look_up(engine, bins, table);
    const std::size_t rows_at_once = std::max<std::size_t>(1, kLookedUpAtOnce / bins.cols);
    Shares out{bins.rows, bins.cols, {}, {}};
    out.p.reserve(bins.rows * bins.cols);
    out.q.reserve(bins.rows * bins.cols);
    for (std::size_t from = 0; from < bins.rows; from += rows_at_once) {
        C2D_TRY(const Shares part, look_up.rows(from, std::min(rows_at_once, bins.rows - from)));
        out.p.insert(out.p.end(), part.p.begin(), part.p.end());
        out.q.insert(out.q.end(), part.q.begin(), part.q.end());
    }
    return out;
}

}  // namespace c2d::mpc::rep3
