#include "artifact/support.hpp"
#include "base/file.hpp"
#include "crypto/hash.hpp"

#include <c2d/key.hpp>

#include <algorithm>
#include <cmath>
#include <sys/stat.h>

using namespace c2d;
using namespace c2d::test;
using support::must;
using support::read_text;

namespace {

struct StoreCase {
    support::TempDir dir;
    std::filesystem::path folder = dir / "artifacts";
    ArtifactStore store = must(ArtifactStore::open(folder));
    std::shared_ptr<PrivateKey> owner = must(PrivateKey::generate());

    std::filesystem::path file_of(const Artifact& one, const char* extension) const {
        return folder / (hex_text(one.sha256).substr(2) + extension);
    }
    std::string package_text(const Bytes32& sha256) const {
        const auto bytes = must(store.impl().open(sha256));
        const auto package = must(artifact::decode_package(bytes.view()));
        return std::string(as_text(package.file)) + "|" + std::string(as_text(package.shares));
    }
};

unsigned mode_of(const std::filesystem::path& path) {
    struct stat found {};
    REQUIRE(::stat(path.c_str(), &found) == 0);
    return found.st_mode & 07777;
}

}  // namespace

TEST_CASE_FIXTURE(StoreCase, "what is sealed is listed, found and opened, by another process too") {
    const Artifact one = seal(store, 3, 1), other = seal(store, 2, 0);
    CHECK(mode_of(folder) == 0700);
    CHECK(mode_of(folder / "artifact.key") == 0600);
    CHECK(mode_of(file_of(one, ".sealed")) == 0600);
    CHECK(mode_of(file_of(one, ".key")) == 0600);
    const auto again = must(ArtifactStore::open(folder));
    const auto all = must(again.list());
    REQUIRE(all.size() == 2);
    CHECK(all[0].job_id == 2);
    CHECK(all[1].to_json() == one.to_json());
    CHECK(must(again.find(one.sha256)).name == "model");
    CHECK(must(again.find(3, 1, "model")).sha256 == one.sha256);
    CHECK(again.find(3, 0, "model").status() == Status::NOT_FOUND);
    CHECK(again.find(Bytes32{}).status() == Status::NOT_FOUND);
    CHECK(package_text(one.sha256) == "columns|shares");
    CHECK(again.check(other.sha256).ok());
}

TEST_CASE_FIXTURE(StoreCase, "the same content twice has two digests, so none can be guessed at") {
    CHECK(seal(store, 3).sha256 != seal(store, 3).sha256);
}

