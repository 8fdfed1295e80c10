/// The folder of one run on disk: EXEC_DIRPATH/job_<id>/ with code, args.json, inputs/, outputs/,
/// log and report.json, mode 0700, claimed with the provider's address.
#pragma once

#include "base/file.hpp"
#include "crypto/hash.hpp"

#include <c2d/types.hpp>

#include <filesystem>

namespace c2d::provider {

/// Claims a folder for (job, party): `job_<id>`; where another provider, another party of ours, or a run of
/// another Algorithm (the number stood for another job before blocks were cut) has that, `job_<id>_<8 hex of our
/// address>`, then with `_p<party>` behind. Claiming again what is ours already gives the same folder, emptied.
Result<std::filesystem::path> claim_job_folder(const std::filesystem::path& exec_dirpath, std::uint64_t job_id,
                                               unsigned party, const Address& provider, const TokenId& algorithm);

/// Opens a data file for reading without following any link, not even on the way to it; only a
/// regular file will do.
Result<Fd> open_data_file(const std::filesystem::path& path);

/// What a file holds.
struct FilePrint {
    std::uint64_t bytes = 0;
    Bytes32 sha256;
    bool operator==(const FilePrint&) const = default;
};
/// Reads an open file from its start; `also` sees the same bytes.
Result<FilePrint> print_of(int fd, Sha256* also = nullptr);

/// Removes what runs that were cut off left of rows in the folders that this provider claimed; how many
/// folders were looked through. Only while no run is under way.
std::size_t sweep_job_folders(const std::filesystem::path& exec_dirpath, const Address& provider);

}  // namespace c2d::provider
