// One behaviour: every function, every code and every view of the contracts, on the embedded
// ledger, on a served ledger and on an EVM, with equal logs, answers and refusals.

#include "evm/scenario.hpp"
#include "support/temp_dir.hpp"

#include <fmt/format.h>

namespace c2d::evm {

namespace c = contracts;
using abi::Value;
using support::must;
using support::named_address;
using support::named_id;

namespace {

constexpr std::uint64_t kOk = c::kSuccess, kNo = c::kNoPermission;

Value number(std::uint64_t value) { return Value::of(value); }
Value text(std::string_view value) { return Value::text(std::string(value)); }
Value person(std::string_view name) { return Value::of(named_address(name)); }
Value id(std::string_view name) { return Value::of(named_id(name)); }
Value word(std::string_view of) { return Value::of(keccak256(of)); }
Value delegate_type(std::string_view name) { return Value::of(c::identity::delegate_type(name)); }
const Value kNobody = Value::of(Address{});
const Value kNothing = Value::of(TokenId{});

/// `low` + 2^`bit`: numbers beyond 64 bits, alike in their last digits to small ones.
Value beyond(unsigned bit, std::uint64_t low = 0) {
    Bytes32 out = number(low).word();
    out.data[31 - bit / 8] |= std::uint8_t(1u << bit % 8);
    return Value::uint256(out);
}

Value ids(std::initializer_list<const char*> names) {
    Values list;
    for (const auto* name : names) list.push_back(id(name));
    return Value::list(std::move(list));
}

/// Longer than one word, with letters of one to four bytes.
const std::string kLongText = "Stiftung für Blätter 数据协作 🌱, with a name that fills more than one word";

/// Texts of so many bytes.
Value of_bytes(std::size_t count) { return text(std::string(count, 'x')); }

Value words(std::initializer_list<const char*> of) {
    Values list;
    for (const auto* each : of) list.push_back(word(each));
    return Value::list(std::move(list));
}
Value numbers(std::initializer_list<std::uint64_t> values) {
    Values list;
    for (const auto value : values) list.push_back(number(value));
    return Value::list(std::move(list));
}

template <class T>
Outcome outcome_of(const Result<T>& result) {
    if (!result) {
        const Error& e = result.error();
        CHECK_MESSAGE(e.status == Status::REFUSED, e.message);
        return {e.code, fmt::format("{} {} {}", e.source, e.code, e.name)};
    }
    if constexpr (std::is_same_v<T, std::uint64_t>) return {0, std::to_string(*result)};
    return {0, "done"};
}

std::vector<TokenId> to_ids(const Value& list) {
    std::vector<TokenId> out;
    for (const auto& id : list.list()) out.push_back(id.word());
    return out;
}

std::optional<KeyUse> use_of(const Value& type) {
    for (const auto use : {KeyUse::grant, KeyUse::work})
        if (type.word() == c::identity::delegate_type(key_use_name(use))) return use;
    return std::nullopt;
}

std::optional<Outcome> typed_disclosure(Chain& chain, Signer& signer, const Values& a) {
    const auto &kinds = a[4].list(), &counts = a[5].list();
    if (!a[0].fits_64_bits() || a[2].number() > 5 || kinds.empty() || kinds.size() != counts.size())
        return std::nullopt;
    std::vector<Disclosure> disclosed;
    for (std::size_t i = 0; i < kinds.size(); ++i) disclosed.push_back({kinds[i].word(), counts[i].number()});
    return outcome_of(
        chain.post_receipt(signer, a[0].number(), a[1].word(), ReceiptOutcome(a[2].number()), a[3].word(), disclosed));
}

/// Every function that changes state: the codes that it can answer with, and how `Chain` says it; nothing where it
/// cannot.
const std::vector<Write> kWrites = {
    {c::role_controller::kAddRole,
     {0, 10000, 1001, 7002},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         if (a[1] == Value::of(std::uint64_t(c::kAdmin))) return outcome_of(chain.add_admin(s, a[0].address()));
         const auto role = LedgerRole(a[1].number());
         if (role != LedgerRole::enterprise && role != LedgerRole::provider) return std::nullopt;
         return outcome_of(chain.restore_role(s, a[0].address(), role));
     }},
    {c::role_controller::kRemoveRole,
     {0, 10000, 1003, 1004},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.remove_role(s, a[0].address(), LedgerRole(a[1].number())));
     }},
    {c::role_controller::kStartEdition,
     {10000, 1002},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         if (!a[0].fits_64_bits()) return std::nullopt;
         return outcome_of(chain.start_edition(s, a[0].number()));
     }},
    {c::asset_provider::kRegisterEnterprise,
     {0, 10000, 10001, 2001, 7002},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.register_enterprise(s, a[0].address(), a[1].text(), a[2].text()));
     }},
    {c::asset_provider::kUpdateEnterprise,
     {0, 10000, 10001, 2002},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.update_enterprise(s, a[0].address(), a[1].text(), a[2].text()));
     }},
    {c::asset_provider::kRegisterOrganisation,
     {0, 10000, 10001, 2001, 2005, 7002},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.register_enterprise(s, a[0].address(), a[1].text(), a[2].text(), a[3].text()));
     }},
    {c::asset_provider::kUpdateOrganisation,
     {0, 10000, 10001, 2002, 2005},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.update_enterprise(s, a[0].address(), a[1].text(), a[2].text(), a[3].text()));
     }},
    {c::asset_provider::kAddProvider,
     {0, 10000, 2003, 7002},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.add_provider(s, a[0].address()));
     }},
    {c::asset_provider::kUpdateProvider, {0, 10000, 2004}},
    {c::op_template::kPublish,
     {0, 10000, 10001, 3001},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.publish_template(s, a[0].word(), a[1].text(), a[2].word(), a[3].text()));
     }},
    {c::op_template::kUpdate,
     {0, 10000, 10001, 3002},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.update_template(s, a[0].word(), a[1].text(), a[2].word(), a[3].text()));
     }},
    {c::dt_factory::kMint,
     {0, 10000, 10001, 4001},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         // It mints for whom the sender works, and for nobody else.
         if (a[1].address() != must(chain.principal(s.address(), KeyUse::work))) return std::nullopt;
         return outcome_of(chain.mint(s, a[0].word(), a[2].boolean(), a[3].word(), a[4].text()));
     }},
    {c::dt_factory::kGrant,
     {0, 10000, 4002, 4004, 4005, 4009, 4010},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.grant(s, a[0].word(), a[1].word()));
     }},
    {c::dt_factory::kGrantLimited,
     {0, 10000, 4002, 4004, 4005, 4007, 4009, 4010},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         if (!a[2].fits_64_bits() || !a[3].fits_64_bits()) return std::nullopt;
         return outcome_of(chain.grant(s, a[0].word(), a[1].word(), {a[2].number(), a[3].number()}));
     }},
    {c::dt_factory::kGrantDecided,
     {0, 10000, 4002, 4004, 4005, 4007, 4009, 4010, 4012},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         const auto mode = a[4].number();
         if (!a[2].fits_64_bits() || !a[3].fits_64_bits() || mode == 0 || mode > 3) return std::nullopt;
         const GrantLimits limits{a[2].number(), a[3].number(), (mode & 1) != 0, (mode & 2) != 0};
         return outcome_of(chain.grant(s, a[0].word(), a[1].word(), limits));
     }},
    {c::dt_factory::kRevoke,
     {0, 10000, 4002, 4006},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.revoke(s, a[0].word(), a[1].word()));
     }},
    {c::dt_factory::kClose,
     {0, 10000, 4002, 4010},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.close_token(s, a[0].word()));
     }},
    {c::dt_factory::kOpen,
     {0, 10000, 4002, 4011},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.open_token(s, a[0].word()));
     }},
    {c::dt_factory::kStartCompose,
     {0, 10000, 4003},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.start_compose(s, a[0].word(), to_ids(a[1])));
     }},
    {c::task_market::kCreateTask,
     {0, 10000, 10001},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.create_task(s, a[0].text(), a[1].text()));
     }},
    {c::task_market::kAddJob,
     {0, 10000, 4006, 4007, 4008, 4010, 5001, 5002, 5003},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         if (!a[1].fits_64_bits()) return std::nullopt;
         return outcome_of(chain.add_job(s, a[0].word(), a[1].number()));
     }},
    {c::task_market::kCloseTask,
     {0, 10000, 5001, 5004},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         if (!a[0].fits_64_bits()) return std::nullopt;
         return outcome_of(chain.close_task(s, a[0].number()));
     }},
    {c::job_receipts::kPost,
     {0, 10000, 6001, 6002, 6003, 6004},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         if (!a[0].fits_64_bits() || a[2].number() > 5) return std::nullopt;
         return outcome_of(
             chain.post_receipt(s, a[0].number(), a[1].word(), ReceiptOutcome(a[2].number()), a[3].word()));
     }},
    {c::job_receipts::kPostDisclosed, {0, 10000, 6001, 6002, 6003, 6004}, typed_disclosure},
    {c::identity::kChangeOwner,
     {0, 10000, 7001, 7002},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         return outcome_of(chain.change_owner(s, a[0].address(), a[1].address()));
     }},
    {c::identity::kAddDelegate,
     {0, 10000, 7001, 7002, 7003, 7004},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         const auto use = use_of(a[1]);
         if (!use || !a[3].fits_64_bits()) return std::nullopt;
         return outcome_of(chain.add_delegate(s, a[0].address(), *use, a[2].address(), a[3].number()));
     }},
    {c::identity::kRevokeDelegate,
     {0, 10000, 7001, 7005},
     [](Chain& chain, Signer& s, const Values& a) -> std::optional<Outcome> {
         const auto use = use_of(a[1]);
         if (!use) return std::nullopt;
         return outcome_of(chain.revoke_delegate(s, a[0].address(), *use, a[2].address()));
     }},
};

