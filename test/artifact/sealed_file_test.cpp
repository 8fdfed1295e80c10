#include "artifact/sealed_file.hpp"

#include "artifact/support.hpp"
#include "crypto/hash.hpp"

#include <algorithm>

using namespace c2d;
using support::must;

namespace {

const Bytes kDataKey(32, 5);

Artifact artifact_over(BytesView package) {
    Artifact out = test::draft_of(12, 1);
    out.sha256 = sha256(package);
    out.bytes = package.size();
    out.created = 1'800'000'000;
    return out;
}

}  // namespace

TEST_CASE("a sealed file tells what it is, and opens under its key alone") {
    const auto package = as_bytes("the package");
    const Bytes file = artifact::seal_file(kDataKey, artifact_over(package), package);
    const auto header = must(artifact::read_header(file));
    CHECK(header.artifact.to_json() == artifact_over(package).to_json());
    CHECK(as_text(must(artifact::open_file(kDataKey, file)).view()) == "the package");
    CHECK(artifact::open_file(Bytes(32, 6), file).status() == Status::CORRUPT);
    CHECK(std::search(file.begin(), file.end(), package.begin(), package.end()) == file.end());
}

TEST_CASE("no byte of a sealed file can be altered, its header included") {
    const auto package = as_bytes("the package");
    const Bytes file = artifact::seal_file(kDataKey, artifact_over(package), package);
    for (std::size_t at = 0; at < file.size(); ++at) {
        Bytes altered = file;
        altered[at] ^= 1;
        CHECK_FALSE(artifact::open_file(kDataKey, altered).ok());
        CHECK_FALSE(artifact::open_file(kDataKey, BytesView(file).first(at)).ok());
    }
}

TEST_CASE("a package that is not the header's is corrupt, under the right key too") {
    const Bytes file = artifact::seal_file(kDataKey, artifact_over(as_bytes("the package")), as_bytes("the packagE"));
    CHECK(artifact::open_file(kDataKey, file).status() == Status::CORRUPT);
}

TEST_CASE("a file of version 1 as it was released is read") {
    // Made by another program (AESGCM of the Python package `cryptography`) of docs/formats.md, under the key of 32
    // bytes 5.
    const Bytes file = must(parse_hex(support::read_text(C2D_SOURCE_DIR "/test/artifact/data/version_1.hex")));
    const auto header = must(artifact::read_header(file));
    CHECK(header.artifact.name == "model");
    CHECK(header.artifact.job_id == 12);
    CHECK(as_text(must(artifact::open_file(kDataKey, file)).view()) == "the package");
}

TEST_CASE("a later version is said to be one") {
    Bytes file = artifact::seal_file(kDataKey, artifact_over({}), {});
    file[7] = 2;
    CHECK(artifact::read_header(file).status() == Status::UNSUPPORTED);
}
