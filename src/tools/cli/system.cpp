// dt-cli system: what an administrator does.

#include "base/display_text.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"
#include "tools/cli/attributes.hpp"
#include "tools/cli/command.hpp"
#include "tools/cli/legal_id.hpp"
#include "tools/cli/operator_source.hpp"
#include "tools/cli/organisation_name.hpp"

namespace c2d::cli {

namespace {

using json::Value;

constexpr std::size_t kSourceBytesMax = std::size_t(512) << 10;

/// What is written of an organisation, for `org` and `org_update`.
struct OrganisationDraft {
    std::string name, desc, address;
    std::optional<std::string> legal_id;
    bool force = false;

    void declare(Args& args) {
        args.required("--name", name, "unique name, which traces show");
        args.required("--desc", desc, "what it is, for people");
        args.required("--address", address, "0x… of the organisation's key");
        args.optional("--legal_id", legal_id, "LEI or COUNTRY:NUMBER: its addresses are one organisation");
        args.flag("--force", force, "also a name or legal id that people may take for another");
        args.key();
    }
    Result<Address> read() const;
    /// What people would make of a name or a legal id no rule of the ledger can see.
    Result<Unit> check_looks(const Chain& chain, const Address& id) const;
    Result<Unit> check_name(const Chain& chain, const Address& id,
                            const std::vector<RegisteredEnterprise>& registered) const;
    Result<Unit> check_legal_id_looks(const Chain& chain, const Address& id,
                                      const std::vector<RegisteredEnterprise>& registered) const;
    /// Fails with `conflict` and that name, unless the caller insists.
    Result<Unit> insist(const char* error_name, const std::string& found) const;
    Value answer(const Address& id) const;
};

Result<Address> OrganisationDraft::read() const {
    C2D_CHECK(check_legal_id(legal_id.value_or("")));
    return parse_address(address);
}

Value OrganisationDraft::answer(const Address& id) const {
    Value out = Value::object({{"address", address_text(id)}, {"name", name}});
    if (legal_id) out.set("legal_id", *legal_id);
    return out;
}

Result<Unit> OrganisationDraft::check_looks(const Chain& chain, const Address& id) const {
    C2D_TRY(const auto registered, chain.enterprises());
    C2D_CHECK(check_name(chain, id, registered));
    return check_legal_id_looks(chain, id, registered);
}

/// Addresses of one organisation may share a name.
Result<Unit> OrganisationDraft::check_name(const Chain& chain, const Address& id,
                                           const std::vector<RegisteredEnterprise>& registered) const {
    C2D_TRY(auto problems, name_problems(name));
    C2D_TRY(const auto alike, names_like(name, id, registered));
    C2D_TRY(const auto standing, chain.legal_id(id));
    const auto& ours = legal_id ? *legal_id : standing;
    for (const auto& other : alike) {
        C2D_TRY(const auto theirs, chain.legal_id(other.id));
        if (!theirs.empty() && theirs == ours) continue;
        problems.push_back(fmt::format("it looks like \"{}\", the name of {}", display_text(other.enterprise.name),
                                       address_text(other.id)));
        break;
    }
    if (problems.empty()) return Unit{};
    return insist("name_mistakable", fmt::format("name \"{}\": {}", display_text(name), fmt::join(problems, "; ")));
}

Result<Unit> OrganisationDraft::check_legal_id_looks(const Chain& chain, const Address& id,
                                                     const std::vector<RegisteredEnterprise>& registered) const {
    if (!legal_id || legal_id->empty()) return Unit{};
    for (const auto& other : registered) {
        if (other.id == id) continue;
        C2D_TRY(const auto theirs, chain.legal_id(other.id));
        if (!legal_ids_alike(*legal_id, theirs)) continue;
        return insist(
            "legal_id_mistakable",
            fmt::format("legal id \"{}\": it looks like \"{}\", that of {}, and would be another organisation",
                        display_text(*legal_id), display_text(theirs), address_text(other.id)));
    }
    return Unit{};
}

Result<Unit> OrganisationDraft::insist(const char* error_name, const std::string& found) const {
    if (!force) {
        Error error = fail(Status::CONFLICT, "{}; choose another, or insist with --force", found);
        error.name = error_name;
        return error;
    }
    Output::note("warning: " + found);
    return Unit{};
}

struct Organisation {
    static constexpr About about{
        "org", "register an organisation as provider",
        "dt-cli system org --name \"Bank A\" --desc \"a bank\" --address $ADDRESS --keystore admin.json"};
    OrganisationDraft given;

