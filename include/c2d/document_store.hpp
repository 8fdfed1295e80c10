/// Documents stored by content: the id is the IPFS CID of the bytes.
#pragma once

#include <c2d/http.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

namespace c2d {

/// An IPFS node's HTTP API (kubo, js-ipfs).
struct IpfsOptions {
    /// `http(s)://HOST:PORT`, or a multiaddr as `/dns/localhost/tcp/5001/http`.
    std::string endpoint = {};
    /// Null: libcurl.
    std::shared_ptr<HttpTransport> http = {};
    /// The value of the `Authorization` header, or empty.
    std::string authorization = {};
    /// How long the node may look for a document in its network.
    std::chrono::milliseconds find_within{20'000};
};

/// Keeps documents under their CID. Every read is checked, bytes against CID. Thread-safe.
class DocumentStore {
public:
    virtual ~DocumentStore() = default;
    /// Stores at most 4 MiB and returns the CIDv0. Storing the same bytes again changes nothing.
    virtual Result<std::string> put(std::string_view document) = 0;
    /// The bytes of a CID. Fails with `not_found`, with `corrupt` when they do not match, with
    /// `limit` past 4 MiB, and with `invalid_argument` when `cid` is none.
    virtual Result<std::string> get(std::string_view cid) = 0;

    /// A directory with one file per document, named by its CID; made with the first document if absent.
    static Result<std::shared_ptr<DocumentStore>> directory(const std::filesystem::path& path);
    /// An IPFS node, which pins what is put. Its answers are checked like all others: a read against
    /// the id, the id of what it stores against the one computed here. `unavailable` when it does
    /// not answer, `not_found` when it finds nothing in time.
    static Result<std::shared_ptr<DocumentStore>> ipfs(IpfsOptions options);
    /// In memory, for tests and embedding.
    static std::shared_ptr<DocumentStore> memory();
};

}  // namespace c2d
