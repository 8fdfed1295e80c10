// Sealed artifacts, packages and tombstones, as they may stand on a disk: any bytes are read or refused; what is read
// of a header is what would be written again, and a package holds nothing but what it says.
#include "artifact/package.hpp"
#include "artifact/sealed_file.hpp"
#include "artifact/values.hpp"
#include "fuzz/fuzz.hpp"

#include <algorithm>

using namespace c2d;
using fuzz::require;

namespace {

void check_file(BytesView file) {
    const auto header = artifact::read_header(file);
    if (!header) return;
    require(header->bytes <= file.size(), "a header ends within its file");
    require(!header->artifact.destroyed, "what is sealed is there");
    require(artifact::artifact_from(std::string_view(header->artifact.to_json())).ok(),
            "what is said of it is read again");
    const Bytes key(32, 5);
    const auto package = artifact::open_file(key, file);
    if (package) require(package->size() == header->artifact.bytes, "what opens is what the header names");
}

void check_package(BytesView bytes) {
    const auto package = artifact::decode_package(bytes);
    if (!package) return;
    require(std::ranges::equal(artifact::encode_package(*package).view(), bytes),
            "a package is written as it was read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_file({data, size});
    check_package({data, size});
    const auto tombstone = read_tombstone(fuzz::text_of(data, size));
    if (tombstone) require(tombstone->artifact.destroyed.has_value(), "a tombstone says when");
    return 0;
}
