// What a peer says of its inputs: any bytes are decoded or refused, and what is decoded is of exactly the tokens that
// the job has of the peer, and encodes to digests of the same.
#include "fuzz/fuzz.hpp"
#include "provider/inputs/input_digests.hpp"

#include <algorithm>

using namespace c2d;
using fuzz::require;

namespace {

/// Two tokens, as the corpus has them: 32 bytes 01 and 32 bytes 02.
Party peer() {
    Party out;
    out.number = 1;
    for (const std::uint8_t byte : {1, 2}) {
        TokenId dt;
        dt.data.fill(byte);
        out.tables.push_back(dt);
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Party party = peer();
    const BytesView bytes(data, size);
    const auto read = provider::decode_input_digests(party, bytes);
    if (!read.ok()) return 0;
    require(read->size() == party.tables.size(), "a digest for each token");
    for (const auto& dt : party.tables)
        require(std::ranges::count(*read, dt, &ReceiptInputDigest::dt) == 1, "each token once");
    const Bytes again = provider::encode_input_digests(*read);
    require(std::ranges::equal(again, bytes), "it encodes to what was there");
    return 0;
}
