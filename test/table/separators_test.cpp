#include "table/csv/separators.hpp"

#include <doctest/doctest.h>

#include <random>

using namespace c2d::table;

namespace {

/// What a scanner that looks at one byte after the other finds.
struct Plain {
    std::vector<std::uint32_t> cells, records, quoted;
    std::uint32_t stray = Separators::kNowhere;
    bool within = false;
};

Plain scan_plainly(std::string_view text, Marks marks) {
    Plain out;
    const auto stray = [&](std::size_t at) {
        if (out.stray == Separators::kNowhere) out.stray = std::uint32_t(at);
    };
    bool may_open = true, closed = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        const bool end = c == marks.delimiter || c == marks.newline;
        if (closed && !end && c != marks.quote && c != '\r') stray(i);
        if (c == marks.quote && !out.within && !may_open) stray(i);
        const bool closing = c == marks.quote && out.within;
        if (c == marks.quote) out.within = !out.within;
        if (end && !out.within) {
            if (c == marks.newline) out.records.push_back(std::uint32_t(out.cells.size()));
            out.cells.push_back(std::uint32_t(i));
        } else if (c == marks.newline) {
            out.quoted.push_back(std::uint32_t(i));
        }
        closed = closing;
        may_open = (end && !out.within) || closing;
    }
    return out;
}

std::string random_text(std::mt19937& random, std::size_t size) {
    constexpr std::string_view kAlphabet = "ab,,\"\n\r";
    std::string out;
    for (std::size_t i = 0; i < size; ++i) out += kAlphabet[random() % kAlphabet.size()];
    return out;
}

}  // namespace

TEST_CASE("separators: random text, in one piece and in many, gives what one byte after the other gives") {
    std::mt19937 random(7);
    for (int round = 0; round < 2000; ++round) {
        const std::string text = random_text(random, random() % 300);
        const Marks marks{',', '"', '\n'};
        const Plain wanted = scan_plainly(text, marks);
        Separators whole(marks), pieces(marks);
        whole.scan(text, 0);
        for (std::size_t from = 0; from < text.size();) {
            const std::size_t end = std::min(text.size(), from + 1 + random() % 90);
            pieces.scan(std::string_view(text).substr(0, end), from);
            from = end;
        }
        for (const auto* found : {&whole, &pieces}) {
            REQUIRE(found->cells() == wanted.cells);
            REQUIRE(found->records() == wanted.records);
            REQUIRE(found->quoted_newlines() == wanted.quoted);
            REQUIRE(found->stray_quote() == wanted.stray);
            REQUIRE(found->within_quotes() == wanted.within);
        }
    }
}

TEST_CASE("separators: without a quote character quotes are bytes like others") {
    Separators found({';', 0, '\n'});
    found.scan("a\"b;c\n", 0);
    CHECK(found.cells() == std::vector<std::uint32_t>{3, 5});
    CHECK(found.stray_quote() == Separators::kNowhere);
}

TEST_CASE("separators: what was taken is forgotten, and places count from what is left") {
    Separators found({',', '"', '\n'});
    found.scan("a,b\nc,\"\n\"\nd", 0);
    found.drop(2, 1, 4);
    CHECK(found.cells() == std::vector<std::uint32_t>{1, 5});
    CHECK(found.records() == std::vector<std::uint32_t>{1});
    CHECK(found.quoted_newlines() == std::vector<std::uint32_t>{3});
}
