/// Where the artifacts are: a provider's folder, of which the configuration names the one above.
#pragma once

#include "tools/cli/command.hpp"

#include <c2d/client.hpp>

namespace c2d::cli {

struct ArtifactFlags {
    std::string folder, key_file;

    void declare(Args& args, const char* folder_flag = "--folder", const char* key_flag = "--key_file");
    Result<ArtifactStore> open(const Session& session) const;
};

/// `asset dt --from_job`: the origin of a model token, as our provider tells it, or from the artifacts of this machine.
struct OriginFlags {
    std::uint64_t job_id = 0;
    std::string output, receipt;
    std::optional<std::uint64_t> party;
    ArtifactFlags where;

    void declare(Args& args);
    /// The attributes with `origin` in each service. Fails with `conflict` where a service has one already.
    Result<std::string> complete(const Session& session, Client& client, std::string attributes) const;

private:
    Result<Artifact> find(const ArtifactStore& store) const;
    Result<ArtifactOrigin> from_disk(const Session& session) const;
};

}  // namespace c2d::cli