TEST_CASE_FIXTURE(StoreCase, "files without the artifact key say nothing: no content, and no pattern") {
    const std::string canary(100'000, 'c');
    const Artifact one = seal(store, 3, 0, canary, "the canary of the shares");
    const std::string file = read_text(file_of(one, ".sealed"));
    CHECK(file.find("canary") == file.npos);
    CHECK(file.find("cccc") == file.npos);
    std::array<double, 256> count{};
    for (const char c : file) count[std::uint8_t(c)] += 1;
    double entropy = 0;
    for (const double n : count)
        if (n > 0) entropy -= n / double(file.size()) * std::log2(n / double(file.size()));
    CHECK(entropy > 7.98);
    std::filesystem::remove(folder / "artifact.key");
    CHECK_FALSE(store.check(one.sha256).ok());
}

TEST_CASE_FIXTURE(StoreCase, "a lost artifact key is never replaced in silence") {
    seal(store, 3);
    std::filesystem::remove(folder / "artifact.key");
    const auto sealed = store.impl().seal(draft_of(4, 0), {}, {});
    CHECK(sealed.status() == Status::NOT_FOUND);
    CHECK(sealed.error().message.find("put it back") != std::string::npos);
}

TEST_CASE_FIXTURE(StoreCase, "an artifact key that others can read is refused") {
    const Artifact one = seal(store, 3);
    ::chmod((folder / "artifact.key").c_str(), 0644);
    CHECK(store.check(one.sha256).error().name == "exposed_file");
}

TEST_CASE_FIXTURE(StoreCase, "the artifact key may lie elsewhere") {
    const auto key_file = dir / "keys.key";
    const auto elsewhere = must(ArtifactStore::open(dir / "other", {{}, {}, key_file}));
    const Artifact one = seal(elsewhere, 1);
    CHECK(std::filesystem::exists(key_file));
    CHECK_FALSE(std::filesystem::exists(dir / "other/artifact.key"));
    CHECK(elsewhere.check(one.sha256).ok());
}

TEST_CASE_FIXTURE(StoreCase, "a file that was altered, or is another one's, is corrupt and never used") {
    const Artifact one = seal(store, 3), other = seal(store, 4);
    std::string file = read_text(file_of(one, ".sealed"));
    support::write_text(file_of(one, ".sealed"), read_text(file_of(other, ".sealed")), 0600);
    CHECK(store.check(one.sha256).status() == Status::CORRUPT);
    file.back() = char(file.back() ^ 1);
    support::write_text(file_of(one, ".sealed"), file, 0600);
    CHECK(store.check(one.sha256).status() == Status::CORRUPT);
    support::write_text(file_of(other, ".key"), read_text(file_of(one, ".key")), 0600);
    CHECK(store.check(other.sha256).status() == Status::CORRUPT);
}

TEST_CASE_FIXTURE(StoreCase, "one that is damaged is named, harms no other, and can be destroyed") {
    const Artifact one = seal(store, 3), other = seal(store, 4), swapped = seal(store, 5);
    support::write_text(file_of(one, ".sealed"), "half of a file", 0600);
    support::write_text(file_of(swapped, ".sealed"), read_text(file_of(other, ".sealed")), 0600);
    const auto all = must(store.list());
    REQUIRE(all.size() == 3);
    for (const Artifact& expected : {one, swapped})
        CHECK(std::ranges::any_of(all, [&](const Artifact& found) {
            return found.sha256 == expected.sha256 && found.kind == "damaged" && found.job_id == 0;
        }));
    CHECK(must(store.find(4, 0, "model")).sha256 == other.sha256);
    CHECK(store.find(3, 0, "model").status() == Status::NOT_FOUND);
    CHECK(store.check(other.sha256).ok());
    const auto grave = must(read_tombstone(must(store.destroy(one.sha256, *owner))));
    CHECK(grave.artifact.sha256 == one.sha256);
    CHECK(grave.artifact.kind == "damaged");
    CHECK_FALSE(std::filesystem::exists(file_of(one, ".key")));
    must(store.destroy(swapped.sha256, *owner));
    CHECK(must(store.rewrap()) == 1);
    CHECK(must(store.list()).size() == 3);
}

TEST_CASE_FIXTURE(StoreCase, "after a new artifact key, copies of the old wrapped keys open nothing") {
    const Artifact one = seal(store, 3), other = seal(store, 4);
    const std::string old_wrapped = read_text(file_of(one, ".key")), old_key = read_text(folder / "artifact.key");
    CHECK(must(store.rewrap()) == 2);
    CHECK(read_text(folder / "artifact.key") != old_key);
    CHECK_FALSE(std::filesystem::exists(folder / "artifact.key.next"));
    CHECK(store.check(one.sha256).ok());
    CHECK(store.check(other.sha256).ok());
    support::write_text(file_of(one, ".key"), old_wrapped, 0600);
    CHECK(store.check(one.sha256).status() == Status::CORRUPT);
}

TEST_CASE_FIXTURE(StoreCase, "one without its key keeps the old artifact key, until it is destroyed") {
    const Artifact one = seal(store, 3), other = seal(store, 4);
    std::filesystem::remove(file_of(one, ".key"));
    const auto stopped = store.rewrap();
    CHECK(stopped.status() == Status::NOT_FOUND);
    CHECK(stopped.error().message.find("put its .key back, or destroy it") != std::string::npos);
    CHECK(store.check(other.sha256).ok());
    must(store.destroy(one.sha256, *owner));
    CHECK(must(store.rewrap()) == 1);
    CHECK(store.check(other.sha256).ok());
}

TEST_CASE_FIXTURE(StoreCase, "what is destroyed is gone, and a tombstone that the owner signed says so") {
    const Artifact one = seal(store, 3), other = seal(store, 4);
    const std::string text = must(store.destroy(one.sha256, *owner));
    CHECK_FALSE(std::filesystem::exists(file_of(one, ".sealed")));
    CHECK_FALSE(std::filesystem::exists(file_of(one, ".key")));
    CHECK(store.check(one.sha256).status() == Status::NOT_FOUND);
    CHECK(store.check(other.sha256).ok());
    const auto read = must(read_tombstone(text));
    CHECK(read.signer == owner->address());
    CHECK(read.artifact.sha256 == one.sha256);
    CHECK(read.artifact.destroyed);
    CHECK(must(store.list()).size() == 2);
    CHECK(must(store.find(3, 0, "model")).destroyed);
    // Again, by another key: the first one's word stands.
    CHECK(must(store.destroy(one.sha256, *must(PrivateKey::generate()))) == text);
    CHECK(store.destroy(Bytes32{}, *owner).status() == Status::NOT_FOUND);
}

TEST_CASE_FIXTURE(StoreCase, "an altered tombstone is refused") {
    const Artifact one = seal(store, 3);
    std::string text = must(store.destroy(one.sha256, *owner));
    text.replace(text.find("\"job_id\":3"), 10, "\"job_id\":4");
    CHECK(read_tombstone(text).error().name == "tombstone_altered");
    CHECK(read_tombstone("{}").status() == Status::INVALID_ARGUMENT);
    CHECK(read_tombstone("").status() == Status::INVALID_ARGUMENT);
}

TEST_CASE_FIXTURE(StoreCase,
                  "a tombstone that is damaged harms no other, and is written anew by who destroys once more") {
    const Artifact one = seal(store, 3), swapped = seal(store, 4), other = seal(store, 5);
    const auto grave = [&](const Artifact& of) { return file_of(of, ".tombstone"); };
    std::string text = must(store.destroy(one.sha256, *owner));
    must(store.destroy(swapped.sha256, *owner));
    support::write_text(grave(swapped), text, 0600);
    text.replace(text.find("\"job_id\":3"), 10, "\"job_id\":4");
    support::write_text(grave(one), text, 0600);
    REQUIRE(must(store.list()).size() == 3);
    for (const Artifact& broken : {one, swapped}) {
        CHECK(store.find(broken.sha256).status() == Status::CORRUPT);
        CHECK(store.check(broken.sha256).status() == Status::NOT_FOUND);
    }
    CHECK(must(store.find(5, 0, "model")).sha256 == other.sha256);
    for (const Artifact& broken : {one, swapped}) {
        const auto anew = must(read_tombstone(must(store.destroy(broken.sha256, *owner))));
        CHECK(anew.artifact.sha256 == broken.sha256);
        CHECK(must(store.find(broken.sha256)).destroyed);
    }
}

TEST_CASE_FIXTURE(StoreCase, "one of a later version harms no other, and can be destroyed") {
    const Artifact later = seal(store, 3), other = seal(store, 4);
    std::string file = read_text(file_of(later, ".sealed"));
    file[7] = 2;
    support::write_text(file_of(later, ".sealed"), file, 0600);
    CHECK(store.find(later.sha256).status() == Status::UNSUPPORTED);
    CHECK(must(store.list()).size() == 2);
    CHECK(must(store.find(4, 0, "model")).sha256 == other.sha256);
    CHECK(must(read_tombstone(must(store.destroy(later.sha256, *owner)))).artifact.kind == "damaged");
}

TEST_CASE_FIXTURE(StoreCase, "a sweep leaves keys that lie in the folder under other names") {
    const auto key = folder / "of.key.2026";
    const auto named = must(ArtifactStore::open(folder, {{}, {}, key}));
    const Artifact one = must(named.impl().seal(draft_of(3, 0), as_bytes("columns"), as_bytes("shares")));
    // Of checkpoints, where the artifact key is named in full.
    const auto beside = folder / "artifact.key.checkpoints";
    support::write_text(beside, std::string(32, 'k'), 0600);
    support::write_text(folder / "of.key.2026.a1b2c3", "half written", 0600);
    support::write_text(folder / "artifact.key.next", std::string(32, 'n'), 0600);
    for (const ArtifactStore& each : {named, store})
        CHECK(must(each.impl().sweep([](const Artifact&) { return true; })) == 0);
    CHECK(std::filesystem::exists(folder / "artifact.key.next"));
    CHECK(named.check(one.sha256).ok());
    CHECK(std::filesystem::exists(beside));
    CHECK_FALSE(std::filesystem::exists(folder / "of.key.2026.a1b2c3"));
}

TEST_CASE_FIXTURE(StoreCase, "of what cannot be read a sweep asks by its digest alone") {
    const Artifact one = seal(store, 3), other = seal(store, 4);
    support::write_text(file_of(one, ".sealed"), "half of a file", 0600);
    CHECK(must(store.impl().sweep(
              [](const Artifact& found) { return found.kind == "damaged" || found.job_id == 4; })) == 0);
    CHECK(std::filesystem::exists(file_of(one, ".key")));
    CHECK(must(store.impl().sweep([](const Artifact& found) { return found.job_id == 4; })) == 1);
    CHECK_FALSE(std::filesystem::exists(file_of(one, ".key")));
    CHECK_FALSE(std::filesystem::exists(file_of(one, ".sealed")));
    CHECK(store.check(other.sha256).ok());
}

TEST_CASE_FIXTURE(StoreCase, "a sweep removes what no run has to show, and leaves what it does not understand") {
    const Artifact kept = seal(store, 3), stray = seal(store, 4);
    support::write_text(folder / "notes.txt", "of the operator of this machine");
    support::write_text(file_of(kept, ".sealed.a1b2c3"), "half written", 0600);
    support::write_text(folder / (std::string(64, 'a') + ".key"), std::string(40, 'k'), 0600);
    CHECK(must(store.impl().sweep([](const Artifact& one) { return one.job_id == 3; })) == 1);
    CHECK(store.check(kept.sha256).ok());
    CHECK(store.find(stray.sha256).status() == Status::NOT_FOUND);
    CHECK_FALSE(std::filesystem::exists(file_of(stray, ".key")));
    CHECK_FALSE(std::filesystem::exists(file_of(kept, ".sealed.a1b2c3")));
    CHECK_FALSE(std::filesystem::exists(folder / (std::string(64, 'a') + ".key")));
    CHECK(std::filesystem::exists(folder / "notes.txt"));
}

TEST_CASE_FIXTURE(StoreCase,
                  "a folder that another program made of docs/formats.md is read: version 1 as it was released") {
    const auto old = dir / "version_1";
    std::filesystem::copy(C2D_SOURCE_DIR "/test/artifact/data/version_1", old);
    for (const auto& entry : std::filesystem::directory_iterator(old)) ::chmod(entry.path().c_str(), 0600);
    const auto store_1 = must(ArtifactStore::open(old));
    const auto all = must(store_1.list());
    REQUIRE(all.size() == 1);
    const auto bytes = must(store_1.impl().open(all[0].sha256));
    const auto package = must(artifact::decode_package(bytes.view()));
    CHECK(as_text(package.file) == "the columns");
    CHECK(as_text(package.shares) == "the shares");
    CHECK(package.binding.data[31] == 9);
}

TEST_CASE_FIXTURE(StoreCase, "more than an artifact may have is not kept") {
    const Bytes large(kArtifactBytesMax);
    CHECK(store.impl().seal(draft_of(3, 0), large, {}).status() == Status::LIMIT);
    CHECK(must(store.list()).empty());
}
