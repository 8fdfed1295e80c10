/// Who computes with whom, and that nobody is more parties than the protocol bears.
#include "job/parties.hpp"

#include "support/joint.hpp"

using namespace c2d;
using support::Desk;
using support::must;
using support::Piece;

namespace {

struct Table : Desk {
    /// The demo's pieces, changed.
    template <class Change>
    Reason after(Change change) {
        auto list = pieces();
        change(list);
        build(list);
        return job_reason(list[0].id);
    }
};

}  // namespace

TEST_CASE_FIXTURE(Table, "three parties of three organisations are accepted and listed in order") {
    build();
    CHECK(job_reason() == Reason::accepted);
    REQUIRE(terms.all_parties.size() == 3);
    const char* owners[] = {"bank a", "bank b", "third"};
    for (unsigned i = 0; i < 3; ++i) {
        CHECK(terms.all_parties[i].number == i);
        CHECK(terms.all_parties[i].organisation == owners[i]);
        CHECK(terms.all_parties[i].owner == signer(owners[i]).address());
        CHECK(terms.all_parties[i].endpoint == fmt::format("192.0.2.{}:891{}", i + 1, i + 1));
    }
}

TEST_CASE_FIXTURE(Table, "every party gets the same hash of the arguments, and another one with other arguments") {
    build();
    std::vector<Bytes32> hashes;
    const std::pair<const char*, const char*> places[] = {
        {"bank a", "rows a"}, {"bank b", "rows b"}, {"third", "compute"}};
    for (const auto& [owner, dt] : places) {
        verifier_options.self = signer(owner).address();
        REQUIRE(job_reason(dt) == Reason::accepted);
        hashes.push_back(terms.args_hash);
        CHECK(terms.party == hashes.size() - 1);
    }
    CHECK(hashes[0] == hashes[1]);
    CHECK(hashes[1] == hashes[2]);
    auto expected = support::json_of(arguments(0));
    expected.erase("party_id");
    CHECK(hashes[0] == keccak256(must(json::canonical(expected))));
}

TEST_CASE_FIXTURE(Table, "other arguments give another hash") {
    build();
    REQUIRE(job_reason() == Reason::accepted);
    const auto first = terms.args_hash;
    must(publish("solver", "second",
                 composition("Algorithm", {{"rows a", arguments(0, "0.2")},
                                           {"rows b", arguments(1, "0.2")},
                                           {"compute", arguments(2, "0.2")}})));
    activate("solver", "second");
    start("second");
    REQUIRE(job_reason("rows a", "second") == Reason::accepted);
    CHECK(terms.args_hash != first);
}

TEST_CASE_FIXTURE(Table, "children that disagree on an argument are refused") {
    CHECK(after([](auto& list) { list[1].arguments = arguments(1, "0.2"); }) == Reason::parties_disagree);
}

TEST_CASE_FIXTURE(Table, "children that disagree on an endpoint are refused") {
    CHECK(after([](auto& list) {
              auto changed = support::json_of(list[2].arguments);
              changed.find("exec_endpoints")->set("2", "192.0.2.9:8913");
              list[2].arguments = json::compact(changed);
          }) == Reason::parties_disagree);
}

TEST_CASE_FIXTURE(Table, "children that run different operators are refused") {
    publish_operator("train2", R"({"party_id":{},"exec_endpoints":{},"lr":{},"outputs":{}})",
                     R"({"parties":3,"threshold":1})");
    CHECK(after([](auto& list) { list[2].op = "train2"; }) == Reason::parties_disagree);
}

TEST_CASE_FIXTURE(Table, "one child that runs alone beside the parties is refused") {
    CHECK(after([](auto& list) { list.push_back(alone("single", "bank a")); }) == Reason::parties_disagree);
}

TEST_CASE_FIXTURE(Table, "1 and 1.0 are the same argument") {
    CHECK(after([](auto& list) {
              list[0].arguments = arguments(0, "1");
              list[1].arguments = arguments(1, "1.0");
              list[2].arguments = arguments(2, "1");
          }) == Reason::accepted);
}

TEST_CASE_FIXTURE(Table, "a party that nobody plays is missed") {
    CHECK(after([](auto& list) { list.pop_back(); }) == Reason::parties_incomplete);
}

