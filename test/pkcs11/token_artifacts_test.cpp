// Artifacts whose keys are wrapped by a token.

#include "artifact/support.hpp"
#include "base/fail_point.hpp"
#include "base/file.hpp"
#include "pkcs11/faulty_bank.hpp"

#include <c2d/key.hpp>

using namespace c2d;
using namespace c2d::test;
using support::must;
using support::read_text;

namespace {

constexpr std::size_t kFileKeyBytes = 40;

struct TokenStore : FaultyModule {
    TokenStore() {
        token.put_secret_key({"artifacts", {0xa7}});
        support::write_text(pin_file, SoftToken::kPin, 0600);
    }

    std::string uri(std::string_view object = "artifacts") const {
        return token.uri("token=bank;object=" + std::string(object), "&pin-source=file:" + pin_file.string(),
                         C2D_FAULTY_MODULE);
    }
    ArtifactStore open(const std::filesystem::path& key) const {
        return must(ArtifactStore::open(folder, {{}, {}, key}));
    }
    std::string wrapped_text(const Artifact& one) const {
        return read_text(folder / (hex_text(one.sha256).substr(2) + ".key"));
    }

    SoftToken token;
    const std::filesystem::path pin_file = token.folder / "pin", folder = token.folder / "artifacts",
                                key_file = token.folder / "artifact.key";
    const std::string identity = "pkcs11:token=bank;object=artifacts;id=%a7;type=secret-key";
};

}  // namespace

TEST_CASE_FIXTURE(TokenStore, "token artifacts: sealed and opened, by another process's store too; no key in a file") {
    const auto store = open(uri());
    const auto one = seal(store, 3);
    CHECK(store.check(one.sha256).ok());
    CHECK(open(uri()).check(one.sha256).ok());
    CHECK(wrapped_text(one).substr(kFileKeyBytes) == identity);
    CHECK(must(store.wrapped_by(one.sha256)) == identity);
    CHECK_FALSE(std::filesystem::exists(folder / "artifact.key"));
    CHECK(store.wrapped_by(Bytes32{}).status() == Status::NOT_FOUND);
    const auto owner = must(PrivateKey::generate());
    auto same = store;
    must(same.destroy(one.sha256, *owner));
    CHECK(store.check(one.sha256).status() == Status::NOT_FOUND);
    CHECK_FALSE(std::filesystem::exists(folder / (hex_text(one.sha256).substr(2) + ".key")));
}

TEST_CASE_FIXTURE(TokenStore, "token artifacts: a key that is not there is an error, and nothing is kept") {
    const auto store = open(uri("models"));
    const auto sealed = store.impl().seal(draft_of(4, 0), {}, {});
    CHECK(sealed.status() == Status::NOT_FOUND);
    CHECK(sealed.error().message.find("pkcs11-tool") != std::string::npos);
    CHECK(must(store.list()).empty());
    CHECK(ArtifactStore::open(folder, {{}, {}, "pkcs11:object=k"}).status() == Status::INVALID_ARGUMENT);
}

TEST_CASE_FIXTURE(TokenStore, "token artifacts: from a file into the token and back, the file's key erased") {
    auto store = open(key_file);
    const auto one = seal(store, 3), other = seal(store, 4);
    CHECK(must(store.wrapped_by(one.sha256)) == "file");
    CHECK(wrapped_text(one).size() == kFileKeyBytes);
    CHECK(must(store.rewrap_to(uri())) == 2);
    CHECK_FALSE(std::filesystem::exists(key_file));
    auto in_token = open(uri());
    for (const auto& artifact : {one, other}) {
        CHECK(in_token.check(artifact.sha256).ok());
        CHECK(must(in_token.wrapped_by(artifact.sha256)) == identity);
        CHECK(store.check(artifact.sha256).status() == Status::CORRUPT);
    }
    CHECK(must(in_token.rewrap_to(key_file)) == 2);
    CHECK(store.check(one.sha256).ok());
    CHECK(wrapped_text(other).size() == kFileKeyBytes);
    CHECK(in_token.check(one.sha256).error().message.find("a key file that is not there") != std::string::npos);
}

