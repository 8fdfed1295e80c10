/// Publishing and reading back: what is checked before anything is written, and after it was
/// spoilt.
#include "asset/values.hpp"
#include "codec/checksum.hpp"
#include "support/world.hpp"

using namespace c2d;
using support::must;
using support::named_id;
using support::refusal;
using support::World;

namespace {

struct Shop : World {
    explicit Shop(bool accept_legacy = false) : World(accept_legacy) {
        organisation("bank");
        organisation("solver");
        publish_operator("op", R"({"lr":{},"mode":{}})");
    }
    std::uint64_t blocks() { return must(chain->info()).head.number; }
    std::size_t files() {
        return std::size_t(
            std::distance(std::filesystem::directory_iterator(folder.path), std::filesystem::directory_iterator()));
    }
    std::string problem(std::string_view id) {
        const auto asset = registry->resolve(named_id(id));
        return asset ? "none" : asset.error().name;
    }
};

constexpr const char* kFree = R"({"lr":{},"mode":{}})";

}  // namespace

TEST_CASE_FIXTURE(Shop, "a published leaf is read back with its terms pinned to the code") {
    CHECK(must(publish("bank", "leaf", leaf("op", R"({"lr":{"$schema":{"type":"number"}},"mode":"fast"})"))) ==
          named_id("leaf"));
    const auto asset = must(registry->resolve(named_id("leaf")));
    CHECK(asset.type == "Dataset");
    CHECK(asset.name == "a leaf");
    CHECK(asset.active);
    CHECK(asset.record.owner == signer("bank").address());
    CHECK(asset.record.is_leaf);
    REQUIRE(asset.services.size() == 1);
    CHECK(asset.services[0].endpoint == "127.0.0.1:80");
    CHECK(asset.services[0].op_template == named_id("op"));
    const auto document = support::json_of(asset.document_json);
    const auto& service = document.find("services")->items()[0];
    CHECK(service.text_at({"descriptor", "template_checksum"}) ==
          hex_text(must(chain->op_template(named_id("op"))).checksum).substr(2));
    CHECK(document.text_at({"proof", "scheme"}) == "jcs-sha3-256");
    CHECK(document.text_at({"proof", "checksum"}) == hex_text(asset.record.checksum).substr(2));
    CHECK(document.text_at({"proof", "created"}) == "2027-01-15T08:00:00Z");
}

TEST_CASE_FIXTURE(Shop, "an id comes from the caller, else from the attributes, else by chance") {
    auto attributes = support::json_of(leaf("op", kFree));
    attributes.set("id", text("named in the file"));
    CHECK(must(registry->publish(signer("bank"), json::compact(attributes))) == named_id("named in the file"));
    attributes.erase("id");
    const auto by_chance = must(registry->publish(signer("bank"), json::compact(attributes)));
    CHECK_FALSE(by_chance.is_zero());
    CHECK(by_chance != must(registry->publish(signer("bank"), json::compact(attributes))));
    attributes.set("id", "no id");
    CHECK(registry->publish(signer("bank"), json::compact(attributes)).status() == Status::INVALID_ARGUMENT);
}

