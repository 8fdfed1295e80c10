/// How a node spells addresses: 0x and digits, or bech32 with a network's prefix (PlatON, Alaya).
/// Inside data and topics they are always the 20 bytes.
#pragma once

#include "codec/json.hpp"

#include <c2d/types.hpp>

#include <string>

namespace c2d::evm {

class AddressText {
public:
    /// An empty prefix: 0x.
    explicit AddressText(std::string prefix) : prefix_(std::move(prefix)) {}

    std::string write(const Address& address) const;
    /// Either spelling, since nodes answer some methods in one and some in the other; `corrupt` for
    /// anything else.
    Result<Address> read(const json::Value* value, std::string_view what) const;

private:
    std::string prefix_;
};

}  // namespace c2d::evm
