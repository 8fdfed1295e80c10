// Bad requests, terms, documents and parties, each refused through HTTP for its own reason. What
// publishing would refuse by itself is written straight to the ledger and the store.

#include "e2e/refusal.hpp"

#include "asset/publishing.hpp"
#include "base/file.hpp"

#include <fmt/format.h>

namespace c2d::test {

namespace {

constexpr Method kAll[] = {Method::grantPermission, Method::verify, Method::onPremiseCompute};
constexpr Method kJob[] = {Method::verify, Method::onPremiseCompute};

/// No job of company C was admitted.
void check_nothing_admitted(World& world) {
    const auto list = world.get("/v1/jobs", world.header(world.company, world.about(Method::list, {})));
    CHECK(list.body == R"({"jobs":[]})");
}

}  // namespace

TEST_CASE("what all the refused ones differ from is accepted") {
    World world;
    Deal deal = world.offer();
    CHECK(world.ask(Method::grantPermission, deal).status == 200);
    CHECK(must(world.chain().has_grant(deal.dt, deal.cdt)));
    must(world.chain().start_compose(*world.company, deal.cdt, {deal.dt}));
    world.register_job(deal);
    CHECK(world.ask(Method::verify, deal).status == 200);
    CHECK(world.ask(Method::onPremiseCompute, deal).status == 200);

    Deal joint = world.offer_joint({world.bank_a, world.bank_b, world.company});
    world.activate(joint);
    world.register_job(joint);
    CHECK(world.ask(Method::verify, joint).status == 200);
}

// The envelope ------------------------------------------------------------------------------------

TEST_CASE("requests that are not what they claim") {
    World world;
    const Deal deal = world.deal();
    const auto flip = [](std::string body, std::string_view member) {
        const auto at = body.find(fmt::format("\"{}\":\"", member)) + member.size() + 14;
        body[at] = body[at] == '0' ? '1' : '0';
        return body;
    };
    using Make = std::function<std::string(Method)>;
    const auto signed_late = [&](std::int64_t offset, std::uint64_t lifetime) -> Make {
        return [&, offset, lifetime](Method method) {
            return world.sign(world.company, world.about(method, deal), offset, lifetime);
        };
    };
    const auto changed = [&](const char* member) -> Make {
        return
            [&, member](Method method) { return flip(world.sign(world.company, world.about(method, deal)), member); };
    };
    const auto edited = [&](const Key& signer, std::function<void(json::Value&)> edit) -> Make {
        return [&, signer, edit = std::move(edit)](Method method) {
            auto text = must(json::parse(world.sign(signer, world.about(method, deal))));
            edit(text);
            return json::compact(text);
        };
    };
    const struct {
        std::string name;
        int status;
        const char* code;
        const char* detail;
        Make make;
    } kRows[] = {
        {"expired five minutes ago", 401, "request_expired", "expiry", signed_late(-600, 300)},
        {"expired beyond the skew by a little", 401, "request_expired", "expiry", signed_late(-361, 298)},
        {"valid for seventeen minutes", 401, "request_expired", "ahead", signed_late(0, 17 * 60)},
        {"for another provider", 401, "wrong_audience", "audience",
         [&](Method method) {
             auto body = world.about(method, deal);
             body.audience = world.bank_b->address();
             return world.sign(world.company, body);
         }},
        {"for another provider, relabelled for us", 401, "signature_invalid", "signature",
         [&](Method method) {
             auto body = world.about(method, deal);
             body.audience = world.bank_b->address();
             auto text = must(json::parse(world.sign(world.company, body)));
             text.set("audience", address_text(world.bank_a->address()));
             return json::compact(text);
         }},
        {"for another method", 401, "signature_invalid", "signature",
         [&](Method method) {
             const auto other = method == Method::verify ? Method::onPremiseCompute : Method::verify;
             return world.sign(world.company, world.about(other, deal));
         }},
        {"signed by one, claimed by another", 401, "signature_invalid", "signature",
         edited(world.outsider,
                [&](json::Value& text) { text.set("signer", address_text(world.company->address())); })},
        {"nonce changed after signing", 401, "signature_invalid", "signature", changed("nonce")},
        {"signature changed", 401, "signature_invalid", "signature", changed("signature")},
        {"no signature", 400, "malformed", "signature",
         edited(world.company, [](json::Value& text) { text.erase("signature"); })},
        {"a member added after signing", 401, "signature_invalid", "signature",
         edited(world.company, [](json::Value& text) { text.set("note", "added"); })},
        {"signed in the original's replayable way", 400, "malformed", "nonce",
         edited(world.company,
                [](json::Value& text) {
                    text.erase("nonce");
                    text.erase("expiry");
                })},
    };
    for (const auto& row : kRows)
        for (const auto method : kAll) {
            INFO(row.name << " at " << route_of(method));
            check_refused(world, world.post(route_of(method), row.make(method)), row.status, row.code, row.detail);
        }
    check_nothing_admitted(world);
}

TEST_CASE("signed well, by the wrong one") {
    World world;
    const Deal deal = world.deal();
    const auto by = [&](const Key& key, Method method) {
        return world.post(route_of(method), world.sign(key, world.about(method, deal)));
    };
    for (const auto& key : {world.outsider, world.bank_b, world.bank_a}) {
        const auto who = address_text(key->address());
        check_refused(world, by(key, Method::grantPermission), 403, "wrong_signer", who);
        check_refused(world, by(key, Method::verify), 403, "job_wrong_solver", who);
        check_refused(world, by(key, Method::onPremiseCompute), 403, "job_wrong_solver", who);
    }
    check_nothing_admitted(world);
}

TEST_CASE("a request counts once, also after a restart") {
    World world;
    const Deal deal = world.deal();
    for (const auto method : kAll) {
        INFO(route_of(method));
        const auto body = world.sign(world.company, world.about(method, deal));
        CHECK(world.post(route_of(method), body).status == 200);
        check_refused(world, world.post(route_of(method), body), 409, "replayed", "nonce");
        world.restart();
        check_refused(world, world.post(route_of(method), body), 409, "replayed", "nonce");
    }
    SUBCASE("a refused request is used up as well") {
        const Deal refused =
            world.offer({R"({"rows":0,"strict":{},"inputs":{},"outputs":{}})", Terms().arguments, Terms().operation});
        const auto body = world.sign(world.company, world.about(Method::grantPermission, refused));
        CHECK(world.post("/grantPermission", body).status == 403);
        check_refused(world, world.post("/grantPermission", body), 409, "replayed", "nonce");
    }
    SUBCASE("and so is one for a GET") {
        const auto header = world.header(world.company, world.about(Method::list, {}));
        CHECK(world.get("/v1/jobs", header).status == 200);
        check_refused(world, world.get("/v1/jobs", header), 409, "replayed", "nonce");
    }
}

// The ledger --------------------------------------------------------------------------------------

namespace {

Deal deal_of_bank_b(World& world, const TokenId& op) {
    Deal deal;
    deal.op = op;
    deal.dt = world.mint(world.bank_b, world.leaf(op, Terms().constraint));
    deal.cdt = world.mint(world.company, world.algorithm({{deal.dt, Terms().arguments}}));
    deal.children = {{deal.dt, world.bank_b}};
    world.activate(deal);
    world.register_job(deal);
    return deal;
}

/// The activation names fewer children than the document.
Deal deal_with_a_child_too_many(World& world) {
    Deal deal = world.offer();
    const auto second = world.mint(world.bank_a, world.leaf(deal.op, Terms().constraint));
    deal.cdt = world.mint(world.company, world.algorithm({{deal.dt, Terms().arguments}, {second, Terms().arguments}}));
    world.activate(deal);
    world.register_job(deal);
    return deal;
}

}  // namespace

TEST_CASE("tokens and jobs that the ledger does not know so") {
    World world;
    const Deal good = world.deal();
    const Deal other = world.deal();
    const Deal foreign = deal_of_bank_b(world, good.op);
    const auto unknown = must(random_token(*Random::system()));
    const auto with = [&](auto change) {
        Deal deal = good;
        change(deal);
        return deal;
    };
    // What a network with weaker contracts may hold: a job of a composition that is not active.
    const Deal inactive = world.deal();
    world.node->deny("isCDTAvailable(bytes32)", {inactive.cdt});
    const Deal ungranted = world.deal();
    world.node->deny("getPermission(bytes32,bytes32)", {ungranted.dt, ungranted.cdt});
    const Deal unlinked = deal_with_a_child_too_many(world);
    const std::vector<Method> every(kAll, kAll + 3), of_job(kJob, kJob + 2), grant = {Method::grantPermission};
    const struct {
        std::string name;
        Deal deal;
        std::vector<Method> methods;
        int status;
        const char* code;
        std::string detail;
    } kRows[] = {
        {"unknown dt", with([&](Deal& d) { d.dt = unknown; }), every, 404, "dt_unknown", token_text(unknown)},
        {"dt of another bank", foreign, every, 404, "dt_not_ours", address_text(world.bank_b->address())},
        {"unknown cdt", with([&](Deal& d) { d.cdt = unknown; }), grant, 404, "cdt_unknown", token_text(unknown)},
        {"a leaf in place of the cdt", with([&](Deal& d) { d.cdt = other.dt; }), grant, 403, "cdt_not_composed",
         token_text(other.dt)},
        {"a cdt without this dt", with([&](Deal& d) { d.cdt = other.cdt; }), grant, 403, "workflow_mismatch",
         token_text(good.dt)},
        {"unregistered job", with([](Deal& d) { d.job = 4711; }), of_job, 404, "job_unknown", "job 4711"},
        {"job of another cdt", with([&](Deal& d) { d.job = other.job; }), of_job, 403, "job_wrong_cdt",
         token_text(other.cdt)},
        {"cdt not activated", inactive, of_job, 403, "cdt_not_active", token_text(inactive.cdt)},
        {"missing grant", ungranted, of_job, 403, "grant_missing", token_text(ungranted.cdt)},
        {"activated without all its children", unlinked, of_job, 403, "links_broken", token_text(unlinked.cdt)},
    };
    for (const auto& row : kRows)
        for (const auto method : row.methods) {
            INFO(row.name << " at " << route_of(method));
            check_refused(world, world.ask(method, row.deal), row.status, row.code, row.detail);
        }
    check_nothing_admitted(world);

    SUBCASE("a composition of ours that is not active cannot be granted on") {
        auto attributes = world.algorithm({{good.dt, Terms().arguments}});
        attributes.find("metadata")->find("main")->set("type", "Dataset");
        Deal deal = good;
        deal.dt = world.mint(world.bank_a, attributes);
        check_refused(world, world.ask(Method::grantPermission, deal), 403, "cdt_not_active", token_text(deal.dt));
    }
    SUBCASE("a ledger that does not answer is no verdict") {
        world.node->down = true;
        for (const auto method : kAll)
            check_refused(world, world.ask(method, good), 503, "ledger_unavailable", "for this test");
    }
}

// Terms -------------------------------------------------------------------------------------------

TEST_CASE("arguments outside the constraint") {
    const std::string schema =
        R"({"rows":{"$schema":{"type":"integer","maximum":100}},"strict":{},"inputs":{"0":{},"limit":{}},"outputs":{}})";
    const auto asked = [](const char* rows, const char* strict, const char* limit) {
        return fmt::format(R"({{"rows":{},"strict":{},"inputs":{{"0":"a.csv","limit":{}}},
                               "outputs":{{"0":"./outputs/out.txt"}}}})",
                           rows, strict, limit);
    };
    const auto allowed = [](const char* rows, const char* strict, const char* limit) {
        return fmt::format(R"({{"rows":{},"strict":{},"inputs":{{"0":{{}},"limit":{}}},"outputs":{{}}}})", rows, strict,
                           limit);
    };
    const struct {
        std::string name;
        std::string constraint, arguments;
        const char* code;
        const char* detail;
    } kRows[] = {
        {"another number", allowed("10", "{}", "{}"), asked("11", "true", "5"), "argument_refused", "constraint/rows"},
        {"a constraint of 0", allowed("0", "{}", "{}"), asked("10", "true", "5"), "argument_refused",
         "constraint/rows"},
        {"a constraint of false", allowed("{}", "false", "{}"), asked("10", "true", "5"), "argument_refused",
         "constraint/strict"},
        {"a constraint of null", allowed("{}", "null", "{}"), asked("10", "true", "5"), "argument_refused",
         "constraint/strict"},
        {"a constraint of \"\"", allowed("{}", "\"\"", "{}"), asked("10", "true", "5"), "argument_refused",
         "constraint/strict"},
        {"false for 0", allowed("0", "{}", "{}"), asked("false", "true", "5"), "argument_refused", "constraint/rows"},
        {"1 for true", allowed("{}", "true", "{}"), asked("10", "1", "5"), "argument_refused", "constraint/strict"},
        {"\"10\" for 10", allowed("10", "{}", "{}"), asked("\"10\"", "true", "5"), "argument_refused",
         "constraint/rows"},
        {"nested in inputs", allowed("{}", "{}", "5"), asked("10", "true", "6"), "argument_refused",
         "constraint/inputs/limit"},
        {"nested in inputs, of 0", allowed("{}", "{}", "0"), asked("10", "true", "6"), "argument_refused",
         "constraint/inputs/limit"},
        {"an argument less", Terms().constraint, R"({"rows":1,"strict":true,"inputs":{"0":"a.csv"},"outputs":{}})",
         "argument_missing", "inputs/limit"},
        {"an argument more", Terms().constraint,
         R"({"rows":1,"strict":true,"inputs":{"0":"a.csv","limit":5,"x":1},"outputs":{}})", "argument_unexpected",
         "inputs/x"},
        {"an argument left open", Terms().constraint, asked("{}", "true", "5"), "argument_free", "rows"},
        {"above a schema's maximum", schema, asked("101", "true", "5"), "argument_refused", "constraint/rows"},
        {"a text that a pattern takes in part", allowed("{}", "{}", R"({"$schema":{"pattern":"[0-9]{4}"}})"),
         asked("10", "true", "\"20261\""), "argument_refused", "constraint/inputs/limit"},
        {"a pattern that is none", allowed("{}", "{}", R"({"$schema":{"pattern":"[0-9"}})"),
         asked("10", "true", "\"2026\""), "schema_unsupported", "pattern"},
        {"a schema with an unknown keyword", allowed(R"({"$schema":{"type":"integer","multipleOf":5}})", "{}", "{}"),
         asked("10", "true", "5"), "schema_unsupported", "multipleOf"},
        {"a schema with a wrongly typed keyword", allowed(R"({"$schema":{"maximum":"100"}})", "{}", "{}"),
         asked("10", "true", "5"), "schema_unsupported", "maximum"},
        {"an unknown keyword nested in inputs", allowed("{}", "{}", R"({"$schema":{"format":"date"}})"),
         asked("10", "true", "5"), "schema_unsupported", "format"},
    };
    World world;
    for (const auto& row : kRows) {
        INFO(row.name);
        Deal deal = world.offer({row.constraint, row.arguments, Terms().operation});
        check_refused(world, world.ask(Method::grantPermission, deal), 403, row.code, row.detail);
        CHECK_FALSE(must(world.chain().has_grant(deal.dt, deal.cdt)));
        // As if the bank had been careless with its key: granted, active, and a job is there.
        world.activate(deal);
        world.register_job(deal);
        for (const auto method : kJob) check_refused(world, world.ask(method, deal), 403, row.code, row.detail);
    }
    check_nothing_admitted(world);
    SUBCASE("1.0 is 1, as RFC 8785 writes them alike") {
        const Deal deal = world.deal({allowed("1", "{}", "{}"), asked("1.0", "true", "5"), Terms().operation});
        CHECK(world.ask(Method::verify, deal).status == 200);
    }
}

