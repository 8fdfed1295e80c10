/// What the owner's log is told of the provider's own key.
#include "provider/http/key_watch.hpp"

#include "support/ledger.hpp"

using namespace c2d;
using support::must;

namespace {

constexpr std::uint64_t kDay = 86'400;

struct Book final : Logger {
    void log(LogLevel, std::string_view line) override { lines.emplace_back(line); }
    std::vector<std::string> lines;
};

struct Watched : support::Ledger {
    Watched() {
        organisation("bank");
        allow(90);
        with.signer = shared_signer("server");
        with.organisation = signer("bank").address();
        with.clock = clock;
        with.logger = book;
    }
    void allow(std::uint64_t days) {
        must(chain->add_delegate(signer("bank"), signer("bank").address(), KeyUse::work, signer("server").address(),
                                 days * kDay));
    }
    void revoke() {
        must(
            chain->revoke_delegate(signer("bank"), signer("bank").address(), KeyUse::work, signer("server").address()));
    }
    /// The lines that a look brings, so many seconds later.
    std::string look(std::uint64_t seconds) {
        clock->now += seconds;
        book->lines.clear();
        watch.look();
        std::string out;
        for (const auto& line : book->lines) out += line + ";";
        return out;
    }
    bool says(std::uint64_t seconds, std::string_view what) { return look(seconds).find(what) != std::string::npos; }

    std::shared_ptr<Book> book = std::make_shared<Book>();
    ProviderOptions with;
    provider::KeyWatch watch{*chain, with};
};

}  // namespace

TEST_CASE_FIXTURE(Watched, "a key that acts for its organisation no longer is told once, and when it does again") {
    CHECK(look(0).empty());
    revoke();
    CHECK(look(59).empty());
    const auto told = look(1);
    CHECK(told.find(address_text(signer("server").address())) != std::string::npos);
    CHECK(told.find("acts for " + address_text(signer("bank").address()) + " no longer") != std::string::npos);
    CHECK(look(60).empty());
    allow(90);
    CHECK(says(60, "again"));
    CHECK(look(60).empty());
    must(chain->change_owner(signer("bank"), signer("bank").address(), signer("cold").address()));
    CHECK(says(60, "no longer"));
}

TEST_CASE_FIXTURE(Watched, "the end of a key's time is told two weeks before, each day, until it has more") {
    CHECK(look(0).empty());
    CHECK(look(75 * kDay).empty());
    CHECK(says(kDay, "until 2"));
    CHECK(look(60).empty());
    CHECK(says(kDay, "add_delegate"));
    allow(90);
    CHECK(look(kDay).empty());
    CHECK(says(91 * kDay, "no longer"));
}

TEST_CASE_FIXTURE(Watched, "a clock that was set back holds nothing up") {
    CHECK(look(1000).empty());
    revoke();
    clock->now -= 1000;
    CHECK(says(0, "no longer"));
}

TEST_CASE_FIXTURE(Watched, "an owner key has no end") {
    with.signer = shared_signer("bank");
    CHECK(look(0).empty());
    CHECK(look(400 * kDay).empty());
}
