#include "asset/ddo.hpp"

#include "support/world.hpp"

using namespace c2d;
using support::json_of;
using support::named_id;

namespace {

const std::string kToken = token_text(named_id("t"));
const std::string kChild = token_text(named_id("child"));
const std::string kCreator = address_text(support::named_address("bank"));

json::Value leaf() {
    return json_of(fmt::format(
        R"({{"dt":"{}","creator":"{}","metadata":{{"main":{{"type":"Dataset","name":"rows"}}}},
        "child_dts":null,"services":[{{"index":"s","endpoint":"host:1","attributes":{{"path":"./inputs/x"}},
        "descriptor":{{"template":"{}","template_checksum":"{}","constraint":{{"a":1}}}}}}]}})",
        kToken, kCreator, token_text(named_id("op")), std::string(64, 'a')));
}
json::Value composed(std::string_view type = "Algorithm") {
    return json_of(fmt::format(
        R"({{"dt":"{}","creator":"{}","metadata":{{"main":{{"type":"{}","name":"model"}}}},
        "child_dts":["{}"],"services":[{{"index":"s","endpoint":{{}},
        "descriptor":{{"workflow":{{"{}":{{"service":"x","constraint":{{"a":1}}}}}}}}}}]}})",
        kToken, kCreator, type, kChild, kChild));
}
json::Value template_document() {
    return json_of(fmt::format(
        R"x({{"tid":"{}","creator":"{}","metadata":{{"main":{{"type":"Operation","name":"mean"}}}},
        "operation":"print(1)","params":{{"a":{{}}}}}})x",
        kToken, kCreator));
}

/// The document with one member, given by its path, replaced; absent when `text` is empty.
json::Value with(json::Value document, std::vector<std::string> path, std::string_view text) {
    json::Value* at = &document;
    const auto last = path.back();
    path.pop_back();
    for (const auto& key : path) {
        at = at->is_array() ? &at->items()[std::stoul(key)] : at->find(key);
        REQUIRE(at);
    }
    if (text.empty())
        at->erase(last);
    else if (at->is_array())
        at->items()[std::stoul(last)] = json_of(text);
    else
        at->set(last, json_of(text));
    return document;
}

}  // namespace

TEST_CASE("a leaf's document is read into what the rules speak of") {
    const auto ddo = support::must(asset::read_ddo(leaf()));
    CHECK(ddo.dt == named_id("t"));
    CHECK(ddo.creator == support::named_address("bank"));
    CHECK(ddo.type == "Dataset");
    CHECK(ddo.name == "rows");
    CHECK(ddo.is_leaf());
    CHECK_FALSE(ddo.is_algorithm());
    REQUIRE(ddo.services.size() == 1);
    CHECK(ddo.services[0].endpoint == "host:1");
    CHECK(ddo.services[0].op_template == named_id("op"));
    CHECK(ddo.services[0].template_checksum.has_value());
    CHECK(json::compact(ddo.services[0].constraint) == R"({"a":1})");
    CHECK(ddo.find_service("s") == &ddo.services[0]);
    CHECK(ddo.find_service("S") == nullptr);
}

TEST_CASE("a composition's document is read with its workflow; an endpoint of {} is none") {
    const auto ddo = support::must(asset::read_ddo(composed()));
    CHECK(ddo.is_algorithm());
    CHECK(ddo.children == std::vector{named_id("child")});
    REQUIRE(ddo.services[0].workflow.size() == 1);
    CHECK(ddo.services[0].workflow[0].child == named_id("child"));
    CHECK(ddo.services[0].workflow[0].service == "x");
    CHECK(ddo.services[0].endpoint.empty());
    CHECK_FALSE(support::must(asset::read_ddo(composed("Dataset"))).is_algorithm());
}

TEST_CASE("a leaf's document of another form is refused") {
    const std::string step =
        R"({"index":"s","descriptor":{"template":")" + token_text(named_id("op")) + R"(","constraint":{}}})";
    const std::pair<std::vector<std::string>, std::string> cases[] = {
        {{"dt"}, ""},
        {{"dt"}, "5"},
        {{"dt"}, "\"dt:ownership:12\""},
        {{"dt"}, "\"dt:ownership:" + std::string(64, '0') + "\""},
        {{"creator"}, ""},
        {{"creator"}, "\"0x12\""},
        {{"creator"}, "7"},
        {{"metadata"}, ""},
        {{"metadata", "main", "type"}, "\"Data\""},
        {{"metadata", "main", "type"}, "\"Operation\""},
        {{"metadata", "main", "type"}, "\"Algorithm\""},
        {{"child_dts"}, "7"},
        {{"child_dts"}, "[7]"},
        {{"child_dts"}, "{}"},
        {{"services"}, ""},
        {{"services"}, "[]"},
        {{"services"}, "{}"},
        {{"services"}, "[1]"},
        {{"services"}, "[" + step + "," + step + "]"},
        {{"services", "0", "index"}, ""},
        {{"services", "0", "index"}, "\"\""},
        {{"services", "0", "index"}, "1"},
        {{"services", "0", "descriptor"}, ""},
        {{"services", "0", "descriptor"}, "[]"},
        {{"services", "0", "descriptor", "template"}, ""},
        {{"services", "0", "descriptor", "template"}, "\"x\""},
        {{"services", "0", "descriptor", "constraint"}, ""},
        {{"services", "0", "descriptor", "constraint"}, "1"},
        {{"services", "0", "descriptor", "template_checksum"}, "\"12\""},
        {{"services", "0", "descriptor", "template_checksum"}, "12"}};
    for (const auto& [path, value] : cases) {
        const auto shown = fmt::format("{} = {}", fmt::join(path, "/"), value);
        CAPTURE(shown);
        CHECK(asset::read_ddo(with(leaf(), path, value)).status() == Status::INVALID_ARGUMENT);
    }
    CHECK(asset::read_ddo(json_of("[]")).status() == Status::INVALID_ARGUMENT);
}

