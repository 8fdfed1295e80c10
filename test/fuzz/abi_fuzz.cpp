#include "codec/abi.hpp"
#include "crypto/hash.hpp"
#include "fuzz/fuzz.hpp"

using namespace c2d;
using fuzz::require;

namespace {

constexpr const char* kSignatures[] = {
    "f(uint256)",
    "f(bool,uint8,address,bytes32)",
    "f(string,string)",
    "f(bytes)",
    "f(string[])",
    "f(bytes32[],address[],address[],bytes32[],bool[],string[],uint256[])",
    "f(address,string,string,uint256,uint256[])",
    "f(uint64,bytes[],bool)",
};

/// An event of the same parameters whose first one is indexed.
void check_event(const char* signature, BytesView data) {
    const auto types = *abi::parse_signature(signature);
    abi::Event event{signature, std::vector<bool>(types.size())};
    event.indexed[0] = true;
    std::vector<Bytes32> topics = {abi::encode_event({"f()", {}}, {}).topics[0]};
    require(!abi::decode_event(event, topics, data).ok(), "an event has its own number of topics");
    if (data.size() < 32) return;
    topics[0] = keccak256(signature);
    topics.push_back(*Bytes32::from(data.first(32)));
    (void)abi::decode_event(event, topics, data.subspan(32));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const char* const signature = kSignatures[data[0] % std::size(kSignatures)];
    const auto types = abi::parse_signature(signature);
    require(types.ok(), "the signature is one");
    const BytesView rest(data + 1, size - 1);
    check_event(signature, rest);
    const auto values = abi::decode(*types, rest);
    if (!values.ok()) {
        require(values.status() == Status::CORRUPT, "bad data is corrupt");
        return 0;
    }
    const auto encoded = abi::encode(*types, *values);
    const auto again = abi::decode(*types, encoded);
    require(again.ok() && *again == *values, "what is encoded decodes");
    require(abi::encode(*types, *again) == encoded, "values have one encoding");
    // Each parameter may share an offset or a length with another, but never its content.
    require(encoded.size() <= rest.size() + 64 * (types->size() + rest.size() / 32), "little data makes few values");

    abi::Event event{signature, std::vector<bool>(types->size())};
    const auto as_event = abi::encode_event(event, *values);
    const auto from_event = abi::decode_event(event, as_event.topics, as_event.data);
    require(from_event.ok() && *from_event == *values, "an event gives its values back");
    return 0;
}
