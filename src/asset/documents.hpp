/// Reads the documents behind ledger records and checks them: bytes against CID (the store does),
/// document against the checksum on the ledger, ids against each other.
#pragma once

#include "asset/ddo.hpp"

#include <c2d/chain.hpp>
#include <c2d/document_store.hpp>
#include <c2d/reason.hpp>

namespace c2d::asset {

struct Token {
    TokenRecord record;
    Ddo ddo;
};

struct Template {
    TemplateRecord record;
    OpTemplateDocument document;
};

/// Failures that are a reason in themselves carry that reason's name in `Error::name`; failures
/// without one mean that the ledger or the store did not answer.
class Documents {
public:
    Documents(const Chain& chain, DocumentStore& store, bool accept_legacy)
        : chain_(chain), store_(store), accept_legacy_(accept_legacy) {}

    /// Reasons: dt_unknown, document_unavailable, document_mismatch, document_invalid.
    Result<Token> token(const TokenId& id) const;
    /// Reasons: template_unknown, document_unavailable, template_mismatch, document_invalid.
    /// The legacy checksum is never enough for operator code.
    Result<Template> op_template(const TokenId& id) const;

    const Chain& chain() const noexcept { return chain_; }

private:
    const Chain& chain_;
    DocumentStore& store_;
    bool accept_legacy_;
};

Error with_reason(Reason reason, Error error);
/// The verdict behind an error that carries a reason's name; empty for other failures.
std::optional<Verdict> verdict_of(const Error& error, const std::string& path);
/// A refusal as an error of status `refused` with the reason's name.
Error refusal_error(const Verdict& verdict);

}  // namespace c2d::asset
