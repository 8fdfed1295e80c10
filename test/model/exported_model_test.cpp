/// Models that were opened: read back as they were written, scored as on shares, written as PMML.

#include "support/must.hpp"

#include <c2d/exported_model.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <string>

using namespace c2d;
using c2d::support::must;

namespace {

constexpr const char* kRegression =
    R"({"binding":"0x01","intercept":-1.5,"model":"logistic regression","name":"model","rules":[)"
    R"({"party":0,"rule":{"columns":[{"as":"number","clip":[-2,3],"fill":0.5,"flag":true,"mean":0.25,"missing_seen":true,"name":"amount","scale":2,"type":"number"},)"
    R"({"as":"one_hot","missing":true,"missing_seen":true,"name":"home & land","other":true,"type":"string","values":["own","rent"]},)"
    R"({"as":"drop","name":"id","type":"string","why":"an id"}],"version":1}},)"
    R"({"party":1,"rule":{"columns":[{"as":"number","log":true,"name":"balance","type":"integer"}],"version":1}}],)"
    R"("scale":{"double":20,"odds":50,"points":600},"version":1,"weights":[0.75,0.5,-0.25,0.125,1,-1,0.0625]})";

constexpr const char* kScorecard =
    R"({"binding":"0x02","model":"scorecard","name":"card","points":[[-2,0.5,1],[0.25,-0.5,0.75]],"rules":[)"
    R"({"party":0,"rule":{"columns":[{"as":"bins","edges":[0,2],"fill":1,"name":"age","numbered":true,"type":"integer"}],"version":1}},)"
    R"({"party":1,"rule":{"columns":[{"as":"one_hot","missing":true,"missing_seen":true,"name":"region","numbered":true,"type":"string","values":["N","S"]}],"version":1}}],)"
    R"("scale":{"double":20,"odds":50,"points":600},"version":1})";

table::Table table_of(std::string_view csv) { return must(table::parse_csv(csv, "t.csv")); }

double points(double logit) { return std::floor(600 - 20 / std::log(2.0) * (logit + std::log(50.0)) + 0.5); }

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    const auto at = text.find(from);
    REQUIRE(at != std::string::npos);
    return text.replace(at, from.size(), to);
}

std::size_t count_of(std::string_view text, std::string_view part) {
    std::size_t out = 0;
    for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + 1)) ++out;
    return out;
}

}  // namespace

TEST_CASE("what is written reads back as it was") {
    for (const char* text : {kRegression, kScorecard}) CHECK(must(ExportedModel::parse(text)).json() == text);
}

TEST_CASE("a regression scores as its formula says, from one table or one of each owner") {
    const ExportedModel model = must(ExportedModel::parse(kRegression));
    const auto a = table_of("amount,home & land\n1,own\n,rent\n-9,\n5,else\n"), b = table_of("balance\n0\n1\n-3\n7\n");
    const auto scores = must(model.score({a, b}));
    const double amount[] = {(1 - 0.25) / 2, (0.5 - 0.25) / 2, (-2 - 0.25) / 2, (3 - 0.25) / 2};
    const double home[] = {-0.25, 0.125, -1, 1}, balance[] = {0, std::log(2.0), -std::log(4.0), std::log(8.0)};
    for (std::size_t i = 0; i < 4; ++i) {
        const double logit = -1.5 + 0.75 * amount[i] + (i == 1 ? 0.5 : 0) + home[i] + 0.0625 * balance[i];
        CHECK(std::abs(scores.logits[i] - logit) <= 0x1p-15);
        CHECK(scores.points[i] == points(scores.logits[i]));
        CHECK(std::abs(scores.probabilities[i] - 1 / (1 + std::exp(-logit))) < 1e-4);
    }
    const auto both = table_of("amount,home & land,balance\n1,own,0\n,rent,1\n-9,,-3\n5,else,7\n");
    CHECK(must(model.score({both})).points == scores.points);
    CHECK(model.score({a}).status() == Status::INVALID_ARGUMENT);
    CHECK(model.score({}).status() == Status::INVALID_ARGUMENT);
    CHECK(model.score({a, table_of("balance\n0\n")}).error().message.find("4 and 1 rows") != std::string::npos);
    CHECK(model.score({b, a}).error().message.find("amount") != std::string::npos);
}

