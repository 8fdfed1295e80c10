/// Which c2d an operator is shown: digests of the library and the Python package, for the receipt.
#pragma once

#include <c2d/job_receipt.hpp>
#include <c2d/sandbox.hpp>

#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace c2d::provider {

/// Thread-safe. A file is read again only after it changed.
class RuntimeDigests {
public:
    /// Library and package are where the operator's environment says: `C2D_LIBRARY`, and `c2d` below `PYTHONPATH`.
    RuntimeDigests(const std::vector<SandboxMount>& mounts,
                   const std::vector<std::pair<std::string, std::string>>& environment);

    /// As they are on the host at this moment, with our version; zero for what operators are not shown. The package's
    /// digest is SHA-256 of the RFC 8785 text of {path below it: SHA-256}, `__pycache__` left out. Fails with `io` or
    /// `limit`.
    Result<ReceiptRuntime> read();

private:
    struct Known {
        /// Device, inode, size and times: another file, or another content, has others.
        std::string stamp;
        Bytes32 sha256;
    };
    Result<Bytes32> file_sha256(const std::filesystem::path& path);
    Result<Bytes32> package_sha256();

    std::filesystem::path library_, package_;
    std::mutex mutex_;
    std::map<std::filesystem::path, Known> known_;
};

}  // namespace c2d::provider