/// The scenario in the words of its actors: who calls what, and what it comes to.
struct Story : Scenario {
    Story() : Scenario(kWrites) {
        for (const char* name : {"admin", "deputy", "bank", "solver", "firm", "desk", "outsider"})
            people.push_back(named_address(name));
        people.push_back(Address{});
        for (const char* name : {"bank", "firm", "deputy"}) identities.push_back(named_address(name));
        for (const char* name : {"bank", "solver", "twin"}) composers.push_back(named_address(name));
        for (const char* name : {"rows", "more rows", "model", "score", "suite", "spare", "unknown"})
            tokens.push_back(named_id(name));
        tokens.push_back(TokenId{});
        kinds = {keccak256("labels"), keccak256("outputs")};
        templates = {named_id("op"), named_id("op 2"), named_id("unknown"), TokenId{}};
    }

    void add_role(std::string_view who, const Value& whom, const Value& role, std::uint64_t code) {
        send(who, c::role_controller::kAddRole, {whom, role}, code);
    }
    void enterprise(std::string_view who, const Value& whom, std::string_view name, std::uint64_t code) {
        send(who, c::asset_provider::kRegisterEnterprise, {whom, text(name), text("about")}, code);
    }
    void update_enterprise(std::string_view who, const Value& whom, std::string_view name, std::uint64_t code) {
        send(who, c::asset_provider::kUpdateEnterprise, {whom, text(name), text("")}, code);
    }
    void provider(std::string_view who, const Value& whom, std::uint64_t code) {
        send(who, c::asset_provider::kAddProvider, {whom}, code);
    }
    void update_provider(std::string_view who, const Value& whom, std::uint64_t code) {
        send(who, c::asset_provider::kUpdateProvider, {whom}, code);
    }
    void publish(std::string_view who, const Value& tid, std::string_view name, std::uint64_t code) {
        send(who, c::op_template::kPublish, {tid, text(name), word("code"), text("QmCode")}, code);
    }
    void update(std::string_view who, const Value& tid, std::string_view name, std::uint64_t code) {
        send(who, c::op_template::kUpdate, {tid, text(name), word("newer"), text("QmNewer")}, code);
    }
    void mint(std::string_view who, const Value& dt, std::string_view owner, bool leaf, std::uint64_t code) {
        send(who, c::dt_factory::kMint, {dt, person(owner), Value::of(leaf), word("document"), text("QmDocument")},
             code);
    }
    void grant(std::string_view who, std::string_view dt, std::string_view grantee, std::uint64_t code) {
        send(who, c::dt_factory::kGrant, {id(dt), id(grantee)}, code);
    }
    void grant_until(std::string_view who, std::string_view dt, std::string_view grantee, const Value& expiry,
                     const Value& uses, std::uint64_t code) {
        send(who, c::dt_factory::kGrantLimited, {id(dt), id(grantee), expiry, uses}, code);
    }
    void decide(std::string_view who, std::string_view dt, std::string_view grantee, const Value& expiry,
                const Value& uses, const Value& mode, std::uint64_t code) {
        send(who, c::dt_factory::kGrantDecided, {id(dt), id(grantee), expiry, uses, mode}, code);
    }
    void owners_word(std::string_view who, std::string_view dt, std::string_view grantee, const Value& expiry,
                     const Value& uses) {
        decide(who, dt, grantee, expiry, uses, number(c::dt_factory::kOwnersWord), kOk);
    }
    void revoke(std::string_view who, std::string_view dt, std::string_view grantee, std::uint64_t code) {
        send(who, c::dt_factory::kRevoke, {id(dt), id(grantee)}, code);
    }
    void compose(std::string_view who, std::string_view cdt, std::initializer_list<const char*> children,
                 std::uint64_t code) {
        send(who, c::dt_factory::kStartCompose, {id(cdt), ids(children)}, code);
    }
    void task(std::string_view who, std::string_view name, std::uint64_t code) {
        send(who, c::task_market::kCreateTask, {text(name), text(kLongText)}, code);
    }
    void job(std::string_view who, std::string_view cdt, const Value& task, std::uint64_t code) {
        send(who, c::task_market::kAddJob, {id(cdt), task}, code);
    }
    void close(std::string_view who, const Value& task, std::uint64_t code) {
        send(who, c::task_market::kCloseTask, {task}, code);
    }
    void receipt(std::string_view who, const Value& job, std::string_view dt, const Value& outcome, const Value& digest,
                 std::uint64_t code) {
        send(who, c::job_receipts::kPost, {job, id(dt), outcome, digest}, code);
    }

