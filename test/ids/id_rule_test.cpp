#include "ids/id_rule.hpp"

#include <doctest/doctest.h>

using namespace c2d;
using mpc::IdRule;

namespace {

/// What a rule makes of a value; the problem in brackets where there is one.
std::string normalised(const IdRule& rule, std::string_view value) {
    IdNormaliser normaliser(rule);
    Bytes out;
    const IdProblem problem = normaliser.append(value, out);
    return problem == IdProblem::none ? std::string(as_text(out)) : "<" + std::string(text_of(problem)) + ">";
}

constexpr IdRule kNothing{.trim = false};
constexpr IdRule kFold{.fold_case = true};
constexpr IdRule kNfkc{.nfkc = true};
constexpr IdRule kDigits{.digits_only = true};
constexpr IdRule kBoth{.nfkc = true, .fold_case = true};

}  // namespace

TEST_CASE("each rule does what it says, and no more") {
    CHECK(normalised(kNothing, " Ab\t") == " Ab\t");
    CHECK(normalised({}, " \t Ab c\r\n") == "Ab c");
    CHECK(normalised(kFold, " AbZ@[ ") == "abz@[");
    CHECK(normalised(kDigits, " 4400-A123/7 ") == "44001237");
    CHECK(normalised(kNothing, "\xff\xfe") == "\xff\xfe");  // bytes, where no rule reads text
}

TEST_CASE("text beyond ASCII") {
    // Full-width digits and letters, the ligature fi, an ideographic space at the end.
    CHECK(normalised(kNfkc, "\uff11\uff12\uff21\ufb01\u3000") == "12Afi");
    CHECK(normalised({}, "\uff11") == "\uff11");
    CHECK(normalised({.nfkc = true, .digits_only = true}, "\uff14\uff12-\u2460") == "421");
    CHECK(normalised({.digits_only = true}, "\uff14\uff12") == "<the id is empty>");
    CHECK(normalised(kFold, "STRASSE \u00c4") == "strasse \u00e4");
    CHECK(normalised(kFold, "stra\u00dfe") == "strasse");
    CHECK(normalised(kFold, "\u03a3\u03c2") == "\u03c3\u03c3");  // both forms of sigma
    // Composed and decomposed are the same, in either order of the two steps.
    CHECK(normalised(kNfkc, "e\u0301") == normalised(kNfkc, "\u00e9"));
    CHECK(normalised(kBoth, "E\u0301") == normalised(kBoth, "\u00c9"));
    // Folding U+1E9E's like of Greek undoes the composition: composed again.
    CHECK(normalised(kBoth, "\u1f88") == normalised(kBoth, normalised(kBoth, "\u1f88")));
}

TEST_CASE("what cannot be an id") {
    CHECK(normalised({}, "") == "<the id is empty>");
    CHECK(normalised({}, " \t ") == "<the id is empty>");
    CHECK(normalised(kNothing, " ") == " ");
    CHECK(normalised(kDigits, "none") == "<the id is empty>");
    CHECK(normalised(kNfkc, "\u3000") == "<the id is empty>");
    CHECK(normalised({}, std::string(mpc::kIdBytesMax, 'x')) == std::string(mpc::kIdBytesMax, 'x'));
    CHECK(normalised({}, std::string(4096, 'x')) == "<the id is longer than 1024 bytes>");
    for (const std::string bad : {"\xff", "a\xc3", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80"}) {
        CAPTURE(bad);
        CHECK(normalised(kNfkc, bad) == "<the id is not UTF-8, which its rule needs>");
        CHECK(normalised(kFold, bad) == "<the id is not UTF-8, which its rule needs>");
    }
    // One sign that becomes eighteen, as often as fits: longer than an id may be, and no more than that.
    std::string grows;
    while (grows.size() + 3 <= mpc::kIdBytesMax) grows += "\ufdfa";
    CHECK(normalised(kBoth, grows) == "<the id is longer than 1024 bytes>");
}

TEST_CASE("one normaliser, many values: nothing of one reaches the next") {
    IdNormaliser normaliser(kBoth);
    for (int i = 0; i < 3; ++i) {
        Bytes out;
        CHECK(normaliser.append("\uff21BC", out) == IdProblem::none);
        CHECK(as_text(out) == "abc");
        CHECK(normaliser.append("\xff", out) == IdProblem::not_utf8);
        CHECK(normaliser.append("\u00c4", out) == IdProblem::none);
        CHECK(as_text(out) == "abc\u00e4");
    }
}
