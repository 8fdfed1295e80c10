/// What of an artifact store is the provider's alone.
#pragma once

#include "artifact/artifact_key.hpp"
#include "artifact/package.hpp"

#include <c2d/artifact.hpp>

#include <functional>

namespace c2d {

struct ArtifactStore::Impl {
    /// Puts a package in; durable when this returns. `draft` needs job, party, Algorithm, name, kind and binding.
    Result<Artifact> seal(Artifact draft, BytesView file, BytesView shares);
    /// The package of one that is there. Fails with `not_found` or `corrupt`.
    Result<SecretBytes> open(const Bytes32& sha256) const;
    /// Removes what nobody has heard of, without a tombstone: artifacts that `is_wanted` denies, what a killed process
    /// left half written, and the rest of what a tombstone says is gone. Of one that cannot be read `is_wanted` is told
    /// the digest and the kind "damaged". How many artifacts.
    Result<std::size_t> sweep(const std::function<bool(const Artifact&)>& is_wanted);

    std::filesystem::path folder;
    ArtifactStoreOptions options;

    std::filesystem::path path_of(const Bytes32& sha256, const char* extension) const;
    Result<Artifact> read_header_of(const std::filesystem::path& path) const;
    Result<std::vector<Artifact>> list() const;
    Result<Artifact> find(const Bytes32& sha256) const;
    Result<std::string> wrapped_by(const Bytes32& sha256) const;
    Result<std::size_t> rewrap();
    Result<std::size_t> rewrap_to(const std::filesystem::path& key);
    Result<std::string> destroy(const Bytes32& sha256, Signer& owner);

private:
    /// The signed text; fails with `not_found` where there is none, and `corrupt` where it is none of this artifact.
    Result<std::string> tombstone_text(const Bytes32& sha256) const;
    /// What the file of one that was not destroyed says.
    Result<Artifact> sealed(const Bytes32& sha256) const;
    bool is_half_written(const std::string& name) const;
    Result<artifact::ArtifactKey> artifact_key() const;
    Result<std::string> wrapped_text(const Bytes32& sha256) const;
    /// Unwrapped under one of `keys`, of which some need not be there.
    Result<SecretBytes> data_key(const Bytes32& sha256, const std::vector<std::filesystem::path>& keys) const;
    /// All that are left, under `key` instead of one of `from`: none is written before all are wrapped.
    Result<std::size_t> wrap_all(const artifact::ArtifactKey& key,
                                 const std::vector<std::filesystem::path>& from) const;
    /// Where the artifact key is: while file keys are wrapped anew, some are under the old one and some under the next.
    std::vector<std::filesystem::path> present_keys() const;
    std::filesystem::path next_key_file() const;
    Result<Unit> check_target(const std::filesystem::path& key) const;
    Result<Unit> erase(const Bytes32& sha256) const;
};

}  // namespace c2d
