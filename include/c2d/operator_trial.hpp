/// Tries an operator out on this machine as its providers would run it: every party in a sandbox of its own, the engine
/// beside it, relays with keys of their own between them. No ledger, no terms, no receipt.
#pragma once

#include <c2d/environment.hpp>
#include <c2d/job_receipt.hpp>
#include <c2d/opening_rules.hpp>
#include <c2d/run_end.hpp>
#include <c2d/sandbox.hpp>

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace c2d {

/// What one party brings.
struct TrialParty {
    /// Shown at ./inputs.
    std::vector<SandboxInput> inputs = {};
    /// Its arguments. `outputs`, if it is there, spells what is collected; anything else is refused then.
    std::string args_json = "{}";
    /// A folder that does not exist yet or is empty: the collected outputs. Empty: they are looked at and not stored.
    std::filesystem::path outputs = {};
    /// As in `SandboxJob`, where the arguments do not spell `outputs`.
    std::vector<std::string> output_names = {};
    /// A folder where outputs are kept from one run to the next: NAME is the party's share, NOT sealed, and NAME.json
    /// what the operator wrote beside it, which the next one sees as ./inputs/NAME.json. Empty: nothing is kept.
    std::filesystem::path kept = {};
    /// As in `SandboxJob`; on a thread of this party's own.
    std::function<void(std::string_view)> on_log = {};
};

/// What is tried out.
struct OperatorTrial {
    /// The operator's text.
    std::string code = {};
    /// One party, which runs alone, or the three of a joint run.
    std::vector<TrialParty> parties = {};
    /// What is computed jointly is computed in the clear, with doubles. Compare the two.
    bool clear = false;
    /// What the owners ask of openings, the same at all parties.
    mpc::OpeningRules rules = {};
    /// The outputs that the operator's template declares as kept; nothing: it declares none, and anything may be kept.
    std::optional<std::vector<std::string>> kept_names = {};
    /// As in `SandboxJob`.
    std::vector<SandboxMount> runtime = {};
    /// As in `SandboxJob`.
    std::vector<std::pair<std::string, std::string>> environment = {};
    /// Of each party.
    SandboxLimits limits = {};
    /// As in `SandboxJob`.
    std::vector<Layer> may_be_missing = {};
};

/// How a party came out.
struct TrialEnd {
    /// As a provider would store it.
    RunEnd end = {};
    /// One line for people.
    std::string detail = {};
    /// The sandbox's report: log, outputs, times, layers.
    Report report = {};
    /// How often something of each kind was opened (`mpc::kDisclosureKinds`).
    std::map<std::string, std::uint64_t> disclosures = {};
    /// What it kept, by name; stored where `TrialParty::kept` says so.
    std::vector<std::string> kept = {};
    /// Payload that it sent the others.
    std::uint64_t bytes_to_peers = 0;
};

/// How all came out.
struct TrialReport {
    /// By party.
    std::vector<TrialEnd> parties = {};
    /// Who failed: first who did so by itself, in the order in which they ended, then who failed because another one
    /// did.
    std::vector<unsigned> failed = {};

    /// Nobody failed.
    bool succeeded() const noexcept { return failed.empty(); }
};

/// Which c2d operators are shown with these mounts and variables: its version and digests, as a receipt names them and
/// terms may ask for. Fails with `io` or `limit`.
Result<ReceiptRuntime> runtime_shown(const std::vector<SandboxMount>& mounts,
                                     const std::vector<std::pair<std::string, std::string>>& environment);

/// Runs all parties to their end. Fails before anything was started, with what `Sandbox::start` fails with,
/// `invalid_argument` (neither one nor three parties, `outputs` that are none) or `io`; with `cancelled` when `cancel`
/// ended it: all are gone then.
Result<TrialReport> try_operator(const Sandbox& sandbox, const OperatorTrial& trial,
                                 const CancelToken* cancel = nullptr);

}  // namespace c2d
