#include "pkcs11/wrapping_session.hpp"

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"

#include <algorithm>

namespace c2d::pkcs11 {

namespace {

/// A way, what the token's CK_MECHANISM_INFO has for it, and what the key must have.
struct WayNeeds {
    WrapWay way;
    CK_FLAGS mechanism;
    struct Flag {
        CK_ATTRIBUTE_TYPE type;
        const char* name;
    } of_key[2];
};

/// In the order in which they are tried: most tokens have the first.
constexpr WayNeeds kWays[] = {
    {WrapWay::as_key, CKF_WRAP | CKF_UNWRAP, {{CKA_WRAP, "CKA_WRAP"}, {CKA_UNWRAP, "CKA_UNWRAP"}}},
    {WrapWay::as_data, CKF_ENCRYPT | CKF_DECRYPT, {{CKA_ENCRYPT, "CKA_ENCRYPT"}, {CKA_DECRYPT, "CKA_DECRYPT"}}},
};

CK_MECHANISM key_wrap() { return {CKM_AES_KEY_WRAP, nullptr, 0}; }

unsigned char* bytes_of(BytesView view) { return const_cast<unsigned char*>(view.data()); }

/// With the vendor's tool, or OpenSC's.
std::string how_to_make(const KeyUri& uri) {
    const auto quoted = [](std::string_view text) { return "'" + display_text(text) + "'"; };
    return fmt::format(
        "it is not made by itself: pkcs11-tool --module {} {} --login --keygen --key-type AES:32 --label {} --id {} "
        "--usage-wrap --sensitive",
        quoted(uri.module_path), uri.token.empty() ? "--token-label LABEL" : "--token-label " + quoted(uri.token),
        uri.object.empty() ? "LABEL" : quoted(uri.object), uri.id.empty() ? "01" : hex_text(uri.id).substr(2));
}

Result<CK_OBJECT_HANDLE> find_secret_key(const ObjectReader& objects, const KeyUri& uri) {
    C2D_TRY(const auto found, objects.find({CKO_SECRET_KEY, uri.id, uri.object}));
    if (found.empty())
        return fail(Status::NOT_FOUND, "{} is not there, or this user may not see it; {}", objects.name(),
                    how_to_make(uri));
    if (found.size() > 1)
        return fail(Status::CONFLICT,
                    "{}: several secret keys fit; name one with both object= and id=", objects.name());
    return found.front();
}

Result<Unit> check_kind(const ObjectReader& objects, CK_OBJECT_HANDLE key) {
    C2D_TRY(const auto type, objects.number(key, CKA_KEY_TYPE));
    const auto length = type == CKK_AES ? objects.number(key, CKA_VALUE_LEN) : Result<CK_ULONG>(0);
    if (!length) return length.error();
    if (type != CKK_AES || *length != kSealKeyBytes)
        return fail(Status::INVALID_ARGUMENT, "{}: expected an AES key of {} bytes, found CKA_KEY_TYPE {:#x}{}",
                    objects.name(), kSealKeyBytes, type,
                    type == CKK_AES ? fmt::format(" of {} bytes", *length) : std::string());
    C2D_TRY(const bool sensitive, objects.is_set(key, CKA_SENSITIVE));
    if (!sensitive)
        return fail(Status::INVALID_ARGUMENT,
                    "{} can be read by whoever has the PIN: expected CKA_SENSITIVE; make one that has it",
                    objects.name());
    return Unit{};
}

/// `name=value;`, each byte that is no letter or digit by its number (RFC 7512).
std::string part_of_uri(std::string_view name, BytesView value) {
    if (value.empty()) return {};
    std::string out = fmt::format("{}=", name);
    for (const std::uint8_t byte : value) {
        const bool plain = (byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
        out += plain && name != "id" ? std::string(1, char(byte)) : fmt::format("%{:02x}", byte);
    }
    return out + ";";
}

Result<std::string> uri_of(const Token& token, const ObjectReader& objects, CK_OBJECT_HANDLE key) {
    C2D_TRY(const auto label, objects.read(key, CKA_LABEL));
    C2D_TRY(const auto id, objects.read(key, CKA_ID));
    auto out =
        "pkcs11:" + part_of_uri("token", as_bytes(token.label)) + part_of_uri("object", label) + part_of_uri("id", id);
    return out + "type=secret-key";
}

/// A key in clear that the token holds only as long as this lives.
class SessionObject {
public:
    explicit SessionObject(const TokenSession& session) : session_(session) {}
    SessionObject(const SessionObject&) = delete;
    SessionObject& operator=(const SessionObject&) = delete;
    ~SessionObject() {
        if (handle != CK_INVALID_HANDLE) (void)session_.module().C_DestroyObject(session_.handle(), handle);
    }

    CK_OBJECT_HANDLE handle = CK_INVALID_HANDLE;

private:
    const TokenSession& session_;
};

/// What such an object is said to be. Its attributes point into it.
struct DataKeyTemplate {
    CK_OBJECT_CLASS kind = CKO_SECRET_KEY;
    CK_KEY_TYPE type = CKK_AES;
    CK_BBOOL yes = CK_TRUE, no = CK_FALSE;

    std::vector<CK_ATTRIBUTE> attributes() const {
        return {attribute(CKA_CLASS, &kind, sizeof kind), attribute(CKA_KEY_TYPE, &type, sizeof type),
                attribute(CKA_TOKEN, &no, sizeof no), attribute(CKA_SENSITIVE, &no, sizeof no),
                attribute(CKA_EXTRACTABLE, &yes, sizeof yes)};
    }
};

CK_RV wrap_as_key(const TokenSession& session, CK_OBJECT_HANDLE by, BytesView key, std::span<std::uint8_t> out,
                  CK_ULONG& length) {
    const DataKeyTemplate data_key;
    auto attributes = data_key.attributes();
    attributes.push_back(attribute(CKA_VALUE, key.data(), key.size()));
    SessionObject object(session);
    const auto code =
        session.module().C_CreateObject(session.handle(), attributes.data(), attributes.size(), &object.handle);
    if (code != CKR_OK) return code;
    auto mechanism = key_wrap();
    return session.module().C_WrapKey(session.handle(), &mechanism, by, object.handle, out.data(), &length);
}

CK_RV wrap_as_data(const TokenSession& session, CK_OBJECT_HANDLE by, BytesView key, std::span<std::uint8_t> out,
                   CK_ULONG& length) {
    auto mechanism = key_wrap();
    if (const auto code = session.module().C_EncryptInit(session.handle(), &mechanism, by); code != CKR_OK) return code;
    return session.module().C_Encrypt(session.handle(), bytes_of(key), key.size(), out.data(), &length);
}

CK_RV unwrap_as_key(const TokenSession& session, CK_OBJECT_HANDLE by, BytesView wrapped, SecretBytes& out,
                    CK_ULONG& length) {
    const DataKeyTemplate data_key;
    auto attributes = data_key.attributes();
    SessionObject object(session);
    auto mechanism = key_wrap();
    const auto code = session.module().C_UnwrapKey(session.handle(), &mechanism, by, bytes_of(wrapped), wrapped.size(),
                                                   attributes.data(), attributes.size(), &object.handle);
    if (code != CKR_OK) return code;
    auto value = attribute(CKA_VALUE, out.span().data(), out.size());
    const auto read = session.module().C_GetAttributeValue(session.handle(), object.handle, &value, 1);
    length = value.ulValueLen;
    return read;
}

CK_RV unwrap_as_data(const TokenSession& session, CK_OBJECT_HANDLE by, BytesView wrapped, SecretBytes& out,
                     CK_ULONG& length) {
    auto mechanism = key_wrap();
    if (const auto code = session.module().C_DecryptInit(session.handle(), &mechanism, by); code != CKR_OK) return code;
    return session.module().C_Decrypt(session.handle(), bytes_of(wrapped), wrapped.size(), out.span().data(), &length);
}

}  // namespace

Result<std::unique_ptr<WrappingSession>> WrappingSession::open(const KeyUri& uri, SecretBytes pin) {
    C2D_TRY(auto opened, TokenSession::open(uri, pin));
    std::unique_ptr<WrappingSession> out(new WrappingSession(std::move(opened)));
    C2D_CHECK(out->find_key(uri));
    return out;
}

Result<Unit> WrappingSession::find_key(const KeyUri& uri) {
    const ObjectReader objects(session_->module(), session_->handle(), uri);
    C2D_TRY(key_, find_secret_key(objects, uri));
    C2D_CHECK(check_kind(objects, key_));
    C2D_TRY(extractable_, objects.is_set(key_, CKA_EXTRACTABLE));
    C2D_TRY(uri_, uri_of(session_->token(), objects, key_));
    C2D_CHECK(find_ways(objects));
    return find_check_value(objects);
}

/// As HSMs name keys by what zeros become under them. A token whose rules do not let it wrap says so here, and not when
/// a run of hours has something to keep.
Result<Unit> WrappingSession::find_check_value(const ObjectReader& objects) {
    constexpr std::size_t kCheckBytes = 8;
    FixedBytes<kWrappedKeyBytes> wrapped;
    if (const auto code = wrap(SecretBytes(kSealKeyBytes).view(), wrapped); code != CKR_OK)
        return call_failed(objects.name(), "wrapping", code);
    identity_ = fmt::format("{}, check value {}", uri_, hex_text(wrapped.view().first(kCheckBytes)).substr(2));
    return Unit{};
}

Result<Unit> WrappingSession::find_ways(const ObjectReader& objects) {
    CK_MECHANISM_INFO info{};
    const auto code = session_->module().C_GetMechanismInfo(session_->token().slot, CKM_AES_KEY_WRAP, &info);
    if (code != CKR_OK && code != CKR_MECHANISM_INVALID) return call_failed(objects.name(), "C_GetMechanismInfo", code);
    std::string lacking;
    for (const auto& needs : kWays) {
        if (code != CKR_OK || (info.flags & needs.mechanism) != needs.mechanism) continue;
        bool may = true;
        for (const auto& flag : needs.of_key) {
            C2D_TRY(const bool set, objects.is_set(key_, flag.type));
            if (!set) lacking += fmt::format("{}{}", lacking.empty() ? "" : ", ", flag.name);
            may = may && set;
        }
        if (may) ways_.push_back(needs.way);
    }
    if (!ways_.empty()) return Unit{};
    if (lacking.empty())
        return fail(Status::UNSUPPORTED,
                    "{}: the token wraps no keys with CKM_AES_KEY_WRAP (RFC 3394); name one on a token that does, or a "
                    "file",
                    objects.name());
    return fail(Status::INVALID_ARGUMENT, "{} lacks {}: make one that may wrap and unwrap", objects.name(), lacking);
}

template <class Call>
CK_RV WrappingSession::first_way(const Call& call) {
    CK_RV first = CKR_OK;
    for (const auto way : ways_) {
        const CK_RV code = call(way);
        if (code == CKR_OK || is_session_lost(code)) return code;
        if (first == CKR_OK) first = code;
    }
    return first;
}

CK_RV WrappingSession::wrap(BytesView key, FixedBytes<kWrappedKeyBytes>& out) {
    return first_way([&](WrapWay way) {
        CK_ULONG length = out.size();
        const auto wrap_by = way == WrapWay::as_key ? wrap_as_key : wrap_as_data;
        const CK_RV code = wrap_by(*session_, key_, key, out.data, length);
        return code == CKR_OK && length != out.size() ? CK_RV(CKR_WRAPPED_KEY_LEN_RANGE) : code;
    });
}

CK_RV WrappingSession::unwrap(BytesView wrapped, SecretBytes& out) {
    return first_way([&](WrapWay way) {
        // A module may write as much as it reads.
        SecretBytes key(kWrappedKeyBytes);
        CK_ULONG length = key.size();
        const auto unwrap_by = way == WrapWay::as_key ? unwrap_as_key : unwrap_as_data;
        const CK_RV code = unwrap_by(*session_, key_, wrapped, key, length);
        if (code != CKR_OK) return code;
        if (length != kSealKeyBytes) return CK_RV(CKR_WRAPPED_KEY_LEN_RANGE);
        key.shorten(kSealKeyBytes);
        out = std::move(key);
        return code;
    });
}

}  // namespace c2d::pkcs11