TEST_CASE_FIXTURE(Table, "party numbers beyond the protocol's are refused") {
    CHECK(after([](auto& list) { list[2].arguments = arguments(3); }) == Reason::parties_incomplete);
}

TEST_CASE_FIXTURE(Table, "a party that is no number is refused") {
    CHECK(after([](auto& list) {
              auto changed = support::json_of(list[2].arguments);
              changed.set("party_id", "2");
              list[2].arguments = json::compact(changed);
          }) == Reason::parties_incomplete);
}

TEST_CASE_FIXTURE(Table, "one party of two owners is refused") {
    CHECK(after([](auto& list) { list.push_back({"rows x", "solver", arguments(2)}); }) == Reason::parties_incomplete);
}

TEST_CASE_FIXTURE(Table, "a party that two play while nobody plays another is missed") {
    CHECK(after([](auto& list) { list[2].arguments = arguments(1); }) == Reason::parties_incomplete);
}

TEST_CASE_FIXTURE(Table, "a party without an endpoint is refused") {
    const auto without = [](unsigned party) {
        auto changed = support::json_of(arguments(party));
        changed.find("exec_endpoints")->erase("2");
        return json::compact(changed);
    };
    CHECK(after([&](auto& list) {
              for (unsigned i = 0; i < 3; ++i) list[i].arguments = without(i);
          }) == Reason::parties_incomplete);
}

TEST_CASE_FIXTURE(Table, "several children of one owner may be one party") {
    CHECK(after([](auto& list) {
              list.push_back(
                  {"labels a", "bank a", arguments(0), R"({"path":"./inputs/labels.csv","release":{"log":"tail"}})"});
          }) == Reason::accepted);
    CHECK(terms.inputs.size() == 2);
    // What a party says of its inputs is of these.
    CHECK_FALSE(terms.all_parties[0].tables.empty());
    CHECK(terms.all_parties[2].tables.empty());
}

// Collusion ---------------------------------------------------------------------------------------

TEST_CASE_FIXTURE(Table, "one organisation that is two parties is refused (the original's demo)") {
    CHECK(after([](auto& list) { list[2].owner = "bank a"; }) == Reason::collusion);
}

TEST_CASE_FIXTURE(Table, "two addresses of one organisation are one organisation") {
    organisation("bank a, second key", "bank a");
    CHECK(after([](auto& list) { list[2].owner = "bank a, second key"; }) == Reason::collusion);
}

TEST_CASE_FIXTURE(Table, "names that differ only in case and outer spaces are one organisation") {
    organisation("disguised", " \tBANK a\n");
    CHECK(after([](auto& list) { list[2].owner = "disguised"; }) == Reason::collusion);
}

TEST_CASE_FIXTURE(Table, "names that differ inside are two organisations") {
    organisation("namesake", "bank  a");
    CHECK(after([](auto& list) { list[2].owner = "namesake"; }) == Reason::accepted);
}

TEST_CASE_FIXTURE(Table, "an organisation that changes its name later is counted by the new one") {
    build();
    REQUIRE(job_reason() == Reason::accepted);
    must(chain->update_enterprise(signer("admin"), signer("third").address(), "Bank A", ""));
    CHECK(job_reason() == Reason::collusion);
}

TEST_CASE_FIXTURE(Table, "addresses with one legal id are one organisation, whatever their names") {
    build();
    const auto give = [&](const char* who, const char* legal_id) {
        must(chain->update_enterprise(signer("admin"), signer(who).address(), who, "about", legal_id));
    };
    give("bank a", "DE:HRB1");
    CHECK(job_reason() == Reason::accepted);
    give("third", "DE:HRB1");
    CHECK(job_reason() == Reason::collusion);
    give("third", "DE:HRB2");
    CHECK(job_reason() == Reason::accepted);
}

TEST_CASE_FIXTURE(Table, "who has one legal id with the one and a name with the other is one organisation with both") {
    must(registry->update_operator(signer("admin"),
                                   draft("train", R"({"party_id":{},"exec_endpoints":{},"lr":{},"outputs":{}})",
                                         R"({"parties":3,"threshold":2})")));
    build();
    must(chain->update_enterprise(signer("admin"), signer("bank b").address(), "bank b", "", "DE:HRB1"));
    must(chain->update_enterprise(signer("admin"), signer("third").address(), "bank a", ""));
    CHECK(job_reason() == Reason::accepted);
    must(chain->update_enterprise(signer("admin"), signer("bank a").address(), "bank a", "", "DE:HRB1"));
    CHECK(job_reason() == Reason::collusion);
}

