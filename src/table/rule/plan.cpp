#include <c2d/preprocessing.hpp>

namespace c2d::table {

namespace {

constexpr std::pair<double, double> kClip = {0.005, 0.995};

ColumnPlan plan_for(const Field& field) {
    ColumnPlan out;
    out.name = field.name;
    if (field.role == Role::id) {
        out.treatment = Treatment::drop;
    } else if (field.type == Type::string) {
        out.treatment = Treatment::one_hot;
    } else if (field.type != Type::boolean) {
        out.clip_quantiles = kClip;
    }
    return out;
}

}  // namespace

std::vector<ColumnPlan> default_plan(const Schema& schema) {
    std::vector<ColumnPlan> out;
    for (const auto& field : schema.fields)
        if (field.role == Role::feature || field.role == Role::id) out.push_back(plan_for(field));
    return out;
}

}  // namespace c2d::table
