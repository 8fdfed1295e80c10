// Kept shares as they stand in an artifact, and as provider and engine hand them to each other: any bytes are read or
// refused, and what is read is what would be written again.
#include "base/kept_region.hpp"
#include "fuzz/fuzz.hpp"
#include "mpc/core/kept_record.hpp"

#include <algorithm>

using namespace c2d;
using fuzz::require;

namespace {

void check_record(BytesView bytes) {
    const auto record = mpc::decode_kept(bytes);
    if (!record) return;
    require(std::ranges::equal(mpc::encode_kept(*record), bytes), "a record is written as it was read");
    require(record->party < mpc::kParties, "a record is a party's");
    const std::size_t components = record->backend == mpc::BackendKind::rep3 ? 2 : 1;
    require(record->tensor.shares.size() == record->tensor.rows * record->tensor.cols * 8 * components,
            "there is a share of each element");
}

void check_region(BytesView bytes) {
    const auto records = read_kept_region(bytes);
    if (!records) return;
    const std::size_t size = kept_region_bytes(*records);
    require(size <= bytes.size(), "records end within their region");
    Bytes again(size);
    require(write_kept_region(*records, again), "what is read is written");
    require(std::ranges::equal(again, bytes.first(size)), "a region is written as it was read");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_record({data, size});
    check_region({data, size});
    return 0;
}
