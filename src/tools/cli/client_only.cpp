// dt-cli of a build for clients (C2D_CLIENT_ONLY): the commands that it lacks say so.

#include "base/fail.hpp"
#include "tools/cli/command.hpp"
#include "tools/cli/operator_source.hpp"

namespace c2d::cli {

namespace {

/// Whatever follows is taken, and not handed up to be refused there.
struct AbsentCommand {
    static void declare(Args& args) { args.parser().allow_extras()->fallthrough(false); }
    static Result<int> run(Session&) {
        return fail(Status::UNSUPPORTED,
                    "this dt-cli was built for clients, without this command; build c2d without -DC2D_CLIENT_ONLY=ON, "
                    "on Linux");
    }
};

constexpr const char* kText = "not in this build, which is for clients";

struct AbsentSandbox : AbsentCommand {
    static constexpr About about{"sandbox", kText};
};
struct AbsentOperator : AbsentCommand {
    static constexpr About about{"operator", kText};
};
struct AbsentServe : AbsentCommand {
    static constexpr About about{"serve", kText};
};

}  // namespace

void add_sandbox(const Group& program) { program.add<AbsentSandbox>(); }

void add_operator(const Group& program) { program.add<AbsentOperator>(); }

Result<std::filesystem::path> shipped_operator(const std::string&) {
    return fail(Status::UNSUPPORTED,
                "a dt-cli that was built for clients does not know what ships; name a file with --attr_file");
}

void add_chain_serve(const Group& chain) { chain.add<AbsentServe>(); }

}  // namespace c2d::cli
