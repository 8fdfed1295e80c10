#include "artifact/age_stream.hpp"

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "codec/bech32.hpp"
#include "crypto/hash.hpp"
#include "crypto/kdf.hpp"
#include "crypto/x25519.hpp"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace c2d {

namespace {

constexpr std::string_view kRecipientPrefix = "age";
/// As the checksum is over it; it is written in upper case.
constexpr std::string_view kIdentityPrefix = "age-secret-key-";

constexpr std::string_view kStanzaType = "X25519";
constexpr std::string_view kWrapInfo = "age-encryption.org/v1/X25519";
constexpr std::size_t kFileKeyBytes = 16;
constexpr std::size_t kWrappedBytes = kFileKeyBytes + kChunkTagBytes;
constexpr std::size_t kPayloadNonceBytes = 16;
constexpr std::size_t kChunkBytes = std::size_t(64) << 10;
constexpr std::size_t kSealedChunkBytes = kChunkBytes + kChunkTagBytes;

constexpr const char* kOtherIdentity = "age_other_identity";

Error altered(std::string_view what) { return fail(Status::CORRUPT, "this age file was altered or cut off: {}", what); }

Result<Bytes32> recipient_bytes(std::string_view recipient) {
    const auto bytes = bech32_decode(kRecipientPrefix, recipient);
    const auto out = bytes ? Bytes32::from(*bytes) : Result<Bytes32>(bytes.error());
    const bool lower = std::ranges::none_of(recipient, [](char c) { return c >= 'A' && c <= 'Z'; });
    if (out && lower) return *out;
    return fail(Status::INVALID_ARGUMENT, "expected an age recipient, age1 and 58 lower-case letters and digits: {}",
                out ? "it has capitals" : out.error().message);
}

SecretBytes key_of(BytesView salt, BytesView secret, std::string_view info) {
    SecretBytes out(32);
    auto extracted = hkdf_extract(salt, secret);
    hkdf_expand(extracted.view(), info, out.span());
    clear_secret(extracted.data.data(), extracted.size());
    return out;
}

/// The key that wraps the file key for one recipient: of the secret that both sides come to, and of both public values.
SecretBytes wrapping_key(const SecretBytes& shared, const Bytes32& ephemeral, const Bytes32& recipient) {
    Bytes salt(ephemeral.data.begin(), ephemeral.data.end());
    salt.insert(salt.end(), recipient.data.begin(), recipient.data.end());
    return key_of(salt, shared.view(), kWrapInfo);
}

Bytes32 mac_of(BytesView file_key, std::string_view covered) {
    const auto key = key_of({}, file_key, "header");
    return hmac_sha256(key.view(), as_bytes(covered));
}

}  // namespace

// Identities --------------------------------------------------------------------------------------

struct AgeIdentity::Impl {
    SecretBytes secret;
    Bytes32 recipient;
};

namespace {

Result<std::shared_ptr<const AgeIdentity::Impl>> identity_of(SecretBytes secret) {
    auto out = std::make_shared<AgeIdentity::Impl>();
    C2D_TRY(out->recipient, x25519_public(secret.view()));
    out->secret = std::move(secret);
    return std::shared_ptr<const AgeIdentity::Impl>(std::move(out));
}

/// The one line that says something.
std::string_view only_line(std::string_view text) {
    std::string_view found;
    for (std::size_t at = 0; at < text.size();) {
        const auto end = std::min(text.find('\n', at), text.size());
        auto line = text.substr(at, end - at);
        if (line.ends_with('\r')) line.remove_suffix(1);
        at = end + 1;
        if (line.empty() || line.starts_with('#')) continue;
        if (!found.empty()) return {};
        found = line;
    }
    return found;
}

}  // namespace

Result<AgeIdentity> AgeIdentity::generate(Random& random) {
    SecretBytes secret(kX25519Bytes);
    C2D_CHECK(random.fill(secret.span()));
    C2D_TRY(auto impl, identity_of(std::move(secret)));
    return AgeIdentity(std::move(impl));
}

