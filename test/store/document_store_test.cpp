#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <c2d/document_store.hpp>

using namespace c2d;
using support::must;
using support::TempDir;

namespace {

struct InMemory {
    std::shared_ptr<DocumentStore> store = DocumentStore::memory();
};
struct InFolder {
    TempDir folder;
    std::shared_ptr<DocumentStore> store = must(DocumentStore::directory(folder / "documents"));
};

// `echo -n hello | ipfs add -Q --only-hash`
constexpr const char* kHello = "QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYecaX";

}  // namespace

TEST_CASE_TEMPLATE("a document is kept under its CID, as IPFS computes it", S, InMemory, InFolder) {
    S s;
    CHECK(must(s.store->put("hello")) == kHello);
    CHECK(must(s.store->get(kHello)) == "hello");
    CHECK(must(s.store->put("hello")) == kHello);
    CHECK(must(s.store->put("")) != kHello);
    CHECK(must(s.store->get(must(s.store->put("")))).empty());
    const std::string large(300'000, 'x');
    CHECK(must(s.store->get(must(s.store->put(large)))) == large);
}

TEST_CASE_TEMPLATE("what is not there, is no CID or is too large is said", S, InMemory, InFolder) {
    S s;
    CHECK(s.store->get(kHello).status() == Status::NOT_FOUND);
    for (const char* bad : {"", "hello", "../../etc/passwd", "Qm", "QmWfVY9y3xjsixTgbd9AorQxH7VtMpzfx2HaWtsoUYeca0"}) {
        CAPTURE(std::string(bad));
        CHECK(s.store->get(bad).status() == Status::INVALID_ARGUMENT);
    }
    CHECK(s.store->put(std::string((4 << 20) + 1, 'x')).status() == Status::LIMIT);
    CHECK(s.store->put(std::string(4 << 20, 'x')).ok());
}

TEST_CASE_FIXTURE(InFolder, "bytes that changed on the disk are corrupt, and putting the document again heals it") {
    must(store->put("hello"));
    const auto file = folder / "documents" / kHello;
    CHECK(support::read_text(file) == "hello");
    for (const char* other : {"hellO", "", "hello "}) {
        support::write_text(file, other);
        CHECK(store->get(kHello).status() == Status::CORRUPT);
    }
    CHECK(must(store->put("hello")) == kHello);
    CHECK(must(store->get(kHello)) == "hello");
}

TEST_CASE_FIXTURE(InFolder, "a document cannot stand under another's CID") {
    const auto other = must(store->put("something else"));
    std::filesystem::copy_file(folder / "documents" / other, folder / "documents" / kHello);
    CHECK(store->get(kHello).status() == Status::CORRUPT);
}

TEST_CASE_FIXTURE(InFolder, "a file past the bound is not read") {
    std::filesystem::create_directories(folder / "documents");
    support::write_text(folder / "documents" / kHello, std::string((4 << 20) + 1, 'x'));
    CHECK(store->get(kHello).status() == Status::LIMIT);
}

TEST_CASE("a directory that cannot be made is an error of the disk") {
    TempDir folder;
    support::write_text(folder / "file", "x");
    CHECK(DocumentStore::directory(folder / "file" / "documents").status() == Status::IO);
    std::filesystem::create_symlink("nowhere", folder / "link");
    CHECK(DocumentStore::directory(folder / "link").status() == Status::IO);
}

TEST_CASE("who only reads makes no folder") {
    TempDir folder;
    const auto store = must(DocumentStore::directory(folder / "a" / "documents"));
    CHECK(store->get(kHello).status() == Status::NOT_FOUND);
    CHECK(std::filesystem::is_empty(folder.path));
    const auto id = must(store->put("text"));
    CHECK(must(store->get(id)) == "text");
}

TEST_CASE("a URL, a key or an id is no folder, and none is made of it") {
    const TempDir folder;
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path);
    const std::string key(64, '7');
    for (const std::string& mistaken :
         {std::string("http://127.0.0.1:5001"), std::string("HTTP://node/"), std::string("dir:documents"),
          std::string(), key, "0x" + key, "0x" + std::string(40, 'a'), "dt:ownership:0x" + key}) {
        const auto store = DocumentStore::directory(mistaken);
        CHECK(store.status() == Status::INVALID_ARGUMENT);
        CHECK(store.error().message.find(key) == std::string::npos);
    }
    CHECK(std::filesystem::is_empty(folder.path));
    std::filesystem::current_path(before);
}
