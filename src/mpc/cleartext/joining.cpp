#include "mpc/core/joining.hpp"

#include "base/try.hpp"
#include "mpc/cleartext/cleartext.hpp"

#include <array>
#include <map>

namespace c2d::mpc::cleartext {
namespace {

using Tag = std::array<Word, Joining::kTagWords>;

class ClearJoining final : public Joining {
public:
    explicit ClearJoining(Link& link) : link_(link) {}

    Result<std::optional<Common>> join(const Table (&tables)[2], std::size_t rows_min) override {
        C2D_TRY(const Words first, told(tables[0], 0));
        C2D_TRY(const Words second, told(tables[1], 1));
        std::map<Tag, std::size_t> rows_of_first;
        for (std::size_t row = 0; row < tables[0].rows; ++row) rows_of_first[tag_of(first, row)] = row;
        std::vector<std::size_t> rows[2];
        for (std::size_t row = 0; row < tables[1].rows; ++row) {
            const auto found = rows_of_first.find(tag_of(second, row));
            if (found == rows_of_first.end()) continue;
            rows[0].push_back(found->second);
            rows[1].push_back(row);
        }
        if (rows[0].size() < rows_min) return std::optional<Common>();
        Common out{rows[0].size()};
        for (const unsigned bank : {0u, 1u})
            for (const TensorData* column : tables[bank].columns)
                out.columns[bank].push_back(chosen(*column, rows[bank]));
        return std::optional(std::move(out));
    }

private:
    static Tag tag_of(const Words& tags, std::size_t row) { return {tags[kTagWords * row], tags[kTagWords * row + 1]}; }

    static TensorPtr chosen(const TensorData& column, const std::vector<std::size_t>& rows) {
        auto out = make_tensor(rows.size(), column.cols);
        for (std::size_t r = 0; r < rows.size(); ++r)
            std::copy_n(&values_of(column)[rows[r] * column.cols], column.cols, &out->values[r * column.cols]);
        return out;
    }

    /// In the clear everybody is told everything.
    Result<Words> told(const Table& table, unsigned bank) {
        Words out = table.tags;
        out.resize(kTagWords * table.rows);
        if (link_.party() != bank) {
            C2D_CHECK(link_.receive(bank, span_of(out)));
            return out;
        }
        for (unsigned peer = 0; peer < kParties; ++peer)
            if (peer != bank) C2D_CHECK(link_.send(peer, view_of(out)));
        return out;
    }

    Link& link_;
};

}  // namespace

std::unique_ptr<Joining> make_joining(Link& link) { return std::make_unique<ClearJoining>(link); }

}  // namespace c2d::mpc::cleartext
