/// AES-128-CMAC (RFC 4493) of many messages at once.
///
/// As a pseudorandom function of q messages of at most l blocks it is told from a random one with at most
/// 5 l q^2 / 2^128 more than AES itself (Nandi, J. Math. Cryptol. 2009). The messages' chains are computed beside each
/// other, which is what makes short messages fast.
#pragma once

#include <c2d/types.hpp>

#include <memory>

namespace c2d {

class CmacBatch {
public:
    using Key = std::array<std::uint8_t, 16>;
    using Tag = std::array<std::uint8_t, 16>;

    explicit CmacBatch(const Key& key);
    ~CmacBatch();
    CmacBatch(CmacBatch&&) noexcept;
    CmacBatch& operator=(CmacBatch&&) noexcept;

    /// Message i is bytes[ends[i - 1] … ends[i]), the first one from 0 on; its tag comes to out[i].
    void compute(BytesView bytes, std::span<const std::uint32_t> ends, std::span<Tag> out);

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace c2d
