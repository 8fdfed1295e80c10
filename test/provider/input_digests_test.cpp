/// What parties tell each other of their inputs.
#include "provider/inputs/input_digests.hpp"

#include "support/doubles.hpp"

#include <doctest/doctest.h>

using namespace c2d;
using provider::decode_input_digests;
using provider::encode_input_digests;
using provider::InputDigests;
using support::must;
using support::named_id;

namespace {

Party party_of(std::vector<TokenId> tables) { return {1, {}, "", "", std::move(tables)}; }

}  // namespace

TEST_CASE("what a party says of its inputs is of exactly the tokens that the job has of it") {
    const InputDigests inputs{{1, named_id("rows"), named_id("digest of rows")},
                              {1, named_id("labels"), named_id("digest of labels")}};
    const Bytes text = encode_input_digests(inputs);
    REQUIRE(text.size() == 129);
    CHECK(text[0] == 1);
    CHECK(must(decode_input_digests(party_of({named_id("rows"), named_id("labels")}), text)) == inputs);
    CHECK(must(decode_input_digests(party_of({named_id("labels"), named_id("rows")}), text)) == inputs);
    for (const auto& tables : {std::vector<TokenId>{named_id("rows")}, {named_id("rows"), named_id("others")}, {}})
        CHECK(decode_input_digests(party_of(tables), text).status() == Status::PEER);
    // Twice the one is not both.
    const Bytes twice = encode_input_digests({inputs[0], inputs[0]});
    CHECK(decode_input_digests(party_of({named_id("rows"), named_id("labels")}), twice).status() == Status::PEER);
}

TEST_CASE("a party without inputs says so, and what is none is told apart") {
    CHECK(encode_input_digests({}) == Bytes{1});
    CHECK(must(decode_input_digests(party_of({}), Bytes{1})).empty());
    for (const Bytes& text : {Bytes{}, Bytes{0}, Bytes{2}, Bytes(64, 1), Bytes{1, 1}})
        CHECK(decode_input_digests(party_of({}), text).status() == Status::PEER);
    CHECK(decode_input_digests(party_of({named_id("rows")}), Bytes{0}).status() == Status::PEER);
}