TEST_CASE_FIXTURE(Table, "an owner or solver whose role was taken computes no more") {
    build();
    const auto take = [&](const char* who) {
        must(chain->remove_role(signer("admin"), signer(who).address(), LedgerRole::enterprise));
    };
    const auto give = [&](const char* who) {
        must(chain->restore_role(signer("admin"), signer(who).address(), LedgerRole::enterprise));
    };
    for (const char* who : {"bank b", "solver"}) {
        CAPTURE(std::string(who));
        take(who);
        CHECK(job_reason() == Reason::owner_unregistered);
        CHECK(grant_reason() == Reason::owner_unregistered);
        give(who);
        CHECK(job_reason() == Reason::accepted);
    }
    build({alone()}, "lone");
    take("solver");
    CHECK(job_reason("single", "lone") == Reason::owner_unregistered);
    CHECK(grant_reason("single", "lone") == Reason::owner_unregistered);
}

TEST_CASE_FIXTURE(Table, "the override lets collusion pass and says so in the terms") {
    verifier_options.allow_collusion = true;
    CHECK(after([](auto& list) { list[2].owner = "bank a"; }) == Reason::accepted);
    CHECK(terms.collusion_overridden);
}

TEST_CASE_FIXTURE(Table, "the override is not recorded where nothing was overridden") {
    verifier_options.allow_collusion = true;
    build();
    CHECK(job_reason() == Reason::accepted);
    CHECK_FALSE(terms.collusion_overridden);
}

TEST_CASE_FIXTURE(Table, "a higher threshold bears more parties of one organisation") {
    must(registry->update_operator(signer("admin"),
                                   draft("train", R"({"party_id":{},"exec_endpoints":{},"lr":{},"outputs":{}})",
                                         R"({"parties":3,"threshold":2})")));
    CHECK(after([](auto& list) { list[2].owner = "bank a"; }) == Reason::accepted);
}

TEST_CASE_FIXTURE(Table, "a threshold of none bears nobody") {
    must(registry->update_operator(signer("admin"),
                                   draft("train", R"({"party_id":{},"exec_endpoints":{},"lr":{},"outputs":{}})",
                                         R"({"parties":3,"threshold":0})")));
    CHECK(after([](auto&) {}) == Reason::collusion);
}

TEST_CASE_FIXTURE(Table, "an owner without an organisation record is refused") {
    build();
    node->answer(contracts::asset_provider::kIsEnterprise, false);
    CHECK(job_reason() == Reason::owner_unregistered);
}

TEST_CASE_FIXTURE(Table, "a bank chooses with whom it computes, by name or by address; itself is always welcome") {
    build();
    const auto reason = [&](std::vector<std::string> accepted) {
        verifier_options.accepted_parties = std::move(accepted);
        return job_reason();
    };
    CHECK(reason({}) == Reason::accepted);
    CHECK(reason({"bank b", "third"}) == Reason::accepted);
    CHECK(reason({" Bank B", "THIRD "}) == Reason::accepted);
    CHECK(reason({address_text(signer("bank b").address()), "third"}) == Reason::accepted);
    CHECK(reason({hex_text(signer("bank b").address()), "third"}) == Reason::accepted);
    CHECK(reason({"bank b"}) == Reason::party_not_accepted);
    CHECK(reason({"bank a"}) == Reason::party_not_accepted);
    CHECK(reason({address_text(signer("solver").address()), "third"}) == Reason::party_not_accepted);
}

TEST_CASE("organisations are told apart by trimmed, case-folded names") {
    using job::organisation_key;
    CHECK(organisation_key("  Bank A\t\r\n") == "bank a");
    CHECK(organisation_key("BANK") == organisation_key("bank"));
    CHECK(organisation_key("bank a") != organisation_key("banka"));
    CHECK(organisation_key("  ").empty());
    CHECK(organisation_key("Ä") == "Ä");
}