TEST_CASE_FIXTURE(Shop, "terms that do not hold are refused, and nothing is written") {
    const auto before_blocks = blocks();
    const auto before_files = files();
    const std::pair<std::string, const char*> cases[] = {
        {leaf("op", R"({"lr":{}})"), "argument_missing"},
        {leaf("op", R"({"lr":{},"mode":{},"x":{}})"), "argument_unexpected"},
        {leaf("op", R"({"lr":{"$schema":{"pattern":"a("}},"mode":{}})"), "schema_unsupported"},
        {leaf("op", R"({"lr":{"deep":{"$schema":{"minimum":"0"}}},"mode":{}})"), "schema_unsupported"},
        {composition("Dataset", {{"nowhere", "{}"}}), "dt_unknown"}};
    for (const auto& [attributes, reason] : cases) {
        const std::string shown = reason;
        CAPTURE(shown);
        const auto result = publish("bank", "new", attributes);
        REQUIRE_FALSE(result.ok());
        CHECK(result.error().name == reason);
    }
    for (const char* bad :
         {"", "[]", "{}", "{\"metadata\":1}", R"({"metadata":{"main":{"type":"Dataset"}},"services":[]})"}) {
        CAPTURE(std::string(bad));
        CHECK(publish("bank", "new", bad).status() == Status::INVALID_ARGUMENT);
    }
    CHECK_FALSE(publish("bank", "new", leaf("no such op", "{}")).ok());
    CHECK(blocks() == before_blocks);
    CHECK(files() == before_files);
}

TEST_CASE_FIXTURE(Shop, "a pin that stands in the attributes is kept and must be the ledger's") {
    auto attributes = support::json_of(leaf("op", kFree));
    auto& descriptor = *attributes.find("services")->items()[0].find("descriptor");
    descriptor.set("template_checksum", std::string(64, 'a'));
    CHECK(refusal(publish("bank", "leaf", json::compact(attributes))) == "template_changed");
    descriptor.set("template_checksum", hex_text(must(chain->op_template(named_id("op"))).checksum).substr(2));
    CHECK(publish("bank", "leaf", json::compact(attributes)).ok());
}

TEST_CASE_FIXTURE(Shop, "every service of a leaf is checked, not the first alone") {
    auto attributes = support::json_of(leaf("op", kFree));
    auto second = support::json_of(leaf("op", R"({"lr":{}})")).find("services")->items()[0];
    second.set("index", "second");
    attributes.find("services")->push_back(second);
    CHECK(refusal(publish("bank", "leaf", json::compact(attributes))) == "argument_missing");
}

TEST_CASE_FIXTURE(Shop, "a contract's refusal comes through with its code") {
    must(publish("bank", "leaf", leaf("op", kFree)));
    const auto again = publish("bank", "leaf", leaf("op", kFree));
    REQUIRE(again.status() == Status::REFUSED);
    CHECK(again.error().code == 4001);
    CHECK(publish("nobody", "other", leaf("op", kFree)).error().code == 10000);
    CHECK(registry->publish_operator(signer("bank"), draft("op2", "{}")).error().code == 10000);
    CHECK(registry->grant(signer("solver"), named_id("leaf"), named_id("leaf")).error().code == 10000);
}

TEST_CASE_FIXTURE(Shop, "a template is published, read back and updated") {
    auto op = must(registry->resolve_operator(named_id("op")));
    CHECK(op.operation == "print(1)");
    CHECK(op.params_json == R"({"lr":{},"mode":{}})");
    CHECK(op.record.publisher == signer("admin").address());
    must(registry->update_operator(signer("admin"), draft("op", R"({"lr":{}})", "null", "print(2)")));
    op = must(registry->resolve_operator(named_id("op")));
    CHECK(op.operation == "print(2)");
    CHECK(op.params_json == R"({"lr":{}})");
    auto nameless = draft("op", "{}");
    nameless.id.reset();
    CHECK(registry->update_operator(signer("admin"), nameless).status() == Status::INVALID_ARGUMENT);
    CHECK(registry->resolve_operator(named_id("none")).error().name == "template_unknown");
}

TEST_CASE_FIXTURE(Shop, "a draft that is no operator is not published") {
    const auto before = blocks();
    auto wrong_type = draft("new", "{}");
    wrong_type.metadata_json = R"({"main":{"type":"Dataset","name":"x"}})";
    CHECK(registry->publish_operator(signer("admin"), wrong_type).status() == Status::INVALID_ARGUMENT);
    CHECK(registry->publish_operator(signer("admin"), draft("new", "[]")).status() == Status::INVALID_ARGUMENT);
    CHECK(registry->publish_operator(signer("admin"), draft("new", "{}", "null", "")).status() ==
          Status::INVALID_ARGUMENT);
    CHECK(registry->publish_operator(signer("admin"), draft("new", "{}", R"({"parties":2,"threshold":2})")).status() ==
          Status::INVALID_ARGUMENT);
    CHECK(blocks() == before);
}

TEST_CASE_FIXTURE(Shop, "two programs that differ in a space have different checksums") {
    must(registry->publish_operator(signer("admin"), draft("one", "{}", "null", "if a: b()")));
    must(registry->publish_operator(signer("admin"), draft("two", "{}", "null", "if a:b()")));
    auto one = support::json_of(must(registry->resolve_operator(named_id("one"))).document_json);
    auto two = support::json_of(must(registry->resolve_operator(named_id("two"))).document_json);
    two.set("tid", one.text_at({"tid"}));
    two.find("metadata")->find("main")->set("name", "one");
    CHECK(checksum_legacy(one) == checksum_legacy(two));
    CHECK(must(checksum_jcs(one)) != must(checksum_jcs(two)));
}

TEST_CASE_FIXTURE(Shop, "a document whose bytes were changed is a mismatch; one that is gone is unavailable") {
    must(publish("bank", "leaf", leaf("op", kFree)));
    CHECK(problem("leaf") == "none");
    const auto file = file_of("leaf");
    const auto good = support::read_text(file);
    tamper(file, "a leaf", "a beef");
    CHECK(problem("leaf") == "document_mismatch");
    support::write_text(file, good + " ");
    CHECK(problem("leaf") == "document_mismatch");
    support::write_text(file, "");
    CHECK(problem("leaf") == "document_mismatch");
    std::filesystem::remove(file);
    CHECK(problem("leaf") == "document_unavailable");
    support::write_text(file, good);
    CHECK(problem("leaf") == "none");
    CHECK(problem("nothing") == "dt_unknown");
}

TEST_CASE_FIXTURE(Shop, "operator code whose bytes were changed is a mismatch") {
    const auto file = operator_file_of("op");
    tamper(file, "print(1)", "print(7)");
    CHECK(registry->resolve_operator(named_id("op")).error().name == "template_mismatch");
    CHECK(refusal(publish("bank", "leaf", leaf("op", kFree))) == "template_mismatch");
    std::filesystem::remove(file);
    CHECK(registry->resolve_operator(named_id("op")).error().name == "document_unavailable");
}

TEST_CASE_FIXTURE(Shop, "a document is held against what the ledger says of its token") {
    const auto attributes = leaf("op", kFree);
    mint_unchecked("bank", "other id", attributes, true, [](json::Value& d) { d.set("dt", text("leaf")); });
    CHECK(problem("other id") == "document_mismatch");
    mint_unchecked("bank", "other creator", attributes, true,
                   [&](json::Value& d) { d.set("creator", address_text(signer("solver").address())); });
    CHECK(problem("other creator") == "document_mismatch");
    mint_unchecked("bank", "not a leaf", attributes, false);
    CHECK(problem("not a leaf") == "document_mismatch");
    mint_unchecked("bank", "no type", attributes, true, [](json::Value& d) { d.find("metadata")->erase("main"); });
    CHECK(problem("no type") == "document_invalid");
    must(chain->mint(signer("bank"), named_id("other checksum"), true, keccak256("x"),
                     must(chain->token(named_id("no type"))).document));
    CHECK(problem("other checksum") == "document_mismatch");
    must(chain->mint(signer("bank"), named_id("no json"), true, keccak256("x"), must(documents->put("{not json"))));
    CHECK(problem("no json") == "document_invalid");
    must(chain->mint(signer("bank"), named_id("no cid"), true, keccak256("x"), "../../etc/passwd"));
    CHECK(problem("no cid") == "document_unavailable");
}

namespace {

/// Mints a leaf in the original SDK's way: legacy checksum on the ledger.
void mint_legacy(Shop& shop, std::string_view id) {
    auto ddo = asset::make_ddo(support::json_of(World::leaf("op", kFree)), named_id(id), shop.signer("bank").address());
    must(asset::pin_templates(ddo, *shop.chain));
    must(shop.chain->mint(shop.signer("bank"), named_id(id), true, checksum_legacy(ddo),
                          must(shop.documents->put(legacy_stored_text(ddo)))));
}

}  // namespace

TEST_CASE("the original's checksum is taken for documents only when configured") {
    Shop strict, lenient(true);
    mint_legacy(strict, "old");
    mint_legacy(lenient, "old");
    CHECK(strict.problem("old") == "document_mismatch");
    CHECK(lenient.problem("old") == "none");
}

TEST_CASE("the original's checksum is never enough for operator code") {
    Shop lenient(true);
    // Without a space in it, a program has the same checksum in both schemes.
    must(lenient.registry->update_operator(lenient.signer("admin"), lenient.draft("op", "{}", "null", "print( 1 )")));
    const auto document = support::json_of(must(lenient.registry->resolve_operator(named_id("op"))).document_json);
    const auto cid = must(lenient.chain->op_template(named_id("op"))).document;
    must(lenient.chain->update_template(lenient.signer("admin"), named_id("op"), "op", checksum_legacy(document), cid));
    CHECK(lenient.registry->resolve_operator(named_id("op")).error().name == "template_mismatch");
}

TEST_CASE_FIXTURE(Shop, "lists come by pages, and a lost document does not hide the others") {
    for (const char* id : {"one", "two", "three"})
        must(publish("bank", id, leaf("op", kFree, R"({"n":")" + std::string(id) + "\"}")));
    must(publish("solver", "inactive", composition("Dataset", {{"one", kFree}})));
    std::filesystem::remove(file_of("two"));
    auto assets = must(registry->list(0, 10));
    REQUIRE(assets.size() == 3);
    CHECK(assets[0].name == "a leaf");
    CHECK(assets[1].name.empty());
    CHECK(assets[1].type.empty());
    CHECK(assets[1].record.id == named_id("two"));
    CHECK(assets[2].active);
    CHECK(must(registry->list(2, 10)).size() == 1);
    CHECK(must(registry->list(0, 2)).size() == 2);
    CHECK_FALSE(must(registry->resolve(named_id("inactive"))).active);
}

