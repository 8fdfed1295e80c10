/// A session with a token, with one AES key at hand that wraps others.
#pragma once

#include "crypto/sealed_stream.hpp"
#include "pkcs11/object_reader.hpp"
#include "pkcs11/token_session.hpp"

namespace c2d::pkcs11 {

/// How a token is asked to wrap with CKM_AES_KEY_WRAP, which gives the same bytes (RFC 3394) either way.
enum class WrapWay {
    /// C_WrapKey and C_UnwrapKey, of a key that is put into the token for as long as the call lasts.
    as_key,
    /// C_Encrypt and C_Decrypt, of its bytes: for tokens that let no key in or out in clear.
    as_data,
};

/// One call at a time.
class WrappingSession {
public:
    /// Wraps once, to see that it can. Fails with `not_found` where there is no such key, saying how one is made, and
    /// with `invalid_argument` for one that could be read or may not wrap.
    static Result<std::unique_ptr<WrappingSession>> open(const KeyUri& uri, SecretBytes pin);

    /// A URI without module and PIN: the labels of token and key, and the key's id.
    const std::string& uri() const noexcept { return uri_; }
    /// The same with the key's check value: another key of the same name has another one.
    const std::string& identity() const noexcept { return identity_; }
    /// Whether somebody may take the key out of the token, wrapped under another.
    bool extractable() const noexcept { return extractable_; }

    /// By the first way that succeeds of those that the token offers and the key may do; else the code of the first.
    CK_RV wrap(BytesView key, FixedBytes<kWrappedKeyBytes>& out);
    CK_RV unwrap(BytesView wrapped, SecretBytes& out);

private:
    explicit WrappingSession(std::unique_ptr<TokenSession> session) : session_(std::move(session)) {}
    Result<Unit> find_key(const KeyUri& uri);
    Result<Unit> find_ways(const ObjectReader& objects);
    Result<Unit> find_check_value(const ObjectReader& objects);
    template <class Call>
    CK_RV first_way(const Call& call);

    std::unique_ptr<TokenSession> session_;
    CK_OBJECT_HANDLE key_ = CK_INVALID_HANDLE;
    std::string uri_, identity_;
    bool extractable_ = false;
    std::vector<WrapWay> ways_;
};

}  // namespace c2d::pkcs11