    void organisation(std::string_view who, const Value& whom, const Value& legal_id, std::uint64_t code) {
        send(who, c::asset_provider::kRegisterOrganisation, {whom, text("name"), text("about"), legal_id}, code);
    }
    void update_organisation(std::string_view who, const Value& whom, const Value& legal_id, std::uint64_t code) {
        send(who, c::asset_provider::kUpdateOrganisation, {whom, text("name"), text("about"), legal_id}, code);
    }
    void remove_role(std::string_view who, const Value& whom, const Value& role, std::uint64_t code) {
        send(who, c::role_controller::kRemoveRole, {whom, role}, code);
    }
    void close_token(std::string_view who, std::string_view dt, std::uint64_t code) {
        send(who, c::dt_factory::kClose, {id(dt)}, code);
    }
    void open_token(std::string_view who, std::string_view dt, std::uint64_t code) {
        send(who, c::dt_factory::kOpen, {id(dt)}, code);
    }
    void disclose(std::string_view who, const Value& job, std::string_view dt, const Value& of_kinds,
                  const Value& counts, std::uint64_t code) {
        send(who, c::job_receipts::kPostDisclosed, {job, id(dt), number(1), word("receipt"), of_kinds, counts}, code);
    }
    void change_owner(std::string_view who, const Value& identity, const Value& owner, std::uint64_t code) {
        send(who, c::identity::kChangeOwner, {identity, owner}, code);
    }
    void delegate(std::string_view who, const Value& identity, std::string_view type, const Value& key,
                  const Value& validity, std::uint64_t code) {
        send(who, c::identity::kAddDelegate, {identity, delegate_type(type), key, validity}, code);
    }
    void dismiss(std::string_view who, const Value& identity, std::string_view type, const Value& key,
                 std::uint64_t code) {
        send(who, c::identity::kRevokeDelegate, {identity, delegate_type(type), key}, code);
    }

    void roles();
    void organisations();
    void operators();
    void minting();
    void granting();
    void granting_with_limits();
    void revoking();
    void composing();
    void opening_tasks();
    void jobs_and_their_grants();
    void jobs_below_jobs();
    void closing_tasks();
    void receipts();
    void through_typed_calls();
    void editions();
    void bounded_texts();
    void legal_ids();
    void removing_roles();
    void deciding();
    void deciding_for_an_organisation();
    void closing_tokens();
    void disclosing();
    void delegates();
    void what_delegates_may();
    void changing_keys();
    void keys_are_of_one_identity();
    void administrators_change_keys();
    void the_only_administrator();
    void through_typed_calls_of_edition_2();
    void malformed_calls();
};

void Story::roles() {
    add_role("outsider", person("outsider"), number(100), kNo);
    add_role("admin", person("deputy"), number(100), kOk);
    add_role("admin", person("deputy"), number(100), c::kRoleExists);
    add_role("outsider", person("deputy"), number(100), kNo);  // learns nothing of who has it
    // The other roles only through AssetProvider, the zero address not at all, unknown roles to
    // nobody.
    for (const std::uint64_t role : {101, 102, 0, 99, 103}) add_role("admin", person("bank"), number(role), kNo);
    add_role("admin", person("bank"), beyond(64, 100), kNo);
    add_role("admin", kNobody, number(100), kNo);
}

void Story::organisations() {
    enterprise("outsider", person("outsider"), "self", kNo);
    enterprise("admin", person("bank"), "bank", kOk);
    enterprise("admin", person("bank"), "bank", c::kEnterpriseExists);
    enterprise("admin", kNobody, "nobody", c::kEnterpriseExists);
    enterprise("deputy", person("solver"), kLongText, kOk);
    enterprise("admin", person("firm"), "", kOk);
    update_enterprise("bank", person("bank"), "better", kNo);
    update_enterprise("admin", person("outsider"), "x", c::kEnterpriseUnknown);
    update_enterprise("admin", kNobody, "x", c::kEnterpriseUnknown);
    update_enterprise("admin", person("solver"), "solver", kOk);

    provider("bank", person("bank"), kNo);
    for (const char* name : {"bank", "solver", "desk"}) provider("admin", person(name), kOk);
    provider("admin", person("bank"), c::kProviderExists);
    provider("admin", kNobody, c::kProviderExists);
    update_provider("bank", person("bank"), kNo);
    update_provider("admin", person("firm"), c::kProviderUnknown);
    update_provider("admin", kNobody, c::kProviderUnknown);
    update_provider("admin", person("bank"), kOk);
}

void Story::operators() {
    publish("bank", id("op"), "train", kNo);
    publish("admin", kNothing, "zero", c::kTemplateExists);
    publish("admin", id("op"), "train", kOk);
    publish("admin", id("op"), "again", c::kTemplateExists);
    publish("admin", id("op 2"), kLongText, kOk);
    update("bank", id("op"), "train", kNo);
    update("admin", id("unknown"), "x", c::kTemplateUnknown);
    update("admin", kNothing, "x", c::kTemplateUnknown);
    update("deputy", id("op"), "", kOk);
}

void Story::minting() {
    mint("outsider", id("rows"), "outsider", true, kNo);
    mint("desk", id("rows"), "desk", true, kNo);  // a provider, but no enterprise
    mint("firm", id("rows"), "firm", true, kNo);  // an enterprise, but no provider
    mint("firm", id("score"), "firm", false, kNo);
    mint("bank", id("rows"), "solver", true, kNo);  // not in another's name
    mint("bank", kNothing, "bank", true, c::kTokenExists);
    mint("bank", id("rows"), "bank", true, kOk);
    mint("bank", id("rows"), "bank", true, c::kTokenExists);
    mint("solver", id("rows"), "solver", false, c::kTokenExists);
    mint("bank", id("more rows"), "bank", true, kOk);
    mint("solver", id("model"), "solver", true, kOk);
    mint("solver", id("score"), "solver", false, kOk);
    mint("solver", id("suite"), "solver", false, kOk);
    mint("bank", id("spare"), "bank", false, kOk);
}

void Story::granting() {
    grant("firm", "rows", "score", kNo);
    grant("bank", "unknown", "score", c::kTokenUnknown);
    grant("bank", "rows", "unknown", c::kTokenUnknown);
    grant("desk", "rows", "score", kNo);
    grant("solver", "rows", "score", kNo);
    grant("bank", "rows", "more rows", c::kCompositeUnavailable);  // the grantee is a leaf
    grant("bank", "spare", "score", c::kCompositeUnavailable);     // not active itself
    grant("bank", "rows", "score", kOk);
    grant("bank", "rows", "score", c::kGrantedAlready);
    grant("solver", "rows", "score", kNo);  // an outsider learns nothing of the grant
    send("bank", c::dt_factory::kGrant, {kNothing, id("score")}, c::kTokenUnknown);
    send("bank", c::dt_factory::kGrant, {id("rows"), kNothing}, c::kTokenUnknown);
}

void Story::granting_with_limits() {
    const auto none = number(0);
    grant_until("firm", "rows", "suite", none, none, kNo);
    grant_until("bank", "unknown", "suite", none, none, c::kTokenUnknown);
    grant_until("bank", "rows", "unknown", none, none, c::kTokenUnknown);
    grant_until("solver", "rows", "suite", none, none, kNo);
    grant_until("bank", "rows", "score", none, number(3), c::kGrantedAlready);
    grant_until("bank", "rows", "more rows", none, none, c::kCompositeUnavailable);
    grant_until("bank", "rows", "suite", number(1), none, c::kGrantExpired);
    grant_until("bank", "rows", "suite", number(next_time() - 1), none, c::kGrantExpired);
    // The last second in which it holds is this one; in the next it may be given anew.
    grant_until("bank", "rows", "suite", number(next_time()), number(2), kOk);
    grant_until("bank", "rows", "suite", number(next_time() + 2), none, kOk);
    grant_until("bank", "rows", "suite", none, none, c::kGrantedAlready);
    // More than 64 bits hold is as good as no bound.
    grant_until("bank", "more rows", "suite", beyond(200), beyond(64, 1), kOk);
    grant_until("solver", "model", "suite", beyond(64), beyond(255), kOk);
}

