// dt-cli tracer: a token's whole life.

#include "base/try.hpp"
#include "tools/cli/command.hpp"

#include <c2d/tracer.hpp>

namespace c2d::cli {

namespace {

Result<int> dfs(Session& session) {
    std::vector<TokenId> roots;
    for (const auto& text : session.flags.prefix_path) {
        C2D_TRY(const auto id, parse_token(text));
        roots.push_back(id);
    }
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto trees, Tracer(registry).walk(roots));
    const bool as_json = session.output.as_json() || session.flags.format == "json";
    Output::answer_as_is(as_json ? trace_json(trees) + "\n" : trace_text(trees));
    return 0;
}

}  // namespace

void add_tracer(CLI::App& app, Flags& flags, Action& action) {
    auto* group = app.add_subcommand("tracer", "walk a token's whole life");
    group->require_subcommand(1)->fallthrough();
    auto* command = add_command(*group, "dfs", "grants, compositions, jobs below one or more tokens", action, dfs);
    command->add_option("--prefix_path", flags.prefix_path, "tokens to start from")->required();
    command->add_option("--format", flags.format, "text (default) or json")->check(CLI::IsMember({"text", "json"}));
}

}  // namespace c2d::cli
