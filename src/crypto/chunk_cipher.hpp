/// The chunks of the STREAM construction (sealed_stream.hpp), one at a time, for who does not hold all of them.
#pragma once

#include <c2d/types.hpp>

#include <memory>

namespace c2d {

inline constexpr std::size_t kChunkTagBytes = 16;

/// One direction of an AEAD with 12-byte nonces and 16-byte tags under one key, which seals one message only.
class ChunkCipher {
public:
    enum class Algorithm { aes_256_gcm, chacha20_poly1305 };

    /// `key` has 32 bytes. `context` is bound to every chunk, and must outlive this.
    ChunkCipher(Algorithm algorithm, BytesView key, BytesView context, bool seals);
    /// The nonce is the chunk's number, 11 bytes, and 1 for the last one. The tag goes to, or comes from, `tag`. False:
    /// it is not the chunk's.
    bool run(std::uint64_t number, bool last, BytesView in, std::uint8_t* out, std::uint8_t* tag);

private:
    struct Free {
        void operator()(void* context) const;
    };

    void update(std::uint8_t* out, BytesView in);

    std::unique_ptr<void, Free> cipher_;
    BytesView context_;
    bool seals_;
};

}  // namespace c2d
