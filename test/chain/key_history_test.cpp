/// Who acted for whom at a block, as the logs tell, against what the contracts said at that block.
#include "support/ledger.hpp"

#include <random>

using namespace c2d;
using support::must;

namespace {

struct History : support::Ledger {
    support::CountingSigner& bank = organisation("bank");
    const std::vector<std::string> keys = {"bank", "cold", "one", "two"};
    const std::vector<KeyUse> uses = {KeyUse::owner, KeyUse::grant, KeyUse::work};

    using Answers = std::map<std::tuple<std::uint64_t, std::string, KeyUse>, bool>;
    /// What the contracts say now, noted under the block that is the head.
    void note(Answers& answers) {
        const auto head = must(chain->info()).head.number;
        for (const auto& key : keys)
            for (const auto use : uses)
                answers[{head, key, use}] = must(chain->acts_for(signer(key).address(), bank.address(), use));
    }
    std::string owner_key() {
        for (const auto& key : keys)
            if (signer(key).address() == must(chain->identity_owner(bank.address()))) return key;
        return {};
    }
};

}  // namespace

TEST_CASE_FIXTURE(History, "the history of an identity's keys tells who acted for it at every block") {
    std::mt19937 random(7);
    Answers said;
    note(said);
    for (int step = 0; step < 60; ++step) {
        auto& owner = signer(owner_key());
        auto& other = signer(keys[1 + random() % 3]);
        const auto use = random() % 2 ? KeyUse::grant : KeyUse::work;
        clock->now += random() % 40;
        switch (random() % 6) {
            case 0: (void)chain->change_owner(owner, bank.address(), signer(keys[random() % 4]).address()); break;
            case 1: (void)chain->revoke_delegate(owner, bank.address(), use, other.address()); break;
            // Refused: the log holds it, and nothing happened.
            case 2: (void)chain->add_delegate(signer("admin"), bank.address(), use, other.address(), 9); break;
            default: (void)chain->add_delegate(owner, bank.address(), use, other.address(), 1 + random() % 60);
        }
        // A block at this time, for views see that of the clock.
        organisation("other " + std::to_string(step));
        note(said);
    }
    std::size_t yes = 0;
    for (const auto& [question, answer] : said) {
        const std::uint64_t block = std::get<0>(question);
        const std::string& key = std::get<1>(question);
        const KeyUse use = std::get<2>(question);
        CAPTURE(block);
        CAPTURE(key);
        CAPTURE(key_use_name(use));
        CHECK(must(chain->acted_for(signer(key).address(), bank.address(), use, block)) == answer);
        yes += answer;
    }
    CHECK(yes > said.size() / 10);
    CHECK(yes < said.size() / 2);
}

TEST_CASE_FIXTURE(History, "keys and roles have a history") {
    auto& admin = signer("admin");
    CHECK(must(chain->key_changes(bank.address())).empty());
    const auto at = [&] { return must(chain->info()).head.number; };
    must(chain->add_delegate(bank, bank.address(), KeyUse::work, signer("one").address(), 60));
    const auto added = at();
    must(chain->revoke_delegate(bank, bank.address(), KeyUse::work, signer("one").address()));
    must(chain->change_owner(bank, bank.address(), signer("cold").address()));
    must(chain->remove_role(admin, bank.address(), LedgerRole::provider));
    using Kind = IdentityChange::Kind;
    const auto keys_changed = must(chain->key_changes(bank.address()));
    REQUIRE(keys_changed.size() == 3);
    CHECK(keys_changed[0].kind == Kind::delegate_added);
    CHECK(keys_changed[0].use == KeyUse::work);
    CHECK(keys_changed[0].key == signer("one").address());
    CHECK(keys_changed[0].valid_to == must(chain->block_time(added)) + 60);
    CHECK(keys_changed[0].block_number == added);
    CHECK(keys_changed[1].kind == Kind::delegate_revoked);
    CHECK(keys_changed[2].kind == Kind::owner_changed);
    CHECK(keys_changed[2].key == signer("cold").address());
    CHECK(must(chain->key_changes(bank.address(), added)).size() == 1);
    CHECK(must(chain->delegates(bank.address())).empty());
    organisation("another");
    const auto roles = must(chain->role_changes({bank.address()}));
    REQUIRE(roles.size() == 3);
    CHECK(roles[0].kind == Kind::role_added);
    CHECK(roles[2].kind == Kind::role_removed);
    CHECK(roles[2].role == std::uint64_t(LedgerRole::provider));
    CHECK(roles[2].of == bank.address());
}