void Story::revoking() {
    revoke("firm", "rows", "score", kNo);
    revoke("bank", "unknown", "score", c::kTokenUnknown);
    revoke("solver", "rows", "score", kNo);
    revoke("bank", "more rows", "score", c::kNotGranted);
    revoke("bank", "rows", "unknown", c::kNotGranted);
    revoke("bank", "rows", "score", kOk);
    revoke("bank", "rows", "score", c::kNotGranted);
    revoke("bank", "rows", "suite", kOk);  // its time is over, but it was given
    // What was taken back is given again by the owner's word alone.
    grant("bank", "rows", "score", c::kGrantNeedsOwner);
    grant_until("bank", "rows", "score", number(0), number(2), c::kGrantNeedsOwner);
    owners_word("bank", "rows", "score", number(0), number(2));
    grant("solver", "model", "score", kOk);
}

void Story::composing() {
    compose("outsider", "score", {"rows"}, kNo);
    compose("solver", "unknown", {"rows"}, kNo);
    compose("bank", "rows", {"rows"}, kNo);   // a leaf
    compose("bank", "score", {"rows"}, kNo);  // another's
    compose("solver", "score", {}, kNo);
    compose("solver", "score", {"rows", "more rows"}, kNo);  // not granted
    compose("solver", "score", {"rows", "unknown"}, kNo);
    compose("solver", "score", {"spare"}, kNo);  // not active
    // A child named twice is one link.
    compose("solver", "score", {"rows", "model", "rows"}, kOk);
    compose("solver", "score", {"rows"}, c::kCompositeActive);
    compose("bank", "score", {"rows"}, c::kCompositeActive);
}

void Story::opening_tasks() {
    task("outsider", "t", kNo);
    task("desk", "t", kNo);
    task("bank", "first", kOk);
    task("bank", kLongText, kOk);
    task("firm", "", kOk);
}

void Story::jobs_and_their_grants() {
    const auto first = number(1);
    job("outsider", "score", first, kNo);
    job("desk", "score", first, kNo);
    for (const auto& task : {number(0), number(9), beyond(64, 1)}) job("solver", "score", task, c::kTaskUnavailable);
    for (const char* cdt : {"suite", "rows", "unknown"}) job("solver", cdt, first, c::kJobTokenInactive);
    job("bank", "score", first, c::kJobTokenForeign);

    // Two jobs are what the grant is good for; a refused one uses nothing up.
    job("solver", "score", first, kOk);
    revoke("solver", "model", "score", kOk);
    job("solver", "score", first, c::kNotGranted);
    owners_word("solver", "model", "score", number(next_time() + 1), number(0));
    job("solver", "score", number(2), kOk);
    // The first link is spent, the second over: the order of the links decides.
    job("solver", "score", first, c::kGrantSpent);
    owners_word("bank", "rows", "score", number(0), number(0));  // a spent grant may be given anew
    job("solver", "score", first, c::kGrantExpired);
    owners_word("solver", "model", "score", number(0), number(0));
    pass(1'000'000);
    job("solver", "score", first, kOk);
}

/// suite = {rows, more rows, score}, score = {rows, model}: every link counts, each once.
void Story::jobs_below_jobs() {
    owners_word("bank", "rows", "suite", number(0), number(0));
    grant_until("solver", "score", "suite", number(next_time() + 40), number(3), kOk);
    compose("solver", "suite", {"rows", "more rows", "score"}, kOk);
    job("solver", "suite", number(2), kOk);
    revoke("bank", "rows", "score", kOk);  // two steps below
    job("solver", "suite", number(2), c::kNotGranted);
    owners_word("bank", "rows", "score", number(0), number(1));
    job("solver", "suite", number(2), kOk);
    job("solver", "suite", number(2), c::kGrantSpent);
    job("solver", "score", number(2), c::kGrantSpent);
    pass(60);
    job("solver", "suite", number(2), c::kGrantExpired);  // score's own, before what is below it
}

void Story::closing_tasks() {
    close("outsider", number(1), kNo);
    for (const auto& task : {number(0), number(9), beyond(64, 1)}) close("bank", task, c::kTaskUnavailable);
    close("solver", number(1), c::kTaskForeign);
    close("bank", number(1), kOk);
    close("bank", number(1), c::kTaskUnavailable);
    close("solver", number(1), c::kTaskUnavailable);
    job("solver", "score", number(1), c::kTaskUnavailable);
}

void Story::receipts() {
    const auto digest = word("receipt"), none = Value::of(Bytes32{}), good = number(1);
    for (const auto& job : {number(0), number(99), beyond(64, 1)})
        receipt("bank", job, "rows", good, digest, c::kJobUnknown);
    for (const char* dt : {"more rows", "score", "unknown"})  // job 1 is of score
        receipt("bank", number(1), dt, good, digest, c::kTokenNotInJob);
    receipt("solver", number(1), "rows", good, digest, kNo);
    receipt("outsider", number(1), "rows", number(9), none, kNo);
    for (const auto& outcome : {number(0), number(6), beyond(64, 1)})
        receipt("bank", number(1), "rows", outcome, digest, c::kReceiptMalformed);
    receipt("bank", number(1), "rows", good, none, c::kReceiptMalformed);
    receipt("bank", number(1), "rows", number(2), digest, kOk);
    receipt("bank", number(1), "rows", number(3), word("other"), c::kReceiptExists);
    receipt("bank", number(1), "rows", number(0), none, c::kReceiptExists);
    receipt("solver", number(1), "model", number(5), digest, kOk);
    // Job 4 is of suite: what is below score is below suite, and score is part of it itself.
    receipt("solver", number(4), "suite", good, digest, c::kTokenNotInJob);
    receipt("solver", number(4), "model", number(4), digest, kOk);
    receipt("solver", number(4), "score", good, digest, kOk);
    receipt("bank", number(4), "more rows", number(3), digest, kOk);
}