TEST_CASE("a number that no session would take, or a sum that none would hold, is refused by its row") {
    const ExportedModel model = must(ExportedModel::parse(kRegression));
    const auto a = table_of("amount,home & land\n1,own\n2,rent\n");
    const auto says = [&](const char* columns, const table::Table& b) {
        const auto scores = must(ExportedModel::parse(columns)).score({a, b});
        CHECK(scores.status() == Status::INVALID_ARGUMENT);
        return scores ? std::string() : scores.error().message;
    };
    const std::string as_it_is = replaced(kRegression, "\"log\":true,", "");
    for (const char* cell : {"1e300", "-1e7", "1048577"})
        CHECK(says(as_it_is.c_str(), table_of("balance\n5\n" + std::string(cell) + "\n"))
                  .find("column balance of row 2 is ") != std::string::npos);
    CHECK(must(must(ExportedModel::parse(as_it_is)).score({a, table_of("balance\n5\n1048576\n")})).logits[1] > 60000);
    const std::string heavy = replaced(as_it_is, "0.0625]", "1048576]");
    CHECK(says(heavy.c_str(), table_of("balance\n5\n1048576\n")).find("row 2 adds up to 1099511") != std::string::npos);
    CHECK(model.score({a, table_of("balance\n5\n1048577\n")}).ok());
}

TEST_CASE("a scorecard scores by its bins") {
    const ExportedModel model = must(ExportedModel::parse(kScorecard));
    const auto scores = must(model.score({table_of("age,region\n-1,N\n0,S\n1,N\n3,\n,S\n")}));
    const std::vector<double> wanted{-2 + 0.25, -2 - 0.5, 0.5 + 0.25, 1 + 0.75, 0.5 - 0.5};
    CHECK(scores.logits == wanted);
    for (std::size_t i = 0; i < wanted.size(); ++i) CHECK(scores.points[i] == points(wanted[i]));
}

TEST_CASE("what is no model is refused by the member that is wrong") {
    const auto says = [](const std::string& text) {
        const auto model = ExportedModel::parse(text);
        CHECK(model.status() == Status::INVALID_ARGUMENT);
        return model ? std::string() : model.error().message;
    };
    const auto contains = [](const std::string& text, const char* part) {
        return text.find(part) != std::string::npos;
    };
    CHECK(contains(says("[]"), "an object"));
    CHECK(
        contains(says(replaced(kRegression, R"("version":1,"weights")", R"("version":2,"weights")")), "model.version"));
    CHECK(contains(says(replaced(kRegression, "logistic regression", "trees")), "model.model"));
    CHECK(contains(says(replaced(kRegression, "[0.75,", "[")), "model.weights: expected a list of 7 numbers"));
    CHECK(contains(says(replaced(kRegression, "0.75,", "\"1\",")), "model.weights"));
    CHECK(contains(says(replaced(kRegression, "0.75,", "1e300,")), "model.weights"));
    CHECK(contains(says(replaced(kRegression, "-1.5", "null")), "model.intercept"));
    CHECK(contains(says(replaced(kRegression, "\"odds\":50", "\"odds\":0")), "model.scale"));
    CHECK(contains(says(replaced(kRegression, "\"party\":0", "\"party\":3")), "model.rules"));
    CHECK(contains(says(replaced(kRegression, "\"as\":\"number\"", "\"as\":\"numbers\"")), ""));
    CHECK(contains(says(replaced(kScorecard, "[-2,0.5,1]", "[-2,0.5]")), "model.points: expected a list of 3 numbers"));
    CHECK(contains(says(replaced(kScorecard, ",[0.25,-0.5,0.75]", "")), "model.points: expected lists of 2 columns"));
    CHECK(contains(says(replaced(kScorecard, "scorecard", "logistic regression")), "model.rules: column age"));
    CHECK(contains(says(replaced(kScorecard, "\"numbered\":true,", "")), "model.rules: column age"));
}

