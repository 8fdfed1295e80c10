#include <c2d/capi/align.h>

#include "mpc_handles.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::guard;

struct c2d_mpc_ids {
    std::vector<c2d::mpc::IdValues> columns;

    std::vector<c2d::mpc::IdColumn> views() const {
        std::vector<c2d::mpc::IdColumn> out;
        for (const c2d::mpc::IdValues& column : columns) out.push_back(column.view());
        return out;
    }
};
struct c2d_mpc_alignment {
    c2d::mpc::Alignment value;
    std::vector<c2d::mpc::Tensor> columns = {};
};

namespace {

c2d::Error invalid(const char* text) { return {c2d::Status::INVALID_ARGUMENT, text}; }

template <class T>
T or_default(T value, T otherwise) {
    return value == T{} ? otherwise : value;
}

c2d::Bytes32 digest_of(const uint8_t* bytes) {
    c2d::Bytes32 out;
    if (bytes) std::copy_n(bytes, out.size(), out.data.begin());
    return out;
}

Result<c2d::mpc::AlignMode> mode_of(c2d_mpc_align_mode mode) {
    switch (static_cast<int>(mode)) {
        case C2D_MPC_ALIGN_HELPER: return c2d::mpc::AlignMode::helper;
        case C2D_MPC_ALIGN_TWO_PARTY: return c2d::mpc::AlignMode::two_party;
        case C2D_MPC_ALIGN_HIDDEN: return c2d::mpc::AlignMode::hidden;
        default: return invalid("there is no such mode of alignment");
    }
}

Result<c2d::mpc::AlignOptions> read_align_options(const c2d_mpc_align_options* options) {
    const c2d_mpc_align_options defaults = C2D_MPC_ALIGN_OPTIONS_INIT;
    C2D_TRY(const c2d_mpc_align_options given, c2d::capi::read_options(options, defaults));
    c2d::mpc::AlignOptions out;
    C2D_TRY(out.mode, mode_of(given.mode));
    out.duplicates = given.first_of_duplicates ? c2d::mpc::Duplicates::first : c2d::mpc::Duplicates::refuse;
    out.rule = {given.nfkc != 0, given.fold_case != 0, given.keep_space == 0, given.digits_only != 0};
    out.rows_max = or_default<size_t>(given.rows_max, out.rows_max);
    out.common_min = or_default<size_t>(given.common_min, out.common_min);
    out.common_share_min = given.common_share_min;
    out.job = c2d::capi::text_or_empty(given.job);
    out.schemas[0] = digest_of(given.schema_a);
    out.schemas[1] = digest_of(given.schema_b);
    return out;
}

Result<c2d::mpc::PartyEndpoint> endpoint_of(const char* host, unsigned port, const char* address) {
    C2D_CAPI_NEED(address);
    if (port > 65535) return invalid("a port is at most 65535");
    c2d::mpc::PartyEndpoint out;
    if (host) out.host = host;
    out.port = static_cast<std::uint16_t>(port);
    C2D_TRY(out.address, c2d::parse_address(address));
    return out;
}

Result<c2d::mpc::PeerLinkOptions> read_pair_options(const c2d_mpc_pair_options* options, const c2d_key* key) {
    const c2d_mpc_pair_options defaults = C2D_MPC_PAIR_OPTIONS_INIT;
    C2D_TRY(const c2d_mpc_pair_options given, c2d::capi::read_options(options, defaults));
    if (given.reserved != 0) return invalid("reserved must be 0");
    c2d::mpc::PeerLinkOptions out;
    out.party = given.party;
    out.signer = key->signer;
    out.program = "c2d align";
    out.run = given.run;
    if (given.deadline_ms != 0) out.deadline = std::chrono::milliseconds(given.deadline_ms);
    C2D_TRY(out.parties[0], endpoint_of(given.host_a, given.port_a, given.address_a));
    C2D_TRY(out.parties[1], endpoint_of(given.host_b, given.port_b, given.address_b));
    return out;
}

Result<Unit> give(Result<c2d::mpc::Alignment>&& found, c2d_mpc_alignment** out) {
    if (!found) return std::move(found).error();
    *out = new c2d_mpc_alignment{*std::move(found)};
    return Unit{};
}

}  // namespace

extern "C" {

c2d_status c2d_mpc_ids_create(c2d_mpc_ids** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(out);
        *out = new c2d_mpc_ids{};
        return Unit{};
    });
}