Result<AgeIdentity> AgeIdentity::parse(std::string_view text) {
    const auto line = only_line(text);
    const bool upper = std::ranges::none_of(line, [](char c) { return c >= 'a' && c <= 'z'; });
    auto bytes = bech32_decode(kIdentityPrefix, line);
    if (!bytes || !upper || bytes->size() != kX25519Bytes)
        return fail(Status::INVALID_ARGUMENT,
                    "expected the file of one age identity: remarks (#), and one line AGE-SECRET-KEY-1…");
    SecretBytes secret(bytes->size());
    std::ranges::copy(*bytes, secret.span().begin());
    clear_secret(bytes->data(), bytes->size());
    C2D_TRY(auto impl, identity_of(std::move(secret)));
    return AgeIdentity(std::move(impl));
}

Result<AgeIdentity> AgeIdentity::read(const std::filesystem::path& file) {
    C2D_TRY(const auto text, read_secret_file(file, kAgeIdentityFileBytesMax));
    auto out = parse(text.text());
    if (!out) return fail(out.status(), "{}: {}", file.string(), out.error().message);
    return out;
}

std::string AgeIdentity::recipient() const { return bech32_encode(kRecipientPrefix, impl_->recipient.view()); }

Result<Unit> AgeIdentity::write(const std::filesystem::path& file) const {
    std::error_code ignored;
    if (std::filesystem::exists(std::filesystem::symlink_status(file, ignored)))
        return fail(Status::CONFLICT, "{} exists already; choose another file", file.string());
    auto secret = bech32_encode(kIdentityPrefix, impl_->secret.view());
    for (char& c : secret)
        if (c >= 'a' && c <= 'z') c = char(c - 'a' + 'A');
    auto text = fmt::format("# public key: {}\n{}\n", recipient(), secret);
    auto written = write_file_atomic(file, text, 0600);
    clear_secret(secret.data(), secret.size());
    clear_secret(text.data(), text.size());
    return written;
}

Result<Unit> check_age_recipient(std::string_view recipient) {
    C2D_CHECK(recipient_bytes(recipient));
    return Unit{};
}

// Streams -----------------------------------------------------------------------------------------

