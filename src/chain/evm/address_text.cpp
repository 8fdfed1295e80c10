#include "chain/evm/address_text.hpp"

#include "base/fail.hpp"
#include "chain/evm/quantity.hpp"
#include "codec/bech32.hpp"

namespace c2d::evm {

std::string AddressText::write(const Address& address) const {
    return prefix_.empty() ? hex_text(address) : bech32_address(prefix_, address);
}

Result<Address> AddressText::read(const json::Value* value, std::string_view what) const {
    if (prefix_.empty() || !value || !value->is_string() || value->text().starts_with("0x"))
        return address_of(value, what);
    auto address = parse_bech32_address(prefix_, value->text());
    if (!address) return fail(Status::CORRUPT, "the node's {}: {}", what, address.error().message);
    return address;
}

}  // namespace c2d::evm
