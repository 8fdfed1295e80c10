#include "base/fail.hpp"
#include "base/try.hpp"
#include "contracts/tokens.hpp"

#include <algorithm>

namespace c2d::contracts {

namespace {

constexpr const char* kCountKey = "token_count";

std::string active_key(const TokenId& id) { return key("active/", id); }
std::string children_key(const TokenId& id) { return key("children/", id); }

/// Puts a token on the public list: a leaf when minted, a composition when activated.
Result<Unit> list_token(Frame& frame, const TokenId& id) {
    C2D_TRY(const auto count, get_number(frame.state, kCountKey));
    frame.state.put(key("token_at/", count), RecordWriter().add(id.view()).encode());
    put_number(frame.state, kCountKey, count + 1);
    return Unit{};
}

// mintDataToken -----------------------------------------------------------------------------------

/// What a call says of a token.
struct Minted {
    const TokenId& id;
    const Address& owner;
    bool leaf;
    const Bytes32& checksum;
    const std::string& document;
    /// Whose word it is.
    Address minter;
};

void store_token(Frame& frame, const Minted& given) {
    frame.state.put(token_key(given.id), RecordWriter()
                                             .add(given.owner.view())
                                             .add(given.minter.view())
                                             .add(given.checksum.view())
                                             .add(given.leaf)
                                             .add(given.document)
                                             .add(frame.block.number)
                                             .encode());
}

/// Data come from providers, compositions from organisations that are one too. Roles decide; under edition 1 the
/// records did, which were all that no role could be taken from.
Result<bool> may_own(Frame& frame, const Address& owner, bool leaf) {
    State& state = frame.state;
    C2D_TRY(const bool provider, frame.edition_2() ? has_role(state, owner, kProvider) : is_provider(state, owner));
    C2D_TRY(const bool enterprise,
            frame.edition_2() ? has_role(state, owner, kEnterprise) : is_enterprise(state, owner));
    return provider && (leaf || enterprise);
}

Result<std::uint64_t> mint_code(Frame& frame, const Minted& given) {
    const auto& [id, owner, leaf, checksum, document, minter] = given;
    C2D_TRY(const bool allowed, has_permission(frame.state, minter, kModifyAsset));
    // Nobody mints in another's name: the caller must be the owner.
    if (!allowed || minter != owner) return std::uint64_t(kNoPermission);
    if (is_too_long(frame, {}, document)) return std::uint64_t(kTextTooLong);
    C2D_TRY(const auto known, find_token(frame.state, id));
    if (known || id.is_zero()) return std::uint64_t(kTokenExists);
    C2D_TRY(const bool owns, may_own(frame, owner, leaf));
    if (!owns) return std::uint64_t(kNoPermission);
    store_token(frame, given);
    if (leaf) C2D_CHECK(list_token(frame, id));
    return std::uint64_t(kSuccess);
}

Result<Unit> mint(Frame& frame, const TokenId& id, const Address& owner, bool leaf, const Bytes32& checksum,
                  const std::string& document) {
    C2D_TRY(const auto by, principal(frame, kWorkKey));
    C2D_TRY(const auto code, mint_code(frame, {id, owner, leaf, checksum, document, by}));
    frame.emit(dt_factory::kDataTokenMinted, id, owner, by, leaf, checksum, document, frame.block.number, code);
    return Unit{};
}

// startComposeDT ----------------------------------------------------------------------------------

/// Every child is known, usable, and has granted itself to the composition.
Result<bool> links_hold(Frame& frame, const TokenId& cdt, const std::vector<TokenId>& children) {
    C2D_TRY(const bool known, exists(frame.state, token_key(cdt)));
    if (!known) return false;
    for (const auto& child : children) {
        C2D_TRY(const auto token, find_token(frame.state, child));
        if (!token) return false;
        C2D_TRY(const bool usable, is_usable(frame.state, child, *token));
        C2D_TRY(const bool granted, grant_stands(frame.state, child, cdt, frame.block.time));
        if (!usable || !granted) return false;
    }
    return true;
}

Bytes encode_children(const std::vector<TokenId>& children) {
    Bytes out;
    for (const auto& id : children) out.insert(out.end(), id.data.begin(), id.data.end());
    return out;
}

Result<std::uint64_t> compose_code(Frame& frame, const TokenId& cdt, const std::vector<TokenId>& children) {
    C2D_TRY(const auto by, principal(frame, kWorkKey));
    C2D_TRY(const bool allowed, has_permission(frame.state, by, kModifyAsset));
    C2D_TRY(const auto token, find_token(frame.state, cdt));
    if (!allowed || !token || is_leaf(*token)) return std::uint64_t(kNoPermission);
    C2D_TRY(const bool active, is_active_composite(frame.state, cdt));
    if (active) return std::uint64_t(kCompositeActive);
    if (owner_of(*token) != by || children.empty()) return std::uint64_t(kNoPermission);
    C2D_TRY(const bool linked, links_hold(frame, cdt, children));
    if (!linked) return std::uint64_t(kNoPermission);
    put_number(frame.state, active_key(cdt), 1);
    frame.state.put(children_key(cdt), RecordWriter().add(encode_children(children)).encode());
    C2D_CHECK(list_token(frame, cdt));
    return std::uint64_t(kSuccess);
}

Result<Unit> start_compose(Frame& frame, const TokenId& cdt, const std::vector<TokenId>& children) {
    C2D_TRY(const auto code, compose_code(frame, cdt, children));
    frame.emit(dt_factory::kCdtMinted, cdt, children, code);
    return Unit{};
}

// Views -------------------------------------------------------------------------------------------

Result<bool> is_available(Frame& frame, const TokenId& id) { return exists(frame.state, token_key(id)); }
Result<bool> is_active(Frame& frame, const TokenId& cdt) { return is_active_composite(frame.state, cdt); }

Result<Record> require_token(Frame& frame, const TokenId& id) {
    C2D_TRY(auto token, find_token(frame.state, id));
    if (!token) return revert("no such data token");
    return *std::move(token);
}

Result<Address> get_owner(Frame& frame, const TokenId& id) {
    C2D_TRY(const auto token, require_token(frame, id));
    return owner_of(token);
}

Result<std::uint64_t> block_updated(Frame& frame, const TokenId& id) {
    C2D_TRY(const auto token, require_token(frame, id));
    return token.number(5);
}

using GetRegister = decltype(dt_factory::kRegister)::Returned;
Result<GetRegister> get_register(Frame& frame, const TokenId& id) {
    C2D_TRY(const auto token, require_token(frame, id));
    return GetRegister(token.address(0), token.address(1), token.bytes32(2), token.flag(3), token.text(4),
                       token.number(5));
}

Result<std::uint64_t> count(Frame& frame) { return get_number(frame.state, kCountKey); }

Result<std::optional<Record>> listed_at(State& state, std::uint64_t index) {
    return get_record(state, key("token_at/", index), 1);
}

Result<TokenId> id_at(Frame& frame, std::uint64_t index) {
    C2D_TRY(const auto record, listed_at(frame.state, index));
    if (!record) return revert("no such index");
    return record->bytes32(0);
}

/// The seven parallel lists of getDTMap over listed tokens [start, end).
Result<dt_factory::Columns> listing(Frame& frame, std::uint64_t start, std::uint64_t end) {
    dt_factory::Columns columns;
    auto& [ids, owners, minters, checksums, leaves, documents, blocks] = columns;
    for (std::uint64_t i = start; i < end; ++i) {
        C2D_TRY(const auto listed, listed_at(frame.state, i));
        if (!listed) return fail(Status::CORRUPT, "listed token {} is missing", i);
        C2D_TRY(const auto token, find_token(frame.state, listed->bytes32(0)));
        if (!token) return fail(Status::CORRUPT, "the record of listed token {} is missing", i);
        ids.push_back(listed->bytes32(0));
        owners.push_back(token->address(0));
        minters.push_back(token->address(1));
        checksums.push_back(token->bytes32(2));
        leaves.push_back(token->flag(3));
        documents.push_back(token->text(4));
        blocks.push_back(token->number(5));
    }
    return columns;
}

Result<dt_factory::Columns> get_map(Frame& frame) {
    C2D_TRY(const auto number, get_number(frame.state, kCountKey));
    return listing(frame, 0, number);
}

Result<dt_factory::Columns> get_page(Frame& frame, std::uint64_t first, std::uint64_t entries) {
    C2D_TRY(const auto number, get_number(frame.state, kCountKey));
    const auto start = std::min(first, number);
    const auto size = std::min(entries, dt_factory::kPageMax);
    return listing(frame, start, std::min(number, start + size));
}

Result<bool> links_check(Frame& frame, const TokenId& cdt, const std::vector<TokenId>& children) {
    return links_hold(frame, cdt, children);
}

Result<std::vector<TokenId>> get_children(Frame& frame, const TokenId& cdt) { return children_of(frame.state, cdt); }

}  // namespace

Result<bool> is_active_composite(State& state, const TokenId& id) { return exists(state, active_key(id)); }

Result<bool> is_usable(State& state, const TokenId& id, const Record& token) {
    if (is_leaf(token)) return true;
    return is_active_composite(state, id);
}

Result<std::vector<TokenId>> children_of(State& state, const TokenId& id) {
    C2D_TRY(const auto record, get_record(state, children_key(id), 1));
    std::vector<TokenId> children;
    const std::string ids = record ? record->text(0) : std::string();
    for (std::size_t at = 0; at + 32 <= ids.size(); at += 32)
        children.push_back(TokenId::from(as_bytes(std::string_view(ids).substr(at, 32))).value());
    return children;
}

Result<Address> token_owner(State& state, const TokenId& id) {
    C2D_TRY(const auto token, find_token(state, id));
    return token ? owner_of(*token) : Address{};
}

std::span<const Rule> dt_factory_rules() {
    namespace f = dt_factory;
    static constexpr Rule kRules[] = {kRule<f::kMint, mint>,
                                      kRule<f::kStartCompose, start_compose>,
                                      kRule<f::kLinksCheck, links_check>,
                                      kRule<f::kIsAvailable, is_available>,
                                      kRule<f::kIsActive, is_active>,
                                      kRule<f::kOwner, get_owner>,
                                      kRule<f::kBlockUpdated, block_updated>,
                                      kRule<f::kRegister, get_register>,
                                      kRule<f::kCount, count>,
                                      kRule<f::kIds, id_at>,
                                      kRule<f::kMap, get_map>,
                                      kRule<f::kPage, get_page>,
                                      kRule<f::kChildren, get_children>};
    return kRules;
}

}  // namespace c2d::contracts
