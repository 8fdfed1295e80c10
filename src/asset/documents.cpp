#include "asset/documents.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/checksum.hpp"

namespace c2d::asset {

namespace {

struct StoredDocument {
    json::Value value;
    std::size_t bytes = 0;
};

Result<StoredDocument> read_document(DocumentStore& store, const std::string& cid, Reason mismatch) {
    auto text = store.get(cid);
    if (!text) {
        const bool tampered = text.status() == Status::CORRUPT;
        return with_reason(tampered ? mismatch : Reason::document_unavailable, text.error());
    }
    auto document = json::parse(*text);
    if (!document) return with_reason(Reason::document_invalid, document.error());
    return StoredDocument{*std::move(document), text->size()};
}

/// jcs first: a document cannot choose the weaker scheme.
bool checksum_holds(const json::Value& document, const Bytes32& expected, bool accept_legacy) {
    const auto jcs = checksum_jcs(document);
    if (jcs && *jcs == expected) return true;
    return accept_legacy && checksum_legacy(document) == expected;
}

Error mismatch(Reason reason, std::string_view what) { return with_reason(reason, fail(Status::CORRUPT, "{}", what)); }

}  // namespace

Error with_reason(Reason reason, Error error) {
    error.name = reason_name(reason);
    return error;
}

std::optional<Verdict> verdict_of(const Error& error, const std::string& path) {
    const auto reason = error.name.empty() ? std::nullopt : parse_reason(error.name);
    if (!reason) return std::nullopt;
    return Verdict::refuse(*reason, path, reason_text(*reason), error.message);
}

Result<Token> Documents::token(const TokenId& id) const {
    auto record = chain_.token(id);
    if (!record)
        return record.status() == Status::NOT_FOUND ? with_reason(Reason::dt_unknown, record.error()) : record.error();
    C2D_TRY(auto document, read_document(store_, record->document, Reason::document_mismatch));
    if (!checksum_holds(document.value, record->checksum, accept_legacy_))
        return mismatch(Reason::document_mismatch, "the DDO's checksum differs from the ledger's");
    auto ddo = read_ddo(std::move(document.value));
    if (!ddo) return with_reason(Reason::document_invalid, ddo.error());
    if (ddo->dt != id) return mismatch(Reason::document_mismatch, "the DDO is of another token");
    if (ddo->creator != record->owner)
        return mismatch(Reason::document_mismatch, "the DDO's creator is not the token's owner");
    if (ddo->is_leaf() != record->is_leaf)
        return mismatch(Reason::document_mismatch, "the DDO and the ledger disagree on being a leaf");
    return Token{*std::move(record), *std::move(ddo), document.bytes};
}

Result<Template> Documents::op_template(const TokenId& id) const {
    auto record = chain_.op_template(id);
    if (!record)
        return record.status() == Status::NOT_FOUND ? with_reason(Reason::template_unknown, record.error())
                                                    : record.error();
    C2D_TRY(auto document, read_document(store_, record->document, Reason::template_mismatch));
    if (!checksum_holds(document.value, record->checksum, false))
        return mismatch(Reason::template_mismatch, "the template's checksum differs from the ledger's");
    auto parsed = read_op_template(std::move(document.value));
    if (!parsed) return with_reason(Reason::document_invalid, parsed.error());
    if (parsed->tid != id) return mismatch(Reason::template_mismatch, "the template is another one");
    return Template{*std::move(record), *std::move(parsed), document.bytes};
}

Result<Unit> DocumentCache::count(std::size_t bytes) {
    bytes_ += bytes;
    if (bytes_ <= kDocumentsBytesMax) return Unit{};
    return with_reason(Reason::terms_too_deep,
                       fail(Status::LIMIT, "the documents have more than {} bytes", kDocumentsBytesMax));
}

Result<std::shared_ptr<const Token>> DocumentCache::token(const TokenId& id) {
    if (const auto known = tokens_.find(id); known != tokens_.end()) return known->second;
    C2D_TRY(auto token, documents_.token(id));
    C2D_CHECK(count(token.bytes));
    token.ddo.document = {};
    return tokens_.emplace(id, std::make_shared<const Token>(std::move(token))).first->second;
}

Result<std::shared_ptr<const Template>> DocumentCache::op_template(const TokenId& id) {
    if (const auto known = templates_.find(id); known != templates_.end()) return known->second;
    C2D_TRY(auto found, documents_.op_template(id));
    C2D_CHECK(count(found.bytes));
    found.document.document = {};
    return templates_.emplace(id, std::make_shared<const Template>(std::move(found))).first->second;
}

Error refusal_error(const Verdict& verdict) {
    Error error = fail(Status::REFUSED, "{} ({}): at {}: expected {}, found {}", reason_text(verdict.reason),
                       reason_name(verdict.reason), verdict.path, verdict.expected, verdict.actual);
    error.name = reason_name(verdict.reason);
    return error;
}

}  // namespace c2d::asset
