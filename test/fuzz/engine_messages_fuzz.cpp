// What operator and engine read of each other: whatever comes is read as a message that is written again byte by byte,
// or refused with a reason. The first byte chooses which.
#include "fuzz/fuzz.hpp"
#include "mpc/align/request.hpp"
#include "mpc/engine/message.hpp"

using namespace c2d;
using namespace c2d::mpc;
using fuzz::require;

namespace {

void check_call(BytesView bytes) {
    const auto sent = engine::decode_call(bytes);
    if (!sent) return require(!sent.error().message.empty(), "a refusal has a reason");
    Call call = sent->call;
    call.data = sent->data ? &*sent->data : nullptr;
    call.bytes = sent->bytes;
    require(engine::encode_call(call, sent->tensors, sent->released) == Bytes(bytes.begin(), bytes.end()),
            "a call is what was sent");
}

void check_align(BytesView bytes) {
    const auto request = align_detail::decode_request(bytes);
    if (!request) return require(!request.error().message.empty(), "a refusal has a reason");
    require(align_detail::encode_request(request->views(), request->options) == Bytes(bytes.begin(), bytes.end()),
            "a request is what was sent");
}

void check_alignment(BytesView bytes) {
    const auto found = align_detail::decode_alignment(bytes);
    if (!found) return require(!found.error().message.empty(), "a refusal has a reason");
    require(align_detail::encode_alignment(*found) == Bytes(bytes.begin(), bytes.end()), "an answer is what was sent");
}

template <class Sent>
void check(const Result<Sent>& sent) {
    if (!sent) require(!sent.error().message.empty(), "a refusal has a reason");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const BytesView rest(data + 1, size - 1);
    switch (data[0] % 6) {
        case 0: check_call(rest); break;
        case 1: check(engine::decode_reply(rest)); break;
        case 2: check(engine::decode_failure(rest)); break;
        case 3: check(engine::decode_progress(rest)); break;
        case 4: check_align(rest); break;
        default: check_alignment(rest); break;
    }
    return 0;
}
