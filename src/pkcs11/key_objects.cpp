#include "pkcs11/key_objects.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "pkcs11/ec_point.hpp"

#include <array>
#include <vector>

namespace c2d::pkcs11 {

namespace {

constexpr std::size_t kAttributeBytesMax = 256;

/// Objects are looked for by class, and by id and label as far as these are known.
struct Wanted {
    CK_OBJECT_CLASS kind;
    BytesView id;
    std::string_view label;
};

/// A template borrows its values, and the interface knows no const.
CK_ATTRIBUTE attribute(CK_ATTRIBUTE_TYPE type, const void* value, std::size_t bytes_count) {
    return {type, const_cast<void*>(value), bytes_count};
}

class ObjectReader {
public:
    ObjectReader(const CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session, const KeyUri& uri)
        : module_(module), session_(session), name_(name_of_key(uri)) {}

    const std::string& name() const { return name_; }

    /// At most two: that there are several is all that matters then.
    Result<std::vector<CK_OBJECT_HANDLE>> find(const Wanted& wanted) const {
        std::vector<CK_ATTRIBUTE> pattern = {attribute(CKA_CLASS, &wanted.kind, sizeof wanted.kind)};
        if (!wanted.id.empty()) pattern.push_back(attribute(CKA_ID, wanted.id.data(), wanted.id.size()));
        if (!wanted.label.empty()) pattern.push_back(attribute(CKA_LABEL, wanted.label.data(), wanted.label.size()));
        if (const auto code = module_.C_FindObjectsInit(session_, pattern.data(), pattern.size()); code != CKR_OK)
            return call_failed(name_, "C_FindObjectsInit", code);
        std::vector<CK_OBJECT_HANDLE> found(2);
        CK_ULONG count = 0;
        const auto code = module_.C_FindObjects(session_, found.data(), found.size(), &count);
        (void)module_.C_FindObjectsFinal(session_);
        if (code != CKR_OK) return call_failed(name_, "C_FindObjects", code);
        found.resize(std::min<std::size_t>(count, found.size()));
        return found;
    }

    Result<Bytes> read(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) const {
        Bytes value(kAttributeBytesMax);
        auto asked = attribute(type, value.data(), value.size());
        if (const auto code = module_.C_GetAttributeValue(session_, object, &asked, 1); code != CKR_OK)
            return call_failed(name_, "C_GetAttributeValue", code);
        if (asked.ulValueLen > value.size()) return call_failed(name_, "C_GetAttributeValue", CKR_BUFFER_TOO_SMALL);
        value.resize(asked.ulValueLen);
        return value;
    }

private:
    const CK_FUNCTION_LIST& module_;
    CK_SESSION_HANDLE session_;
    std::string name_;
};

Result<CK_OBJECT_HANDLE> find_private_key(const ObjectReader& objects, const KeyUri& uri) {
    C2D_TRY(const auto found, objects.find({CKO_PRIVATE_KEY, uri.id, uri.object}));
    if (found.empty()) return fail(Status::NOT_FOUND, "{} is not there, or this user may not see it", objects.name());
    if (found.size() > 1)
        return fail(Status::CONFLICT,
                    "{}: several private keys fit; name one with both object= and id=", objects.name());
    return found.front();
}

Result<Unit> check_curve(const ObjectReader& objects, CK_OBJECT_HANDLE key) {
    C2D_TRY(const auto type, objects.read(key, CKA_KEY_TYPE));
    const CK_KEY_TYPE elliptic = CKK_EC;
    const bool is_elliptic =
        std::ranges::equal(type, as_bytes({reinterpret_cast<const char*>(&elliptic), sizeof elliptic}));
    if (!is_elliptic)
        return fail(Status::INVALID_ARGUMENT, "{} is no elliptic curve key; make one on secp256k1", objects.name());
    C2D_TRY(const auto parameters, objects.read(key, CKA_EC_PARAMS));
    if (!is_secp256k1(parameters))
        return fail(Status::INVALID_ARGUMENT,
                    "{} is on another curve: expected secp256k1, CKA_EC_PARAMS 0x06052b8104000a, found {}",
                    objects.name(), hex_text(parameters));
    return Unit{};
}

Result<Bytes> read_public_key(const ObjectReader& objects, const Bytes& id, const KeyUri& uri) {
    C2D_TRY(const auto found, objects.find({CKO_PUBLIC_KEY, id, id.empty() ? uri.object : std::string_view()}));
    if (found.size() != 1)
        return fail(found.empty() ? Status::NOT_FOUND : Status::CONFLICT,
                    "{}: expected one public key object of the same {} beside it, found {}; its address is read there",
                    objects.name(), id.empty() ? "label" : "id", found.empty() ? "none" : "several");
    C2D_TRY(const auto point, objects.read(found.front(), CKA_EC_POINT));
    auto key = read_ec_point(point);
    if (!key) return fail(key.status(), "{}: CKA_EC_POINT: {}", objects.name(), key.error().message);
    return key;
}

}  // namespace

Result<KeyPair> find_key_pair(const CK_FUNCTION_LIST& module, CK_SESSION_HANDLE session, const KeyUri& uri) {
    const ObjectReader objects(module, session, uri);
    C2D_TRY(const auto key, find_private_key(objects, uri));
    C2D_CHECK(check_curve(objects, key));
    C2D_TRY(const auto id, objects.read(key, CKA_ID));
    // Modules of before 2.20 do not know the attribute.
    const auto always = objects.read(key, CKA_ALWAYS_AUTHENTICATE).value_or({});
    C2D_TRY(auto public_key, read_public_key(objects, id, uri));
    return KeyPair{key, !always.empty() && always[0] == CK_TRUE, std::move(public_key)};
}

}  // namespace c2d::pkcs11
