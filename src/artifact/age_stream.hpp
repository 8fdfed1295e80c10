/// age v1 files of any size, in bounded memory.
#pragma once

#include "artifact/age_header.hpp"
#include "base/secret.hpp"
#include "crypto/chunk_cipher.hpp"

#include <c2d/age.hpp>

#include <functional>
#include <optional>

namespace c2d::age {

/// Takes bytes in their order.
using Sink = std::function<Result<Unit>(BytesView)>;

class Encryptor {
public:
    /// Gives out the header.
    static Result<Encryptor> begin(std::string_view recipient, Random& random, Sink sink);
    Result<Unit> write(BytesView content);
    /// Without it the file is cut off, which its reader notices.
    Result<Unit> finish();

private:
    Encryptor(BytesView payload_key, Sink sink);
    Result<Unit> give_chunk(BytesView content, bool last);

    ChunkCipher cipher_;
    Sink sink_;
    std::uint64_t number_ = 0;
    ClearedBytes held_;
};

/// What it gives out counts once `finish` was good.
class Decryptor {
public:
    Decryptor(AgeIdentity identity, Sink sink) : identity_(std::move(identity)), sink_(std::move(sink)) {}
    /// Fails with `corrupt`, or with `refused` and the name `age_other_identity`.
    Result<Unit> write(BytesView file);
    Result<Unit> finish();

private:
    Result<Unit> read_beginning();
    Result<Unit> open_chunk(BytesView sealed, bool last);

    AgeIdentity identity_;
    Sink sink_;
    /// There once the header and the nonce are.
    std::optional<ChunkCipher> cipher_;
    std::uint64_t number_ = 0;
    Bytes held_;
};

}  // namespace c2d::age