c2d_status c2d_mpc_ids_add_column(c2d_mpc_ids* ids, const uint8_t* bytes, size_t bytes_size, const uint64_t* offsets,
                                  size_t rows, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(ids);
        C2D_CAPI_NEED(offsets);
        if (bytes_size != 0) C2D_CAPI_NEED(bytes);
        if (rows > c2d::mpc::kAlignRowsMax || ids->columns.size() == c2d::mpc::kIdColumnsMax)
            return invalid("ids have at most 268435456 rows and 16 columns");
        if (!ids->columns.empty() && ids->columns[0].view().rows() != rows)
            return invalid("all id columns must have the same number of rows");
        if (!std::is_sorted(offsets, offsets + rows + 1) || offsets[rows] > bytes_size)
            return invalid("the offsets of an id column must ascend and end within its bytes");
        c2d::mpc::IdValues column;
        if (bytes_size != 0) column.bytes.assign(bytes, bytes + bytes_size);
        column.offsets.assign(offsets, offsets + rows + 1);
        ids->columns.push_back(std::move(column));
        return Unit{};
    });
}

void c2d_mpc_ids_destroy(c2d_mpc_ids* ids) { delete ids; }

void c2d_mpc_align_options_init(c2d_mpc_align_options* options) {
    if (options) *options = C2D_MPC_ALIGN_OPTIONS_INIT;
}
void c2d_mpc_pair_options_init(c2d_mpc_pair_options* options) {
    if (options) *options = C2D_MPC_PAIR_OPTIONS_INIT;
}

size_t c2d_mpc_alignment_common(const c2d_mpc_alignment* alignment) { return alignment ? alignment->value.common : 0; }
const uint32_t* c2d_mpc_alignment_rows(const c2d_mpc_alignment* alignment) {
    return alignment && !alignment->value.rows.empty() ? alignment->value.rows.data() : nullptr;
}
uint64_t c2d_mpc_alignment_table_rows(const c2d_mpc_alignment* alignment, unsigned party) {
    return alignment && party < 2 ? alignment->value.table_rows[party] : 0;
}
c2d_status c2d_mpc_alignment_column(const c2d_mpc_alignment* alignment, size_t index, c2d_mpc_tensor** out,
                                    c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(alignment);
        C2D_CAPI_NEED(out);
        if (index >= alignment->columns.size()) return invalid("there is no column of this index");
        *out = new c2d_mpc_tensor{alignment->columns[index]};
        return Unit{};
    });
}
void c2d_mpc_alignment_destroy(c2d_mpc_alignment* alignment) { delete alignment; }

c2d_status c2d_mpc_session_join(c2d_mpc_session* session, const c2d_mpc_ids* ids, const c2d_mpc_tensor* const* columns,
                                size_t columns_count, const c2d_mpc_align_options* options, c2d_mpc_alignment** out,
                                c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(out);
        if (columns_count != 0) C2D_CAPI_NEED(columns);
        C2D_TRY(const c2d::mpc::AlignOptions how, read_align_options(options));
        std::vector<c2d::mpc::Tensor> given;
        for (size_t i = 0; i < columns_count; ++i) {
            C2D_CAPI_NEED(columns[i]);
            given.push_back(columns[i]->value);
        }
        auto found = session->value->join(ids ? std::optional(ids->views()) : std::nullopt, given, how);
        if (!found) return std::move(found).error();
        *out = new c2d_mpc_alignment{{{}, {found->table_rows[0], found->table_rows[1]}, found->common},
                                     std::move(found->columns)};
        return Unit{};
    });
}

c2d_status c2d_mpc_session_align(c2d_mpc_session* session, const c2d_mpc_ids* ids, const c2d_mpc_align_options* options,
                                 c2d_mpc_alignment** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(session);
        C2D_CAPI_NEED(out);
        C2D_TRY(const c2d::mpc::AlignOptions how, read_align_options(options));
        return give(session->value->align(ids ? std::optional(ids->views()) : std::nullopt, how), out);
    });
}

c2d_status c2d_mpc_align_pair(const c2d_key* key, const c2d_mpc_pair_options* pair, const c2d_mpc_ids* ids,
                              const c2d_mpc_align_options* options, c2d_mpc_alignment** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(key);
        C2D_CAPI_NEED(pair);
        C2D_CAPI_NEED(ids);
        C2D_CAPI_NEED(out);
        C2D_TRY(const c2d::mpc::AlignOptions how, read_align_options(options));
        C2D_TRY(const c2d::mpc::PeerLinkOptions connect, read_pair_options(pair, key));
        C2D_TRY(const auto link, c2d::mpc::pair_link(connect));
        return give(c2d::mpc::align(*link, ids->views(), how), out);
    });
}

}  // extern "C"
