#include "codec/transaction.hpp"
#include "crypto/hash.hpp"
#include "fuzz/fuzz.hpp"

#include <c2d/key.hpp>

using namespace c2d;
using fuzz::require;

namespace {

/// Gives the signature that a decoded transaction came with.
class Recorded final : public Signer {
public:
    explicit Recorded(const SignedTransaction& transaction) : transaction_(transaction) {}
    Address address() const override { return transaction_.sender; }
    Result<Signature> sign_digest(const Bytes32&) override { return transaction_.signature; }

private:
    const SignedTransaction& transaction_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView raw(data, size);
    const auto decoded = decode_transaction(raw);
    if (!decoded.ok()) {
        require(decoded.status() == Status::INVALID_ARGUMENT, "bad bytes are an invalid argument");
        return 0;
    }
    Recorded signer(*decoded);
    const auto again = sign_transaction(decoded->transaction, signer);
    require(again.ok(), "what decodes can be signed");
    require(again->raw.size() == size && std::equal(again->raw.begin(), again->raw.end(), data),
            "a transaction has one encoding");
    require(again->hash == decoded->hash && again->hash == keccak256(raw), "and one hash");
    require(recover_signer(signing_hash(decoded->transaction), decoded->signature).ok(), "and a signer");
    return 0;
}
