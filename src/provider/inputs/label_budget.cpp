#include "provider/inputs/label_budget.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"

#include <algorithm>

namespace c2d::provider {

namespace {

constexpr std::string_view kKind = "label_counts";

using Table = OwnerStore::ScoredTable;

Table table_of(const JobInput& input, const std::vector<ReceiptFile>& files) {
    const auto file = std::ranges::find(files, input.name, &ReceiptFile::name);
    return {input.dt, file == files.end() ? Bytes32() : file->sha256};
}

/// Tables, and no models: these have no labels.
std::vector<Table> tables_of(const JobTerms& terms, const std::vector<ReceiptFile>& files) {
    std::vector<Table> out;
    if (terms.rules.label_counts == 0) return out;
    for (const auto& input : terms.inputs)
        if (!input.name.empty() && !input.origin) out.push_back(table_of(input, files));
    return out;
}

/// What the job says that it opens at most; nothing where it does not say.
std::optional<std::uint64_t> asked_by(const JobTerms& terms) {
    const auto arguments = json::parse(terms.args_json);
    const json::Value* const number = arguments ? arguments->at({"model_args", "open_counts"}) : nullptr;
    return number ? number->as_uint() : std::nullopt;
}

/// What the ledger added up of a token, before its edition counted such things none.
Result<std::uint64_t> told_by(const Chain& chain, const JobTerms& terms, const TokenId& dt) {
    C2D_TRY(const auto edition, chain.edition());
    if (edition < 2) return std::uint64_t(0);
    C2D_TRY(const auto told, chain.disclosures(dt, terms.solver, disclosure_kind(kKind)));
    return told.total;
}

/// Of the table that has least.
Result<std::uint64_t> left_of(OwnerStore& owner, const Chain& chain, const JobTerms& terms,
                              const std::vector<Table>& tables) {
    std::uint64_t left = terms.rules.label_counts;
    for (const auto& table : tables) {
        C2D_TRY(const auto told, told_by(chain, terms, table.dt));
        C2D_TRY(const auto here, owner.label_counts_used(table));
        const std::uint64_t used = std::max(told, here), budget = terms.rules.label_counts;
        left = std::min(left, used < budget ? budget - used : 0);
    }
    return left;
}

Verdict spent(const JobTerms& terms, std::uint64_t asked, std::uint64_t left) {
    return Verdict::refuse(
        Reason::budget_spent, "model_args/open_counts",
        fmt::format("at most {} of the {} counts of labels that the terms let be opened over all jobs "
                    "(release.label_counts)",
                    left, terms.rules.label_counts),
        std::to_string(asked));
}

}  // namespace

Result<Verdict> check_label_counts(OwnerStore& owner, const Chain& chain, const JobTerms& terms) {
    const auto tables = tables_of(terms, {});
    const auto asked = asked_by(terms);
    if (tables.empty() || !asked || *asked == 0) return Verdict::accept();
    C2D_TRY(const auto left, left_of(owner, chain, terms, tables));
    return *asked > left ? spent(terms, *asked, left) : Verdict::accept();
}

Result<Verdict> reserve_label_counts(OwnerStore& owner, const Chain& chain, JobTerms& terms,
                                     const std::vector<ReceiptFile>& inputs) {
    const auto tables = tables_of(terms, inputs);
    if (tables.empty()) return Verdict::accept();
    C2D_CHECK(owner.spend_reserved_label_counts(terms.job_id, terms.party));
    const auto asked = asked_by(terms);
    C2D_TRY(const auto left, left_of(owner, chain, terms, tables));
    const std::uint64_t wanted = asked.value_or(left), budget = terms.rules.label_counts;
    terms.rules.label_counts = 0;
    if (wanted == 0) return Verdict::accept();
    for (const auto& table : tables) {
        C2D_TRY(const auto told, told_by(chain, terms, table.dt));
        C2D_TRY(const bool set_aside,
                owner.reserve_label_counts(table, terms.job_id, terms.party, wanted, budget, told));
        if (set_aside) continue;
        terms.rules.label_counts = budget;
        if (asked) return spent(terms, wanted, left);
        // Another run took what was left in between.
        terms.rules.label_counts = 0;
        return Verdict::accept();
    }
    terms.rules.label_counts = static_cast<std::size_t>(wanted);
    return Verdict::accept();
}

Result<Unit> settle_label_counts(OwnerStore& owner, const JobTerms& terms,
                                 const std::map<std::string, std::uint64_t>& disclosures) {
    const auto counted = disclosures.find(std::string(kKind));
    const std::uint64_t opened = counted == disclosures.end() ? 0 : counted->second;
    return owner.settle_label_counts(terms.job_id, terms.party, opened);
}

}  // namespace c2d::provider