namespace age {

namespace {

/// The file key, wrapped for one recipient.
Result<Stanza> wrap_for(const Bytes32& recipient, BytesView file_key, Random& random) {
    SecretBytes ephemeral(kX25519Bytes);
    C2D_CHECK(random.fill(ephemeral.span()));
    C2D_TRY(const auto share, x25519_public(ephemeral.view()));
    C2D_TRY(const auto shared, x25519(ephemeral.view(), recipient));
    const auto key = wrapping_key(shared, share, recipient);
    Bytes body(kWrappedBytes);
    // Its nonce is zero: the key wraps nothing else.
    ChunkCipher(ChunkCipher::Algorithm::chacha20_poly1305, key.view(), {}, true)
        .run(0, false, file_key, body.data(), body.data() + kFileKeyBytes);
    return Stanza{{std::string(kStanzaType), base64_text(share.view())}, std::move(body)};
}

/// The sender's half of the secret.
Result<Bytes32> share_of(const Stanza& stanza) {
    if (stanza.arguments.size() != 2) return altered("a recipient with words too many or too few");
    const auto bytes = base64_bytes(stanza.arguments[1], "the base64 of a share");
    const auto out = bytes ? Bytes32::from(*bytes) : Result<Bytes32>(bytes.error());
    if (!out) return altered("a share that is not 32 bytes");
    return *out;
}

/// Nothing where it is wrapped for another.
Result<std::optional<SecretBytes>> unwrap(const Stanza& stanza, const AgeIdentity::Impl& identity) {
    std::optional<SecretBytes> none;
    if (stanza.arguments[0] != kStanzaType) return none;
    C2D_TRY(const auto share, share_of(stanza));
    if (stanza.body.size() != kWrappedBytes) return altered("a wrapped key of another length");
    const auto shared = x25519(identity.secret.view(), share);
    if (!shared) return altered("a share that leads to no secret");
    const auto key = wrapping_key(*shared, share, identity.recipient);
    SecretBytes file_key(kFileKeyBytes);
    std::array<std::uint8_t, kChunkTagBytes> tag{};
    std::copy_n(stanza.body.begin() + kFileKeyBytes, tag.size(), tag.begin());
    ChunkCipher cipher(ChunkCipher::Algorithm::chacha20_poly1305, key.view(), {}, false);
    if (!cipher.run(0, false, BytesView(stanza.body).first(kFileKeyBytes), file_key.span().data(), tag.data()))
        return none;
    return std::optional(std::move(file_key));
}

Result<SecretBytes> file_key_of(const Header& header, const AgeIdentity::Impl& identity) {
    for (const auto& stanza : header.stanzas) {
        C2D_TRY(auto key, unwrap(stanza, identity));
        if (!key) continue;
        const auto mac = mac_of(key->view(), header.covered);
        if (!equal_constant_time(mac.view(), header.mac.view())) return altered("its header");
        return *std::move(key);
    }
    Error error = fail(Status::REFUSED, "this age file is encrypted to others than {}",
                       bech32_encode(kRecipientPrefix, identity.recipient.view()));
    error.name = kOtherIdentity;
    return error;
}

}  // namespace

Encryptor::Encryptor(BytesView payload_key, Sink sink)
    : cipher_(ChunkCipher::Algorithm::chacha20_poly1305, payload_key, {}, true), sink_(std::move(sink)) {}

Result<Encryptor> Encryptor::begin(std::string_view recipient, Random& random, Sink sink) {
    C2D_TRY(const auto to, recipient_bytes(recipient));
    SecretBytes file_key(kFileKeyBytes);
    C2D_CHECK(random.fill(file_key.span()));
    FixedBytes<kPayloadNonceBytes> nonce;
    C2D_CHECK(random.fill(nonce.data));
    C2D_TRY(auto stanza, wrap_for(to, file_key.view(), random));
    const auto covered = covered_text({std::move(stanza)});
    C2D_CHECK(sink(as_bytes(header_text(covered, mac_of(file_key.view(), covered)))));
    C2D_CHECK(sink(nonce.view()));
    const auto key = key_of(nonce.view(), file_key.view(), "payload");
    return Encryptor(key.view(), std::move(sink));
}

Result<Unit> Encryptor::give_chunk(BytesView content, bool last) {
    Bytes sealed(content.size() + kChunkTagBytes);
    cipher_.run(number_++, last, content, sealed.data(), sealed.data() + content.size());
    return sink_(sealed);
}

/// A whole chunk is held back: it may be the last one.
Result<Unit> Encryptor::write(BytesView content) {
    while (!content.empty()) {
        if (held_.size() == kChunkBytes) {
            C2D_CHECK(give_chunk(held_, false));
            held_.clear();
        }
        const auto part = content.first(std::min(content.size(), kChunkBytes - held_.size()));
        held_.insert(held_.end(), part.begin(), part.end());
        content = content.subspan(part.size());
    }
    return Unit{};
}

Result<Unit> Encryptor::finish() { return give_chunk(held_, true); }

Result<Unit> Decryptor::read_beginning() {
    C2D_TRY(const auto header, read_header(as_text(held_)));
    if (!header || held_.size() < header->bytes + kPayloadNonceBytes) return Unit{};
    C2D_TRY(const auto file_key, file_key_of(*header, identity_.impl()));
    const auto nonce = BytesView(held_).subspan(header->bytes, kPayloadNonceBytes);
    const auto key = key_of(nonce, file_key.view(), "payload");
    cipher_.emplace(ChunkCipher::Algorithm::chacha20_poly1305, key.view(), BytesView(), false);
    held_.erase(held_.begin(), held_.begin() + std::ptrdiff_t(header->bytes + kPayloadNonceBytes));
    return Unit{};
}

Result<Unit> Decryptor::open_chunk(BytesView sealed, bool last) {
    // Only of nothing is there an empty chunk.
    if (sealed.size() < kChunkTagBytes || (sealed.size() == kChunkTagBytes && number_ > 0))
        return altered("its last part is missing");
    ClearedBytes content(sealed.size() - kChunkTagBytes);
    std::array<std::uint8_t, kChunkTagBytes> tag{};
    std::copy_n(sealed.end() - kChunkTagBytes, tag.size(), tag.begin());
    if (!cipher_->run(number_++, last, sealed.first(content.size()), content.data(), tag.data()))
        return altered("a part of its content, or one that is missing");
    return sink_(content);
}

Result<Unit> Decryptor::write(BytesView file) {
    // Piece by piece, so that no more is held than a header or a chunk.
    while (!file.empty()) {
        const auto part = file.first(std::min(file.size(), kChunkBytes));
        held_.insert(held_.end(), part.begin(), part.end());
        file = file.subspan(part.size());
        if (!cipher_) C2D_CHECK(read_beginning());
        if (!cipher_) continue;
        std::size_t opened = 0;
        // One byte more tells that a chunk is not the last.
        for (; held_.size() - opened > kSealedChunkBytes; opened += kSealedChunkBytes)
            C2D_CHECK(open_chunk(BytesView(held_).subspan(opened, kSealedChunkBytes), false));
        held_.erase(held_.begin(), held_.begin() + std::ptrdiff_t(opened));
    }
    return Unit{};
}

Result<Unit> Decryptor::finish() {
    if (!cipher_) return altered("it ends within its header");
    return open_chunk(held_, true);
}

}  // namespace age

