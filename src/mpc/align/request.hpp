/// An alignment as it travels from an operator to its engine, and what it came to on the way back. Numbers are
/// little-endian.
#pragma once

#include <c2d/align.hpp>

namespace c2d::mpc::align_detail {

/// What `align` is called with, its ids copied.
struct Request {
    AlignOptions options;
    std::optional<std::vector<IdValues>> ids;

    std::optional<std::vector<IdColumn>> views() const;
};

Bytes encode_request(const std::optional<std::vector<IdColumn>>& ids, const AlignOptions& options);
/// Fails with `invalid_argument` for what `encode_request` does not write. What the options and ids may be is for
/// `align` to say.
Result<Request> decode_request(BytesView bytes);

Bytes encode_alignment(const Alignment& alignment);
Result<Alignment> decode_alignment(BytesView bytes);

}  // namespace c2d::mpc::align_detail
