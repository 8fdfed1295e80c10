#include "tools/key_source.hpp"

#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

using namespace c2d;
using namespace c2d::tools;
using support::must;
using support::TempDir;

namespace {

constexpr const char* kSecret = "5c25a2fb9b5427bbe8b68b4ddc0655ae7621f87a147a489b1337ca166bca0173";
constexpr const char* kAddress = "0x7080b17af4b29F621A5Ef3B1802B2a778Af595d0";

std::string address_of(const KeySource& source) { return address_text(must(load_key(source))->address()); }

void write_private(const std::filesystem::path& path, std::string_view text) {
    support::write_text(path, text);
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
}

}  // namespace

TEST_CASE("key source: what was read from the environment is gone from it") {
    std::string key = std::string("C2D_PRIVATE_KEY=") + kSecret, password = "C2D_PASSWORD=correct horse";
    ::putenv(key.data());
    ::putenv(password.data());
    KeySource source;
    take_secrets_from_environment(source);
    CHECK(std::getenv("C2D_PRIVATE_KEY") == nullptr);
    CHECK(std::getenv("C2D_PASSWORD") == nullptr);
    // The memory that /proc shows, not only the variable.
    CHECK(key.find("5c25") == key.npos);
    CHECK(password.find("horse") == password.npos);
    CHECK(address_of(source) == kAddress);
    CHECK(must(read_password(source, false)).text() == "correct horse");
    take_secrets_from_environment(source);
    CHECK(source.environment_key.empty());
}

TEST_CASE("key source: an argument is taken, and overwritten") {
    std::string argument = kSecret;
    KeySource source;
    source.private_key = take_secret(argument.data());
    CHECK(std::ranges::all_of(argument, [](char c) { return c == 0; }));
    CHECK(address_of(source) == kAddress);
}

TEST_CASE("key source: keystore and password file, if nobody else can read them") {
    const TempDir folder;
    KeySource source;
    source.keystore = folder / "key.json";
    source.password_file = folder / "password";
    const auto key = must(PrivateKey::from_hex(kSecret));
    write_private(source.keystore, must(key->to_keystore("correct horse", nullptr, 2)));
    for (const auto* const ending : {"", "\n", "\r\n", "\n\n"}) {
        write_private(source.password_file, std::string("correct horse") + ending);
        CHECK(address_of(source) == kAddress);
    }
    for (const auto& path : {source.keystore, source.password_file}) {
        REQUIRE(::chmod(path.c_str(), 0640) == 0);
        const auto refused = load_key(source);
        REQUIRE(!refused.ok());
        CHECK(refused.error().name == "exposed_file");
        REQUIRE(::chmod(path.c_str(), 0600) == 0);
    }
}

TEST_CASE("key source: a PKCS#11 URI leads to a token, which gives no secret out") {
    KeySource source;
    source.keystore = "pkcs11:object=loans?module-path=/nowhere/module.so";
    CHECK(load_key(source).error().message.find("/nowhere/module.so") != std::string::npos);
    CHECK(load_private_key(source).status() == Status::UNSUPPORTED);
    // The first that is given wins, here as elsewhere.
    source.private_key = SecretBytes::copy_of(kSecret);
    CHECK(address_of(source) == kAddress);
    CHECK(load_private_key(source).ok());
}