// Documents ---------------------------------------------------------------------------------------

namespace {

/// Replaces one text in a stored document, keeping its name.
void tamper(const std::filesystem::path& file, std::string_view from, std::string_view to) {
    auto text = must(read_file(file, 1 << 20));
    const auto at = text.find(from);
    REQUIRE(at != text.npos);
    text.replace(at, from.size(), to);
    must(write_file_atomic(file, text));
}

/// The checksum on the ledger is that of the code as reviewed; the document's code differs.
Deal deal_with_swapped_code(World& world, const std::string& reviewed, const std::string& stored) {
    Deal deal;
    deal.op = must(random_token(*Random::system()));
    const auto document = [&](const std::string& operation) {
        auto out = json::Value::object({{"tid", token_text(deal.op)},
                                        {"creator", address_text(world.admin->address())},
                                        {"operation", operation}});
        out.set("metadata", must(json::parse(R"({"main":{"type":"Operation","name":"op"}})")));
        out.set("params", must(json::parse(Terms().constraint)));
        return must(asset::seal(out, 1'700'000'000));
    };
    const auto cid = must(world.registry().documents().put(document(stored).text));
    must(world.chain().publish_template(*world.admin, deal.op, "op", document(reviewed).checksum, cid));
    deal.dt = world.mint(world.bank_a, world.leaf(deal.op, Terms().constraint));
    deal.cdt = world.mint(world.company, world.algorithm({{deal.dt, Terms().arguments}}));
    deal.children = {{deal.dt, world.bank_a}};
    world.activate(deal);
    world.register_job(deal);
    return deal;
}

}  // namespace

TEST_CASE("documents that are not what the ledger says") {
    for (const bool legacy : {false, true}) {
        World::Options options;
        options.accept_legacy_checksum = legacy;
        World world(options);
        const auto change = [&](auto how) {
            Deal deal = world.deal();
            how(deal);
            return deal;
        };
        const auto file_of = [&](const TokenId& dt) {
            return world.document_file(must(world.chain().token(dt)).document);
        };
        const auto template_file = [&](const TokenId& tid) {
            return world.document_file(must(world.chain().op_template(tid)).document);
        };
        const struct {
            std::string name;
            Deal deal;
            int status;
            const char* code;
        } kRows[] = {
            {"the DDO's bytes changed in the store",
             change([&](Deal& d) { tamper(file_of(d.dt), "\"price\":1", "\"price\":2"); }), 403, "document_mismatch"},
            {"the cdt's bytes changed in the store",
             change([&](Deal& d) { tamper(file_of(d.cdt), "\"rows\":10", "\"rows\":11"); }), 403, "document_mismatch"},
            {"the DDO's checksum is another", change([&](Deal& d) {
                 d = world.offer();
                 d.dt = world.mint(world.bank_a, world.leaf(d.op, Terms().constraint), Bytes32{});
                 d.cdt = world.mint(world.company, world.algorithm({{d.dt, Terms().arguments}}));
                 d.children = {{d.dt, world.bank_a}};
                 world.activate(d);
                 world.register_job(d);
             }),
             403, "document_mismatch"},
            {"the DDO is gone", change([&](Deal& d) { std::filesystem::remove(file_of(d.dt)); }), 503,
             "document_unavailable"},
            {"the code's bytes changed in the store",
             change([&](Deal& d) { tamper(template_file(d.op), "print('done')", "print('evil')"); }), 403,
             "template_mismatch"},
            {"only white space changed in the stored code",
             change([&](Deal& d) { tamper(template_file(d.op), "print('done')", "print( 'done')"); }), 403,
             "template_mismatch"},
            {"other code under the reviewed checksum", deal_with_swapped_code(world, "print(1)\n", "print(2)\n"), 403,
             "template_mismatch"},
            {"code with another indentation under the reviewed checksum",
             deal_with_swapped_code(world, "if a:\n    b()\nc()\n", "if a:\n    b()\n    c()\n"), 403,
             "template_mismatch"},
            {"template updated after publishing", change([&](Deal& d) {
                 OperatorDraft draft{R"({"main":{"type":"Operation","name":"alone"}})", "print('new')\n",
                                     Terms().constraint, d.op};
                 must(world.registry().update_operator(*world.admin, draft));
             }),
             403, "template_changed"},
        };
        for (const auto& row : kRows)
            for (const auto method : kAll) {
                INFO(row.name << " at " << route_of(method) << ", legacy checksums accepted: " << legacy);
                check_refused(world, world.ask(method, row.deal), row.status, row.code, "dt:ownership:");
            }
        check_nothing_admitted(world);
    }
}

TEST_CASE("terms that pin no code") {
    World world;
    const auto op = world.add_operator("print('done')\n");
    auto attributes = world.leaf(op, Terms().constraint);
    const auto id = must(random_token(*Random::system()));
    auto document = asset::make_ddo(attributes, id, world.bank_a->address());
    const auto sealed = must(asset::seal(document, 1'700'000'000));
    const auto cid = must(world.registry().documents().put(sealed.text));
    must(world.chain().mint(*world.bank_a, id, true, sealed.checksum, cid));
    Deal deal{op, id, world.mint(world.company, world.algorithm({{id, Terms().arguments}})), {{id, world.bank_a}}, 0};
    world.activate(deal);
    world.register_job(deal);
    for (const auto method : kAll)
        check_refused(world, world.ask(method, deal), 403, "template_unpinned", "template_checksum");
}

// Parties -----------------------------------------------------------------------------------------

TEST_CASE("one organisation in two of three parties") {
    World world;
    const struct {
        std::string name;
        std::vector<Key> owners;
        const char* code;
        std::string detail;
    } kRows[] = {
        {"two parties of ours", {world.bank_a, world.bank_b, world.bank_a}, "collusion", "bank a"},
        {"two parties of ours under two addresses", {world.bank_a, world.bank_b, world.bank_a2}, "collusion", "bank a"},
        {"two parties of the other bank", {world.bank_a, world.bank_b, world.bank_b}, "collusion", "bank b"},
    };
    for (const auto& row : kRows) {
        INFO(row.name);
        Deal deal = world.offer_joint(row.owners);
        check_refused(world, world.ask(Method::grantPermission, deal), 403, row.code, row.detail);
        CHECK_FALSE(must(world.chain().has_grant(deal.dt, deal.cdt)));
        world.activate(deal);
        world.register_job(deal);
        for (const auto method : kJob) check_refused(world, world.ask(method, deal), 403, row.code, row.detail);
    }
    check_nothing_admitted(world);
    SUBCASE("a peer speaks another protocol") {
        Deal deal = world.offer_joint({world.bank_a, world.bank_b, world.company});
        world.activate(deal);
        world.register_job(deal);
        for (const auto method : {Method::verify, Method::onPremiseCompute}) {
            auto body = world.about(method, deal);
            body.protocols = {{world.bank_b->address(), {"c2d-mpc/1"}}};
            check_refused(world, world.post(route_of(method), world.sign(world.company, body)), 409, "peer_version",
                          "c2d-mpc/1");
        }
        check_nothing_admitted(world);
        auto body = world.about(Method::verify, deal);
        body.protocols = {{world.bank_b->address(), {"c2d-mpc/3", "c2d-mpc/2"}}};
        CHECK(world.post("/v1/verify", world.sign(world.company, body)).status == 200);
    }
    SUBCASE("a party is missing") {
        const Deal deal = world.offer_joint({world.bank_a, world.bank_b});
        check_refused(world, world.ask(Method::grantPermission, deal), 403, "parties_incomplete", "3 parties");
    }
    SUBCASE("the organisations grew together after the job was registered") {
        Deal deal = world.offer_joint({world.bank_a, world.bank_b, world.company});
        world.activate(deal);
        world.register_job(deal);
        CHECK(world.ask(Method::verify, deal).status == 200);
        must(world.chain().update_enterprise(*world.admin, world.company->address(), "BANK A", "bought"));
        for (const auto method : kJob) check_refused(world, world.ask(method, deal), 403, "collusion", "bank a");
    }
}

}  // namespace c2d::test
