#include "base/fail.hpp"
#include "base/try.hpp"
#include "contracts/tokens.hpp"

#include <algorithm>

namespace c2d::contracts {

namespace {

using Values = std::vector<abi::Value>;

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

Result<std::uint64_t> mint_code(Frame& frame) {
    const TokenId id = frame.arguments[0].word();
    const Address owner = frame.arguments[1].address();
    const bool leaf = frame.arguments[2].boolean();
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyAsset));
    // Nobody mints in another's name: the caller must be the owner.
    if (!allowed || frame.caller != owner) return std::uint64_t(kNoPermission);
    C2D_TRY(const auto known, find_token(frame.state, id));
    if (known || id.is_zero()) return std::uint64_t(kTokenExists);
    C2D_TRY(const bool provider, is_provider(frame.state, owner));
    C2D_TRY(const bool enterprise, is_enterprise(frame.state, owner));
    if (!provider || (!leaf && !enterprise)) return std::uint64_t(kNoPermission);
    frame.state.put(token_key(id), RecordWriter()
                                       .add(owner.view())
                                       .add(frame.caller.view())
                                       .add(frame.arguments[3].word().view())
                                       .add(leaf)
                                       .add(frame.arguments[4].text())
                                       .add(frame.block.number)
                                       .encode());
    if (leaf) C2D_CHECK(list_token(frame, id));
    return std::uint64_t(kSuccess);
}

Result<Values> mint(Frame& frame) {
    C2D_TRY(const auto code, mint_code(frame));
    const auto& a = frame.arguments;
    frame.emit(dt_factory::kDataTokenMinted, {a[0], a[1], abi::Value::of(frame.caller), a[2], a[3], a[4],
                                              abi::Value::of(frame.block.number), abi::Value::of(code)});
    return Values{};
}

// startComposeDT ----------------------------------------------------------------------------------

/// Every child is known, usable, and has granted itself to the composition.
Result<bool> links_hold(Frame& frame, const TokenId& cdt, const std::vector<abi::Value>& children) {
    C2D_TRY(const bool known, exists(frame.state, token_key(cdt)));
    if (!known) return false;
    for (const auto& child : children) {
        C2D_TRY(const auto token, find_token(frame.state, child.word()));
        if (!token) return false;
        C2D_TRY(const bool usable, is_usable(frame.state, child.word(), *token));
        C2D_TRY(const bool granted, grant_stands(frame.state, child.word(), cdt, frame.block.time));
        if (!usable || !granted) return false;
    }
    return true;
}

Bytes encode_children(const std::vector<abi::Value>& children) {
    Bytes out;
    for (const auto& child : children) {
        const Bytes32 id = child.word();
        out.insert(out.end(), id.data.begin(), id.data.end());
    }
    return out;
}

Result<std::uint64_t> compose_code(Frame& frame) {
    const TokenId cdt = frame.arguments[0].word();
    const auto& children = frame.arguments[1].list();
    C2D_TRY(const bool allowed, has_permission(frame.state, frame.caller, kModifyAsset));
    C2D_TRY(const auto token, find_token(frame.state, cdt));
    if (!allowed || !token || is_leaf(*token)) return std::uint64_t(kNoPermission);
    C2D_TRY(const bool active, is_active_composite(frame.state, cdt));
    if (active) return std::uint64_t(kCompositeActive);
    if (owner_of(*token) != frame.caller || children.empty()) return std::uint64_t(kNoPermission);
    C2D_TRY(const bool linked, links_hold(frame, cdt, children));
    if (!linked) return std::uint64_t(kNoPermission);
    put_number(frame.state, active_key(cdt), 1);
    frame.state.put(children_key(cdt), RecordWriter().add(encode_children(children)).encode());
    C2D_CHECK(list_token(frame, cdt));
    return std::uint64_t(kSuccess);
}

Result<Values> start_compose(Frame& frame) {
    C2D_TRY(const auto code, compose_code(frame));
    frame.emit(dt_factory::kCdtMinted, {frame.arguments[0], frame.arguments[1], abi::Value::of(code)});
    return Values{};
}

// Views -------------------------------------------------------------------------------------------

Result<Values> links_check(Frame& frame) {
    C2D_TRY(const bool hold, links_hold(frame, frame.arguments[0].word(), frame.arguments[1].list()));
    return Values{abi::Value::of(hold)};
}

