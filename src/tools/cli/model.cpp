// dt-cli model: models that their owners let be opened, used on tables in the clear, and written for other programs.

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"
#include "tools/cli/command.hpp"

#include <c2d/exported_model.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace c2d::cli {

namespace {

using json::Value;

constexpr std::size_t kModelBytesMax = std::size_t{64} << 20;

Result<ExportedModel> read_model(const std::string& path) {
    C2D_TRY(const auto text, read_file(path, kModelBytesMax));
    auto model = ExportedModel::parse(text);
    if (!model) return fail(model.status(), "{}: {}", path, model.error().message);
    return model;
}

std::string kind_of(const ExportedModel& model) {
    return model.kind() == ExportedModel::Kind::scorecard ? "scorecard" : "logistic regression";
}

struct ShowModel {
    static constexpr About about{"show", "tell what a model is and which columns it takes",
                                 "dt-cli model show model.json"};
    std::string file;

    void declare(Args& args) { args.required("file", file, "the model, as the operator open_model wrote it"); }
    Result<int> run(Session& session) {
        C2D_TRY(const auto model, read_model(file));
        json::Array columns;
        std::string text = fmt::format("{} {}\n", kind_of(model), display_text(model.name(), 80));
        for (const auto& rule : model.rules())
            for (const auto& column : rule.columns()) {
                if (column.treatment == table::Treatment::drop) continue;
                columns.push_back(Value::object({{"name", column.name}, {"type", table::type_name(column.type)}}));
                text += row({column.name, table::type_name(column.type)});
            }
        const PointScale& scale = model.scale();
        text +=
            fmt::format("{} points at odds {}, {} more double them\n", scale.points, scale.odds, scale.double_after);
        session.output.answer(Value::object({{"model", kind_of(model)},
                                             {"name", model.name()},
                                             {"columns", std::move(columns)},
                                             {"points", scale.points},
                                             {"odds", scale.odds},
                                             {"double", scale.double_after}}),
                              text);
        return 0;
    }
};

struct WritePmml {
    static constexpr About about{"pmml", "write a model as PMML 4.4, for programs that know nothing of c2d",
                                 "dt-cli model pmml model.json --out model.pmml"};
    std::string file, out;