TEST_CASE_FIXTURE(TokenStore, "token artifacts: from one key of a token to the next; none is made there") {
    token.put_secret_key({"next", {0xa8}, Bytes(32, 8)});
    auto store = open(uri());
    const auto one = seal(store, 3);
    const auto refused = store.rewrap();
    CHECK(refused.status() == Status::INVALID_ARGUMENT);
    CHECK(refused.error().message.find("--to") != std::string::npos);
    CHECK(must(store.rewrap_to(uri("next"))) == 1);
    CHECK(open(uri("next")).check(one.sha256).ok());
    const auto old = store.check(one.sha256);
    CHECK(old.status() == Status::CORRUPT);
    CHECK(old.error().message.find("wrapped under pkcs11:token=bank;object=next;") != std::string::npos);
}

TEST_CASE_FIXTURE(TokenStore, "token artifacts: the key that all are under is not erased as the old one") {
    auto store = open(key_file);
    const auto one = seal(store, 3);
    std::filesystem::create_hard_link(key_file, token.folder / "same.key");
    // Nor the one that a rewrap makes in its place, which is not there yet.
    for (const auto& same : {key_file, token.folder / "same.key", token.folder / "tokens/../artifact.key",
                             token.folder / "tokens/../artifact.key.next"})
        CHECK(store.rewrap_to(same).status() == Status::INVALID_ARGUMENT);
    CHECK(store.check(one.sha256).ok());
}

TEST_CASE_FIXTURE(TokenStore, "token artifacts: one login is enough for all that are wrapped anew") {
    auto store = open(uri());
    for (std::uint64_t job = 1; job <= 4; ++job) seal(store, job);
    const auto before = faults->logins;
    CHECK(must(store.rewrap_to(key_file)) == 4);
    CHECK(faults->logins == before + 1);
}

TEST_CASE_FIXTURE(TokenStore, "token artifacts: a key that was altered is not said to be under another one") {
    std::filesystem::path key = key_file;
    SUBCASE("of a file") {}
    SUBCASE("of a token") { key = uri(); }
    const auto store = open(key);
    const auto one = seal(store, 3);
    auto text = wrapped_text(one);
    text[7] ^= 1;
    support::write_text(folder / (hex_text(one.sha256).substr(2) + ".key"), text, 0600);
    const auto refused = store.check(one.sha256);
    CHECK(refused.status() == Status::CORRUPT);
    CHECK(refused.error().message.find("was altered") != std::string::npos);
}

TEST_CASE_FIXTURE(TokenStore,
                  "token artifacts: nothing changes where one cannot be wrapped, and a call goes on with the last") {
    auto store = open(key_file);
    const auto one = seal(store, 3), other = seal(store, 4);
    // Two when it is opened, and the first artifact's.
    faults->wraps_left = 3;
    CHECK_FALSE(store.rewrap_to(uri()).ok());
    CHECK(faults->wraps_left == 0);
    faults->wraps_left = -1;
    CHECK(store.check(one.sha256).ok());
    CHECK(store.check(other.sha256).ok());

    struct Stopped {};
    fail_point_hook = [](const char* name) {
        if (std::string_view(name) == "rewrap_one") throw Stopped();
    };
    CHECK_THROWS_AS((void)store.rewrap_to(uri()), Stopped);
    fail_point_hook = nullptr;
    CHECK(store.check(one.sha256).ok() != store.check(other.sha256).ok());
    CHECK(must(store.rewrap_to(uri())) == 2);
    CHECK(open(uri()).check(one.sha256).ok());
    CHECK(open(uri()).check(other.sha256).ok());
}

TEST_CASE_FIXTURE(TokenStore, "token artifacts: what stands behind a wrapped key is a URI or nothing") {
    const auto store = open(uri());
    const auto one = seal(store, 3);
    const auto file = folder / (hex_text(one.sha256).substr(2) + ".key");
    const auto text = wrapped_text(one);
    for (const auto& bad :
         {text.substr(0, 39), text + "\n", text.substr(0, 40) + "file", text + std::string(3000, 'x')}) {
        support::write_text(file, bad, 0600);
        CHECK_FALSE(store.check(one.sha256).ok());
        CHECK_FALSE(store.wrapped_by(one.sha256).ok());
    }
    support::write_text(file, text, 0600);
    CHECK(store.check(one.sha256).ok());
}

TEST_CASE_FIXTURE(TokenStore, "token artifacts: its owner is told of a key that can be taken out") {
    token.put_secret_key({"loose", {0xa9}, Bytes(32, 9), true, true});
    CHECK(must(artifact::ArtifactKey::open(uri())).warning().empty());
    CHECK(must(artifact::ArtifactKey::open(uri("loose"))).warning().find("object=loose") != std::string::npos);
}
