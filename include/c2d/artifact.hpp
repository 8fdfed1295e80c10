/// Outputs that stay with the party that computed them: sealed, named by their digest, used again by later jobs.
///
/// A folder of a provider's own. Of each artifact it holds the sealed file, the wrapped key without which that file
/// says nothing, and, once it was destroyed, a signed tombstone. docs/models.md tells what that protects from,
/// docs/formats.md what the files are.
#pragma once

#include <c2d/environment.hpp>
#include <c2d/types.hpp>

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace c2d {

/// A provider keeps its own in `artifacts_` and the first 8 digits of its organisation's address, below its
/// `exec_dirpath`.
inline constexpr const char* kArtifactFolderPrefix = "artifacts_";
std::filesystem::path artifact_folder(const std::filesystem::path& exec_dirpath, const Address& organisation);

/// Larger ones are not kept.
inline constexpr std::size_t kArtifactBytesMax = std::size_t(64) << 20;

struct Artifact {
    std::uint64_t job_id = 0;
    unsigned party = 0;
    TokenId algo_dt;
    /// The output that it was.
    std::string name;
    /// `model` when the engine kept shares in it, else `file`.
    std::string kind;
    /// SHA-256 of what is sealed, which has random bytes in it: it tells nothing of the content.
    Bytes32 sha256;
    std::uint64_t bytes = 0;
    /// The same at all parties of the run that kept shares under this name; else zero.
    Bytes32 binding;
    /// Seconds since the Unix epoch.
    std::uint64_t created = 0;
    /// When it was destroyed; nothing while it is there.
    std::optional<std::uint64_t> destroyed = {};

    /// These members as one JSON object.
    std::string to_json() const;
};

/// What a run left with a party, as a model token names it: `attributes.origin`.
struct ArtifactOrigin {
    std::uint64_t job_id = 0;
    unsigned party = 0;
    std::string output;
    /// The artifact's digest, as the run's receipt has it.
    Bytes32 sha256;
    /// The same at all parties of the run; zero where nothing was kept jointly.
    Bytes32 binding;
    /// A data token of the run: under it the ledger has the receipt.
    TokenId dt = {};
    /// The member `artifacts` of that receipt as a document of its own (`open_receipt_member`).
    std::string receipt_json = {};

    /// These members as one JSON object, as `attributes.origin` holds them.
    std::string to_json() const;
};

/// What `ArtifactStore::open` takes.
struct ArtifactStoreOptions {
    std::shared_ptr<Clock> clock = {};
    std::shared_ptr<Random> random = {};
    /// The artifact key, made when the first artifact is sealed; empty: `artifact.key` in the folder. Elsewhere, a copy
    /// of the folder opens nothing. A `pkcs11:` URI names a key that stays in a token (docs/keys.md), and is never made
    /// here.
    std::filesystem::path key_file = {};
};

/// Thread-safe; several processes may use one folder at a time.
class ArtifactStore {
public:
    /// Makes the folder (mode 0700) where it is missing. The artifact key comes with the first artifact.
    static Result<ArtifactStore> open(const std::filesystem::path& folder, ArtifactStoreOptions options = {});

    /// Those that are there and those that were destroyed, by job, party and name. A file that cannot be read as one is
    /// an error that names it.
    Result<std::vector<Artifact>> list() const;
    /// Fails with `not_found`.
    Result<Artifact> find(const Bytes32& sha256) const;
    /// What a run kept under this name, destroyed or not. Fails with `not_found`.
    Result<Artifact> find(std::uint64_t job_id, unsigned party, std::string_view name) const;
    /// Opens it and compares its digest. Fails with `corrupt` when it is not what was sealed, and with `not_found` when
    /// it was destroyed.
    Result<Unit> check(const Bytes32& sha256) const;

    /// The key under which an artifact's own key is wrapped: "file", or the URI of a token's key without its module.
    /// Nothing is opened for that. Fails with `not_found`.
    Result<std::string> wrapped_by(const Bytes32& sha256) const;

    /// Makes a new artifact key, wraps all keys under that and erases the old one; how many. What was cut off goes on
    /// with the next call; meanwhile every artifact can be read. Fails with `invalid_argument` where the key is in a
    /// token.
    Result<std::size_t> rewrap();
    /// The same to the key of another place, a file or a `pkcs11:` URI: a file is made where it is missing. An old key
    /// in a file is erased, one in a token stays there. Open the store anew with this key; what was cut off goes on
    /// with the next call, and until then neither key alone reads everything.
    Result<std::size_t> rewrap_to(const std::filesystem::path& key);
    /// Erases the wrapped key and removes the sealed file; a tombstone signed by `owner` stays, which is the answer.
    /// One that is destroyed already keeps the tombstone that it has.
    Result<std::string> destroy(const Bytes32& sha256, Signer& owner);

    struct Impl;
    /// For the provider, which alone puts something in.
    Impl& impl() const noexcept { return *impl_; }

private:
    explicit ArtifactStore(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<Impl> impl_;
};

/// What is left of an artifact that was destroyed, and who says so.
struct ArtifactTombstone {
    Artifact artifact;
    Address signer;
};
/// Checks a tombstone: its form, and that `signer` of its text signed it. Fails with `invalid_argument`, or with
/// `refused` and the name `tombstone_altered`.
Result<ArtifactTombstone> read_tombstone(std::string_view text);

}  // namespace c2d
