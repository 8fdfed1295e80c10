/// EIP-712 typed structured data: the digest that wallets sign, built member by member.
#pragma once

#include <c2d/types.hpp>

#include <string>
#include <vector>

namespace c2d::eip712 {

/// One encoded member: 32 bytes as EIP-712 `encodeData` wants them.
using Word = Bytes32;
Word word(std::uint64_t number);
Word word(const Address& address);
/// A dynamic string enters as its Keccak-256.
Word word(std::string_view text);
inline Word word(const Bytes32& bytes) { return bytes; }

/// keccak256(keccak256(type) || members…); `type` is e.g. "Mail(address from,string text)".
Bytes32 hash_struct(std::string_view type, const std::vector<Word>& members);

/// The domain of c2d's own messages: {name, version, chainId, verifyingContract, salt}.
struct Domain {
    std::uint64_t chain_id = 0;
    Address verifying_contract;
    Bytes32 salt;
    /// EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)
    /// with name "c2d" and version "1".
    Bytes32 separator() const;
};

/// keccak256(0x1901 || separator || struct hash).
Bytes32 digest(const Domain& domain, const Bytes32& struct_hash);

}  // namespace c2d::eip712
