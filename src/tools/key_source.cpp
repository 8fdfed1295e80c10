#include "tools/key_source.hpp"

#include "base/fail.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"

#include <cstdio>
#include <cstdlib>
#include <optional>
#include <termios.h>
#include <unistd.h>

namespace c2d::tools {

namespace {

constexpr std::size_t kKeyFileBytesMax = 65536;
constexpr std::size_t kPasswordBytesMax = 4096;

/// Reads a line, byte by byte: a stream's buffer would keep it.
SecretBytes read_line(int fd) {
    SecretBytes line(kPasswordBytesMax);
    std::size_t length = 0;
    for (char c = 0; length < line.size() && ::read(fd, &c, 1) == 1 && c != '\n';)
        line.span()[length++] = std::uint8_t(c);
    line.shorten(length);
    return line;
}

/// Reads a line from the terminal without showing it.
Result<SecretBytes> ask(const char* prompt) {
    if (!isatty(STDIN_FILENO))
        return fail(Status::INVALID_ARGUMENT,
                    "no password or PIN: give --password_file, set C2D_PASSWORD, or run in a terminal");
    termios shown{};
    tcgetattr(STDIN_FILENO, &shown);
    termios hidden = shown;
    hidden.c_lflag &= ~tcflag_t(ECHO);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    std::fputs(prompt, stderr);
    auto password = read_line(STDIN_FILENO);
    std::fputc('\n', stderr);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    return password;
}

/// The text of a file, whose failure names the file.
Result<std::string_view> text_of_file(std::string_view file, const SecretBytes& content) {
    auto text = without_mark(content.text());
    if (!text) return fail(text.status(), "{}: {}", file, text.error().message);
    return text;
}

/// From the password file, else the environment.
Result<std::optional<SecretBytes>> given_password(const KeySource& source) {
    std::optional<SecretBytes> out;
    if (!source.password_file.empty()) {
        C2D_TRY(out, read_password_file(source.password_file));
    } else if (!source.environment_password.empty()) {
        out = SecretBytes::copy_of(source.environment_password.text());
    }
    return out;
}

/// The key of a PKCS#11 URI; whoever has the PIN is asked only if the token wants one that the URI does not lead to.
Result<std::shared_ptr<Signer>> open_pkcs11_key(const KeySource& source) {
    auto key = Pkcs11Key::open(source.keystore);
    if (!key && key.error().name == "pin_needed") {
        C2D_TRY(auto pin, given_password(source));
        if (!pin) {
            C2D_TRY(pin, ask("PIN: "));
        }
        key = Pkcs11Key::open(source.keystore, pin->text());
    }
    C2D_TRY(auto opened, std::move(key));
    return std::shared_ptr<Signer>(std::move(opened));
}

}  // namespace

SecretBytes take_secret(char* text) {
    auto taken = SecretBytes::copy_of(text);
    clear_secret(text, taken.size());
    return taken;
}

std::string key_place(const Config& config, const std::string& given) {
    return given.empty() || is_pkcs11_uri(given) ? given : config.resolve(given).string();
}

void take_secrets_from_environment(KeySource& source) {
    const auto take = [](const char* name) {
        char* const value = std::getenv(name);
        if (!value) return SecretBytes();
        auto taken = take_secret(value);
        ::unsetenv(name);
        return taken;
    };
    source.environment_key = take("C2D_PRIVATE_KEY");
    source.environment_password = take("C2D_PASSWORD");
}

Result<SecretBytes> read_password(const KeySource& source, bool confirm) {
    C2D_TRY(auto given, given_password(source));
    if (given) return *std::move(given);
    C2D_TRY(auto password, ask("Password: "));
    if (confirm) {
        C2D_TRY(const auto again, ask("Again: "));
        if (again.text() != password.text()) return fail(Status::INVALID_ARGUMENT, "the passwords differ");
    }
    return password;
}

Result<std::shared_ptr<Signer>> load_key(const KeySource& source) {
    if (source.private_key.empty() && is_pkcs11_uri(source.keystore)) return open_pkcs11_key(source);
    C2D_TRY(auto key, load_private_key(source));
    return std::shared_ptr<Signer>(std::move(key));
}

Result<std::shared_ptr<PrivateKey>> load_private_key(const KeySource& source) {
    if (!source.private_key.empty()) return PrivateKey::from_hex(source.private_key.text());
    if (is_pkcs11_uri(source.keystore))
        return fail(Status::UNSUPPORTED,
                    "the secret of a key on a PKCS#11 token cannot be had; the token signs with it");
    if (!source.keystore.empty()) {
        C2D_TRY(const auto document, read_secret_file(source.keystore, kKeyFileBytesMax));
        C2D_TRY(const auto password, read_password(source, false));
        C2D_TRY(const auto text, text_of_file(source.keystore, document));
        return PrivateKey::from_keystore(text, password.text());
    }
    if (!source.environment_key.empty()) return PrivateKey::from_hex(source.environment_key.text());
    return fail(Status::INVALID_ARGUMENT,
                "no key: give --keystore FILE or a pkcs11: URI, set C2D_PRIVATE_KEY, or give --private_key");
}

}  // namespace c2d::tools