Result<Values> is_available(Frame& frame) {
    C2D_TRY(const bool known, exists(frame.state, token_key(frame.arguments[0].word())));
    return Values{abi::Value::of(known)};
}

Result<Values> is_active(Frame& frame) {
    C2D_TRY(const bool active, is_active_composite(frame.state, frame.arguments[0].word()));
    return Values{abi::Value::of(active)};
}

Result<Record> require_token(Frame& frame) {
    C2D_TRY(auto token, find_token(frame.state, frame.arguments[0].word()));
    if (!token) return revert("no such data token");
    return *std::move(token);
}

Result<Values> get_owner(Frame& frame) {
    C2D_TRY(const auto token, require_token(frame));
    return Values{abi::Value::of(owner_of(token))};
}

Result<Values> block_updated(Frame& frame) {
    C2D_TRY(const auto token, require_token(frame));
    return Values{abi::Value::of(token.number(5))};
}

Result<Values> get_register(Frame& frame) {
    C2D_TRY(const auto token, require_token(frame));
    return Values{abi::Value::of(token.address(0)), abi::Value::of(token.address(1)), abi::Value::of(token.bytes32(2)),
                  abi::Value::of(token.flag(3)),    abi::Value::text(token.text(4)),  abi::Value::of(token.number(5))};
}

Result<Values> count(Frame& frame) {
    C2D_TRY(const auto number, get_number(frame.state, kCountKey));
    return Values{abi::Value::of(number)};
}

Result<std::optional<Record>> listed_at(State& state, std::uint64_t index) {
    return get_record(state, key("token_at/", index), 1);
}

Result<Values> id_at(Frame& frame) {
    C2D_TRY(const auto record, listed_at(frame.state, frame.arguments[0].number()));
    if (!record) return revert("no such index");
    return Values{abi::Value::of(record->bytes32(0))};
}

/// The seven parallel lists of getDTMap over listed tokens [start, end).
Result<Values> listing(Frame& frame, std::uint64_t start, std::uint64_t end) {
    std::vector<Values> columns(7);
    for (std::uint64_t i = start; i < end; ++i) {
        C2D_TRY(const auto listed, listed_at(frame.state, i));
        if (!listed) return fail(Status::CORRUPT, "listed token {} is missing", i);
        C2D_TRY(const auto token, find_token(frame.state, listed->bytes32(0)));
        if (!token) return fail(Status::CORRUPT, "the record of listed token {} is missing", i);
        columns[0].push_back(abi::Value::of(listed->bytes32(0)));
        columns[1].push_back(abi::Value::of(token->address(0)));
        columns[2].push_back(abi::Value::of(token->address(1)));
        columns[3].push_back(abi::Value::of(token->bytes32(2)));
        columns[4].push_back(abi::Value::of(token->flag(3)));
        columns[5].push_back(abi::Value::text(token->text(4)));
        columns[6].push_back(abi::Value::of(token->number(5)));
    }
    Values lists;
    for (auto& column : columns) lists.push_back(abi::Value::list(std::move(column)));
    return lists;
}

Result<Values> get_map(Frame& frame) {
    C2D_TRY(const auto number, get_number(frame.state, kCountKey));
    return listing(frame, 0, number);
}

Result<Values> get_page(Frame& frame) {
    C2D_TRY(const auto number, get_number(frame.state, kCountKey));
    const auto start = std::min(frame.arguments[0].number(), number);
    const auto size = std::min(frame.arguments[1].number(), dt_factory::kPageMax);
    return listing(frame, start, std::min(number, start + size));
}

Result<Values> get_children(Frame& frame) {
    C2D_TRY(const auto ids, children_of(frame.state, frame.arguments[0].word()));
    Values children;
    for (const auto& id : ids) children.push_back(abi::Value::of(id));
    return Values{abi::Value::list(std::move(children))};
}

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
    static constexpr Rule kRules[] = {{f::kMint, mint},
                                      {f::kStartCompose, start_compose},
                                      {f::kLinksCheck, links_check},
                                      {f::kIsAvailable, is_available},
                                      {f::kIsActive, is_active},
                                      {f::kOwner, get_owner},
                                      {f::kBlockUpdated, block_updated},
                                      {f::kRegister, get_register},
                                      {f::kCount, count},
                                      {f::kIds, id_at},
                                      {f::kMap, get_map},
                                      {f::kPage, get_page},
                                      {f::kChildren, get_children}};
    return kRules;
}

}  // namespace c2d::contracts