Result<Bytes> age_encrypt(BytesView content, std::string_view recipient, Random& random) {
    if (content.size() > kAgeBytesMax)
        return fail(Status::LIMIT, "at most {} bytes are encrypted at once, found {}", kAgeBytesMax, content.size());
    Bytes out;
    const auto keep = [&out](BytesView bytes) -> Result<Unit> {
        out.insert(out.end(), bytes.begin(), bytes.end());
        return Unit{};
    };
    C2D_TRY(auto encryptor, age::Encryptor::begin(recipient, random, keep));
    C2D_CHECK(encryptor.write(content));
    C2D_CHECK(encryptor.finish());
    return out;
}

Result<Bytes> age_decrypt(BytesView file, const AgeIdentity& identity) {
    Bytes out;
    age::Decryptor decryptor(identity, [&out](BytesView bytes) -> Result<Unit> {
        out.insert(out.end(), bytes.begin(), bytes.end());
        return Unit{};
    });
    C2D_CHECK(decryptor.write(file));
    C2D_CHECK(decryptor.finish());
    return out;
}

// Files -------------------------------------------------------------------------------------------

namespace {

/// Opened to be read, from its beginning.
Result<Fd> open_to_read(const std::filesystem::path& file) {
    Fd fd(::open(file.c_str(), O_RDONLY | O_CLOEXEC));
    if (fd) return fd;
    return fail(errno == ENOENT ? Status::NOT_FOUND : Status::IO, "cannot open {}: {}", file.string(),
                errno_text(errno));
}

/// Gives all that a file holds to `take`.
Result<Unit> read_through(int fd, const age::Sink& take) {
    Bytes part(kChunkBytes);
    for (;;) {
        const auto got = ::read(fd, part.data(), part.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return fail(Status::IO, "a file cannot be read: {}", errno_text(errno));
        if (got == 0) return Unit{};
        C2D_CHECK(take(BytesView(part).first(std::size_t(got))));
    }
}

/// What `fill` writes stands under the name once all of it does.
Result<Unit> make_file(const std::filesystem::path& out, const std::function<Result<Unit>(const age::Sink&)>& fill) {
    Fd fd(::open(out.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
    if (!fd)
        return fail(errno == EEXIST ? Status::CONFLICT : Status::IO, "cannot make {}: {}", out.string(),
                    errno_text(errno));
    auto done = fill([&fd](BytesView bytes) { return write_fd(fd.get(), bytes); });
    if (done && ::fsync(fd.get()) != 0) done = fail(Status::IO, "cannot write {}: {}", out.string(), errno_text(errno));
    if (!done) ::unlink(out.c_str());
    return done;
}

}  // namespace

Result<Unit> age_encrypt_file(const std::filesystem::path& in, std::string_view recipient,
                              const std::filesystem::path& out, Random& random) {
    C2D_CHECK(check_age_recipient(recipient));
    C2D_TRY(const Fd from, open_to_read(in));
    return make_file(out, [&](const age::Sink& sink) -> Result<Unit> {
        C2D_TRY(auto encryptor, age::Encryptor::begin(recipient, random, sink));
        C2D_CHECK(read_through(from.get(), [&](BytesView bytes) { return encryptor.write(bytes); }));
        return encryptor.finish();
    });
}

Result<Unit> age_decrypt_file(const std::filesystem::path& in, const AgeIdentity& identity,
                              const std::filesystem::path& out) {
    C2D_TRY(const Fd from, open_to_read(in));
    return make_file(out, [&](const age::Sink& sink) -> Result<Unit> {
        age::Decryptor decryptor(identity, sink);
        C2D_CHECK(read_through(from.get(), [&](BytesView bytes) { return decryptor.write(bytes); }));
        return decryptor.finish();
    });
}

}  // namespace c2d