TEST_CASE_FIXTURE(Shop, "a registry needs a document store") {
    CHECK(AssetRegistry::open(*chain, {}).status() == Status::INVALID_ARGUMENT);
}

TEST_CASE_FIXTURE(Shop, "when the ledger does not answer, that is a failure and no verdict") {
    must(publish("bank", "leaf", leaf("op", kFree)));
    node->answer(contracts::dt_factory::kIsAvailable, Result<Bytes>(Error(Status::UNAVAILABLE, "gone")));
    const auto asset = registry->resolve(named_id("leaf"));
    CHECK(asset.status() == Status::UNAVAILABLE);
    CHECK(asset.error().name.empty());
}

TEST_CASE_FIXTURE(Shop, "a grant is bounded as the services say, by the strictest of them") {
    must(publish("bank", "leaf", leaf("op", kFree, R"({"grant":{"seconds":3600,"jobs":2}})")));
    must(publish("bank", "plain", leaf("op", kFree)));
    must(publish("solver", "cdt", composition("Dataset", {{"leaf", kFree}, {"plain", kFree}})));
    must(registry->grant(signer("bank"), named_id("leaf"), named_id("cdt")));
    must(registry->grant(signer("bank"), named_id("plain"), named_id("cdt")));
    const auto bounded = must(chain->grant_state(named_id("leaf"), named_id("cdt")));
    CHECK(bounded.given);
    CHECK(bounded.limits.expiry == clock->now + 3600);
    CHECK(bounded.limits.uses == 2);
    const auto plain = must(chain->grant_state(named_id("plain"), named_id("cdt")));
    CHECK(plain.given);
    CHECK_FALSE(plain.limits.any());
}

