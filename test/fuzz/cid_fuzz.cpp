#include "codec/cid.hpp"
#include "fuzz/fuzz.hpp"

using namespace c2d;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto text = fuzz::text_of(data, size);
    const BytesView content(data, size);

    if (const auto cid = parse_cid(text); cid.ok()) {
        const auto written = cid_text(*cid);
        require(text[0] == 'z' || written == text, "a content id has one text in each base");
        const auto again = parse_cid(written);
        require(again.ok() && *again == *cid, "a content id reads back");
        require(!cid_matches(*cid, content), "no text is its own content");
    }
    if (const auto bytes = base58_decode(text); bytes.ok())
        require(base58_encode(*bytes) == text, "bytes have one base58 text");
    if (size <= 128) {
        const auto bytes = base58_decode(base58_encode(content));
        require(bytes.ok() && std::equal(bytes->begin(), bytes->end(), data, data + size), "base58 reads back");
    }
    require(cid_matches(cid_v0(content), content), "content matches its version 0 id");
    require(cid_matches(cid_v1(content), content), "content matches its version 1 id");
    return 0;
}
