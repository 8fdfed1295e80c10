#include "crypto/eip712.hpp"

#include "crypto/hash.hpp"

#include <algorithm>

namespace c2d::eip712 {

namespace {

void append(Bytes& out, BytesView part) { out.insert(out.end(), part.begin(), part.end()); }

}  // namespace

Word word(std::uint64_t number) {
    Word out;
    for (std::size_t i = 0; i < 8; ++i) out.data[31 - i] = std::uint8_t(number >> (8 * i));
    return out;
}

Word word(const Address& address) {
    Word out;
    std::copy(address.data.begin(), address.data.end(), out.data.begin() + 12);
    return out;
}

Word word(std::string_view text) { return keccak256(text); }

Bytes32 hash_struct(std::string_view type, const std::vector<Word>& members) {
    Bytes encoded;
    encoded.reserve(32 * (members.size() + 1));
    append(encoded, keccak256(type));
    for (const auto& member : members) append(encoded, member);
    return keccak256(encoded);
}

Bytes32 Domain::separator() const {
    return hash_struct(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,"
        "bytes32 salt)",
        {word(std::string_view("c2d")), word(std::string_view("1")), word(chain_id), word(verifying_contract),
         word(salt)});
}

Bytes32 digest(const Domain& domain, const Bytes32& struct_hash) {
    Bytes message = {0x19, 0x01};
    append(message, domain.separator());
    append(message, struct_hash);
    return keccak256(message);
}

}  // namespace c2d::eip712
