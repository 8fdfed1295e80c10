// dt-cli key: make and keep keys.

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "tools/cli/command.hpp"

#include <c2d/age.hpp>

namespace c2d::cli {

namespace {

using json::Value;

/// Writes a keystore of mode 0600; never over a file that stands there.
Result<int> store(const Session& session, const PrivateKey& key, const std::string& out) {
    std::error_code ignored;
    if (std::filesystem::exists(out, ignored))
        return fail(Status::CONFLICT, "{} exists already; choose another file", out);
    C2D_TRY(const auto password, tools::read_password(session.key_source, true));
    C2D_TRY(const auto document, key.to_keystore(password.text()));
    C2D_CHECK(write_file_atomic(out, document + "\n", 0600));
    session.output.answer(Value::object({{"address", address_text(key.address())}, {"keystore", out}}));
    return 0;
}

struct New {
    static constexpr About about{"new", "a fresh key in a keystore file",
                                 "dt-cli key new --out bank.json --password_file password"};
    std::string out;
    bool age = false;

    void declare(Args& args) {
        args.required("--out", out, "the keystore to write");
        args.password_file();
        args.flag("--age", age,
                  "a key for results that are encrypted to us, in a file of mode 0600, without a password");
    }
    Result<int> run(Session& session);
};

Result<int> new_identity(const Session& session, const std::string& out) {
    C2D_TRY(const auto identity, AgeIdentity::generate(*Random::system()));
    C2D_CHECK(identity.write(out));
    session.output.answer(Value::object({{"recipient", identity.recipient()}, {"identity", out}}));
    return 0;
}

Result<int> New::run(Session& session) {
    if (age) return new_identity(session, out);
    C2D_TRY(const auto key, PrivateKey::generate());
    return store(session, *key, out);
}

struct Import {
    static constexpr About about{"import", "put a key into a keystore file",
                                 "C2D_PRIVATE_KEY=$SECRET dt-cli key import --out bank.json --password_file password"};
    std::string out;

    void declare(Args& args) {
        args.required("--out", out, "the keystore to write");
        args.key();
    }
    Result<int> run(Session& session);
};

Result<int> Import::run(Session& session) {
    C2D_TRY(const auto key, session.private_key_and_keep_password());
    return store(session, *key, out);
}

struct ShowAddress {
    static constexpr About about{"address", "the address of a key", "dt-cli key address --keystore bank.json"};
    void declare(Args& args) { args.key(); }
    Result<int> run(Session& session);
};

Result<int> ShowAddress::run(Session& session) {
    C2D_TRY(const auto key, session.key());
    session.output.answer(Value::object({{"address", address_text(key->address())}}));
    return 0;
}

}  // namespace

void add_key(const Group& program) {
    const Group group = program.group("key", "make and keep keys");
    group.add<New>();
    group.add<Import>();
    group.add<ShowAddress>();
}

}  // namespace c2d::cli
