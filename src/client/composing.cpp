/// Publishing tokens and composing them, with the grants of all that they are composed of.
#include "base/fail.hpp"
#include "base/try.hpp"
#include "client/client_impl.hpp"
#include "codec/written_json.hpp"

namespace c2d {

using json::Value;

namespace {

/// Whether a published document was made of these attributes.
Result<bool> has_same_attributes(std::string_view document_json, const Value& attributes) {
    C2D_TRY(const auto document, json::parse(document_json));
    for (const char* name : {"metadata", "services", "child_dts"}) {
        const Value *published = document.find(name), *given = attributes.find(name);
        if (!published || !given) return published == given;
        C2D_TRY(const auto one, json::canonical(*published));
        C2D_TRY(const auto other, json::canonical(*given));
        if (one != other) return false;
    }
    return true;
}

}  // namespace

Result<TokenId> Client::Impl::publish_or_resume(std::string_view attributes_json, std::optional<TokenId> id) {
    auto published = registry.publish(*signer, attributes_json, id);
    if (published || published.error().name != "token_exists") return published;
    C2D_TRY(const auto attributes, json::parse_written(attributes_json));
    if (!id) {
        C2D_TRY(id, parse_token(attributes.text_at({"id"})));
    }
    const auto standing = registry.resolve(*id);
    C2D_TRY(const auto owner, self());
    if (!standing || standing->active || standing->record.owner != owner) return published;
    C2D_TRY(const bool same, has_same_attributes(standing->document_json, attributes));
    return same ? Result<TokenId>(*id) : published;
}

Result<TokenId> Client::publish(std::string_view attributes_json, std::optional<TokenId> id) {
    C2D_TRY(const auto owner, impl_->self());
    C2D_CHECK(client::confirm_origins(impl_->registry, attributes_json, owner));
    return impl_->registry.publish(*impl_->signer, attributes_json, id);
}

Result<Unit> Client::Impl::request_grant(const TokenId& dt, const TokenId& cdt) const {
    C2D_TRY(const auto asset, registry.resolve(dt));
    if (asset.services[0].endpoint.empty())
        return fail(Status::NOT_FOUND, "the document of {} names no endpoint to ask", token_text(dt));
    C2D_TRY(auto body, body_for(Method::grantPermission, dt));
    body.algo_dt = cdt;
    C2D_CHECK(post(asset.services[0].endpoint, "/grantPermission", body));
    return Unit{};
}

Result<Unit> Client::Impl::request_grants(const std::vector<TokenId>& children, const TokenId& cdt) const {
    std::optional<Error> refused;
    for (const auto& child : children) {
        auto granted = request_grant(child, cdt);
        if (granted) continue;
        // Who does not answer is waited for; one such wait is enough.
        if (granted.status() != Status::REFUSED) return granted;
        if (refused)
            refused->message += "; " + granted.error().message;
        else
            refused = granted.error();
    }
    return refused ? Result<Unit>(std::move(*refused)) : Unit{};
}

Result<Unit> Client::request_grant(const TokenId& dt, const TokenId& cdt) { return impl_->request_grant(dt, cdt); }

Result<TokenId> Client::compose(std::string_view attributes_json, std::optional<TokenId> id) {
    C2D_TRY(const auto owner, impl_->self());
    C2D_CHECK(client::confirm_origins(impl_->registry, attributes_json, owner));
    C2D_TRY(const auto cdt, impl_->publish_or_resume(attributes_json, id));
    C2D_TRY(const auto asset, impl_->registry.resolve(cdt));
    if (auto granted = impl_->request_grants(asset.children, cdt); !granted) {
        auto error = std::move(granted).error();
        const auto text = fmt::format(
            "{} is published, and not active before all grants are there; then compose "
            "again with this id: {}",
            token_text(cdt), error.message);
        error.message = Error(error.status, text).message;  // which cuts it
        return error;
    }
    C2D_CHECK(impl_->registry.activate(*impl_->signer, cdt));
    return cdt;
}

}  // namespace c2d
