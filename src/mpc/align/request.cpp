#include "mpc/align/request.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/align/agreement.hpp"

#include <algorithm>
#include <cstring>

namespace c2d::mpc::align_detail {
namespace {

/// The fixed part.
struct Head {
    std::uint8_t mode = 0, duplicates = 0, rule = 0, has_ids = 0;
    std::uint32_t columns = 0;
    std::uint64_t rows_max = 0, common_min = 0;
    double common_share_min = 0;
    Bytes32 schemas[2];
    std::uint64_t job_bytes = 0;
};
static_assert(sizeof(Head) == 104);

struct AlignmentHead {
    std::uint64_t table_rows[2] = {}, common = 0, rows = 0;
};

template <class T>
void put(Bytes& out, std::span<const T> values) {
    const auto* const bytes = reinterpret_cast<const std::uint8_t*>(values.data());
    out.insert(out.end(), bytes, bytes + values.size_bytes());
}

/// Takes values from the front of `left`; false if there are not so many.
template <class T>
bool take(BytesView& left, std::span<T> out) {
    if (left.size() < out.size_bytes()) return false;
    if (!out.empty()) std::memcpy(out.data(), left.data(), out.size_bytes());
    left = left.subspan(out.size_bytes());
    return true;
}
template <class T>
bool take(BytesView& left, std::vector<T>& out, std::uint64_t count) {
    if (count > left.size() / sizeof(T)) return false;
    out.resize(count);
    return take(left, std::span<T>(out));
}

Error malformed() { return fail(Status::INVALID_ARGUMENT, "expected an alignment's request or answer, found neither"); }

/// Columns follow each other: rows, bytes, then rows + 1 offsets and the bytes.
bool take_column(BytesView& left, IdValues& out) {
    std::uint64_t sizes[2] = {};
    if (!take(left, std::span<std::uint64_t>(sizes)) || sizes[0] > kAlignRowsMax) return false;
    return take(left, out.offsets, sizes[0] + 1) && take(left, out.bytes, sizes[1]);
}

}  // namespace

std::optional<std::vector<IdColumn>> Request::views() const {
    if (!ids) return std::nullopt;
    std::vector<IdColumn> out;
    for (const IdValues& column : *ids) out.push_back(column.view());
    return out;
}

Bytes encode_request(const std::optional<std::vector<IdColumn>>& ids, const AlignOptions& options) {
    Head head;
    head.mode = static_cast<std::uint8_t>(options.mode);
    head.duplicates = static_cast<std::uint8_t>(options.duplicates);
    head.rule = bits_of(options.rule);
    head.has_ids = ids ? 1 : 0;
    head.columns = ids ? static_cast<std::uint32_t>(ids->size()) : 0;
    head.rows_max = options.rows_max;
    head.common_min = options.common_min;
    head.common_share_min = options.common_share_min;
    std::copy(std::begin(options.schemas), std::end(options.schemas), head.schemas);
    head.job_bytes = options.job.size();
    Bytes out;
    put(out, std::span<const Head>(&head, 1));
    put(out, std::span<const char>(options.job));
    if (!ids) return out;
    for (const IdColumn& column : *ids) {
        const std::uint64_t sizes[] = {column.rows(), column.bytes.size()};
        put(out, std::span<const std::uint64_t>(sizes));
        const std::uint64_t none[] = {0};
        put(out, column.offsets.empty() ? std::span<const std::uint64_t>(none) : column.offsets);
        put(out, column.bytes);
    }
    return out;
}

Result<Request> decode_request(BytesView bytes) {
    Head head;
    if (!take(bytes, std::span<Head>(&head, 1)) || head.rule > 15 || head.has_ids > 1 ||
        head.job_bytes > bytes.size() || head.columns > kIdColumnsMax || (head.has_ids == 0 && head.columns != 0))
        return malformed();
    Request out;
    out.options.mode = static_cast<AlignMode>(head.mode);
    if (head.duplicates > static_cast<std::uint8_t>(Duplicates::first)) return malformed();
    out.options.duplicates = static_cast<Duplicates>(head.duplicates);
    out.options.rule = {(head.rule & 1) != 0, (head.rule & 2) != 0, (head.rule & 4) != 0, (head.rule & 8) != 0};
    out.options.rows_max = head.rows_max;
    out.options.common_min = head.common_min;
    out.options.common_share_min = head.common_share_min;
    std::copy(std::begin(head.schemas), std::end(head.schemas), out.options.schemas);
    out.options.job.assign(as_text(bytes.first(head.job_bytes)));
    bytes = bytes.subspan(head.job_bytes);
    if (head.has_ids == 1) out.ids.emplace(head.columns);
    for (std::uint32_t i = 0; i < head.columns; ++i)
        if (!take_column(bytes, (*out.ids)[i])) return malformed();
    if (!bytes.empty()) return malformed();
    return out;
}

Bytes encode_alignment(const Alignment& alignment) {
    const AlignmentHead head = {
        {alignment.table_rows[0], alignment.table_rows[1]}, alignment.common, alignment.rows.size()};
    Bytes out;
    put(out, std::span<const AlignmentHead>(&head, 1));
    put(out, std::span<const std::uint32_t>(alignment.rows));
    return out;
}

Result<Alignment> decode_alignment(BytesView bytes) {
    AlignmentHead head;
    Alignment out;
    if (!take(bytes, std::span<AlignmentHead>(&head, 1)) || !take(bytes, out.rows, head.rows) || !bytes.empty())
        return malformed();
    out.table_rows[0] = head.table_rows[0];
    out.table_rows[1] = head.table_rows[1];
    out.common = head.common;
    return out;
}

}  // namespace c2d::mpc::align_detail