TEST_CASE("a composition's document of another form is refused") {
    const std::string child = '"' + kChild + '"';
    const std::string workflow_of = R"({")" + kChild + R"(":)";
    const std::pair<std::vector<std::string>, std::string> cases[] = {
        {{"child_dts"}, "[" + child + "," + child + "]"},
        {{"services", "0", "descriptor", "workflow"}, ""},
        {{"services", "0", "descriptor", "workflow"}, "[]"},
        {{"services", "0", "descriptor", "workflow"}, R"({"x":{"service":"x","constraint":{}}})"},
        {{"services", "0", "descriptor", "workflow"}, workflow_of + R"({"service":"x"}})"},
        {{"services", "0", "descriptor", "workflow"}, workflow_of + R"({"service":1,"constraint":{}}})"},
        {{"services", "0", "descriptor", "workflow"}, workflow_of + R"({"service":"x","constraint":1}})"},
        {{"services", "0", "descriptor", "workflow"}, workflow_of + "1}"}};
    for (const auto& [path, value] : cases) {
        const auto shown = fmt::format("{} = {}", fmt::join(path, "/"), value);
        CAPTURE(shown);
        CHECK(asset::read_ddo(with(composed(), path, value)).status() == Status::INVALID_ARGUMENT);
    }
}

TEST_CASE("an Algorithm has children and exactly one service") {
    auto two = composed();
    auto second = two.find("services")->items()[0];
    second.set("index", "second");
    two.find("services")->push_back(second);
    CHECK(asset::read_ddo(two).status() == Status::INVALID_ARGUMENT);
    CHECK(asset::read_ddo(with(two, {"metadata", "main", "type"}, "\"Dataset\"")).ok());
    CHECK(asset::read_ddo(with(composed(), {"child_dts"}, "[]")).status() == Status::INVALID_ARGUMENT);
}

TEST_CASE("documents are bounded: 64 services, 256 children") {
    auto document = leaf();
    const auto service = document.find("services")->items()[0];
    auto& services = *document.find("services");
    for (int i = 1; i < 64; ++i) {
        services.push_back(service);
        services.items().back().set("index", std::to_string(i));
    }
    CHECK(asset::read_ddo(document).ok());
    services.push_back(service);
    services.items().back().set("index", "one more");
    CHECK(asset::read_ddo(document).status() == Status::INVALID_ARGUMENT);

    auto many = composed("Dataset");
    auto& children = *many.find("child_dts");
    for (int i = 1; i < 256; ++i) children.push_back(token_text(named_id("child " + std::to_string(i))));
    CHECK(asset::read_ddo(many).ok());
    children.push_back(token_text(named_id("one more")));
    CHECK(asset::read_ddo(many).status() == Status::INVALID_ARGUMENT);
}

TEST_CASE("a template is read with its parameters, also when they stand there as text") {
    auto document = support::must(asset::read_op_template(template_document()));
    CHECK(document.operation == "print(1)");
    CHECK(json::compact(document.params) == R"({"a":{}})");
    CHECK_FALSE(document.protocol.is_joint());
    document = support::must(asset::read_op_template(with(template_document(), {"params"}, R"("{\"b\": {}}")")));
    CHECK(json::compact(document.params) == R"({"b":{}})");
}

TEST_CASE("a template of another form is refused") {
    const std::pair<std::vector<std::string>, std::string> cases[] = {
        {{"tid"}, ""},    {{"creator"}, ""},  {{"operation"}, ""},    {{"operation"}, "\"\""}, {{"operation"}, "1"},
        {{"params"}, ""}, {{"params"}, "[]"}, {{"params"}, "\"[]\""}, {{"params"}, "\"{\""},   {{"params"}, "null"}};
    for (const auto& [path, value] : cases) {
        const auto shown = fmt::format("{} = {}", fmt::join(path, "/"), value);
        CAPTURE(shown);
        CHECK(asset::read_op_template(with(template_document(), path, value)).status() == Status::INVALID_ARGUMENT);
    }
}

TEST_CASE("a protocol names its parties, fewer of which may collude") {
    const auto protocol = [](std::string_view mpc) {
        return asset::read_protocol(json_of(fmt::format(R"({{"metadata":{{"main":{{"mpc":{}}}}}}})", mpc)));
    };
    auto terms = support::must(protocol(R"({"parties":3,"threshold":1})"));
    CHECK(terms.parties == 3);
    CHECK(terms.threshold == 1);
    CHECK(terms.party == "party_id");
    CHECK(terms.endpoints == "exec_endpoints");
    terms = support::must(protocol(R"({"parties":2,"threshold":0,"party":"who","endpoints":"where"})"));
    CHECK(terms.party == "who");
    CHECK(terms.endpoints == "where");
    for (const char* bad :
         {"null", "3", R"({"parties":3})", R"({"threshold":1})", R"({"parties":0,"threshold":0})",
          R"({"parties":3,"threshold":3})", R"({"parties":17,"threshold":1})", R"({"parties":2.5,"threshold":1})",
          R"({"parties":3,"threshold":-1})", R"({"parties":3,"threshold":1,"party":""})",
          R"({"parties":3,"threshold":1,"endpoints":5})"}) {
        CAPTURE(std::string(bad));
        CHECK(protocol(bad).status() == Status::INVALID_ARGUMENT);
    }
}