    void declare(Args& args) {
        args.required("file", file, "the model, as the operator open_model wrote it");
        args.optional("--out", out, "where to write it (default: standard output)");
    }
    Result<int> run(Session& session) {
        C2D_TRY(const auto model, read_model(file));
        C2D_TRY(const auto text, model.pmml());
        if (out.empty()) {
            Output::answer_as_is(text);
        } else {
            C2D_CHECK(write_file_atomic(out, text));
            session.output.answer(Value::object({{"pmml", out}}), out + "\n");
        }
        return 0;
    }
};

/// Rows of several tables that stand for the same customers.
struct Joined {
    std::vector<table::Table> tables;
    std::vector<std::string> ids;
};

/// What training took as text, whatever it looks like in a table of few rows.
bool is_text(const ExportedModel& model, const std::string& name) {
    return std::ranges::any_of(model.rules(), [&](const table::PreprocessingRule& rule) {
        const auto column = std::ranges::find(rule.columns(), name, &table::ColumnRule::name);
        return column != rule.columns().end() && column->treatment != table::Treatment::drop &&
               column->type == table::Type::string;
    });
}

/// Ids are texts, too.
Result<table::Table> read_own(const std::string& path, const std::string& id, const ExportedModel& model) {
    table::ReadOptions options;
    options.id = id;
    C2D_TRY(auto found, table::check_table(path, options));
    if (std::ranges::find(found.schema.fields, id, &table::Field::name) == found.schema.fields.end())
        return fail(Status::INVALID_ARGUMENT, "{}: there is no column {}", path, display_text(id, 80));
    for (table::Field& field : found.schema.fields)
        if (field.name == id || is_text(model, field.name)) field.type = table::Type::string;
    options.schema = std::move(found.schema);
    return table::read_table(path, options);
}

using Places = std::map<std::string, std::uint64_t, std::less<>>;

/// Its ids, row by row.
Result<std::vector<std::string>> ids_of(const table::Table& table, const std::string& id) {
    C2D_TRY(const std::size_t at, table.index_of(id));
    std::vector<std::string> out;
    for (std::size_t row = 0; row < table.rows(); ++row) out.emplace_back(table.column(at).text(row));
    return out;
}

Result<Places> places_of(const std::vector<std::string>& ids) {
    Places out;
    for (std::size_t row = 0; row < ids.size(); ++row)
        if (!out.emplace(ids[row], row).second)
            return fail(Status::INVALID_ARGUMENT, "--id: {} stands in two rows", display_text(ids[row], 80));
    return out;
}

/// What all tables have, in the order of the first.
Result<Joined> join(const std::vector<table::Table>& tables, const std::string& id) {
    std::vector<Places> places;
    std::vector<std::string> first;
    for (const auto& one : tables) {
        C2D_TRY(const auto ids, ids_of(one, id));
        C2D_TRY(places.emplace_back(), places_of(ids));
        if (first.empty()) first = ids;
    }
    std::vector<std::vector<std::uint64_t>> rows(tables.size());
    Joined out;
    for (const std::string& own : first) {
        const auto has = [&](const Places& of) { return of.contains(own); };
        if (!std::ranges::all_of(places, has)) continue;
        out.ids.push_back(own);
        for (std::size_t i = 0; i < tables.size(); ++i) rows[i].push_back(places[i].find(own)->second);
    }
    for (std::size_t i = 0; i < tables.size(); ++i) {
        C2D_TRY(out.tables.emplace_back(), tables[i].take(rows[i]));
    }
    return out;
}

struct ScoreTables {
    static constexpr About about{"score", "score the rows of tables in the clear",
                                 "dt-cli model score model.json --table a.csv --table b.csv --id customer_id"};
    std::string file, id, out;
    std::vector<std::string> files;
    bool probability = false;

    void declare(Args& args) {
        args.required("file", file, "the model, as the operator open_model wrote it");
        args.required("--table", files,
                      "a table of each owner, in the order of the model's; or one with the columns of all")
            ->allow_extra_args(false);
        args.required("--id", id, "the column that names customers, in every table");
        args.flag("--probability", probability, "the probability of label 1 besides");
        args.optional("--out", out, "where to write the scores (default: standard output)");
    }
    Result<int> run(Session& session) {
        C2D_TRY(const auto model, read_model(file));
        std::vector<table::Table> tables;
        for (const auto& path : files) {
            C2D_TRY(tables.emplace_back(), read_own(path, id, model));
        }
        C2D_TRY(const Joined joined, join(tables, id));
        C2D_TRY(const auto scores, model.score(joined.tables));
        const std::string text = csv(joined.ids, scores);
        if (out.empty()) {
            Output::answer_as_is(text);
            return 0;
        }
        C2D_CHECK(write_file_atomic(out, text));
        session.output.answer(Value::object({{"scores", out}, {"rows", joined.ids.size()}}),
                              fmt::format("{}: {} rows\n", out, joined.ids.size()));
        return 0;
    }

private:
    std::string csv(const std::vector<std::string>& ids, const ModelScores& scores) const {
        std::string text = probability ? "id,points,probability\n" : "id,points\n";
        for (std::size_t row = 0; row < ids.size(); ++row) {
            text += quoted(ids[row]) + fmt::format(",{:.0f}", scores.points[row]);
            if (probability) text += fmt::format(",{:.6f}", scores.probabilities[row]);
            text += '\n';
        }
        return text;
    }
    static std::string quoted(const std::string& cell) {
        if (cell.find_first_of(",\"\r\n") == std::string::npos) return cell;
        std::string out = "\"";
        for (const char c : cell) out += c == '"' ? std::string("\"\"") : std::string(1, c);
        return out + "\"";
    }
};

}  // namespace

void add_model(const Group& program) {
    const Group group = program.group("model", "use a model that its owners let be opened");
    group.add<ShowModel>();
    group.add<WritePmml>();
    group.add<ScoreTables>();
}

}  // namespace c2d::cli