TEST_CASE_FIXTURE(Shop, "an owner's grant may have other bounds than the document's") {
    must(publish("bank", "leaf", leaf("op", kFree, R"({"grant":{"seconds":3600,"jobs":2}})")));
    must(publish("solver", "cdt", composition("Dataset", {{"leaf", kFree}})));
    must(registry->grant(signer("bank"), named_id("leaf"), named_id("cdt"), {0, 5}));
    const auto given = must(chain->grant_state(named_id("leaf"), named_id("cdt")));
    CHECK(given.limits.expiry == 0);
    CHECK(given.limits.uses == 5);
}

TEST_CASE_FIXTURE(Shop, "of several services the strictest counts, of those that bound anything") {
    auto attributes =
        support::json_of(leaf("op", kFree, R"({"grant":{"seconds":60,"jobs":9,"renew":3,"per":"composition"}})"));
    auto& services = attributes.find("services")->items();
    const auto add = [&](const char* index, const char* grant) {
        auto service = services[0];
        service.set("index", index);
        service.find("attributes")->set("grant", support::json_of(grant));
        services.push_back(std::move(service));
    };
    add("free", "{}");
    add("other", R"({"jobs":4,"renew":5,"per":"composition"})");
    must(publish("bank", "alike", json::compact(attributes)));
    auto terms = must(asset::grant_terms_of(*registry, named_id("alike")));
    CHECK(std::tuple(terms.seconds, terms.jobs, terms.renew, terms.per_composer) == std::tuple(60u, 4u, 3u, false));
    add("strict", R"({"seconds":90})");
    must(publish("bank", "mixed", json::compact(attributes)));
    terms = must(asset::grant_terms_of(*registry, named_id("mixed")));
    CHECK(std::tuple(terms.seconds, terms.jobs, terms.renew, terms.per_composer) == std::tuple(60u, 4u, 0u, true));
}