    void declare(Args& args) { given.declare(args); }
    Result<int> run(Session& session);
};

Result<int> Organisation::run(Session& session) {
    C2D_TRY(const auto id, given.read());
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    Chain& chain = registry.chain();
    // A first try may have stopped half-way: what is missing is added.
    C2D_TRY(const bool enterprise, chain.is_enterprise(id));
    C2D_TRY(const bool provider, chain.is_provider(id));
    if (!enterprise) C2D_CHECK(given.check_looks(chain, id));
    const bool missing = !enterprise || provider;
    const auto legal_id = given.legal_id.value_or("");
    if (missing && legal_id.empty()) C2D_CHECK(chain.register_enterprise(*key, id, given.name, given.desc));
    if (missing && !legal_id.empty()) C2D_CHECK(chain.register_enterprise(*key, id, given.name, given.desc, legal_id));
    if (!provider) C2D_CHECK(chain.add_provider(*key, id));
    session.output.answer(given.answer(id));
    return 0;
}

struct UpdateOrganisation {
    static constexpr About about{
        "org_update", "rename a registered organisation",
        "dt-cli system org_update --name \"Bank A\" --desc \"a bank\" --address $ADDRESS --keystore admin.json"};
    OrganisationDraft given;

    void declare(Args& args) { given.declare(args); }
    Result<int> run(Session& session);
};

Result<int> UpdateOrganisation::run(Session& session) {
    C2D_TRY(const auto id, given.read());
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    Chain& chain = registry.chain();
    C2D_CHECK(given.check_looks(chain, id));
    if (!given.legal_id) C2D_CHECK(chain.update_enterprise(*key, id, given.name, given.desc));
    if (given.legal_id) C2D_CHECK(chain.update_enterprise(*key, id, given.name, given.desc, *given.legal_id));
    session.output.answer(given.answer(id));
    return 0;
}

// Roles -------------------------------------------------------------------------------------------

constexpr std::pair<const char*, LedgerRole> kRoles[] = {
    {"admin", LedgerRole::administrator}, {"enterprise", LedgerRole::enterprise}, {"provider", LedgerRole::provider}};

/// An address and a role that it has, or had.
struct RoleOf {
    std::string address, role;

    void declare(Args& args) {
        args.required("--address", address, "0x… of the organisation or administrator");
        args.required("--role", role, "admin, enterprise or provider");
        args.key();
    }
    Result<std::pair<Address, LedgerRole>> read() const {
        C2D_TRY(const auto id, parse_address(address));
        for (const auto& [name, number] : kRoles)
            if (role == name) return std::pair(id, number);
        return fail(Status::INVALID_ARGUMENT, "--role: expected admin, enterprise or provider, found \"{}\"", role);
    }
    void answer(Session& session, const Receipt& receipt) const {
        session.output.answer(Value::object({{"address", address}, {"role", role}, {"block", receipt.block_number}}));
    }
};

struct RemoveRole {
    static constexpr About about{"remove_role", "take a role from an organisation or administrator",
                                 "dt-cli system remove_role --address $ADDRESS --role provider --keystore admin.json"};
    RoleOf given;

    void declare(Args& args) { given.declare(args); }
    Result<int> run(Session& session);
};

Result<int> RemoveRole::run(Session& session) {
    C2D_TRY(const auto of, given.read());
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto receipt, registry.chain().remove_role(*key, of.first, of.second));
    given.answer(session, receipt);
    return 0;
}

struct RestoreRole {
    static constexpr About about{"restore_role", "give a role back that was taken",
                                 "dt-cli system restore_role --address $ADDRESS --role provider --keystore admin.json"};
    RoleOf given;

