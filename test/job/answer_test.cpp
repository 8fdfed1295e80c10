/// What a provider signs of an answer, byte by byte.
#include "job/answer.hpp"
#include "job/vector_network.hpp"
#include "support/doubles.hpp"

#include <c2d/request.hpp>

#include <algorithm>

using namespace c2d;
using support::filled;
using support::must;
using support::vector_network;

namespace {

// Of test/job/request_test.cpp's request. These two come from test/e2e/answers.py, which shares
// nothing with the library.
const Bytes32 kRequest = *parse_bytes32("0x221d3b57a438fe63973e3452f1e383561fb941bad94cd31f5bd55badd6fd3d2a");
constexpr std::string_view kBody = R"({"verdict":"accepted"})";
constexpr const char* kDigest = "0x6bbc07c09e03a3372a9a7981717c517dacf2f3dbd291f4b82cd7920e69233a8c";
const std::string kField = "qgrZL1anR4aMIzEjfouyQnzHoAkpwdZs7usLgpXqFUF5hKcTN_aGFgXA9g8jVpovNiHk892lkOSYxuM5WojbGgA";

std::shared_ptr<PrivateKey> key() { return must(PrivateKey::from_bytes(Bytes(32, 1))); }

}  // namespace

TEST_CASE("the digest is that of EIP-712, the field the base64url of its signature") {
    CHECK(hex_text(job::answer_digest(kRequest, 200, kBody, vector_network())) == kDigest);
    CHECK(must(job::sign_answer(kRequest, 200, kBody, vector_network(), *key())) == kField);
    CHECK(must(job::answer_signer(kField, kRequest, 200, kBody, vector_network())) == key()->address());
    // v 27 for 0.
    const auto other_form = kField.substr(0, 84) + "Ghs";
    CHECK(must(job::answer_signer(other_form, kRequest, 200, kBody, vector_network())) == key()->address());
}

TEST_CASE("request, status, body and network count") {
    std::vector<Bytes32> digests = {job::answer_digest(kRequest, 200, kBody, vector_network())};
    auto other_request = kRequest;
    other_request.data[31] ^= 1;
    digests.push_back(job::answer_digest(other_request, 200, kBody, vector_network()));
    digests.push_back(job::answer_digest(kRequest, 206, kBody, vector_network()));
    digests.push_back(job::answer_digest(kRequest, 200, std::string(kBody) + " ", vector_network()));
    auto other_network = vector_network();
    other_network.salt.data[0] ^= 1;
    digests.push_back(job::answer_digest(kRequest, 200, kBody, other_network));
    std::ranges::sort(digests);
    CHECK(std::ranges::adjacent_find(digests) == digests.end());
}

TEST_CASE("a field over anything else names another signer, and one that is none names nobody") {
    CHECK(job::answer_signer(kField, kRequest, 403, kBody, vector_network()).value_or(Address()) != key()->address());
    CHECK(job::answer_signer(kField, kRequest, 200, "{}", vector_network()).value_or(Address()) != key()->address());
    for (const auto& field : {std::string(), std::string("x"), kField.substr(1), kField + "A", kField + "=",
                              std::string(87, '!'), std::string(87, 'A'), std::string(100'000, 'A')}) {
        INFO(field);
        CHECK(job::answer_signer(field, kRequest, 200, kBody, vector_network()).status() == Status::INVALID_ARGUMENT);
    }
}
