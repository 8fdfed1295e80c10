// dt-cli key: make and keep keys.

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "tools/cli/command.hpp"

namespace c2d::cli {

namespace {

using json::Value;

/// Writes a keystore of mode 0600; never over a file that stands there.
Result<int> store(const Session& session, const PrivateKey& key) {
    std::error_code ignored;
    if (std::filesystem::exists(session.flags.out, ignored))
        return fail(Status::CONFLICT, "{} exists already; choose another file", session.flags.out);
    C2D_TRY(const auto password, tools::read_password(session.flags.key, true));
    C2D_TRY(const auto document, key.to_keystore(password.text()));
    C2D_CHECK(write_file_atomic(session.flags.out, document + "\n", 0600));
    session.output.answer(Value::object({{"address", address_text(key.address())}, {"keystore", session.flags.out}}));
    return 0;
}

Result<int> make(Session& session) {
    C2D_TRY(const auto key, PrivateKey::generate());
    return store(session, *key);
}

Result<int> import(Session& session) {
    session.flags.keep_password = true;
    C2D_TRY(const auto key, session.key());
    return store(session, *key);
}

Result<int> address(Session& session) {
    C2D_TRY(const auto key, session.key());
    session.output.answer(Value::object({{"address", address_text(key->address())}}));
    return 0;
}

}  // namespace

void add_key(CLI::App& app, Flags& flags, Action& action) {
    auto* group = app.add_subcommand("key", "make and keep keys");
    group->require_subcommand(1)->fallthrough();
    auto* new_command = add_command(*group, "new", "a fresh key in a keystore file", action, make);
    new_command->add_option("--out", flags.out, "the keystore to write")->required();
    new_command->add_option("--password_file", flags.key.password_file, "file with the keystore's password");
    auto* import_command = add_command(*group, "import", "put a key into a keystore file", action, import);
    import_command->add_option("--out", flags.out, "the keystore to write")->required();
    add_key_flags(*import_command, flags);
    add_key_flags(*add_command(*group, "address", "the address of a key", action, address), flags);
}

}  // namespace c2d::cli
