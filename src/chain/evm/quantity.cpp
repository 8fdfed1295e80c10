#include "chain/evm/quantity.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <charconv>

namespace c2d::evm {

namespace {

Error wrong(std::string_view what, std::string_view expected, const json::Value* value) {
    return fail(Status::CORRUPT, "the node's {}: expected {}, found {}", what, expected,
                value ? json::compact(*value).substr(0, 80) : "nothing");
}

/// The digits behind 0x, without leading zeros.
Result<std::string_view> digits_of(const json::Value* value, std::string_view what) {
    if (!value || !value->is_string() || !value->text().starts_with("0x") || value->text().size() < 3)
        return wrong(what, "a hexadecimal quantity", value);
    std::string_view digits = std::string_view(value->text()).substr(2);
    while (digits.size() > 1 && digits[0] == '0') digits.remove_prefix(1);
    for (const char c : digits)
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F')))
            return wrong(what, "a hexadecimal quantity", value);
    return digits;
}

}  // namespace

std::string quantity_text(std::uint64_t value) { return fmt::format("{:#x}", value); }

Result<std::uint64_t> quantity_of(const json::Value* value, std::string_view what) {
    C2D_TRY(const auto digits, digits_of(value, what));
    std::uint64_t out = 0;
    if (std::from_chars(digits.data(), digits.data() + digits.size(), out, 16).ec != std::errc())
        return wrong(what, "a quantity of at most 64 bits", value);
    return out;
}

Result<std::uint64_t> saturated_quantity_of(const json::Value* value, std::string_view what) {
    C2D_TRY(const auto digits, digits_of(value, what));
    if (digits.size() > 16) return UINT64_MAX;
    return quantity_of(value, what);
}

Result<Bytes> data_of(const json::Value* value, std::string_view what) {
    auto bytes = value && value->is_string() && value->text().starts_with("0x") ? parse_hex(value->text())
                                                                                : Result<Bytes>(Error());
    if (!bytes) return wrong(what, "hexadecimal data", value);
    return bytes;
}

Result<Bytes32> hash_of(const json::Value* value, std::string_view what) {
    C2D_TRY(const auto bytes, data_of(value, what));
    if (bytes.size() != 32) return wrong(what, "32 bytes", value);
    return Bytes32::from(bytes);
}

Result<Address> address_of(const json::Value* value, std::string_view what) {
    C2D_TRY(const auto bytes, data_of(value, what));
    if (bytes.size() != 20) return wrong(what, "an address", value);
    return Address::from(bytes);
}

}  // namespace c2d::evm
