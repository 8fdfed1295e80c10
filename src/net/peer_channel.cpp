#include "net/peer_channel.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "net/peer_tls.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <algorithm>
#include <cerrno>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

namespace c2d {
namespace {

constexpr std::string_view kExporterLabel = "EXPORTER-c2d-peer", kSecretLabel = "EXPORTER-c2d-session";

std::string ssl_text() {
    const unsigned long code = ERR_get_error();
    ERR_clear_error();
    if (code == 0) return "TLS failed";
    char text[256];
    ERR_error_string_n(code, text, sizeof text);
    return text;
}

/// What stands in this thread's queue would be taken for the next call's error. Clearing an empty
/// queue takes as long as a small record.
void forget_errors() {
    if (ERR_peek_error() != 0) ERR_clear_error();
}

// OpenSSL's own socket BIO writes with write(2), which raises SIGPIPE in a host program that has
// not ignored it. This one uses MSG_NOSIGNAL. The descriptor stays ours.
PeerSocket& socket_of(BIO* bio) { return *static_cast<PeerSocket*>(BIO_get_data(bio)); }

int bio_result(BIO* bio, ssize_t n, int retry) {
    BIO_clear_retry_flags(bio);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
        BIO_set_flags(bio, retry | BIO_FLAGS_SHOULD_RETRY);
    return static_cast<int>(n);
}
int bio_write(BIO* bio, const char* data, int count) {
    const PeerSocket& socket = socket_of(bio);
    const ssize_t n = ::send(socket.fd.get(), data, static_cast<std::size_t>(count),
                             MSG_NOSIGNAL | (socket.more_follows ? MSG_MORE : 0));
    return bio_result(bio, n, BIO_FLAGS_WRITE);
}
int bio_read(BIO* bio, char* data, int count) {
    const ssize_t n = ::recv(socket_of(bio).fd.get(), data, static_cast<std::size_t>(count), 0);
    if (n == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    return bio_result(bio, n, BIO_FLAGS_READ);
}
long bio_control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0;
    return command == BIO_CTRL_FLUSH || command == BIO_CTRL_DUP ? 1 : 0;
}
int bio_create(BIO* bio) {
    BIO_set_init(bio, 1);
    return 1;
}

BIO_METHOD* make_bio_method() {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "c2d socket");
    if (!method) return nullptr;
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_ctrl(method, bio_control);
    BIO_meth_set_create(method, bio_create);
    return method;
}

BIO* make_socket_bio(PeerSocket& socket) {
    // Made once and kept: a method table must outlive every BIO.
    static BIO_METHOD* const method = make_bio_method();
    BIO* bio = method ? BIO_new(method) : nullptr;
    if (bio) BIO_set_data(bio, &socket);
    return bio;
}

struct KeyFree {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct CertificateFree {
    void operator()(X509* certificate) const { X509_free(certificate); }
};

/// The certificate only carries a key: it names nobody and is checked by nobody.
Result<Unit> use_fresh_certificate(SSL_CTX* context) {
    const std::unique_ptr<EVP_PKEY, KeyFree> key(EVP_EC_gen("P-256"));
    const std::unique_ptr<X509, CertificateFree> certificate(X509_new());
    if (!key || !certificate) return fail(Status::INTERNAL, "no certificate: {}", ssl_text());
    X509* x = certificate.get();
    X509_NAME* name = X509_get_subject_name(x);
    const bool ok =
        X509_set_version(x, 2) && ASN1_INTEGER_set(X509_get_serialNumber(x), 1) &&
        X509_gmtime_adj(X509_getm_notBefore(x), -86400) && X509_gmtime_adj(X509_getm_notAfter(x), 86400L * 30) &&
        X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("c2d peer"), -1, -1,
                                   0) &&
        X509_set_issuer_name(x, name) && X509_set_pubkey(x, key.get()) && X509_sign(x, key.get(), EVP_sha256()) > 0 &&
        SSL_CTX_use_certificate(context, x) == 1 && SSL_CTX_use_PrivateKey(context, key.get()) == 1;
    if (!ok) return fail(Status::INTERNAL, "no certificate: {}", ssl_text());
    return Unit{};
}

}  // namespace

/// Two of the largest records. With each record OpenSSL moves what lies behind it in the buffer.
constexpr std::size_t kReadBufferBytes = std::size_t{34} * 1024;

Result<SslContext> make_peer_context() {
    SslContext context(SSL_CTX_new(TLS_method()));
    if (!context) return fail(Status::INTERNAL, "no TLS context: {}", ssl_text());
    SSL_CTX* c = context.get();
    const bool ok = SSL_CTX_set_min_proto_version(c, TLS1_3_VERSION) == 1 &&
                    SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) == 1 &&
                    SSL_CTX_set_ciphersuites(c, "TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384") == 1 &&
                    SSL_CTX_set1_groups_list(c, "X25519:P-256") == 1 && SSL_CTX_set_num_tickets(c, 0) == 1 &&
                    SSL_CTX_set_max_early_data(c, 0) == 1;
    if (!ok) return fail(Status::INTERNAL, "no TLS context: {}", ssl_text());
    SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);
    // Identity is the signed binding, which covers the exporter: a man in the middle has two
    // different exporters. So the certificate is not verified, and the client shows none.
    SSL_CTX_set_verify(c, SSL_VERIFY_NONE, nullptr);
    SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    // What was read is ours alone from then on.
    SSL_CTX_set_options(c, SSL_OP_CLEANSE_PLAINTEXT);
    // One system call takes many small records instead of two calls for each.
    SSL_CTX_set_read_ahead(c, 1);
    SSL_CTX_set_default_read_buffer_len(c, kReadBufferBytes);
    C2D_CHECK(use_fresh_certificate(c));
    return context;
}

