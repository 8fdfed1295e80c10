#include "codec/keystore.hpp"

#include "base/fail.hpp"
#include "base/secret.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"
#include "codec/written_json.hpp"
#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"

#include <algorithm>
#include <bit>
#include <limits>
#include <openssl/evp.h>

namespace c2d {

namespace {

using json::Value;

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kIvBytes = 16;
constexpr std::size_t kSaltBytesMax = 1024;

Error malformed(std::string_view why) { return fail(Status::INVALID_ARGUMENT, "not a keystore v3 document: {}", why); }

Error too_costly(std::string_view what) {
    return fail(Status::LIMIT, "the keystore asks for more {} than is allowed", what);
}

Result<Bytes> hex_at(const Value& object, std::initializer_list<std::string_view> path) {
    auto bytes = parse_hex(object.text_at(path));
    if (!bytes) return malformed("a field is not hexadecimal");
    return bytes;
}

Result<std::uint64_t> number_at(const Value& object, std::string_view key) {
    const Value* const value = object.find(key);
    const auto number = value != nullptr ? value->as_uint() : std::nullopt;
    if (!number) return malformed("a parameter of the key derivation is missing");
    return *number;
}

/// Multiplies, staying at the largest number instead of wrapping around.
std::uint64_t product(std::initializer_list<std::uint64_t> factors) {
    std::uint64_t out = 1;
    for (const auto factor : factors)
        if (__builtin_mul_overflow(out, factor, &out)) return std::numeric_limits<std::uint64_t>::max();
    return out;
}

Result<ScryptCost> scrypt_of(const Value& params, const KeystoreLimits& limits) {
    ScryptCost cost;
    C2D_TRY(cost.n, number_at(params, "n"));
    C2D_TRY(cost.r, number_at(params, "r"));
    C2D_TRY(cost.p, number_at(params, "p"));
    if (cost.n < 2 || !std::has_single_bit(cost.n) || cost.r == 0 || cost.p == 0)
        return malformed("scrypt wants n a power of two, and r and p at least 1");
    if (product({128, cost.n, cost.r}) > limits.memory_bytes_max ||
        product({128, cost.p, cost.r}) > limits.memory_bytes_max)
        return too_costly("memory for scrypt");
    if (product({128, cost.n, cost.r, cost.p}) > limits.work_bytes_max) return too_costly("work for scrypt");
    return cost;
}

/// The 32 bytes that the password stands for: half of them encrypt, half authenticate.
Result<SecretBytes> derived_key(const Value& crypto, std::string_view password, const KeystoreLimits& limits) {
    const Value* const params = crypto.find("kdfparams");
    if (params == nullptr) return malformed("there is no kdfparams");
    C2D_TRY(const std::uint64_t length, number_at(*params, "dklen"));
    if (length != kKeyBytes) return malformed("dklen is not 32");
    C2D_TRY(const Bytes salt, hex_at(*params, {"salt"}));
    if (salt.size() > kSaltBytesMax) return too_costly("salt");

    SecretBytes key(kKeyBytes);
    const auto kdf = crypto.text_at({"kdf"});
    if (kdf == "scrypt") {
        C2D_TRY(const ScryptCost cost, scrypt_of(*params, limits));
        C2D_CHECK(scrypt(password, salt, cost, key.span()));
        return key;
    }
    if (kdf != "pbkdf2" || params->text_at({"prf"}) != "hmac-sha256")
        return fail(Status::UNSUPPORTED,
                    "the keystore's key derivation is not supported; "
                    "expected scrypt, or pbkdf2 with hmac-sha256");
    C2D_TRY(const std::uint64_t iterations, number_at(*params, "c"));
    if (iterations == 0) return malformed("pbkdf2 wants at least one iteration");
    if (iterations > limits.iterations_max) return too_costly("iterations of pbkdf2");
    C2D_CHECK(pbkdf2_hmac_sha256(password, salt, unsigned(iterations), key.span()));
    return key;
}

/// AES-128-CTR under the first half of the derived key; the same call encrypts and decrypts.
Result<Unit> apply_cipher(BytesView key, BytesView iv, BytesView in, std::span<std::uint8_t> out) {
    const std::unique_ptr<EVP_CIPHER_CTX, void (*)(EVP_CIPHER_CTX*)> context(EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free);
    int written = 0;
    if (!context || EVP_EncryptInit_ex(context.get(), EVP_aes_128_ctr(), nullptr, key.data(), iv.data()) != 1 ||
        EVP_EncryptUpdate(context.get(), out.data(), &written, in.data(), int(in.size())) != 1 ||
        std::size_t(written) != in.size())
        return Error(Status::UNSUPPORTED, "OpenSSL cannot do AES-128-CTR here");
    return Unit{};
}

/// Keccak-256 of the second half of the derived key and the ciphertext.
Bytes32 mac_of(BytesView key, BytesView ciphertext) {
    SecretBytes covered(16 + ciphertext.size());
    std::copy_n(key.begin() + 16, 16, covered.span().begin());
    std::copy(ciphertext.begin(), ciphertext.end(), covered.span().begin() + 16);
    return keccak256(covered.view());
}

/// `address` is optional, with or without 0x; where it stands it must be the key's.
Result<Unit> check_address(const Value& document, const PrivateKey& key) {
    const Value* const stated = document.find("address");
    if (stated == nullptr) return Unit{};
    C2D_TRY(const Bytes bytes, hex_at(document, {"address"}));
    if (!equal_constant_time(bytes, key.address()))
        return Error(Status::CORRUPT, "the keystore's address is not the address of its key");
    return Unit{};
}

std::string plain_hex(BytesView bytes) { return hex_text(bytes).substr(2); }

std::string uuid_text(BytesView random) {
    Bytes bytes(random.begin(), random.end());
    bytes[6] = std::uint8_t((bytes[6] & 0x0f) | 0x40);  // version 4: random
    bytes[8] = std::uint8_t((bytes[8] & 0x3f) | 0x80);  // variant of RFC 4122
    const auto hex = plain_hex(bytes);
    return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4), hex.substr(16, 4),
                       hex.substr(20));
}

}  // namespace

