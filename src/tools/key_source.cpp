#include "tools/key_source.hpp"

#include "base/fail.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"

#include <cstdio>
#include <cstdlib>
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
                    "no password: give --password_file, set C2D_PASSWORD, or run in a terminal");
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

/// What a file says, whose failure names it.
Result<std::string_view> said_in(std::string_view file, const SecretBytes& content) {
    auto text = without_mark(content.text());
    if (!text) return fail(text.status(), "{}: {}", file, text.error().message);
    return text;
}

void remove_line_end(SecretBytes& text) {
    const auto last = text.text().find_last_not_of("\r\n");
    text.shorten(last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

SecretBytes take_secret(char* text) {
    auto taken = SecretBytes::copy_of(text);
    clear_secret(text, taken.size());
    return taken;
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
    if (!source.password_file.empty()) {
        C2D_TRY(auto text, read_secret_file(source.password_file, kKeyFileBytesMax));
        remove_line_end(text);
        C2D_TRY(const auto unmarked, said_in(source.password_file, text));
        return SecretBytes::copy_of(unmarked);
    }
    if (!source.environment_password.empty()) return SecretBytes::copy_of(source.environment_password.text());
    C2D_TRY(auto password, ask("Password: "));
    if (confirm) {
        C2D_TRY(const auto again, ask("Again: "));
        if (again.text() != password.text()) return fail(Status::INVALID_ARGUMENT, "the passwords differ");
    }
    return password;
}

Result<std::shared_ptr<PrivateKey>> load_key(const KeySource& source) {
    if (!source.private_key.empty()) return PrivateKey::from_hex(source.private_key.text());
    if (!source.keystore.empty()) {
        C2D_TRY(const auto document, read_secret_file(source.keystore, kKeyFileBytesMax));
        C2D_TRY(const auto password, read_password(source, false));
        C2D_TRY(const auto text, said_in(source.keystore, document));
        return PrivateKey::from_keystore(text, password.text());
    }
    if (!source.environment_key.empty()) return PrivateKey::from_hex(source.environment_key.text());
    return fail(Status::INVALID_ARGUMENT, "no key: give --keystore FILE, set C2D_PRIVATE_KEY, or give --private_key");
}

}  // namespace c2d::tools