Result<std::unique_ptr<PeerChannel::Impl>> PeerChannel::Impl::make(SSL_CTX* context, Fd fd, bool accepting) {
    auto impl = std::make_unique<Impl>();
    impl->ssl.reset(SSL_new(context));
    impl->socket.fd = std::move(fd);
    BIO* bio = impl->ssl ? make_socket_bio(impl->socket) : nullptr;
    if (!bio) return fail(Status::INTERNAL, "no TLS object: {}", ssl_text());
    SSL_set_bio(impl->ssl.get(), bio, bio);
    if (accepting)
        SSL_set_accept_state(impl->ssl.get());
    else
        SSL_set_connect_state(impl->ssl.get());
    return impl;
}

PeerChannel::Io PeerChannel::Impl::outcome(int result) {
    const int system_error = errno;
    switch (SSL_get_error(ssl.get(), result)) {
        case SSL_ERROR_WANT_READ: return Io::want_read;
        case SSL_ERROR_WANT_WRITE: return Io::want_write;
        case SSL_ERROR_ZERO_RETURN: return Io::closed;
        case SSL_ERROR_SYSCALL:
            failure = system_error != 0 ? errno_text(system_error) : "the connection ended without close_notify";
            ERR_clear_error();
            return Io::failed;
        default: failure = ssl_text(); return Io::failed;
    }
}

PeerChannel::Io PeerChannel::Impl::handshake() {
    ERR_clear_error();
    errno = 0;
    const int result = SSL_do_handshake(ssl.get());
    return result == 1 ? Io::done : outcome(result);
}

bool PeerChannel::Impl::client_hello_complete() const {
    const auto state = SSL_get_state(ssl.get());
    return state != TLS_ST_BEFORE && state != TLS_ST_SR_CLNT_HELLO;
}

Result<Bytes32> PeerChannel::Impl::exporter() const { return exported(kExporterLabel); }
Result<Bytes32> PeerChannel::Impl::shared_secret() const { return exported(kSecretLabel); }

Result<Bytes32> PeerChannel::Impl::exported(std::string_view label) const {
    Bytes32 out;
    if (SSL_version(ssl.get()) != TLS1_3_VERSION ||
        SSL_export_keying_material(ssl.get(), out.data.data(), out.size(), label.data(), label.size(), nullptr, 0, 0) !=
            1)
        return fail(Status::PEER, "no exporter: {}", ssl_text());
    return out;
}

PeerChannel::Step PeerChannel::Impl::read_some(std::span<std::uint8_t> out) {
    forget_errors();
    errno = 0;
    std::size_t count = 0;
    const int result = SSL_read_ex(ssl.get(), out.data(), out.size(), &count);
    if (result == 1) return {Io::done, count};
    return {outcome(result), 0};
}

PeerChannel::Io PeerChannel::Impl::read_up_to(Bytes& in, std::size_t count) {
    while (in.size() < count) {
        std::uint8_t buffer[kPeerBindingBytes];
        const Step step = read_some({buffer, std::min(sizeof buffer, count - in.size())});
        if (step.io != Io::done) return step.io;
        in.insert(in.end(), buffer, buffer + step.bytes_count);
    }
    return Io::done;
}

PeerChannel::Step PeerChannel::Impl::write_some(BytesView bytes) {
    forget_errors();
    errno = 0;
    std::size_t count = 0;
    // TLS cuts what it is given into records of that size, and returns after each.
    socket.more_follows = bytes.size() > SSL3_RT_MAX_PLAIN_LENGTH;
    const int result = SSL_write_ex(ssl.get(), bytes.data(), bytes.size(), &count);
    if (result == 1) return {Io::done, count};
    return {outcome(result), 0};
}

PeerChannel::PeerChannel(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PeerChannel::~PeerChannel() { close_write(); }

unsigned PeerChannel::party() const noexcept { return impl_->party; }
int PeerChannel::fd() const noexcept { return impl_->socket.fd.get(); }
Result<Bytes32> PeerChannel::shared_secret() const { return impl_->shared_secret(); }
bool PeerChannel::pending() const noexcept { return SSL_has_pending(impl_->ssl.get()) == 1; }
PeerChannel::Step PeerChannel::read_some(std::span<std::uint8_t> out) { return impl_->read_some(out); }
PeerChannel::Step PeerChannel::write_some(BytesView bytes) { return impl_->write_some(bytes); }
const std::string& PeerChannel::failure() const noexcept { return impl_->failure; }

void PeerChannel::abandon() noexcept { impl_->failure = "left by this side"; }

bool PeerChannel::close_write() noexcept {
    // After a fatal error SSL_shutdown must not be called.
    if (impl_->has_closed_write || !impl_->failure.empty()) return true;
    ERR_clear_error();
    const int result = SSL_shutdown(impl_->ssl.get());
    impl_->has_closed_write = result >= 0 || SSL_get_error(impl_->ssl.get(), result) != SSL_ERROR_WANT_WRITE;
    ERR_clear_error();
    return impl_->has_closed_write;
}

std::size_t PeerChannel::unacknowledged_bytes() const noexcept {
    int bytes = 0;
    return ::ioctl(fd(), SIOCOUTQ, &bytes) == 0 && bytes > 0 ? std::size_t(bytes) : 0;
}

}  // namespace c2d
