// dt-cli of a build for clients (C2D_CLIENT_ONLY): the commands that it lacks say so.

#include "base/fail.hpp"
#include "tools/cli/command.hpp"

namespace c2d::cli {

namespace {

Result<int> absent(Session&) {
    return fail(Status::UNSUPPORTED,
                "this dt-cli was built for clients, without this command; build c2d without -DC2D_CLIENT_ONLY=ON, on "
                "Linux");
}

void add_absent(CLI::App& group, const char* name, Action& action) {
    // Whatever follows is taken, and not handed up to be refused there.
    add_command(group, name, "not in this build, which is for clients", action, absent)
        ->allow_extras()
        ->fallthrough(false);
}

}  // namespace

void add_sandbox(CLI::App& app, Flags&, Action& action) { add_absent(app, "sandbox", action); }

void add_chain_serve(CLI::App& group, Flags&, Action& action) { add_absent(group, "serve", action); }

}  // namespace c2d::cli
