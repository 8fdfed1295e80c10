/// Hexadecimal quantities and data as Ethereum's JSON-RPC writes them.
#pragma once

#include "codec/json.hpp"

#include <c2d/types.hpp>

namespace c2d::evm {

/// "0x1a"; no leading zeros.
std::string quantity_text(std::uint64_t value);
/// Reads a quantity; leading zeros are accepted, as some nodes write them. More than 64 bits, or
/// anything else, fails with `corrupt`.
Result<std::uint64_t> quantity_of(const json::Value* value, std::string_view what);
/// Saturates at 2^64 − 1 instead of failing.
Result<std::uint64_t> saturated_quantity_of(const json::Value* value, std::string_view what);
Result<Bytes> data_of(const json::Value* value, std::string_view what);
Result<Bytes32> hash_of(const json::Value* value, std::string_view what);
Result<Address> address_of(const json::Value* value, std::string_view what);

}  // namespace c2d::evm