TEST_CASE_FIXTURE(Shop, "bounds that are none are refused before anything is written") {
    const auto before = blocks();
    for (const char* grant :
         {"[]", "60", R"({"seconds":0})", R"({"jobs":-1})", R"({"jobs":1.5})", R"({"jobs":"2"})", R"({"days":1})",
          R"({"jobs":1,"renew":-1})", R"({"jobs":1,"renew":"1"})", R"({"jobs":1,"per":"company"})",
          R"({"jobs":1,"per":1})", R"({"renew":1})", R"({"per":"composer"})"}) {
        const auto attributes = fmt::format(R"({{"grant":{}}})", grant);
        const auto published = publish("bank", "leaf", leaf("op", kFree, attributes));
        CHECK_MESSAGE(published.status() == Status::INVALID_ARGUMENT, grant);
        if (!published) CHECK(published.error().message.find("attributes.grant") != std::string::npos);
    }
    CHECK(blocks() == before);
}

TEST_CASE_FIXTURE(Shop, "paths in the place of what files hold are said to be paths, and nothing is written") {
    const auto before = blocks();
    const auto hint = "found what looks like the path of a file; pass what the file holds";
    CHECK(registry->publish(signer("bank"), "samples/ddo/attr.json").error().message.ends_with(hint));
    auto wrong = draft("new", kFree, "null", "operators/train.py");
    CHECK(registry->publish_operator(signer("admin"), wrong).error().message.ends_with(hint));
    wrong = draft("new", kFree);
    wrong.params_json = "params.json";
    CHECK(registry->publish_operator(signer("admin"), wrong).error().message.ends_with(hint));
    CHECK(blocks() == before);
    // A mark that an editor put there does not matter.
    wrong.params_json = "\xef\xbb\xbf" + std::string(kFree);
    CHECK(registry->publish_operator(signer("admin"), wrong).ok());
}
