#include "asset/publishing.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/checksum.hpp"

#include <ctime>

namespace c2d::asset {

using json::Value;

std::string utc_text(std::uint64_t seconds) {
    const auto when = std::time_t(seconds);
    std::tm parts{};
    gmtime_r(&when, &parts);
    char text[32] = {};
    std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

Result<Sealed> seal(Value& document, std::uint64_t now_seconds) {
    document.erase("proof");
    C2D_TRY(const auto checksum, checksum_jcs(document));
    document.set("proof", Value::object({{"checksum", hex_text(checksum).substr(2)},
                                         {"scheme", "jcs-sha3-256"},
                                         {"created", utc_text(now_seconds)}}));
    // As it was read: RFC 8785 prints 1e16 as an integer that it would not take back.
    return Sealed{checksum, json::compact(document)};
}

Value make_ddo(const Value& attributes, const TokenId& id, const Address& creator) {
    Value ddo = Value::object({{"dt", token_text(id)}, {"creator", address_text(creator)}});
    for (const char* member : {"metadata", "child_dts", "services"}) {
        const Value* value = attributes.find(member);
        ddo.set(member, value ? *value : Value());
    }
    return ddo;
}

Result<Unit> pin_templates(Value& ddo, const Chain& chain) {
    Value* services = ddo.find("services");
    if (!services || !services->is_array()) return Unit{};  // read_ddo will say so
    for (auto& service : services->items()) {
        Value* descriptor = service.find("descriptor");
        const Value* tid = descriptor ? descriptor->find("template") : nullptr;
        if (!tid || !tid->is_string() || descriptor->find("template_checksum")) continue;
        C2D_TRY(const auto id, parse_token(tid->text()));
        C2D_TRY(const auto record, chain.op_template(id));
        descriptor->set("template_checksum", hex_text(record.checksum).substr(2));
    }
    return Unit{};
}

}  // namespace c2d::asset
