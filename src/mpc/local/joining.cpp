/// Tables joined in secret: arguments, what the owners' rules say, and what is known of the result.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "crypto/hash.hpp"
#include "mpc/align/ends.hpp"
#include "mpc/align/modes.hpp"
#include "mpc/guard/derive.hpp"
#include "mpc/local/computation.hpp"

namespace c2d::mpc {
namespace {

constexpr std::size_t kColumnsMax = 4096;

/// The bank whose rows these are.
Result<unsigned> bank_of(const Tensor& column) {
    const Provenance& x = column.data()->provenance;
    const bool rows = x.content == Content::rows || x.content == Content::bits;
    if (!rows || x.lying || x.sources.empty())
        return fail(Status::INVALID_ARGUMENT, "join: expected rows of inputs of one bank, found something else");
    if (!x.needs.empty())
        return fail(Status::INVALID_ARGUMENT,
                    "join: these rows depend on all rows of an input, as standardised ones do: join first");
    if (!is_one_function(x.sources))
        return fail(Status::INVALID_ARGUMENT,
                    "join: of some of these rows something else was made than of the others: join first");
    const unsigned bank = x.sources[0].owner;
    for (const RowsOf& source : x.sources)
        if (source.owner != bank || bank > 1)
            return fail(Status::INVALID_ARGUMENT,
                        "join: expected rows of inputs of one bank, party 0 or 1, found rows of party {}",
                        bank > 1 ? bank : source.owner);
    return bank;
}

/// The two tables without their tags, and where each tensor went: bank and place.
struct Given {
    Joining::Table tables[2];
    std::vector<std::pair<unsigned, std::size_t>> places;
    std::vector<RowsOf> sources;
};

Result<Given> given_of(const std::vector<Tensor>& columns) {
    if (columns.size() > kColumnsMax)
        return fail(Status::LIMIT, "join: at most {} tensors, found {}", kColumnsMax, columns.size());
    Given out;
    for (const Tensor& column : columns) {
        C2D_TRY(const unsigned bank, bank_of(column));
        Joining::Table& table = out.tables[bank];
        if (!table.columns.empty() && table.rows != column.rows())
            return fail(Status::INVALID_ARGUMENT, "join: the tensors of party {} have {} and {} rows", bank, table.rows,
                        column.rows());
        table.rows = column.rows();
        out.places.emplace_back(bank, table.columns.size());
        const auto& sources = column.data()->provenance.sources;
        out.sources.insert(out.sources.end(), sources.begin(), sources.end());
        table.columns.push_back(column.data());
    }
    for (const unsigned bank : {0u, 1u})
        if (out.tables[bank].columns.empty())
            return fail(Status::INVALID_ARGUMENT, "join: found no tensor of party {}", bank);
    return out;
}

}  // namespace

/// The parties call it with the same tensors, as they do operations.
void LocalComputation::note_join(const std::vector<Tensor>& columns) {
    Sha256 hash;
    hash.update(calls_);
    hash.update(as_bytes("join"));
    for (const Tensor& column : columns) {
        const std::uint64_t number = column.data()->number;
        hash.update(BytesView(reinterpret_cast<const std::uint8_t*>(&number), sizeof number));
    }
    calls_ = hash.finish();
}

Result<Joined> LocalComputation::join(const std::optional<std::vector<IdColumn>>& ids,
                                      const std::vector<Tensor>& columns, const AlignOptions& options) {
    if (ended_) return *ended_;
    // A later attempt joins them in another order.
    checkpoints_->stop();
    C2D_TRY(Given given, given_of(columns));
    AlignOptions hidden = options;
    hidden.mode = AlignMode::hidden;
    C2D_TRY(const AlignOptions bounded, bounded_alignment(hidden));
    note_join(columns);
    if (const auto admitted = guard_.hide(given.sources); !admitted) {
        ended_ = admitted.error();
        ends_run_ = true;
        return *ended_;
    }
    auto found = join_tables(ids, given.tables, bounded);
    note_alignment(found.status());
    if (!found.ok() && found.status() != Status::DOMAIN) return found.error();
    count_alignment(found.ok() ? nullptr : &found.error());
    if (!found) return found.error();
    Joined out{{}, {given.tables[0].rows, given.tables[1].rows}, found->rows};
    const std::uint64_t numbers[2] = {inputs_, inputs_ + 1};
    inputs_ += 2;
    for (const std::uint64_t number : numbers) guard_.add_unknown(number);
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const auto [bank, place] = given.places[i];
        out.columns.push_back(joined_column(columns[i], std::move(found->columns[bank][place]), numbers[bank]));
    }
    return out;
}

Result<Joining::Common> LocalComputation::join_tables(const std::optional<std::vector<IdColumn>>& ids,
                                                      Joining::Table (&tables)[2], const AlignOptions& options) {
    const unsigned me = party();
    C2D_TRY(auto tags, align_detail::hidden_tags(*link_, ids, me < 2 ? tables[me].rows : 0, options, *random_));
    for (const unsigned bank : {0u, 1u})
        if (tags.rows.of[bank] != tables[bank].rows)
            return fail(Status::PEER, "party {} announced {} ids for columns of {} rows", bank, tags.rows.of[bank],
                        tables[bank].rows);
    if (me < 2) tables[me].tags = std::move(tags.own);
    C2D_TRY(auto common, protocol_->joining->join(tables, tags.common_needed));
    if (!common) return align_detail::too_few_common();
    return *std::move(common);
}

/// The rows of a bank that are common are an input of their own.
Tensor LocalComputation::joined_column(const Tensor& from, TensorPtr column, std::uint64_t input) {
    const TensorData& was = *from.data();
    column->bound = was.bound;
    column->is_labels = was.is_labels;
    column->is_bits = was.is_bits;
    column->owner = was.owner;
    column->rows_unknown = true;
    column->number = ++tensors_;
    column->provenance = of_joined(was.provenance, *column, input);
    return Tensor(std::move(column));
}

}  // namespace c2d::mpc
