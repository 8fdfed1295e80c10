// dt-cli system: what an administrator does.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/written_text.hpp"
#include "tools/cli/command.hpp"

namespace c2d::cli {

namespace {

using json::Value;

constexpr std::size_t kSourceBytesMax = std::size_t(512) << 10;

Result<int> org(Session& session) {
    C2D_TRY(const auto id, parse_address(session.flags.address));
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    Chain& chain = registry.chain();
    // A first try may have stopped half-way: what is missing is added.
    C2D_TRY(const bool enterprise, chain.is_enterprise(id));
    C2D_TRY(const bool provider, chain.is_provider(id));
    if (!enterprise || provider) C2D_CHECK(chain.register_enterprise(*key, id, session.flags.name, session.flags.desc));
    if (!provider) C2D_CHECK(chain.add_provider(*key, id));
    session.output.answer(Value::object({{"address", address_text(id)}, {"name", session.flags.name}}));
    return 0;
}

/// The attribute file names the program and the parameters by path.
Result<OperatorDraft> read_draft(const Session& session) {
    const auto& file = session.flags.attr_file;
    C2D_TRY(const auto variables, parse_variables(session.flags.vars));
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
    C2D_TRY(draft.id, session.id());
    if (const Value* id = attributes->find("id"); id && !draft.id) {
        C2D_TRY(draft.id, parse_token(id->text()));
    }
    return draft;
}

Result<int> op(Session& session) {
    C2D_TRY(const auto draft, read_draft(session));
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto tid, registry.publish_operator(*key, draft));
    session.output.answer(Value::object({{"tid", token_text(tid)}}));
    return 0;
}

Result<int> op_update(Session& session) {
    C2D_TRY(const auto draft, read_draft(session));
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    C2D_CHECK(registry.update_operator(*key, draft));
    session.output.answer(Value::object({{"tid", token_text(*draft.id)}}));
    return 0;
}

void add_draft_flags(CLI::App& command, Flags& flags) {
    command.add_option("--attr_file", flags.attr_file, "JSON with metadata, operation, params")->required();
    command.add_option("--id", flags.id, "template id (default: the file's, else random)");
    add_variable_flag(command, flags.vars);
    add_key_flags(command, flags);
}

}  // namespace

void add_system(CLI::App& app, Flags& flags, Action& action) {
    auto* group = app.add_subcommand("system", "register organisations and trusted operators");
    group->require_subcommand(1)->fallthrough();
    auto* org_command = add_command(*group, "org", "register an organisation as provider", action, org);
    org_command->add_option("--name", flags.name, "unique name, which traces show")->required();
    org_command->add_option("--desc", flags.desc, "what it is, for people")->required();
    org_command->add_option("--address", flags.address, "0x… of the organisation's key")->required();
    add_key_flags(*org_command, flags);
    add_draft_flags(*add_command(*group, "op", "publish an operator template", action, op), flags);
    add_draft_flags(*add_command(*group, "op_update", "replace an operator template", action, op_update), flags);
}

}  // namespace c2d::cli