    void declare(Args& args) { given.declare(args); }
    Result<int> run(Session& session);
};

Result<int> RestoreRole::run(Session& session) {
    C2D_TRY(const auto of, given.read());
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto receipt, registry.chain().restore_role(*key, of.first, of.second));
    given.answer(session, receipt);
    return 0;
}

// Operator templates ------------------------------------------------------------------------------

/// What is to be published, for `op` and `op_update`.
struct TemplateDraft {
    std::string attr_file, shipped, id;
    std::vector<std::string> vars;

    void declare(Args& args) {
        auto* const file = args.optional("--attr_file", attr_file, "JSON with metadata, operation, params");
        auto* const name = args.optional("--shipped", shipped, "instead: an operator that ships with c2d, by its name");
        args.require_one({file->excludes(name), name}, "--attr_file or --shipped");
        args.optional("--id", id, "template id (default: the file's, else random)");
        args.variables(vars);
        args.key();
    }
    Result<OperatorDraft> read() const;
};

/// The attribute file names the program and the parameters by path.
Result<OperatorDraft> TemplateDraft::read() const {
    std::string file = attr_file;
    C2D_TRY(auto variables, parse_variables(vars));
    if (!shipped.empty()) {
        C2D_TRY(const auto folder, shipped_operator(shipped));
        file = (folder / "op_attr.json").string();
        variables.emplace("FOLDER", folder.string());
    }
    C2D_TRY(const auto text, read_attributes(file, variables));
    auto attributes = json::parse(text);
    if (!attributes) return fail(attributes.status(), "{}: {}", file, attributes.error().message);
    const auto read_named = [&](const char* member) -> Result<std::string> {
        const Value* path = attributes->find(member);
        if (!path || !path->is_string())
            return fail(Status::INVALID_ARGUMENT, "{}: expected \"{}\" to name a file", file, member);
        return read_written_file(resolve_path(path->text(), file), kSourceBytesMax);
    };
    OperatorDraft draft;
    const Value* metadata = attributes->find("metadata");
    draft.metadata_json = json::compact(metadata ? *metadata : Value());
    C2D_TRY(draft.operation, read_named("operation"));
    C2D_TRY(draft.params_json, read_named("params"));
    C2D_TRY(draft.id, optional_token(id));
    if (const Value* named = attributes->find("id"); named && !draft.id) {
        C2D_TRY(draft.id, parse_token(named->text()));
    }
    return draft;
}

struct PublishOperator {
    static constexpr About about{"op", "publish an operator template",
                                 "dt-cli system op --attr_file op.json --keystore admin.json"};
    TemplateDraft given;

    void declare(Args& args) { given.declare(args); }
    Result<int> run(Session& session);
};

Result<int> PublishOperator::run(Session& session) {
    C2D_TRY(const auto draft, given.read());
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto tid, registry.publish_operator(*key, draft));
    session.output.answer(Value::object({{"tid", token_text(tid)}}));
    return 0;
}

struct UpdateOperator {
    static constexpr About about{"op_update", "replace an operator template",
                                 "dt-cli system op_update --attr_file op.json --keystore admin.json"};
    TemplateDraft given;

    void declare(Args& args) { given.declare(args); }
    Result<int> run(Session& session);
};

Result<int> UpdateOperator::run(Session& session) {
    C2D_TRY(const auto draft, given.read());
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_CHECK(registry.update_operator(*key, draft));
    session.output.answer(Value::object({{"tid", token_text(*draft.id)}}));
    return 0;
}

}  // namespace

void add_system(const Group& program) {
    const Group group = program.group("system", "register organisations and trusted operators");
    group.add<Organisation>();
    group.add<UpdateOrganisation>();
    group.add<RemoveRole>();
    group.add<RestoreRole>();
    add_system_keys(group);
    group.add<PublishOperator>();
    group.add<UpdateOperator>();
}

}  // namespace c2d::cli
