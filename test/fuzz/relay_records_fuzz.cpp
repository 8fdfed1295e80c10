// What one relay tells another: any bytes are taken apart, however they are cut, into the same pieces; payloads are
// views of the input, and what is read encodes to the bytes that were there.
#include "fuzz/fuzz.hpp"
#include "net/relay_record.hpp"

using namespace c2d;
using fuzz::require;

namespace {

/// Everything that was read, with borders of pieces of data forgotten; ends at what is no record.
Bytes read_all(BytesView bytes, std::size_t at_once) {
    RelayRecordReader reader;
    Bytes out;
    while (!bytes.empty()) {
        const std::size_t size = std::min(at_once, bytes.size());
        BytesView part = bytes.first(size);
        bytes = bytes.subspan(size);
        while (const auto piece = reader.next(part)) {
            if (!piece->record) {
                out.push_back(0xff);
                return out;
            }
            require(piece->payload.size() == (piece->record->has_payload() ? piece->record->number : 0),
                    "a piece has as many bytes as it says");
            if (piece->record->has_payload()) {
                out.insert(out.end(), piece->payload.begin(), piece->payload.end());
                continue;
            }
            const auto header = piece->record->encode();
            require(*RelayRecord::decode(header) == *piece->record, "a record encodes to itself");
            out.insert(out.end(), header.begin(), header.end());
        }
        require(part.empty(), "all is read");
    }
    return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView bytes(data, size);
    const Bytes whole = read_all(bytes, std::max<std::size_t>(size, 1));
    require(whole.size() <= size, "nothing is added");
    require(read_all(bytes, 1) == whole && read_all(bytes, 3) == whole, "cuts make no difference");
    return 0;
}
