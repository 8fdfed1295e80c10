/// The documents behind tokens and templates, read from JSON into what the rules speak of.
#pragma once

#include "codec/json.hpp"

#include <c2d/types.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace c2d::asset {

// Bounds of one document; larger ones are refused as invalid.
inline constexpr std::size_t kServicesMax = 64;
inline constexpr std::size_t kChildrenMax = 256;

/// What a composition asks of one child.
struct WorkflowStep {
    TokenId child;
    std::string service;
    json::Value constraint;
};

struct Service {
    std::string index;
    /// host:port, or empty when the document has none.
    std::string endpoint;
    // A leaf's descriptor.
    std::optional<TokenId> op_template;
    std::optional<Bytes32> template_checksum;
    json::Value constraint;
    // A composition's descriptor.
    std::vector<WorkflowStep> workflow;
    json::Value attributes;
};

/// How an offer bounds what is granted for it: `attributes.grant`.
struct GrantTerms {
    /// Zero: no bound.
    std::uint64_t seconds = 0;
    std::uint64_t jobs = 0;
    /// How often the provider may grant again by itself when a bound was reached.
    std::uint64_t renew = 0;
    /// Bounds and renewals are counted over all compositions of one organisation, or of each composition.
    bool per_composer = true;

    bool bounded() const noexcept { return seconds != 0 || jobs != 0; }
};

/// Fails with `invalid_argument` when `attributes.grant` is not an object with positive whole numbers `seconds` and
/// `jobs` and, where one of them is there, a whole number `renew` and `per`, "composer" or "composition".
Result<GrantTerms> grant_terms_of(const Service& service);

/// How often a job over the offer may be tried, 1 where it does not say: `attributes.attempts`. Fails with
/// `invalid_argument` when that is no whole number from 1 to kAttemptsMax.
Result<std::uint32_t> attempts_of(const json::Value& attributes);

struct Ddo {
    TokenId dt;
    Address creator;
    std::string type, name;
    std::vector<TokenId> children;
    std::vector<Service> services;
    json::Value document;

    bool is_leaf() const noexcept { return children.empty(); }
    bool is_algorithm() const noexcept { return type == "Algorithm"; }
    const Service* find_service(std::string_view index) const noexcept;
    /// The strictest of all services: a grant is for the token. Fails as `grant_terms_of` does.
    Result<GrantTerms> grant_terms() const;
};

/// How many parties an operator's protocol has and how many may collude (`metadata.main.mpc`).
struct ProtocolTerms {
    unsigned parties = 1;
    unsigned threshold = 0;
    /// Names of the parameters that hold the party number and the parties' endpoints.
    std::string party = "party_id";
    std::string endpoints = "exec_endpoints";
    bool is_joint() const noexcept { return parties > 1; }
};

/// What becomes of an output that a template declares (`metadata.main.outputs`).
struct DeclaredOutput {
    /// Sealed and kept by the party, and not released.
    bool kept = false;
    /// 0: no bound of its own.
    std::uint64_t bytes_max = 0;
};
/// By file name; of a template without declarations there is none.
using DeclaredOutputs = std::optional<std::map<std::string, DeclaredOutput>>;

struct OpTemplateDocument {
    TokenId tid;
    Address creator;
    std::string name;
    std::string operation;
    json::Value params;
    ProtocolTerms protocol;
    DeclaredOutputs outputs;
    json::Value document;
};

/// Fails with `invalid_argument`, naming the member.
Result<Ddo> read_ddo(json::Value document);
Result<OpTemplateDocument> read_op_template(json::Value document);
/// `metadata.main.mpc`; one party when absent.
Result<ProtocolTerms> read_protocol(const json::Value& document);
/// `metadata.main.outputs`.
Result<DeclaredOutputs> read_declared_outputs(const json::Value& document);

}  // namespace c2d::asset