/// The same once more, briefly, as programs call it; what was refused above was asked so already.
void Story::through_typed_calls() {
    const auto cdt = id("typed cdt"), dt = id("typed rows");
    tokens.push_back(named_id("typed cdt"));
    tokens.push_back(named_id("typed rows"));
    people.push_back(named_address("late"));
    namespace t = c::dt_factory;
    typed("admin", c::role_controller::kAddRole, {person("late"), number(100)}, kOk);
    typed("late", c::asset_provider::kRegisterEnterprise, {person("late"), text("l"), text("")}, kOk);
    typed("late", c::asset_provider::kUpdateEnterprise, {person("late"), text("late"), text("é")}, kOk);
    typed("late", c::asset_provider::kAddProvider, {person("late")}, kOk);
    typed("late", c::op_template::kPublish, {id("op 3"), text("o"), word("c"), text("Qm")}, kOk);
    typed("admin", c::op_template::kUpdate, {id("op 3"), text("p"), word("d"), text("Qn")}, kOk);
    typed("late", t::kMint, {dt, person("late"), Value::of(true), word("d"), text("Qm")}, kOk);
    typed("late", t::kMint, {cdt, person("late"), Value::of(false), word("d"), text("Qm")}, kOk);
    typed("late", t::kGrantLimited, {dt, cdt, number(next_time() + 1'000'000'000), number(9)}, kOk);
    typed("late", t::kGrant, {dt, id("score")}, kOk);
    typed("late", t::kStartCompose, {cdt, ids({"typed rows"})}, kOk);
    typed("late", c::task_market::kCreateTask, {text("typed"), text("")}, kOk);
    typed("late", c::task_market::kAddJob, {cdt, number(4)}, kOk);
    typed("late", c::task_market::kCloseTask, {number(4)}, kOk);
    typed("late", c::job_receipts::kPost, {number(6), dt, number(1), word("r")}, kOk);
}

void Story::editions() {
    const auto& start = c::role_controller::kStartEdition;
    send("bank", start, {number(3)}, kNo);
    send("outsider", start, {number(3)}, kNo);
    for (const auto& edition : {number(0), number(1), number(2), number(3), beyond(64, 3)})
        send("admin", start, {edition}, c::kEditionNotNext);
}

/// Names of 256 bytes and other texts of 4,096 are taken, one more is not; after the permission, before all else.
void Story::bounded_texts() {
    const auto& enterprise = c::asset_provider::kRegisterEnterprise;
    const auto& organisation = c::asset_provider::kRegisterOrganisation;
    const auto& better = c::asset_provider::kUpdateEnterprise;
    const auto& reorganised = c::asset_provider::kUpdateOrganisation;
    const auto long_name = of_bytes(257), long_text = of_bytes(4097), none = text("");
    for (const auto& known : {person("bank"), person("outsider")}) {
        send("admin", enterprise, {known, long_name, none}, c::kTextTooLong);
        send("admin", better, {known, none, long_text}, c::kTextTooLong);
        send("admin", organisation, {known, none, long_text, text("?")}, c::kTextTooLong);
        send("admin", reorganised, {known, long_name, none, text("?")}, c::kTextTooLong);
    }
    send("firm", enterprise, {person("firm"), long_name, none}, kNo);
    std::string name;
    for (int letters = 0; letters < 128; ++letters) name += "é";  // 256 bytes
    send("admin", better, {person("firm"), text(name), of_bytes(4096)}, kOk);
    for (const auto& [who, code] : {std::pair("admin", c::kTextTooLong), std::pair("bank", c::kNoPermission)}) {
        send(who, c::op_template::kPublish, {id("op"), long_name, word("c"), none}, code);
        send(who, c::op_template::kUpdate, {id("unknown"), none, word("c"), long_text}, code);
    }
    send("admin", c::op_template::kUpdate, {id("op"), of_bytes(256), word("c"), of_bytes(4096)}, kOk);
    const auto mint_as = [&](const char* owner, const Value& path, std::uint64_t code) {
        send("bank", c::dt_factory::kMint, {id("rows"), person(owner), Value::of(true), word("d"), path}, code);
    };
    mint_as("bank", long_text, c::kTextTooLong);
    mint_as("bank", of_bytes(4096), c::kTokenExists);
    mint_as("solver", long_text, kNo);
    send("bank", c::task_market::kCreateTask, {long_name, none}, c::kTextTooLong);
    send("bank", c::task_market::kCreateTask, {none, long_text}, c::kTextTooLong);
    send("desk", c::task_market::kCreateTask, {long_name, none}, kNo);
    send("bank", c::task_market::kCreateTask, {of_bytes(256), of_bytes(4096)}, kOk);
}

void Story::legal_ids() {
    people.push_back(named_address("twin"));
    organisation("bank", person("twin"), text("DE:HRB-1"), kNo);
    organisation("outsider", person("twin"), text("DE:HRB-1"), kNo);
    organisation("admin", person("bank"), text("DE:HRB-1"), c::kEnterpriseExists);
    organisation("admin", kNobody, text("?"), c::kEnterpriseExists);
    for (const std::string_view bad : {"AB", "DE 1", "DE:hrb", "DE,1", "DE;1", "DE@1", "DE[1", "DE:É"}) {
        organisation("admin", person("twin"), text(bad), c::kLegalIdMalformed);
        update_organisation("admin", person("bank"), text(bad), c::kLegalIdMalformed);
    }
    organisation("admin", person("twin"), text(std::string(65, 'A')), c::kLegalIdMalformed);
    organisation("admin", person("twin"), text("AZ:09-./"), kOk);
    provider("admin", person("twin"), kOk);
    update_organisation("solver", person("solver"), text("AZ:09-./"), kNo);
    update_organisation("admin", person("outsider"), text("AZ:09-./"), c::kEnterpriseUnknown);
    update_organisation("admin", kNobody, text("?"), c::kEnterpriseUnknown);
    update_organisation("admin", person("bank"), text(std::string(64, 'Z')), kOk);
    update_enterprise("admin", person("bank"), "bank", kOk);  // the legal id stays
    update_organisation("admin", person("firm"), text("ABC"), kOk);
    update_organisation("admin", person("firm"), text(""), kOk);
}

void Story::removing_roles() {
    people.push_back(named_address("third"));
    remove_role("bank", person("deputy"), number(100), kNo);
    remove_role("outsider", person("deputy"), number(100), kNo);
    for (const auto& role : {number(101), number(0), number(103), beyond(64, 100)})
        remove_role("admin", person("deputy"), role, c::kRoleMissing);
    remove_role("admin", kNobody, number(100), c::kRoleMissing);
    // Roles of organisations come back where the record stands, from an administrator.
    for (const std::uint64_t role : {101, 102}) {
        remove_role("deputy", person("bank"), number(role), kOk);
        remove_role("deputy", person("bank"), number(role), c::kRoleMissing);
        if (role == 101) task("bank", "t", kNo);
        if (role == 102) grant("bank", "rows", "score", kNo);
        mint("bank", id("more"), "bank", true, kNo);
        add_role("desk", person("bank"), number(role), kNo);
        add_role("admin", person("outsider"), number(role), kNo);  // no record
        add_role("admin", person("bank"), number(role), kOk);
        add_role("admin", person("bank"), number(role), c::kRoleExists);
    }
    add_role("admin", person("desk"), number(101), kNo);  // a provider's record only
    add_role("admin", person("firm"), number(102), kNo);
    // The list of administrators: who is removed leaves a gap, which the last one fills. "late" came before.
    add_role("admin", person("third"), number(100), kOk);
    remove_role("admin", person("deputy"), number(100), kOk);
    update("deputy", id("op"), "x", kNo);
    add_role("third", person("deputy"), number(100), kOk);
    remove_role("deputy", person("admin"), number(100), kOk);
    add_role("deputy", person("admin"), number(100), kOk);
    remove_role("admin", person("late"), number(100), kOk);
    remove_role("admin", person("deputy"), number(100), kOk);
    remove_role("admin", person("third"), number(100), kOk);
    remove_role("admin", person("admin"), number(100), c::kLastAdmin);
    add_role("admin", person("deputy"), number(100), kOk);
}

void Story::deciding() {
    // Views of pairs of tokens are most of what is asked: no more of them than what comes is about.
    compare_histories();
    tokens.clear();
    for (const char* name : {"rows", "typed cdt", "typed rows", "suite", "data", "one", "two"})
        tokens.push_back(named_id(name));
    const auto none = number(0), shared = number(c::dt_factory::kPerComposer), both = number(3);
    mint("bank", id("data"), "bank", true, kOk);
    for (const char* cdt : {"one", "two"}) mint("solver", id(cdt), "solver", false, kOk);
    task("bank", "decided", kOk);
    const auto open = number(6);
    decide("firm", "data", "one", none, none, number(9), kNo);
    decide("bank", "unknown", "one", none, none, number(9), c::kTokenUnknown);
    decide("bank", "data", "unknown", none, none, none, c::kTokenUnknown);
    decide("solver", "data", "one", none, none, number(9), kNo);
    for (const auto& mode : {number(4), number(5), beyond(64, 1), beyond(255)})
        decide("bank", "data", "one", none, none, mode, c::kModeUnknown);
    decide("bank", "data", "rows", none, none, shared, c::kCompositeUnavailable);
    decide("bank", "data", "one", number(next_time() - 1), none, shared, c::kGrantExpired);
    // One allowance of two jobs over both compositions; the second grant is no further one.
    decide("bank", "data", "one", none, number(2), shared, kOk);
    decide("bank", "data", "one", none, number(2), shared, c::kGrantedAlready);
    decide("bank", "data", "two", none, number(2), shared, kOk);
    for (const char* cdt : {"one", "two"}) {
        compose("solver", cdt, {"data"}, kOk);
        job("solver", cdt, open, kOk);
    }
    for (const char* cdt : {"one", "two"}) job("solver", cdt, open, c::kGrantSpent);
    decide("bank", "data", "one", none, number(2), shared, kOk);  // as spent as before
    job("solver", "one", open, c::kGrantSpent);
    decide("bank", "data", "one", none, number(3), shared, kOk);
    job("solver", "one", open, kOk);
    decide("bank", "data", "two", none, number(4), both, kOk);
    job("solver", "two", open, kOk);
    grant("bank", "data", "one", kOk);  // without a bound, and counted all the same
    job("solver", "one", open, kOk);
}

/// "twin" has a legal id, "solver" gets it too: what was decided for the one is decided for the other.
void Story::deciding_for_an_organisation() {
    tokens.push_back(named_id("twin cdt"));
    const auto none = number(0), shared = number(c::dt_factory::kPerComposer), word = number(2), both = number(3);
    const auto open = number(6);
    mint("twin", id("twin cdt"), "twin", false, kOk);
    decide("bank", "data", "twin cdt", none, number(1), shared, kOk);
    compose("twin", "twin cdt", {"data"}, kOk);
    update_organisation("admin", person("solver"), text("AZ:09-./"), kOk);
    // Five jobs of solver's are none of twin's until solver's next one writes them down for both.
    job("twin", "twin cdt", open, kOk);
    job("solver", "one", open, kOk);
    job("twin", "twin cdt", open, c::kGrantSpent);
    decide("bank", "data", "twin cdt", none, number(7), both, kOk);
    job("twin", "twin cdt", open, kOk);
    job("twin", "twin cdt", open, c::kGrantSpent);
    revoke("bank", "data", "twin cdt", kOk);
    decide("bank", "data", "two", none, none, shared, c::kGrantNeedsOwner);
    decide("bank", "data", "twin cdt", none, none, none, c::kGrantNeedsOwner);
    grant("bank", "data", "twin cdt", c::kGrantNeedsOwner);
    grant_until("bank", "data", "twin cdt", none, none, c::kGrantNeedsOwner);
    grant("bank", "data", "rows", c::kCompositeUnavailable);  // of the bank itself, for whom nothing was taken back
    decide("bank", "data", "two", none, none, word, kOk);
    job("solver", "two", open, kOk);
    // Without the legal id what stands under the address is left, and it says the same; with another one, too.
    update_organisation("admin", person("solver"), text(""), kOk);
    grant("bank", "data", "suite", c::kGrantNeedsOwner);
    revoke("bank", "data", "two", kOk);
    update_organisation("admin", person("solver"), text("DE:2"), kOk);
    grant("bank", "data", "suite", c::kGrantNeedsOwner);
    update_organisation("admin", person("solver"), text(""), kOk);
    decide("bank", "data", "two", none, none, shared, c::kGrantNeedsOwner);
    decide("bank", "data", "two", none, none, word, kOk);
}

void Story::closing_tokens() {
    const auto none = number(0), open = number(6);
    for (const auto& [call, standing] :
         {std::pair(&Story::close_token, c::kTokenClosed), std::pair(&Story::open_token, c::kTokenNotClosed)}) {
        (this->*call)("firm", "data", kNo);
        (this->*call)("outsider", "data", kNo);
        (this->*call)("bank", "unknown", c::kTokenUnknown);
        (this->*call)("solver", "data", kNo);
        if (call == &Story::open_token) break;
        (this->*call)("bank", "data", kOk);
        (this->*call)("bank", "data", standing);
    }
    grant("bank", "data", "suite", c::kTokenClosed);
    grant_until("bank", "data", "suite", none, none, c::kTokenClosed);
    decide("bank", "data", "suite", none, none, number(2), c::kTokenClosed);
    decide("bank", "data", "two", none, none, number(2), c::kGrantedAlready);  // what stands is told first
    job("solver", "two", open, c::kTokenClosed);
    open_token("bank", "data", kOk);
    open_token("bank", "data", c::kTokenNotClosed);
    job("solver", "two", open, kOk);
    close_token("solver", "two", kOk);  // the composition itself
    job("solver", "two", open, c::kTokenClosed);
    open_token("solver", "two", kOk);
}

void Story::disclosing() {
    const auto last = number(9);  // of "one"
    const auto kinds_of = words({"labels", "outputs"}), counts = numbers({3, 4});
    const auto& post = c::job_receipts::kPostDisclosed;
    disclose("bank", number(99), "data", kinds_of, counts, c::kJobUnknown);
    disclose("bank", last, "rows", kinds_of, counts, c::kTokenNotInJob);
    disclose("solver", last, "data", kinds_of, numbers({}), kNo);
    disclose("bank", last, "data", kinds_of, numbers({3}), c::kReceiptMalformed);
    disclose("bank", last, "data", words({"labels", "labels"}), counts, c::kReceiptMalformed);
    disclose("bank", last, "data", Value::list({kNothing}), numbers({1}), c::kReceiptMalformed);
    disclose("bank", last, "data", words({"labels"}), numbers({(std::uint64_t(1) << 32) + 1}), c::kReceiptMalformed);
    disclose("bank", last, "data", words({"labels"}), Value::list({beyond(64)}), c::kReceiptMalformed);
    const auto good = word("receipt");
    send("bank", post, {last, id("data"), number(0), good, kinds_of, counts}, c::kReceiptMalformed);
    send("bank", post, {last, id("data"), number(1), kNothing, kinds_of, counts}, c::kReceiptMalformed);
    Values many, ones;
    for (std::uint64_t kind = 0; kind < 33; ++kind) {
        many.push_back(kind == 0 ? word("labels") : number(kind));
        ones.push_back(number(1));
    }
    disclose("bank", last, "data", Value::list(many), Value::list(ones), c::kReceiptMalformed);
    many.pop_back();
    ones.pop_back();
    disclose("bank", last, "data", Value::list(many), Value::list(ones), kOk);
    disclose("bank", last, "data", kinds_of, numbers({9}), c::kReceiptExists);
    disclose("bank", number(8), "data", words({"labels"}), numbers({std::uint64_t(1) << 32}), kOk);
    disclose("bank", number(12), "data", kinds_of, counts, kOk);  // twin's
    update_organisation("admin", person("solver"), text("AZ:09-./"), kOk);
    disclose("bank", number(7), "data", words({"outputs"}), numbers({1}), kOk);
    disclose("bank", number(10), "data", words({}), numbers({}), kOk);
}

void Story::delegates() {
    for (const char* name : {"night", "clerk", "bank key"}) people.push_back(named_address(name));
    const auto bank = person("bank"), night = person("night"), day = number(86'400);
    for (const auto& unknown : {person("outsider"), kNobody, night}) {
        delegate("bank", unknown, "?", kNobody, number(0), c::kIdentityUnknown);
        dismiss("bank", unknown, "?", night, c::kIdentityUnknown);
        change_owner("bank", unknown, kNobody, c::kIdentityUnknown);
    }
    for (const char* other : {"firm", "admin", "outsider"}) {
        delegate(other, bank, "?", night, day, kNo);
        dismiss(other, bank, "grant", night, kNo);
    }
    for (const char* type : {"", "?", "Grant", "grant "})
        delegate("bank", bank, type, kNobody, day, c::kDelegateTypeUnknown);
    for (const auto& seconds : {number(0), number(31'622'401), beyond(64, 1)})
        delegate("bank", bank, "grant", kNobody, seconds, c::kValidityOutOfRange);
    for (const auto& taken : {kNobody, bank, person("firm"), person("admin"), person("third")})
        delegate("bank", bank, "grant", taken, day, c::kKeyTaken);
    dismiss("bank", bank, "grant", night, c::kDelegateMissing);
    delegate("bank", bank, "grant", night, number(31'622'400), kOk);
    delegate("bank", bank, "work", person("clerk"), day, kOk);
    dismiss("bank", bank, "work", night, c::kDelegateMissing);
    dismiss("bank", bank, "?", night, c::kDelegateMissing);
    dismiss("night", bank, "grant", night, kNo);  // the owner's key alone
    dismiss("bank", bank, "grant", night, kOk);
    dismiss("bank", bank, "grant", night, c::kDelegateMissing);
    close_token("night", "data", kNo);  // and stands for nobody any more
    // The last second in which it holds is told, and the time is replaced, not added to.
    delegate("bank", bank, "grant", night, day, kOk);
    delegate("bank", bank, "grant", night, number(1), kOk);
    close_token("night", "data", kOk);
    close_token("night", "data", kNo);
    open_token("bank", "data", kOk);
    delegate("bank", bank, "grant", night, day, kOk);
}

/// "night" grants for the bank, "clerk" works for it: each what its type allows, in the bank's name.
void Story::what_delegates_may() {
    const auto open = number(6);
    const char* own = "of the bank";
    tokens.push_back(named_id(own));
    mint("night", id(own), "bank", false, kNo);
    mint("clerk", id(own), "clerk", false, kNo);  // not in its own name
    mint("clerk", id(own), "bank", false, kOk);
    grant("clerk", "data", own, kNo);
    grant("night", "data", own, kOk);
    compose("night", own, {"data"}, kNo);
    compose("clerk", own, {"data"}, kOk);
    task("night", "t", kNo);
    task("clerk", "t", kOk);
    job("night", own, open, kNo);
    job("clerk", own, open, kOk);
    const auto job_number = number(17);
    receipt("night", job_number, "data", number(1), word("r"), kNo);
    receipt("clerk", job_number, "data", number(1), word("r"), kOk);
    close("night", number(7), kNo);
    close("clerk", number(7), kOk);
    revoke("clerk", "data", own, kNo);
    revoke("night", "data", own, kOk);
    close_token("clerk", "data", kNo);
    close_token("night", "data", kOk);
    open_token("clerk", "data", kNo);
    open_token("night", "data", kOk);
    // An administrator's delegate is no administrator.
    delegate("admin", person("admin"), "work", person("secretary"), number(86'400), kOk);
    add_role("secretary", person("secretary"), number(100), kNo);
    enterprise("secretary", person("secretary"), "s", kNo);
    update("secretary", id("op"), "s", kNo);
    remove_role("secretary", person("deputy"), number(100), kNo);
    change_owner("secretary", person("bank"), person("secretary"), kNo);
}

void Story::changing_keys() {
    const auto bank = person("bank"), key = person("bank key");
    for (const char* other : {"firm", "night", "outsider"}) change_owner(other, bank, key, kNo);
    for (const auto& taken : {kNobody, person("firm"), person("deputy"), person("third")})
        change_owner("bank", bank, taken, c::kKeyTaken);
    change_owner("bank", bank, key, kOk);
    // The old key and the delegates speak for nobody; the new one does all.
    for (const char* gone : {"bank", "night", "clerk"}) task(gone, "t", kNo);
    change_owner("bank", bank, bank, kNo);
    delegate("bank", bank, "work", person("clerk"), number(100), kNo);
    dismiss("bank key", bank, "grant", person("night"), c::kDelegateMissing);
    mint("bank key", id("more rows"), "bank", true, c::kTokenExists);
    mint("bank key", id("more rows"), "bank key", true, kNo);
    owners_word("bank key", "data", "suite", number(0), number(0));
    task("bank key", "by its new key", kOk);
    delegate("bank key", bank, "grant", person("night"), number(86'400), kOk);
    close_token("night", "more rows", kOk);
    change_owner("bank key", bank, key, kOk);  // as before, but for its delegates
    close_token("night", "data", kNo);
    change_owner("bank key", bank, person("second key"), kOk);
    change_owner("bank key", bank, key, kNo);
    change_owner("second key", bank, bank, kOk);
    task("bank", "by its own again", kOk);
    task("bank key", "t", kNo);
}

void Story::keys_are_of_one_identity() {
    const auto night = person("night"), solver = person("solver"), day = number(86'400);
    delegate("solver", solver, "work", night, day, c::kKeyTaken);
    delegate("solver", solver, "work", person("bank key"), day, c::kKeyTaken);
    change_owner("solver", solver, night, c::kKeyTaken);
    enterprise("admin", night, "night", c::kKeyTaken);
    organisation("admin", person("bank key"), text("?"), c::kKeyTaken);
    provider("admin", night, c::kKeyTaken);
    add_role("admin", person("bank key"), number(100), c::kKeyTaken);
    delegate("bank", person("bank"), "work", night, day, kOk);
    delegate("bank", person("bank"), "work", person("second key"), day, kOk);
}

/// admin, deputy and third: two of them are needed, within seven days, and both must be administrators then.
void Story::administrators_change_keys() {
    people.push_back(named_address("firm key"));
    const auto firm = person("firm"), key = person("firm key"), other = person("other key");
    add_role("admin", person("third"), number(100), kOk);
    change_owner("admin", firm, person("solver"), c::kKeyTaken);
    change_owner("admin", firm, key, kOk);     // proposed
    change_owner("admin", firm, key, kOk);     // once more: one alone is not enough
    change_owner("deputy", firm, other, kOk);  // another key: proposed anew
    change_owner("admin", firm, key, kOk);
    task("firm", "with its own key", kOk);
    pass(604'798);
    change_owner("third", firm, key, kOk);  // the last second
    task("firm", "t", kNo);
    task("firm key", "t", kOk);
    change_owner("deputy", firm, other, kOk);  // what was carried out is no proposal any more
    pass(604'800);
    change_owner("third", firm, other, kOk);  // too late
    task("firm key", "t", kOk);
    remove_role("admin", person("third"), number(100), kOk);
    change_owner("deputy", firm, other, kOk);  // third's word counts no more
    task("firm key", "t", kOk);
    change_owner("firm key", firm, firm, kOk);  // ends the proposal
    change_owner("admin", firm, other, kOk);
    task("firm", "t", kOk);
    change_owner("deputy", firm, other, kOk);
    task("other key", "t", kOk);
}

/// There is one beside the identity itself, and then one at all.
void Story::the_only_administrator() {
    const auto firm = person("firm"), deputy = person("deputy");
    change_owner("admin", deputy, person("deputy key"), kOk);
    update("deputy", id("op"), "t", kNo);
    update("deputy key", id("op"), "t", kOk);
    change_owner("deputy key", person("deputy"), deputy, kOk);
    change_owner("deputy", deputy, person("deputy key"), kOk);
    remove_role("deputy key", person("admin"), number(100), kOk);
    change_owner("deputy key", firm, firm, kOk);
    task("firm", "t", kOk);
    add_role("deputy key", person("admin"), number(100), kOk);
}

void Story::through_typed_calls_of_edition_2() {
    namespace t = c::dt_factory;
    const auto late = person("late"), cdt = id("typed cdt"), dt = id("typed rows"), none = number(0);
    typed("admin", c::asset_provider::kRegisterOrganisation, {person("new"), text("n"), text(""), text("FR:1")}, kOk);
    typed("admin", c::asset_provider::kUpdateOrganisation, {person("new"), text("n"), text(""), text("FR:2")}, kOk);
    typed("admin", c::role_controller::kRemoveRole, {person("new"), number(101)}, kOk);
    typed("admin", c::role_controller::kAddRole, {person("new"), number(101)}, kOk);
    typed("late", t::kRevoke, {dt, cdt}, kOk);
    typed("late", t::kGrantDecided, {dt, cdt, none, number(2), number(3)}, kOk);
    typed("late", c::task_market::kAddJob, {cdt, number(6)}, kOk);
    typed("late", t::kClose, {dt}, kOk);
    typed("late", t::kOpen, {dt}, kOk);
    typed("late", c::job_receipts::kPostDisclosed,
          {number(18), dt, number(1), word("r"), words({"labels"}), numbers({7})}, kOk);
    typed("late", c::identity::kAddDelegate, {late, delegate_type("work"), person("hand"), number(100)}, kOk);
    typed("late", c::identity::kRevokeDelegate, {late, delegate_type("work"), person("hand")}, kOk);
    typed("late", c::identity::kChangeOwner, {late, person("hand")}, kOk);
    typed("hand", t::kClose, {dt}, kOk);
}

/// Calls that no network runs, beside their like that every one does.
void Story::malformed_calls() {
    const auto create = [](const std::string& name) {
        return abi::encode_call(c::task_market::kCreateTask.signature, {text(name), text("")});
    };
    must_not_revert(c::Contract::task_market, create(kLongText));
    const char* not_utf8[] = {"\x80",
                              "\xc1\xbf",
                              "\xc3",
                              "\xe0\x9f\xbf",
                              "\xed\xa0\x80",
                              "\xf0\x8f\xbf\xbf",
                              "\xf4\x90\x80\x80",
                              "\xf5\x80\x80\x80",
                              "\xe2\x82",
                              "a name of thirty letters, and \xff"};
    // An encoder that does not look: the bytes are put in place of as many letters.
    for (const std::string bad : not_utf8) {
        Bytes data = create(std::string(bad.size(), 'x'));
        std::copy(bad.begin(), bad.end(), data.begin() + 4 + std::ptrdiff_t{3} * 32);
        must_revert(c::Contract::task_market, std::move(data));
    }
    for (const std::string good : {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xef\xbf\xbf",
                                   "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
        must_not_revert(c::Contract::task_market, create(good));

    for (std::size_t place = 0; place < std::size(kContracts); ++place) {
        const auto contract = c::Contract(place);
        must_revert(contract, {});
        must_revert(contract, {1, 2, 3});
        must_revert(contract, {0x12, 0x34, 0x56, 0x78});
    }
    must_revert(c::Contract::dt_factory, abi::encode_call("useGrants(bytes32)", {id("score")}));  // TaskMarket's alone

    Bytes mint = abi::encode_call(c::dt_factory::kMint.signature,
                                  {id("x"), person("bank"), Value::of(true), word("d"), text("Qm")});
    must_not_revert(c::Contract::dt_factory, mint);
    const auto changed = [&](std::size_t at, std::uint8_t value) {
        Bytes out = mint;
        out[at] = value;
        return out;
    };
    must_revert(c::Contract::dt_factory, changed(4 + 32, 1));            // an address of more than 20 bytes
    must_revert(c::Contract::dt_factory, changed(4 + 2 * 32 + 31, 2));   // a bool that is neither
    must_revert(c::Contract::dt_factory, changed(4 + 4 * 32 + 30, 9));   // a text that begins past the end
    must_revert(c::Contract::dt_factory, changed(4 + 5 * 32 + 31, 99));  // and one that reaches past it
    must_revert(c::Contract::dt_factory, Bytes(mint.begin(), mint.end() - 32));
    mint.push_back(0);
    must_not_revert(c::Contract::dt_factory, mint);  // more bytes than needed
}

}  // namespace

TEST_CASE("the contracts behave alike on a ledger, a served ledger and an EVM") {
    Story story;
    story.roles();
    story.organisations();
    story.operators();
    story.minting();
    story.granting();
    story.granting_with_limits();
    story.revoking();
    story.composing();
    story.opening_tasks();
    story.jobs_and_their_grants();
    story.jobs_below_jobs();
    story.closing_tasks();
    story.receipts();
    story.through_typed_calls();
    story.editions();
    story.bounded_texts();
    story.legal_ids();
    story.removing_roles();
    story.deciding();
    story.deciding_for_an_organisation();
    story.closing_tokens();
    story.disclosing();
    story.delegates();
    story.what_delegates_may();
    story.changing_keys();
    story.keys_are_of_one_identity();
    story.administrators_change_keys();
    story.the_only_administrator();
    story.through_typed_calls_of_edition_2();
    story.malformed_calls();
    story.compare_histories();
    story.check_coverage();
    CHECK(story.networks.all()[0].chain.verify().ok());
}

namespace {

json::Value artifact(std::string_view contract) {
    const std::string path = fmt::format("{}/src/contracts/artifacts/{}.json", C2D_SOURCE_DIR, contract);
    return must(json::parse(support::read_text(path), {std::size_t(1) << 22, 64}));
}

/// "name(type,type)" of an entry of the ABI, and "type,type" of one of its lists.
std::string types_in(const json::Value& entry, std::string_view list) {
    std::string out;
    for (const auto& parameter : entry.find(list)->items())
        out += (out.empty() ? "" : ",") + parameter.text_at({"type"});
    return out;
}
std::string signature_of(const json::Value& entry) {
    return entry.text_at({"name"}) + "(" + types_in(entry, "inputs") + ")";
}

/// What only contracts ask each other, and `Chain::deploy` after them: no ledger has it.
const std::set<std::string> kWiring = {"assetProvider()", "roleController()", "taskMarket()", "dtFactory()",
                                       "useGrants(bytes32)"};

/// The same, of one contract: AssetProvider and Identity have views of these names that ledgers have, too.
const std::set<std::string> kInnerViews = {
    "RoleController.identity()",   "RoleController.principal(address,bytes32)",
    "RoleController.adminNum()",   "RoleController.isKnown(address)",
    "Identity.everActed(address)", "RoleController.permitted(address,bytes32,uint256)"};

}  // namespace

TEST_CASE("the compiled contracts offer the interface that the library speaks, and nothing else") {
    std::map<std::string, std::string> expected;
    for (const auto& function : c::all_functions()) expected[title(function)] = function.returns;
    std::map<std::string, std::string> found;
    for (const auto& contract : kContracts) {
        const json::Value compiled = artifact(contract.name);
        for (const auto& entry : compiled.find("abi")->items())
            if (entry.text_at({"type"}) == "function" && !kWiring.contains(signature_of(entry)) &&
                !kInnerViews.contains(fmt::format("{}.{}", contract.name, signature_of(entry))))
                found[fmt::format("{}.{}", contract.name, signature_of(entry))] = types_in(entry, "outputs");
    }
    CHECK(found.size() == expected.size());
    for (const auto& one : expected) {
        CHECK_MESSAGE(found.contains(one.first), one.first);
        CHECK(found[one.first] == one.second);
    }
    std::set<std::string> written, writable;
    for (const auto& write : kWrites) written.insert(title(write.function));
    for (const auto& function : c::all_functions())
        if (function.changes_state()) writable.insert(title(function));
    CHECK(written == writable);  // the scenario declares codes for each
}

}  // namespace c2d::evm
