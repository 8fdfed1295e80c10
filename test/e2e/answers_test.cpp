// Which answers a provider signs: those to requests whose signature held, whatever it says to them.

#include "e2e/refusal.hpp"
#include "job/answer.hpp"
#include "job/envelope.hpp"

#include <fmt/format.h>

namespace c2d::test {

namespace {

struct Signed : World {
    Deal deal_now = deal();

    job::EnvelopeContext context() {
        return {chain().network(), bank_a->address(), Clock::system()->now_seconds(), false};
    }
    bool is_by_bank_a(const HttpResponse& answer, const Envelope& envelope) {
        const auto field = answer.header(job::kAnswerHeader);
        const auto signer = job::answer_signer(field, envelope.digest, answer.status, answer.body, chain().network());
        return signer && *signer == bank_a->address();
    }
    /// Posts a body; whether the answer is signed over it. One of another status fails the test.
    bool post_signed(std::string_view route, Method method, const std::string& body, int status) {
        const auto answer = post(route, body);
        CHECK_MESSAGE(answer.status == status, answer.body);
        Envelope envelope;
        CHECK(job::open_body(context(), method, body, envelope).accepted());
        return is_by_bank_a(answer, envelope);
    }
    bool get_signed(const std::string& target, Method method, const std::string& authorization, int status) {
        const auto answer = get(target, authorization);
        CHECK_MESSAGE(answer.status == status, answer.body);
        Envelope envelope;
        CHECK(job::open_authorization(context(), method, authorization, envelope).accepted());
        return is_by_bank_a(answer, envelope);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Signed, "signed: every answer to a request whose signature held") {
    const auto verify = sign(company, about(Method::verify, deal_now));
    CHECK(post_signed("/v1/verify", Method::verify, verify, 200));
    CHECK(post_signed("/v1/verify", Method::verify, verify, 409));  // replayed
    CHECK(post_signed("/v1/verify", Method::verify, sign(outsider, about(Method::verify, deal_now)), 403));
    Terms refused;
    refused.arguments = R"({"rows":10})";
    const Deal bad = deal(refused);
    CHECK(post_signed("/v1/verify", Method::verify, sign(company, about(Method::verify, bad)), 403));
    CHECK(post_signed("/onPremiseCompute", Method::onPremiseCompute,
                      sign(company, about(Method::onPremiseCompute, deal_now)), 200));
    for (const auto& [method, suffix] :
         {std::pair{Method::status, ""}, {Method::log, "/log"}, {Method::result, "/result"}}) {
        const auto at = fmt::format("/v1/jobs/{}{}", deal_now.job, suffix);
        CHECK(get_signed(at, method, header(company, about(method, deal_now)), 200));
        CHECK(get_signed(at, method, header(outsider, about(method, deal_now)), 403));
    }
    CHECK(get_signed(fmt::format("/v1/jobs/{}/result/none", deal_now.job), Method::result,
                     header(company, about(Method::result, deal_now)), 404));
    node->down = true;
    CHECK(post_signed("/v1/verify", Method::verify, sign(company, about(Method::verify, deal_now)), 503));
    node->down = false;
}

TEST_CASE_FIXTURE(Signed, "unsigned: whatever is said before the signature holds") {
    const auto verify = sign(company, about(Method::verify, deal_now));
    const auto check_unsigned = [](const HttpResponse& answer, int status) {
        CHECK_MESSAGE(answer.status == status, answer.body);
        CHECK(answer.header(job::kAnswerHeader).empty());
    };
    check_unsigned(post("/v1/verify", "{"), 400);
    check_unsigned(post("/v1/verify", verify.substr(0, verify.size() - 10)), 400);
    check_unsigned(post("/v1/verify", sign(company, about(Method::verify, deal_now), -4000)), 401);
    auto elsewhere = about(Method::verify, deal_now);
    elsewhere.audience = bank_b->address();
    check_unsigned(post("/v1/verify", sign(company, elsewhere)), 401);
    auto forged = must(json::parse(verify));
    forged.set("signer", address_text(bank_b->address()));
    check_unsigned(post("/v1/verify", json::compact(forged)), 401);
    check_unsigned(post("/v1/nowhere", verify), 404);
    check_unsigned(get("/v1/jobs"), 400);
    check_unsigned(get("/healthz"), 200);
}

}  // namespace c2d::test
