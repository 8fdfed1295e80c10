#include "job/run_outputs.hpp"

#include "base/fail.hpp"
#include "base/file_name.hpp"
#include "base/try.hpp"
#include "job/parties.hpp"

#include <c2d/age.hpp>

#include <algorithm>

namespace c2d::job {

namespace {

using asset::Leaf;

/// The entries of `outputs` that are meant for a party.
std::vector<const json::Value*> entries_of(const json::Value& outputs, bool joint, unsigned party) {
    std::vector<const json::Value*> entries;
    const auto add = [&entries](const json::Value& value) {
        if (value.is_array())
            for (const auto& item : value.items()) entries.push_back(&item);
        else
            entries.push_back(&value);
    };
    if (joint) {
        if (const auto* own = outputs.find(std::to_string(party))) add(*own);
    } else if (outputs.is_object()) {
        for (const auto& [key, value] : outputs.members()) add(value);
    } else {
        add(outputs);
    }
    return entries;
}

}  // namespace

std::vector<std::string> named_outputs(const json::Value& outputs, bool joint, unsigned party, std::string& wrong) {
    std::vector<std::string> names;
    for (const auto* entry : entries_of(outputs, joint, party)) {
        auto name = entry->is_string() ? plain_name(entry->text(), "outputs") : std::nullopt;
        if (!name || std::ranges::find(names, *name) != names.end()) {
            wrong = json::compact(*entry);
            return {};
        }
        names.push_back(*std::move(name));
    }
    return names;
}

Verdict output_names(const Leaf& leaf, bool joint, unsigned party, std::vector<std::string>& names) {
    const auto* outputs = leaf.arguments.find("outputs");
    if (!outputs) return Verdict::accept();
    std::string wrong;
    auto found = named_outputs(*outputs, joint, party, wrong);
    if (!wrong.empty())
        return Verdict::refuse(Reason::argument_refused, leaf.path + "/constraint/outputs", "./outputs/NAME, each once",
                               wrong);
    const auto& declared = leaf.op_template->document.outputs;
    // What is kept is not the solver's to name, and what nobody declared is not there.
    const auto may_be_released = [&declared](const std::string& name) {
        if (!declared) return true;
        const auto output = declared->find(name);
        return output != declared->end() && !output->second.kept;
    };
    for (auto& name : found) {
        if (!may_be_released(name))
            return Verdict::refuse(Reason::argument_refused, leaf.path + "/constraint/outputs",
                                   "an output that the template declares as released", name);
        names.push_back(std::move(name));
    }
    return Verdict::accept();
}

std::vector<std::string> kept_names(const Leaf& leaf) {
    std::vector<std::string> out;
    if (const auto& declared = leaf.op_template->document.outputs)
        for (const auto& [name, output] : *declared)
            if (output.kept) out.push_back(name);
    return out;
}

Verdict results_to(const Leaf& leaf, std::string& recipient) {
    const auto* const given = leaf.arguments.find("results_to");
    if (!given || (given->is_string() && given->text().empty())) return Verdict::accept();
    const auto checked = given->is_string() ? check_age_recipient(given->text())
                                            : Result<Unit>(Error(Status::INVALID_ARGUMENT, "it is no text"));
    if (!checked)
        return Verdict::refuse(Reason::argument_refused, leaf.path + "/constraint/results_to",
                               "an age recipient, age1…", checked.error().message);
    recipient = given->text();
    return Verdict::accept();
}

Result<std::vector<RunOutputs>> outputs_of_runs(const AssetRegistry& registry, const TokenId& algorithm) {
    const asset::Documents documents(registry.chain(), registry.documents(), registry.options().accept_legacy_checksum);
    asset::DocumentCache cache(documents);
    C2D_TRY(const auto token, cache.token(algorithm));
    if (!token->ddo.is_algorithm())
        return asset::refusal_error(
            Verdict::refuse(Reason::not_algorithm, token_text(algorithm), "Algorithm", token->ddo.type));
    asset::Composition composition;
    C2D_TRY(const Verdict verdict, asset::check_composition(cache, token->ddo, &composition));
    if (verdict.refused()) return asset::refusal_error(verdict);
    const auto& leaves = composition.leaves;
    const auto joint =
        std::ranges::find_if(leaves, [](const Leaf& leaf) { return leaf.op_template->document.protocol.is_joint(); });
    std::vector<RunOutputs> runs;
    for (std::size_t place = 0; place < leaves.size(); ++place) {
        const Leaf& leaf = leaves[place];
        const bool alone = joint == leaves.end();
        const auto party = alone ? unsigned(place) : party_of(leaf, joint->op_template->document.protocol);
        if (!party)
            return asset::refusal_error(Verdict::refuse(Reason::parties_incomplete, leaf.path + "/constraint",
                                                        "a party", json::compact(leaf.arguments)));
        // Data sets of one party share a run, and a token has one, however many paths lead to it.
        const auto is_run = [&](const RunOutputs& run) { return run.party == *party || run.dt == leaf.token->ddo.dt; };
        if (std::ranges::any_of(runs, is_run)) continue;
        RunOutputs run{leaf.token->ddo.dt, leaf.token->record.owner, leaf.service->endpoint, *party, {}, !alone};
        if (auto named = output_names(leaf, !alone, *party, run.names); named.refused())
            return asset::refusal_error(named);
        runs.push_back(std::move(run));
    }
    return runs;
}

}  // namespace c2d::job
