#include "fuzz/fuzz.hpp"
#include "pkcs11/ec_point.hpp"

#include <algorithm>

using namespace c2d;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView value(data, size);
    (void)pkcs11::is_secp256k1(value);
    const auto point = pkcs11::read_ec_point(value);
    if (!point.ok()) {
        require(point.status() == Status::INVALID_ARGUMENT, "whatever is no point is an invalid argument");
        return 0;
    }
    require(point->size() == 65 && (*point)[0] == 0x04, "a point comes uncompressed");
    require(std::search(data, data + size, point->begin() + 1, point->begin() + 33) != data + size, "x is as given");
    const auto again = pkcs11::read_ec_point(*point);
    require(again.ok() && *again == *point, "a point reads back");
    return 0;
}
