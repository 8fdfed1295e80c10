/// Reads the documents behind ledger records and checks them: bytes against CID (the store does),
/// document against the checksum on the ledger, ids against each other.
#pragma once

#include "asset/ddo.hpp"

#include <c2d/chain.hpp>
#include <c2d/document_store.hpp>
#include <c2d/reason.hpp>

#include <map>
#include <memory>

namespace c2d::asset {

struct Token {
    TokenRecord record;
    Ddo ddo;
    /// The document's size.
    std::size_t bytes = 0;
};

struct Template {
    TemplateRecord record;
    OpTemplateDocument document;
    std::size_t bytes = 0;
};

/// Larger sets of documents are not read for one check: parsed, they take some fifty times that.
inline constexpr std::size_t kDocumentsBytesMax = std::size_t(16) << 20;

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

/// The documents of one check, each read once, on however many paths it stands: what a check costs
/// is linear in the distinct documents. Made anew for each check, so that the next one reads the
/// ledger again. For one thread.
class DocumentCache {
public:
    explicit DocumentCache(const Documents& documents) : documents_(documents) {}

    /// As `Documents` reads them, but without the JSON of the whole document; also terms_too_deep,
    /// beyond `kDocumentsBytesMax`.
    Result<std::shared_ptr<const Token>> token(const TokenId& id);
    Result<std::shared_ptr<const Template>> op_template(const TokenId& id);

private:
    Result<Unit> count(std::size_t bytes);

    const Documents& documents_;
    std::size_t bytes_ = 0;
    std::map<TokenId, std::shared_ptr<const Token>> tokens_;
    std::map<TokenId, std::shared_ptr<const Template>> templates_;
};

Error with_reason(Reason reason, Error error);
/// The verdict behind an error that carries a reason's name; empty for other failures.
std::optional<Verdict> verdict_of(const Error& error, const std::string& path);
/// Puts what was read into `out`. A failure that is a reason is a refusal at `path`.
template <class T>
Result<Verdict> accept_read(Result<T> read, const std::string& path, T& out) {
    if (!read) {
        if (auto refused = verdict_of(read.error(), path)) return *std::move(refused);
        return std::move(read).error();
    }
    out = *std::move(read);
    return Verdict::accept();
}
/// A refusal as an error of status `refused` with the reason's name.
Error refusal_error(const Verdict& verdict);

}  // namespace c2d::asset
