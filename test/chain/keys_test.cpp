/// Typed calls of edition 2: roles, legal ids, keys, decisions of owners, what receipts show.
#include "support/ledger.hpp"

using namespace c2d;
using support::must;
using support::named_address;
using support::named_id;

namespace {

const Bytes32 kChecksum = keccak256("document");

struct Keys : support::Ledger {
    support::CountingSigner& admin = signer("admin");
    support::CountingSigner& bank = organisation("bank");
    support::CountingSigner& solver = organisation("solver");
    const TokenId leaf = named_id("leaf"), cdt = named_id("cdt");

    void compose() {
        must(chain->mint(bank, leaf, true, kChecksum, "Qm1"));
        must(chain->mint(solver, cdt, false, kChecksum, "Qm2"));
        must(chain->grant(bank, leaf, cdt, {0, 1}));
        must(chain->start_compose(solver, cdt, {leaf}));
        must(chain->create_task(solver, "t", ""));
    }
};

}  // namespace

TEST_CASE_FIXTURE(Keys, "roles are taken and given back") {
    CHECK(must(chain->has_role(bank.address(), LedgerRole::provider)));
    must(chain->remove_role(admin, bank.address(), LedgerRole::provider));
    CHECK_FALSE(must(chain->has_role(bank.address(), LedgerRole::provider)));
    CHECK(chain->mint(bank, leaf, true, kChecksum, "Qm1").status() == Status::REFUSED);
    must(chain->restore_role(admin, bank.address(), LedgerRole::provider));
    must(chain->mint(bank, leaf, true, kChecksum, "Qm1"));
    CHECK(chain->remove_role(admin, admin.address(), LedgerRole::administrator).error().name == "last_admin");
    must(chain->add_admin(admin, named_address("deputy")));
    CHECK(must(chain->admins()) == std::vector{admin.address(), named_address("deputy")});
    must(chain->remove_role(signer("deputy"), admin.address(), LedgerRole::administrator));
    CHECK(must(chain->admins()) == std::vector{named_address("deputy")});
}

TEST_CASE_FIXTURE(Keys, "a legal id joins addresses") {
    must(chain->update_enterprise(admin, bank.address(), "bank", "", "DE:HRB1"));
    must(chain->register_enterprise(admin, named_address("branch"), "branch", "", "DE:HRB1"));
    CHECK(must(chain->legal_id(bank.address())) == "DE:HRB1");
    CHECK(must(chain->organisation_of(bank.address())) == keccak256("DE:HRB1"));
    CHECK(must(chain->organisation_of(named_address("branch"))) == keccak256("DE:HRB1"));
    CHECK(chain->update_enterprise(admin, bank.address(), "bank", "", "?").error().name == "legal_id_malformed");
    must(chain->update_enterprise(admin, bank.address(), "bank", "renamed"));
    CHECK(must(chain->legal_id(bank.address())) == "DE:HRB1");
}

