// dt-cli tracer: a token's whole life.

#include "base/try.hpp"
#include "tools/cli/command.hpp"

#include <c2d/tracer.hpp>

namespace c2d::cli {

namespace {

struct DepthFirst {
    static constexpr About about{"dfs", "grants, compositions, jobs below one or more tokens",
                                 "dt-cli tracer dfs --prefix_path $DT --format json"};
    std::vector<std::string> prefix_path;
    std::string format = "text";

    void declare(Args& args) {
        args.required("--prefix_path", prefix_path, "tokens to start from");
        args.optional("--format", format, "text (default) or json")->check(CLI::IsMember({"text", "json"}));
    }
    Result<int> run(Session& session);
};

Result<int> DepthFirst::run(Session& session) {
    std::vector<TokenId> roots;
    for (const auto& text : prefix_path) {
        C2D_TRY(const auto id, parse_token(text));
        roots.push_back(id);
    }
    C2D_TRY(auto registry, session.registry());
    C2D_TRY(const auto trees, Tracer(registry).walk(roots));
    const bool as_json = session.output.as_json() || format == "json";
    Output::answer_as_is(as_json ? trace_json(trees) + "\n" : trace_text(trees));
    return 0;
}

}  // namespace

void add_tracer(const Group& program) { program.group("tracer", "walk a token's whole life").add<DepthFirst>(); }

}  // namespace c2d::cli
