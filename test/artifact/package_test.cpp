#include "artifact/package.hpp"

#include "support/must.hpp"

using namespace c2d;
using support::must;

namespace {

SecretBytes sample() {
    artifact::Package package;
    package.salt.data[0] = 1;
    package.binding.data[0] = 2;
    package.file = as_bytes("columns");
    package.shares = as_bytes("shares!");
    return artifact::encode_package(package);
}

}  // namespace

TEST_CASE("a package is read as it was written") {
    const auto bytes = sample();
    const auto read = must(artifact::decode_package(bytes.view()));
    CHECK(read.salt.data[0] == 1);
    CHECK(read.binding.data[0] == 2);
    CHECK(as_text(read.file) == "columns");
    CHECK(as_text(read.shares) == "shares!");
}

TEST_CASE("what is no package is corrupt: cut off, longer, with lengths that do not fit") {
    const auto bytes = sample();
    for (std::size_t left = 0; left < bytes.size(); ++left)
        CHECK(artifact::decode_package(bytes.view().first(left)).status() == Status::CORRUPT);
    Bytes other(bytes.view().begin(), bytes.view().end());
    other.push_back(0);
    CHECK(artifact::decode_package(other).status() == Status::CORRUPT);
    other.pop_back();
    other[56] = 0x80;
    CHECK(artifact::decode_package(other).status() == Status::CORRUPT);
    other[56] = 0;
    other[7] = '2';
    CHECK(artifact::decode_package(other).status() == Status::CORRUPT);
}
