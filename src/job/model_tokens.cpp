#include "job/model_tokens.hpp"

#include "asset/opening_terms.hpp"
#include "asset/origin.hpp"
#include "base/verdict_try.hpp"

#include <c2d/job_receipt.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace c2d::job {

using asset::Leaf;

Verdict read_origin(const Leaf& leaf, std::optional<ArtifactOrigin>& out) {
    auto origin = asset::origin_of(leaf.service->attributes);
    if (!origin)
        return Verdict::refuse(Reason::document_invalid, leaf.path + "/attributes/origin", "an artifact's origin",
                               origin.error().message);
    out = *std::move(origin);
    return Verdict::accept();
}

Verdict check_same_model(const std::vector<Leaf>& leaves, const PartyPlan& plan, std::vector<Bytes32>& models) {
    std::map<std::string, std::pair<Bytes32, std::set<unsigned>>> used;
    for (const auto& leaf : leaves) {
        std::optional<ArtifactOrigin> origin;
        if (auto read = read_origin(leaf, origin); read.refused()) return read;
        if (!origin || !plan.protocol.is_joint()) continue;
        const std::string path = leaf.path + "/attributes/origin";
        if (party_of(leaf, plan.protocol) != origin->party)
            return Verdict::refuse(Reason::model_mismatch, path + "/party", "the party that it is used by",
                                   std::to_string(origin->party));
        auto& [binding, parties] =
            used.try_emplace(origin->output, origin->binding, std::set<unsigned>()).first->second;
        if (binding != origin->binding)
            return Verdict::refuse(Reason::model_mismatch, path + "/binding", hex_text(binding),
                                   hex_text(origin->binding));
        parties.insert(origin->party);
        if (!binding.is_zero() && std::ranges::find(models, binding) == models.end()) models.push_back(binding);
    }
    for (const auto& [output, model] : used)
        if (!model.first.is_zero() && model.second.size() != plan.protocol.parties)
            return Verdict::refuse(Reason::model_mismatch, "model tokens of \"" + output + "\"",
                                   fmt::format("one of each of {} parties", plan.protocol.parties),
                                   fmt::format("{}", model.second.size()));
    return Verdict::accept();
}

Result<Verdict> check_origins(const std::vector<Leaf>& leaves, const Chain& chain) {
    for (const auto& leaf : leaves) {
        std::optional<ArtifactOrigin> origin;
        C2D_ACCEPT(read_origin(leaf, origin));
        if (!origin) continue;
        const auto confirmed = confirm_origin(*origin, leaf.token->record.owner, chain);
        if (confirmed) continue;
        if (confirmed.error().name != reason_name(Reason::origin_invalid)) return confirmed.error();
        return Verdict::refuse(Reason::origin_invalid, leaf.path + "/attributes/origin",
                               "an artifact of a receipt on the ledger", confirmed.error().message);
    }
    return Verdict::accept();
}

Verdict read_models_max(const Leaf& leaf, std::uint64_t& out) {
    const auto given = asset::models_max_of(leaf.service->attributes);
    if (!given)
        return Verdict::refuse(Reason::document_invalid, leaf.path + "/attributes/models_max", "a number of models",
                               given.error().message);
    out = *given;
    return Verdict::accept();
}

}  // namespace c2d::job