Result<std::shared_ptr<PrivateKey>> open_keystore(std::string_view json, std::string_view password,
                                                  const KeystoreLimits& limits) {
    json::Limits json_limits;
    json_limits.bytes_max = limits.bytes_max;
    C2D_TRY(const Value document, json::parse_written(json, json_limits));
    const Value* const version = document.find("version");
    if (version == nullptr || version->as_uint() != 3) return malformed("version is not 3");
    const Value* crypto = document.find("crypto");
    if (crypto == nullptr) crypto = document.find("Crypto");  // as early clients wrote it
    if (crypto == nullptr) return malformed("there is no crypto");
    if (crypto->text_at({"cipher"}) != "aes-128-ctr")
        return Error(Status::UNSUPPORTED, "the keystore's cipher is not aes-128-ctr");
    C2D_TRY(const Bytes iv, hex_at(*crypto, {"cipherparams", "iv"}));
    C2D_TRY(const Bytes ciphertext, hex_at(*crypto, {"ciphertext"}));
    C2D_TRY(const Bytes mac, hex_at(*crypto, {"mac"}));
    if (iv.size() != kIvBytes || ciphertext.size() != kKeyBytes || mac.size() != 32)
        return malformed("iv, ciphertext or mac has another length than 16, 32 and 32 bytes");

    C2D_TRY(const SecretBytes derived, derived_key(*crypto, password, limits));
    if (!equal_constant_time(mac_of(derived.view(), ciphertext), mac))
        return Error(Status::INVALID_ARGUMENT, "the password is wrong, or the keystore is damaged");
    SecretBytes secret(kKeyBytes);
    C2D_CHECK(apply_cipher(derived.view(), iv, ciphertext, secret.span()));
    C2D_TRY(std::shared_ptr<PrivateKey> key, PrivateKey::from_bytes(secret.view()));
    C2D_CHECK(check_address(document, *key));
    return key;
}

Result<std::shared_ptr<PrivateKey>> PrivateKey::from_keystore(std::string_view json, std::string_view password) {
    return open_keystore(json, password, {});
}

Result<std::string> PrivateKey::to_keystore(std::string_view password, Random* random, unsigned scrypt_log2n) const {
    const ScryptCost cost{std::uint64_t(1) << std::min(scrypt_log2n, 63u), 8, 1};
    if (scrypt_log2n == 0 || product({128, cost.n, cost.r}) > KeystoreLimits().memory_bytes_max)
        return fail(Status::INVALID_ARGUMENT, "scrypt_log2n is {}, expected 1 to 19", scrypt_log2n);
    const auto system = Random::system();
    Bytes drawn(32 + kIvBytes + 16);
    C2D_CHECK((random != nullptr ? *random : *system).fill(drawn));
    const auto salt = BytesView(drawn).first(32);
    const auto iv = BytesView(drawn).subspan(32, kIvBytes);

    SecretBytes derived(kKeyBytes);
    C2D_CHECK(scrypt(password, salt, cost, derived.span()));
    Bytes ciphertext(kKeyBytes);
    C2D_CHECK(apply_cipher(derived.view(), iv, secret_, ciphertext));

    Value params =
        Value::object({{"dklen", kKeyBytes}, {"n", cost.n}, {"p", cost.p}, {"r", cost.r}, {"salt", plain_hex(salt)}});
    Value crypto = Value::object({{"cipher", "aes-128-ctr"},
                                  {"cipherparams", Value::object({{"iv", plain_hex(iv)}})},
                                  {"ciphertext", plain_hex(ciphertext)},
                                  {"kdf", "scrypt"},
                                  {"kdfparams", std::move(params)},
                                  {"mac", plain_hex(mac_of(derived.view(), ciphertext))}});
    return json::pretty(Value::object({{"version", 3},
                                       {"id", uuid_text(BytesView(drawn).last(16))},
                                       {"address", plain_hex(address_)},
                                       {"crypto", std::move(crypto)}}));
}

}  // namespace c2d
