/// Which c2d operators are shown, as the receipt says it.
#include "provider/runs/runtime_digests.hpp"

#include "codec/json.hpp"
#include "crypto/hash.hpp"
#include "support/must.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

using namespace c2d;
using provider::RuntimeDigests;
using support::must;

namespace {

namespace fs = std::filesystem;

struct Shown {
    support::TempDir host;
    std::vector<SandboxMount> mounts{{host / "package", "/opt/c2d/python/c2d"},
                                     {host / "lib/libc2d.so.1", "/opt/c2d/lib/libc2d.so"}};
    std::vector<std::pair<std::string, std::string>> environment{{"PYTHONPATH", "/opt/c2d/python"},
                                                                 {"C2D_LIBRARY", "/opt/c2d/lib/libc2d.so"}};

    Shown() {
        fs::create_directories(host / "package/deep/__pycache__");
        fs::create_directories(host / "lib");
        support::write_text(host / "lib/libc2d.so.1", "library");
        support::write_text(host / "package/__init__.py", "one");
        support::write_text(host / "package/deep/two.py", "two");
        support::write_text(host / "package/deep/__pycache__/two.pyc", "made of it");
    }
};

/// By hand from the description in docs/formats.md.
Bytes32 package_digest(const std::string& one, const std::string& two) {
    return sha256(as_bytes("{\"__init__.py\":\"" + hex_text(sha256(as_bytes(one))) + "\",\"deep/two.py\":\"" +
                           hex_text(sha256(as_bytes(two))) + "\"}"));
}

}  // namespace

TEST_CASE_FIXTURE(Shown, "library and package, by content, whenever either changes") {
    RuntimeDigests digests(mounts, environment);
    auto found = must(digests.read());
    CHECK(found.library_sha256 == sha256(as_bytes("library")));
    CHECK(found.package_sha256 == package_digest("one", "two"));
    support::write_text(host / "package/deep/__pycache__/two.pyc", "made anew");
    CHECK(must(digests.read()).package_sha256 == found.package_sha256);
    support::write_text(host / "package/deep/two.py", "TWO!");
    support::write_text(host / "lib/new", "replaced");
    fs::rename(host / "lib/new", host / "lib/libc2d.so.1");
    found = must(digests.read());
    CHECK(found.library_sha256 == sha256(as_bytes("replaced")));
    CHECK(found.package_sha256 == package_digest("one", "TWO!"));
}

TEST_CASE_FIXTURE(Shown, "a library within the package is found where operators see it") {
    environment[1].second = "/opt/c2d/python/c2d/deep/two.py";
    RuntimeDigests digests({mounts[0]}, environment);
    CHECK(must(digests.read()).library_sha256 == sha256(as_bytes("two")));
}

TEST_CASE_FIXTURE(Shown, "what operators are not shown is zero, what cannot be read an error") {
    RuntimeDigests nothing({}, {});
    CHECK(must(nothing.read()).library_sha256.is_zero());
    CHECK(must(nothing.read()).package_sha256.is_zero());
    // Named, and behind no mount.
    RuntimeDigests elsewhere({{host / "package", "/opt/other"}}, environment);
    CHECK(must(elsewhere.read()).library_sha256.is_zero());
    CHECK(must(elsewhere.read()).package_sha256.is_zero());
    RuntimeDigests gone(mounts, environment);
    fs::remove(host / "lib/libc2d.so.1");
    CHECK(gone.read().status() == Status::IO);
}
