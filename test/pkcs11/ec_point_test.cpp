#include "pkcs11/ec_point.hpp"

#include "support/must.hpp"

#include <c2d/key.hpp>

using namespace c2d;
using namespace c2d::pkcs11;
using support::must;

namespace {

Bytes joined(Bytes front, const Bytes& back) {
    front.insert(front.end(), back.begin(), back.end());
    return front;
}

}  // namespace

TEST_CASE("pkcs11 point: wrapped or bare, long or compressed, it is the same key") {
    const auto key = must(PrivateKey::from_hex("5c25a2fb9b5427bbe8b68b4ddc0655ae7621f87a147a489b1337ca166bca0173"));
    const auto point = key->public_key();
    Bytes compressed = {std::uint8_t(0x02 + point[64] % 2)};
    compressed.insert(compressed.end(), point.begin() + 1, point.begin() + 33);
    for (const auto& value : {joined({0x04, 65}, point), joined({0x04, 33}, compressed), point, compressed})
        CHECK(must(read_ec_point(value)) == point);

    auto off_the_curve = point, hybrid = point;
    off_the_curve[64] ^= 1;
    hybrid[0] = std::uint8_t(0x06 + point[64] % 2);
    Bytes at_infinity = {0x04, 1, 0};
    const Bytes bare_x_and_y(point.begin() + 1, point.end());
    for (const auto& value :
         {Bytes(), Bytes{0x04}, joined({0x03, 65}, point), joined({0x04, 66}, point), joined({0x04, 0x81, 65}, point),
          joined(point, {0}), off_the_curve, hybrid, at_infinity, bare_x_and_y, Bytes(67, 0x04)}) {
        CAPTURE(hex_text(value));
        const auto refused = read_ec_point(value);
        CHECK(refused.status() == Status::INVALID_ARGUMENT);
    }
}

TEST_CASE("pkcs11 point: one curve") {
    CHECK(is_secp256k1(Bytes{0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a}));
    CHECK(!is_secp256k1(Bytes{0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22}));
    CHECK(!is_secp256k1(Bytes{0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a, 0x00}));
    CHECK(!is_secp256k1({}));
}