TEST_CASE("what would take much more memory than its bytes is not read") {
    std::string many = "[0";
    while (many.size() < 10'000'000) many += ",0,0,0,0,0,0,0,0";
    CHECK(ExportedModel::parse(many + "]").status() == Status::LIMIT);
    CHECK(ExportedModel::parse(std::string(65u << 20, ' ')).status() == Status::LIMIT);
    CHECK(ExportedModel::parse(std::string(100'000, '[')).status() == Status::LIMIT);
}

TEST_CASE("PMML of a regression: a field for each column, a coefficient for each prepared one") {
    const std::string pmml = must(must(ExportedModel::parse(kRegression)).pmml());
    CHECK(pmml.find(R"(<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">)") != std::string::npos);
    CHECK(pmml.find(R"(<DataDictionary numberOfFields="3">)") != std::string::npos);
    CHECK(count_of(pmml, "<DataField ") == 3);
    CHECK(count_of(pmml, "<DerivedField ") == 7);
    CHECK(count_of(pmml, "<NumericPredictor ") == 7);
    CHECK(pmml.find("name=\"home &amp; land\"") != std::string::npos);
    CHECK(pmml.find(R"(<RegressionTable intercept="-1.5">)") != std::string::npos);
}

TEST_CASE("PMML of a scorecard: a characteristic for each column, an attribute for each way into a bin") {
    const std::string pmml = must(must(ExportedModel::parse(kScorecard)).pmml());
    CHECK(count_of(pmml, "<Characteristic ") == 2);
    CHECK(count_of(pmml, "<Attribute ") == 4 + 4);
    CHECK(pmml.find(R"(reasonCodeAlgorithm="pointsBelow")") != std::string::npos);
    CHECK(count_of(pmml, "feature=\"reasonCode\"") == 2);
}

TEST_CASE("PMML of a scorecard: a column may be called as what the points are made of") {
    const std::string pmml = must(must(ExportedModel::parse(replaced(kScorecard, "\"region\"", "\"score\""))).pmml());
    CHECK(count_of(pmml, "<DataField name=\"score\"") == 1);
    CHECK(count_of(pmml, "<OutputField name=\"score\"") == 0);
    CHECK(pmml.find(R"(<Apply function="round"><FieldRef field="score'"/></Apply>)") != std::string::npos);
}

TEST_CASE("what PMML cannot say is refused by the column") {
    const auto refused = [](const std::string& text, const char* part) {
        const auto pmml = must(ExportedModel::parse(text)).pmml();
        CHECK_FALSE(pmml.ok());
        return !pmml && pmml.error().message.find(part) != std::string::npos;
    };
    CHECK(refused(replaced(kRegression, "\"name\":\"balance\"", "\"name\":\"amount\""),
                  "two tables have a column amount"));
    CHECK(refused(replaced(kRegression, "home & land", "home\\u0001"), "a character that XML does not have"));
    CHECK(refused(replaced(kRegression, "home & land", "home\\uffff"), "a character that XML does not have"));
    CHECK(refused(replaced(kScorecard, "\"card\"", "\"card\\u0001\""), "the model's name"));
    // Of an output and a column of one name the formula of the points would mean either.
    for (const char* name : {"points", "probability"})
        CHECK(refused(replaced(kRegression, "home & land", name), "has the name of an output"));
    for (const char* name : {"points", "reason_1", "reason_4"})
        CHECK(
            refused(replaced(kScorecard, "\"region\"", "\"" + std::string(name) + "\""), "has the name of an output"));
    CHECK(refused(replaced(kScorecard, "\"S\"", "\"S\\n\""), "a character that XML does not have"));
    CHECK(refused(replaced(kRegression, R"("name":"balance","type":"integer")",
                           R"("name":"balance","newest":"2026-01-01T00:00:00Z","type":"datetime")"),
                  "balance is a datetime"));
}
