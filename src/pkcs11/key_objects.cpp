#include "pkcs11/key_objects.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "pkcs11/ec_point.hpp"
#include "pkcs11/object_reader.hpp"

namespace c2d::pkcs11 {

namespace {

Result<CK_OBJECT_HANDLE> find_private_key(const ObjectReader& objects, const KeyUri& uri) {
    C2D_TRY(const auto found, objects.find({CKO_PRIVATE_KEY, uri.id, uri.object}));
    if (found.empty()) return fail(Status::NOT_FOUND, "{} is not there, or this user may not see it", objects.name());
    if (found.size() > 1)
        return fail(Status::CONFLICT,
                    "{}: several private keys fit; name one with both object= and id=", objects.name());
    return found.front();
}

Result<Unit> check_curve(const ObjectReader& objects, CK_OBJECT_HANDLE key) {
    C2D_TRY(const auto type, objects.number(key, CKA_KEY_TYPE));
    if (type != CKK_EC)
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
