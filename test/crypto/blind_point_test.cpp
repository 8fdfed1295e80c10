#include "crypto/blind_point.hpp"

#include "crypto/hash.hpp"
#include "support/must.hpp"

#include <secp256k1.h>
#include <set>

using namespace c2d;
using support::must;

namespace {

/// 31 zeros and the byte; then, as often as asked for, something that is no scalar first.
class GivenRandom final : public Random {
public:
    GivenRandom(std::uint8_t last, int bad_first = 0) : last_(last), bad_(bad_first) {}
    Result<Unit> fill(std::span<std::uint8_t> out) override {
        std::fill(out.begin(), out.end(), bad_ > 0 ? std::uint8_t{0xff} : std::uint8_t{0});
        if (bad_-- <= 0) out.back() = last_;
        return Unit{};
    }

private:
    std::uint8_t last_;
    int bad_;
};

BlindingScalar scalar(std::uint8_t value) {
    GivenRandom random(value);
    return must(BlindingScalar::draw(random));
}

CurvePoint point_of(std::string_view hex) { return must(CurvePoint::from(must(parse_hex(hex)))); }

// The generator and its double (SEC 2; also the coordinates of the public keys 1 and 2).
constexpr std::string_view kOne =
    "79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798"
    "483ada7726a3c4655da4fbfc0e1108a8fd17b448a68554199c47d08ffb10d4b8";
constexpr std::string_view kTwo =
    "c6047f9441ed7d6d3045406e95c07cd85c778e4b8cef3ca7abac09b95c709ee5"
    "1ae168fea63dc339a3c58419466ceaeef7f632653266d0e1236431a950cfe52a";

}  // namespace

TEST_CASE("blind points: multiples are those of the curve, and the order does not matter") {
    CHECK(must(scalar(2).times(point_of(kOne))) == point_of(kTwo));
    CHECK(must(scalar(1).times(point_of(kTwo))) == point_of(kTwo));
    const CurvePoint start = hash_to_curve({}, as_bytes("4400123"));
    CHECK(must(scalar(5).times(must(scalar(7).times(start)))) == must(scalar(7).times(must(scalar(5).times(start)))));
    CHECK(must(scalar(5).times(start)) != must(scalar(7).times(start)));
}

TEST_CASE("blind points: numbers that are no scalars are drawn again") {
    GivenRandom random(2, 3);
    CHECK(must(must(BlindingScalar::draw(random)).times(point_of(kOne))) == point_of(kTwo));
}

TEST_CASE("blind points: what is no point is refused") {
    CurvePoint off = point_of(kOne);
    off.data[63] ^= 1;
    for (const CurvePoint& bad : {off, CurvePoint{}}) {
        const auto product = scalar(3).times(bad);
        CHECK(product.status() == Status::PEER);
    }
}

TEST_CASE("blind points: an id's point is the first x of its hashes that has one") {
    const Bytes32 label = sha256(as_bytes("label"));
    std::set<Bytes> points;
    int tries = 0;
    for (std::uint32_t id = 0; id < 200; ++id) {
        const std::string text = std::to_string(id);
        const CurvePoint found = hash_to_curve(label, as_bytes(text));
        points.insert(Bytes(found.data.begin(), found.data.end()));
        CHECK((found.data[63] & 1) == 0);
        for (std::uint8_t counter = 0;; ++counter, ++tries) {
            Bytes input(label.data.begin(), label.data.end());
            input.insert(input.end(), {0, 0, 0, counter});
            input.insert(input.end(), text.begin(), text.end());
            std::uint8_t compressed[33] = {0x02};
            const Bytes32 x = sha256(input);
            std::copy(x.data.begin(), x.data.end(), compressed + 1);
            secp256k1_pubkey point;
            if (secp256k1_ec_pubkey_parse(secp256k1_context_static, &point, compressed, 33) != 1) continue;
            CHECK(std::equal(x.data.begin(), x.data.end(), found.data.begin()));
            break;
        }
    }
    CHECK(points.size() == 200);
    CHECK(tries > 100);  // half of all x have none
    CHECK(hash_to_curve(label, as_bytes("1")) != hash_to_curve({}, as_bytes("1")));
}
