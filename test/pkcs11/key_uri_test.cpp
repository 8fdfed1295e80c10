#include "pkcs11/key_uri.hpp"

#include "support/must.hpp"

#include <c2d/pkcs11_key.hpp>

using namespace c2d;
using namespace c2d::pkcs11;
using support::must;

TEST_CASE("pkcs11 uri: what p11tool lists, with a module and a file for the PIN") {
    const auto uri = must(
        parse_key_uri("pkcs11:model=SoftHSM%20v2;manufacturer=SoftHSM%20project;serial=0a1b;token=bank%3bA;id=%01%A2;"
                      "object=k%C3%B6y;type=private?module-path=/usr/lib/a%20b.so&pin-source=file:/etc/c2d/pin"));
    CHECK(uri.model == "SoftHSM v2");
    CHECK(uri.manufacturer == "SoftHSM project");
    CHECK(uri.serial == "0a1b");
    CHECK(uri.token == "bank;A");
    CHECK(uri.id == Bytes{0x01, 0xa2});
    CHECK(uri.object == "k\xc3\xb6y");
    CHECK(uri.module_path == "/usr/lib/a b.so");
    CHECK(uri.pin_file == "/etc/c2d/pin");
    CHECK(!uri.slot_id);
}

TEST_CASE("pkcs11 uri: the scheme in any case, slots by number, files with an empty host") {
    CHECK(is_pkcs11_uri("pkcs11:"));
    CHECK(is_pkcs11_uri("PKCS11:object=k"));
    CHECK(!is_pkcs11_uri("pkcs11"));
    CHECK(!is_pkcs11_uri("./pkcs11:x"));
    const auto uri = must(parse_key_uri("PKCS11:slot-id=4294967296;object=k?pin-source=file:///pin&module-path=/m"));
    CHECK(uri.slot_id == std::uint64_t(4294967296));
    CHECK(uri.pin_file == "/pin");
    CHECK(name_of_key(uri) == "key \"k\" on the PKCS#11 token of /m");
}

TEST_CASE("pkcs11 uri: what would not be honoured is refused, and values are not told") {
    struct Case {
        const char *uri, *words;
    };
    const Case cases[] = {
        {"token=t?module-path=/m", "which key?"},
        {"object=k", "which module?"},
        {"object=k?module-path=secret.so", "absolute path"},
        {"object=k?module-name=secret", "module-path"},
        {"object=k?module-path=/m&pin-value=secret", "a PIN stands in no URI"},
        {"object=k?module-path=/m&pin-source=secret", "file:/etc/c2d/pin"},
        {"object=k?module-path=/m&pin-source=file:secret", "file:/etc/c2d/pin"},
        {"object=k?module-path=/m&pin-source=file://secret/pin", "file:/etc/c2d/pin"},
        {"object=k?module-path=/m&pin-source=%7csecret", "file:/etc/c2d/pin"},
        {"object=k;vendor-secret=1?module-path=/m", "the attribute vendor-secret would not be honoured"},
        {"object=k;library-version=2?module-path=/m", "the attribute library-version would not be honoured"},
        {"object=k;object=secret?module-path=/m", "object stands twice"},
        {"object=k;type=secret?module-path=/m", "type is private"},
        {"object=k;slot-id=-1?module-path=/m", "slot-id"},
        {"object=k;slot-id=1secret?module-path=/m", "slot-id"},
        {"object=k;pin-source=file:/p?module-path=/m", "pin-source stands after the ?"},
        {"object=k?module-path=/m&token=secret", "token stands before the ?"},
        {"object=?module-path=/m", "a value is empty"},
        {"object=a%00secret?module-path=/m", "a zero byte"},
        {"object=%4?module-path=/m", "two hexadecimal digits"},
        {"object=%+1?module-path=/m", "two hexadecimal digits"},
        {"object=my secret?module-path=/m", "written as %"},
        {"object?module-path=/m", "name=value"},
        {"id=?module-path=/m", "1 to 255 bytes"},
    };
    for (const auto& refusal : cases) {
        const char *const uri = refusal.uri, *const words = refusal.words;
        CAPTURE(uri);
        const auto refused = parse_key_uri(std::string("pkcs11:") + uri);
        REQUIRE(!refused.ok());
        CHECK(refused.status() == Status::INVALID_ARGUMENT);
        CHECK(refused.error().message.find(words) != std::string::npos);
        if (std::string_view(uri).find("vendor") == std::string_view::npos)
            CHECK(refused.error().message.find("secret") == std::string::npos);
    }
    CHECK(!parse_key_uri("pkcs11:object=" + std::string(5000, 'k') + "?module-path=/m").ok());
    CHECK(!parse_key_uri("file:object=k?module-path=/m").ok());
}
