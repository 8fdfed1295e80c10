/// What an administrator is told of an organisation's name and legal id.
#include "support/must.hpp"
#include "tools/cli/legal_id.hpp"
#include "tools/cli/organisation_name.hpp"

#include <doctest/doctest.h>

using namespace c2d;
using namespace c2d::cli;
using support::must;

namespace {

Address address(std::uint8_t last) {
    Address out;
    out.data[19] = last;
    return out;
}

std::string problems(std::string_view name) {
    std::string out;
    for (const auto& problem : must(name_problems(name))) out += problem + ";";
    return out;
}

}  // namespace

TEST_CASE("names that look alike have one skeleton") {
    const auto same = [](std::string_view one, std::string_view other) {
        return must(name_skeleton(one)) == must(name_skeleton(other));
    };
    CHECK(same("Bank A", "Bank \u0410"));  // Cyrillic
    CHECK(same("Bank A", "B\u0430nk A"));
    CHECK(same("Bank l", "Bank 1"));
    CHECK(same("Bank A", "Bank\u00a0A"));
    CHECK(same("Bank A", "  Bank   A "));
    CHECK(same("rn", "m"));
    CHECK_FALSE(same("Bank A", "Bank B"));
    CHECK_FALSE(same("Bank A", "BankA"));
    CHECK_FALSE(same("\u94f6\u884c", "\u884c\u94f6"));
    CHECK(name_skeleton("\xff").status() == Status::INVALID_ARGUMENT);
    CHECK(name_skeleton(std::string(4'097, 'a')).status() == Status::INVALID_ARGUMENT);
    CHECK(must(name_skeleton(std::string(4'096, 'm'))).size() == 2 * 4'096);
}

TEST_CASE("a name that hides something, or mixes scripts, is told") {
    for (const auto* name : {"Bank A", "B\u00e4nk \u00c9", "\u0411\u0430\u043d\u043a",
                             "\u682a\u5f0f\u4f1a\u793e\u30a2 ABC", "7 Banks & Co."})
        CHECK_MESSAGE(problems(name).empty(), problems(name));
    CHECK(problems("Bank\u202e A\u202e").find("U+202E;") != std::string::npos);
    CHECK(problems("Bank\u200bA").find("U+200B") != std::string::npos);
    CHECK(problems("Bank\nA").find("U+000A") != std::string::npos);
    CHECK(problems("B\u0430nk A").find("mixes scripts") != std::string::npos);
    CHECK(problems("Bank 1\u0967").find("digits") != std::string::npos);
    CHECK(problems("").find("empty") != std::string::npos);
    CHECK(problems("  ").find("empty") != std::string::npos);
}

TEST_CASE("a name is compared with those of other addresses") {
    const std::vector<RegisteredEnterprise> registered = {{address(1), {"\xff", ""}}, {address(2), {"Bank A", ""}}};
    const auto found = must(names_like("B\u0430nk A", address(3), registered));
    REQUIRE(found.size() == 1);
    CHECK(found[0].id == address(2));
    CHECK(must(names_like("Bank A", address(2), registered)).empty());
    CHECK(must(names_like("Bank B", address(3), registered)).empty());
    // Terms that name a party do not tell these apart.
    for (const auto* alike : {"bank a", "BANK A", "bAnK  a", "b\u0430nk a", "Bank \u0410"})
        CHECK_MESSAGE(must(names_like(alike, address(3), registered)).size() == 1, alike);
    CHECK(must(names_like("BankA", address(3), registered)).empty());
    // A large I is like a small l, a small i is not.
    CHECK(must(names_like("AI", address(3), {{address(2), {"Al", ""}}})).size() == 1);
    CHECK(must(names_like("Ai", address(3), {{address(2), {"Al", ""}}})).empty());
}

TEST_CASE("a legal id is an LEI whose check digits hold, or a country and its number") {
    // Of GLEIF and of a bank.
    for (const auto* good :
         {"", "506700GE1G29325QX363", "7LTWFZYICNSX8D621K86", "DE:HRB12345", "GB:00-1.2/3:4", "FR:1"})
        CHECK_MESSAGE(check_legal_id(good).ok(), good);
    CHECK(check_legal_id("DE:" + std::string(61, '1')).ok());
    for (const auto& bad :
         {std::string("506700GE1G29325QX364"), std::string("506700GE1G29325QX36"), std::string("506700ge1g29325qx363"),
          std::string("506700GE1G29325QX3A3"), std::string("de:1"), std::string("DE:"), std::string("DEU:1"),
          std::string("D1:1"), std::string("DE:hrb"), std::string("DE:HRB 1"), std::string("DE:\u0410"),
          "DE:" + std::string(62, '1')})
        CHECK_MESSAGE(check_legal_id(bad).status() == Status::INVALID_ARGUMENT, bad);
}

TEST_CASE("legal ids that people take for one another") {
    for (const auto* alike : {"DE:HRB-10", "DE:HRB010", "DE:HRBIO", "DE:HRBL0", "DE/HRB.10", "DEHRB0010"})
        CHECK_MESSAGE(legal_ids_alike("DE:HRB10", alike), alike);
    for (const auto* other : {"DE:HRB10", "", "DE:HRB100", "DE:HRB11", "FR:HRB10", "DE:HRA10", "DE:HRB1"})
        CHECK_FALSE_MESSAGE(legal_ids_alike("DE:HRB10", other), other);
}
