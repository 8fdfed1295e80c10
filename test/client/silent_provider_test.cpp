/// A provider that does not answer: the others' parts are shown, and what goes on is waited for.
#include "base/fail.hpp"
#include "client/bank.hpp"

#include <algorithm>

using namespace c2d;
using support::Bank;
using support::Banks;
using support::must;

namespace {

struct Silent : Banks {
    std::shared_ptr<Bank> bank = std::make_shared<Bank>(*this);
    std::vector<JobPart> leaves = must(client(bank).status(job));
    TokenId first = leaves.at(0).dt, second = leaves.at(1).dt;
    std::vector<std::string> told;

    Result<std::vector<JobPart>> wait() {
        return client(bank).wait(
            job, [this](std::uint64_t, std::uint64_t, std::string_view line) { told.emplace_back(line); });
    }
    /// Every part runs when it is asked first, and has succeeded later.
    void end_later() {
        bank->before_signing = [this](HttpResponse& response) {
            auto body = must(json::parse(response.body));
            if (++answers_ > 2) body.set("state", "succeeded");
            response.body = json::compact(body);
        };
    }

private:
    unsigned answers_ = 0;
};

Error down() { return fail(Status::UNAVAILABLE, "bank-a.example cannot be reached"); }

}  // namespace

TEST_CASE_FIXTURE(Silent, "the parts at other providers are shown beside one that does not answer") {
    for (const auto status : {Status::UNAVAILABLE, Status::TIMEOUT}) {
        bank->silent = [&](const TokenId& dt) {
            return dt == first ? std::optional<Error>(fail(status, "nothing")) : std::nullopt;
        };
        const auto parts = must(client(bank).status(job));
        REQUIRE(parts.size() == 2);
        CHECK(parts[0].dt == first);
        CHECK(parts[0].state == "unknown");
        REQUIRE(parts[0].unanswered.has_value());
        CHECK(parts[0].unanswered->status == status);
        CHECK(!parts[0].ended());
        CHECK(parts[1].state == "running");
        CHECK(!parts[1].unanswered);
    }
    // A refusal is an answer.
    bank->silent = [&](const TokenId& dt) {
        return dt == first ? std::optional<Error>(fail(Status::CORRUPT, "nonsense")) : std::nullopt;
    };
    CHECK(client(bank).status(job).status() == Status::CORRUPT);
}

TEST_CASE_FIXTURE(Silent, "where no provider answers there is nothing to show or wait for") {
    bank->silent = [](const TokenId&) { return down(); };
    CHECK(client(bank).status(job).status() == Status::UNAVAILABLE);
    CHECK(wait().status() == Status::UNAVAILABLE);
}

TEST_CASE_FIXTURE(Silent, "a provider that is down for a while is waited for, and named") {
    end_later();
    unsigned questions = 0;
    // It answers the first question, then not, and then again.
    bank->silent = [&](const TokenId& dt) {
        if (dt != first) return std::optional<Error>();
        ++questions;
        return questions > 1 && questions < 4 ? std::optional(down()) : std::nullopt;
    };
    const auto parts = must(wait());
    CHECK(std::ranges::all_of(parts, &JobPart::ended));
    CHECK(std::ranges::none_of(parts, [](const JobPart& part) { return part.unanswered.has_value(); }));
    const auto silence = std::ranges::find_if(
        told, [](const std::string& line) { return line.find("running, does not answer (unavailable)") != line.npos; });
    CHECK(silence != told.end());
}

TEST_CASE_FIXTURE(Silent, "a registered job is started by who waits for it, whatever answers are lost") {
    end_later();
    bank->unstarted = {first, second};
    SUBCASE("all answer") {}
    SUBCASE("the first answer is lost, so the second part was not asked for") {
        bank->lost = [&](const TokenId& dt) { return dt == first; };
    }
    SUBCASE("the last answer is lost, so nothing is left to ask for") {
        bank->lost = [&](const TokenId& dt) { return dt == second; };
    }
    SUBCASE("a provider is down for a while") {
        unsigned questions = 0;
        bank->silent = [&, questions](const TokenId& dt) mutable {
            if (dt != second) return std::optional<Error>();
            ++questions;
            return questions > 1 && questions < 4 ? std::optional(down()) : std::nullopt;
        };
    }
    const auto parts = must(client(bank).wait_with_attempts(job));
    CHECK(parts.size() == 2);
    CHECK(std::ranges::all_of(parts, [](const JobPart& part) { return part.state == "succeeded"; }));
    // Each once.
    CHECK(bank->started == std::vector<TokenId>{first, second});
}

TEST_CASE_FIXTURE(Silent, "a refusal ends the start, and nobody is asked again") {
    bank->unstarted = {first, second};
    bank->before_signing = [this](HttpResponse& response) {
        if (bank->started.size() == 1) response = {403, "application/json", R"({"error":{"code":"grant_missing"}})"};
    };
    CHECK(client(bank).wait_with_attempts(job).status() == Status::REFUSED);
    CHECK(bank->started.size() == 1);
}

TEST_CASE_FIXTURE(Silent, "what was known of a part stays when its provider is gone at the end") {
    end_later();
    unsigned questions = 0;
    bank->silent = [&](const TokenId& dt) {
        if (dt != first) return std::optional<Error>();
        return ++questions > 2 ? std::optional(down()) : std::nullopt;
    };
    const auto parts = must(wait());
    CHECK(parts[0].state == "succeeded");
    CHECK(std::ranges::all_of(parts, &JobPart::ended));
}

TEST_CASE_FIXTURE(Silent, "a part that turns out to be hidden from us is not waited for") {
    end_later();
    unsigned questions = 0;
    bool asks_first = false;
    bank->silent = [&](const TokenId& dt) {
        asks_first = dt == first;
        return asks_first && ++questions == 1 ? std::optional(down()) : std::nullopt;
    };
    bank->before_signing = [&, before = bank->before_signing](HttpResponse& response) {
        if (asks_first)
            response = {403, "application/json", R"({"error":{"code":"not_permitted"}})"};
        else
            before(response);
    };
    const auto parts = must(wait());
    REQUIRE(parts.size() == 1);
    CHECK(parts[0].dt != first);
}
