#include "base/endpoint.hpp"
#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/mistaken_text.hpp"
#include "base/try.hpp"
#include "codec/cid.hpp"

#include <c2d/document_store.hpp>

#include <map>
#include <mutex>

namespace c2d {

namespace {

constexpr std::size_t kDocumentBytesMax = std::size_t(4) << 20;

Result<Unit> check_size(std::string_view document) {
    if (document.size() > kDocumentBytesMax)
        return fail(Status::LIMIT, "expected a document of at most {} bytes, found {}", kDocumentBytesMax,
                    document.size());
    return Unit{};
}

/// Parsing first also keeps file names out of the hands of whoever wrote the id.
Result<std::string> checked(const Cid& cid, std::string document) {
    if (!cid_matches(cid, as_bytes(document)))
        return fail(Status::CORRUPT, "the stored bytes of {} do not match that id; restore the document",
                    cid_text(cid));
    return document;
}

Error cannot_make(const std::filesystem::path& path, std::string_view why) {
    return fail(Status::IO, "cannot make the document directory {}: {}", path.string(), why);
}

/// What is there of `path` consists of folders.
Result<Unit> check_place(const std::filesystem::path& path) {
    std::error_code error;
    auto there = std::filesystem::absolute(path, error);
    // A link to nowhere is there, and no folder.
    while (!std::filesystem::exists(std::filesystem::symlink_status(there, error)) && there.has_relative_path())
        there = there.parent_path();
    if (!std::filesystem::is_directory(there, error)) return cannot_make(path, there.string() + " is not a folder");
    return Unit{};
}

class DirectoryStore final : public DocumentStore {
public:
    explicit DirectoryStore(std::filesystem::path path) : path_(std::move(path)) {}

    Result<std::string> put(std::string_view document) override {
        C2D_CHECK(check_size(document));
        const auto name = cid_text(cid_v0(as_bytes(document)));
        std::error_code ignored;
        if (std::filesystem::exists(path_ / name, ignored) && get(name).ok()) return name;
        // Only now: who reads leaves no folder behind.
        std::error_code error;
        std::filesystem::create_directories(path_, error);
        if (error) return cannot_make(path_, error.message());
        C2D_CHECK(write_file_atomic(path_ / name, document));
        return name;
    }

    Result<std::string> get(std::string_view text) override {
        C2D_TRY(const Cid cid, parse_cid(text));
        C2D_TRY(auto document, read_file(path_ / cid_text(cid), kDocumentBytesMax));
        return checked(cid, std::move(document));
    }

private:
    std::filesystem::path path_;
};

class MemoryStore final : public DocumentStore {
public:
    Result<std::string> put(std::string_view document) override {
        C2D_CHECK(check_size(document));
        auto name = cid_text(cid_v0(as_bytes(document)));
        const std::lock_guard lock(mutex_);
        documents_[name] = document;
        return name;
    }

    Result<std::string> get(std::string_view text) override {
        C2D_TRY(const Cid cid, parse_cid(text));
        const std::lock_guard lock(mutex_);
        const auto found = documents_.find(cid_text(cid));
        if (found == documents_.end()) return fail(Status::NOT_FOUND, "no document {}", text);
        return checked(cid, found->second);
    }

private:
    std::mutex mutex_;
    std::map<std::string, std::string, std::less<>> documents_;
};

}  // namespace

Result<std::shared_ptr<DocumentStore>> DocumentStore::directory(const std::filesystem::path& path) {
    const auto named = normal_endpoint(path.string());
    if (is_http_endpoint(named))
        return fail(Status::INVALID_ARGUMENT,
                    "expected a folder for documents, found the URL {}; DocumentStore::ipfs "
                    "(ipfs_endpoint) keeps them on a node",
                    named);
    if (named.starts_with(kDirectoryScheme))
        return fail(Status::INVALID_ARGUMENT,
                    "expected a folder for documents, found {}; without the dir: of a "
                    "configuration",
                    named);
    if (const auto mistaken = looks_like_path(path.native()) ? std::string_view() : found_instead(path.native());
        !mistaken.empty())
        return fail(Status::INVALID_ARGUMENT, "expected a folder for documents{}", mistaken);
    C2D_CHECK(check_place(path));
    return std::shared_ptr<DocumentStore>(std::make_shared<DirectoryStore>(path));
}

std::shared_ptr<DocumentStore> DocumentStore::memory() { return std::make_shared<MemoryStore>(); }

}  // namespace c2d