TEST_CASE_FIXTURE(Keys, "an owner key is changed by itself, or by administrators") {
    auto& cold = signer("cold");
    const auto changed = must(chain->change_owner(bank, bank.address(), cold.address()));
    CHECK_FALSE(changed.proposed_until);
    CHECK(changed.receipt.succeeded);
    CHECK(must(chain->identity_owner(bank.address())) == cold.address());
    CHECK(must(chain->acts_for(cold.address(), bank.address(), KeyUse::owner)));
    CHECK_FALSE(must(chain->acts_for(bank.address(), bank.address(), KeyUse::work)));
    CHECK(must(chain->principal(bank.address(), KeyUse::work)).is_zero());
    // It mints in the organisation's name.
    must(chain->mint(cold, leaf, true, kChecksum, "Qm1"));
    CHECK(must(chain->token(leaf)).owner == bank.address());
    must(chain->add_admin(admin, named_address("deputy")));
    const auto proposed = must(chain->change_owner(admin, bank.address(), named_address("new")));
    CHECK(proposed.proposed_until == clock->now + 604'800);
    CHECK(must(chain->identity_owner(bank.address())) == cold.address());
    CHECK_FALSE(must(chain->change_owner(signer("deputy"), bank.address(), named_address("new"))).proposed_until);
    CHECK(must(chain->identity_owner(bank.address())) == named_address("new"));
}

TEST_CASE_FIXTURE(Keys, "delegates act for the organisation in what they were made for") {
    auto& clerk = signer("clerk");
    must(chain->add_delegate(bank, bank.address(), KeyUse::work, clerk.address(), 60));
    CHECK(must(chain->valid_delegate(bank.address(), KeyUse::work, clerk.address())));
    CHECK_FALSE(must(chain->valid_delegate(bank.address(), KeyUse::grant, clerk.address())));
    CHECK(must(chain->principal(clerk.address(), KeyUse::work)) == bank.address());
    CHECK(must(chain->principal(clerk.address(), KeyUse::grant)) == clerk.address());
    must(chain->mint(clerk, leaf, true, kChecksum, "Qm1"));
    CHECK(must(chain->token(leaf)).minter == bank.address());
    must(chain->add_delegate(bank, bank.address(), KeyUse::grant, named_address("teller"), 30));
    must(chain->add_delegate(bank, bank.address(), KeyUse::work, clerk.address(), 90));
    auto delegates = must(chain->delegates(bank.address()));
    REQUIRE(delegates.size() == 2);
    CHECK(delegates[0].key == clerk.address());
    CHECK(delegates[0].use == KeyUse::work);
    CHECK(delegates[0].valid_to == clock->now + 90);
    CHECK(delegates[1].use == KeyUse::grant);
    clock->now += 31;
    CHECK(must(chain->delegates(bank.address())).size() == 1);
    CHECK(must(chain->delegates(solver.address())).empty());
    must(chain->revoke_delegate(bank, bank.address(), KeyUse::work, clerk.address()));
    CHECK(must(chain->delegates(bank.address())).empty());
    CHECK_FALSE(must(chain->acts_for(clerk.address(), bank.address(), KeyUse::work)));
    CHECK(chain->add_delegate(bank, bank.address(), KeyUse::owner, clerk.address(), 60).status() ==
          Status::INVALID_ARGUMENT);
    CHECK(chain->add_delegate(bank, bank.address(), KeyUse::work, clerk.address(), 31'622'401).error().name ==
          "validity_out_of_range");
    CHECK(std::string(key_use_name(KeyUse::owner)) == "owner");
    CHECK(std::string(key_use_name(KeyUse::grant)) == "grant");
    CHECK(std::string(key_use_name(KeyUse::work)) == "work");
}

TEST_CASE_FIXTURE(Keys, "decisions count grants and jobs, and the owner's word alone gives again") {
    compose();
    must(chain->add_job(solver, cdt, 1));
    auto decision = must(chain->decision(leaf, solver.address()));
    CHECK(decision.grants == 1);
    CHECK(decision.used == 1);
    CHECK(decision.revoked_at == 0);
    CHECK(must(chain->grant_state(leaf, cdt)).times == 1);
    must(chain->revoke(bank, leaf, cdt));
    CHECK(must(chain->decision(leaf, solver.address())).revoked_at == clock->now);
    CHECK(chain->grant(bank, leaf, cdt).error().name == "grant_needs_owner");
    must(chain->grant(bank, leaf, cdt, {clock->now + 60, 3, true, true}));
    const auto state = must(chain->grant_state(leaf, cdt));
    CHECK(state.given);
    CHECK(state.limits.per_composer);
    CHECK(state.limits.uses == 3);
    CHECK(state.used == 1);
    CHECK(state.times == 1);
    decision = must(chain->decision(leaf, solver.address()));
    CHECK(decision.grants == 1);
    CHECK(decision.expiry == clock->now + 60);
    CHECK(decision.uses == 3);
}

TEST_CASE_FIXTURE(Keys, "tokens are closed and opened") {
    compose();
    CHECK_FALSE(must(chain->is_closed(leaf)));
    must(chain->close_token(bank, leaf));
    CHECK(must(chain->is_closed(leaf)));
    CHECK(chain->add_job(solver, cdt, 1).error().name == "token_closed");
    CHECK(chain->close_token(bank, leaf).error().name == "token_closed");
    must(chain->open_token(bank, leaf));
    CHECK(chain->open_token(bank, leaf).error().name == "token_not_closed");
    must(chain->add_job(solver, cdt, 1));
}

TEST_CASE_FIXTURE(Keys, "what receipts show is added up") {
    compose();
    const auto job = must(chain->add_job(solver, cdt, 1));
    const auto kind = disclosure_kind("label_counts");
    CHECK(hex_text(kind) == "0x6c6162656c5f636f756e74730000000000000000000000000000000000000000");
    must(chain->post_receipt(bank, job, leaf, ReceiptOutcome::succeeded, kChecksum, {{kind, 7}}));
    const auto shown = must(chain->disclosures(leaf, solver.address(), kind));
    CHECK(shown.of_organisation == 7);
    CHECK(shown.total == 7);
    CHECK(must(chain->disclosures(leaf, bank.address(), kind)).of_organisation == 0);
    CHECK(must(chain->job_receipt(job, leaf)).outcome == ReceiptOutcome::succeeded);
}
