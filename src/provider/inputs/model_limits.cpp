#include "provider/inputs/model_limits.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/verdict_try.hpp"
#include "crypto/hash.hpp"

#include <algorithm>

namespace c2d::provider {

namespace {

using ScoredTable = OwnerStore::ScoredTable;

ScoredTable table_of(const JobInput& input, const std::vector<ReceiptFile>& files) {
    const auto file = std::ranges::find(files, input.name, &ReceiptFile::name);
    return {input.dt, file == files.end() ? Bytes32() : file->sha256};
}

Verdict spent(const JobInput& input, std::uint64_t with) {
    return Verdict::refuse(Reason::models_spent, token_text(input.dt),
                           fmt::format("at most {} different models over this table (models_max)", input.models_max),
                           fmt::format("{} with those of this job", with));
}

/// No binding was drawn for it. Each attempt trains a model of its own.
Bytes32 stand_in_for(const JobTerms& terms) {
    return keccak256(fmt::format("c2d trained and scored in job {} of {}, attempt {}", terms.job_id,
                                 token_text(terms.algo_dt), terms.attempt));
}

bool may_score_what_it_trains(const JobTerms& terms) {
    const bool may = terms.rules.scores != mpc::ScoresOpened::none || terms.rules.reason_codes != 0;
    return terms.parties > 1 && terms.models.empty() && may;
}

}  // namespace

Result<Verdict> check_models(OwnerStore& owner, const JobTerms& terms) {
    if (terms.models.empty()) return Verdict::accept();
    for (const auto& input : terms.inputs) {
        if (input.models_max == 0) continue;
        C2D_TRY(const auto with, owner.models_with(table_of(input, {}), terms.models));
        if (with > input.models_max) return spent(input, with);
    }
    return Verdict::accept();
}

Result<Verdict> reserve_models(OwnerStore& owner, JobTerms& terms, const std::vector<ReceiptFile>& inputs) {
    for (const auto& input : terms.inputs) {
        if (input.models_max == 0) continue;
        const auto table = table_of(input, inputs);
        if (!terms.models.empty()) {
            C2D_TRY(const bool noted, owner.add_models(table, terms.job_id, terms.models, input.models_max));
            if (noted) continue;
            C2D_TRY(const auto with, owner.models_with(table, terms.models));
            return spent(input, with);
        }
        if (!may_score_what_it_trains(terms)) continue;
        C2D_TRY(const bool noted, owner.add_models(table, terms.job_id, {stand_in_for(terms)}, input.models_max));
        if (!noted) {
            terms.rules.scores = mpc::ScoresOpened::none;
            terms.rules.reason_codes = 0;
        }
    }
    return Verdict::accept();
}

Result<Unit> settle_trained_model(OwnerStore& owner, const JobTerms& terms, const std::vector<ReceiptFile>& inputs,
                                  const std::map<std::string, std::uint64_t>& disclosures,
                                  const std::vector<KeptRecordBytes>& kept) {
    if (!terms.models.empty()) return Unit{};
    constexpr const char* kOfScores[] = {"points", "probability", "reason_codes"};
    const bool scored = std::ranges::any_of(kOfScores, [&](const char* kind) { return disclosures.contains(kind); });
    if (scored && kept.empty()) return Unit{};
    std::vector<Bytes32> models;
    for (const auto& record : kept) models.push_back(record.binding);
    for (const auto& input : terms.inputs)
        if (scored && input.models_max != 0)
            C2D_CHECK(owner.add_models(table_of(input, inputs), terms.job_id, models, UINT64_MAX));
    return owner.remove_model(terms.job_id, stand_in_for(terms));
}

}  // namespace c2d::provider
