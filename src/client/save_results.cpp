#include "client/save_results.hpp"

#include "artifact/age_stream.hpp"
#include "base/fail.hpp"
#include "base/private_files.hpp"
#include "base/try.hpp"
#include "client/new_file.hpp"
#include "crypto/hash.hpp"

#include <set>

namespace c2d::client {

namespace {

namespace fs = std::filesystem;

/// Whether the terms, whatever was released, spell one name for two runs: each then has a folder of
/// its own.
bool share_a_name(const std::vector<ReleasedRun>& runs) {
    std::set<std::string> names;
    for (const auto& run : runs)
        for (const auto& name : run.run().names)
            if (!names.insert(name).second) return true;
    return false;
}

/// Where the files of a run go.
struct Place {
    fs::path path;
    Fd fd;
};

Result<std::vector<Place>> open_places(const std::vector<ReleasedRun>& runs, const fs::path& folder) {
    C2D_CHECK(make_private_folder(folder));
    C2D_TRY(Fd top, open_folder(folder));
    const bool apart = share_a_name(runs);
    std::vector<Place> places;
    for (const auto& run : runs) {
        const auto name = apart ? fmt::format("party_{}", run.run().party) : std::string(".");
        C2D_TRY(Fd fd, apart ? enter_folder(top.get(), name) : open_folder(folder));
        places.push_back({apart ? folder / name : folder, std::move(fd)});
    }
    return places;
}

/// Fetches one file into one that has no name yet, decrypted where an identity is given.
Result<NewFile> fetch(const ProviderCall& call, const ReleasedRun& run, const ManifestFile& file, int folder,
                      const std::optional<AgeIdentity>& identity, Random& random, SavedFile& saved) {
    C2D_TRY(auto made, NewFile::create(folder, file.name, random));
    Sha256 hash;
    const auto write = [&](BytesView bytes) -> Result<Unit> {
        hash.update(bytes);
        saved.bytes += bytes.size();
        return made.write(bytes);
    };
    if (identity) {
        age::Decryptor decryptor(*identity, write);
        C2D_CHECK(run.read(call, file, [&](BytesView bytes) { return decryptor.write(bytes); }));
        C2D_CHECK(decryptor.finish());
    } else {
        C2D_CHECK(run.read(call, file, write));
    }
    C2D_CHECK(made.close());
    saved.sha256 = hash.finish();
    return made;
}

}  // namespace

Result<std::vector<SavedFile>> save_runs(const ProviderCall& call, const std::vector<ReleasedRun>& runs,
                                         const fs::path& folder, const SaveOptions& how, Random& random) {
    C2D_TRY(const auto places, open_places(runs, folder));
    for (std::size_t i = 0; i < runs.size() && !how.replace; ++i)
        for (const auto& file : runs[i].files()) C2D_CHECK(check_absent(places[i].fd.get(), file.name));
    std::vector<NewFile> fetched;
    std::vector<SavedFile> saved;
    for (std::size_t i = 0; i < runs.size(); ++i)
        for (const auto& file : runs[i].files()) {
            SavedFile one{runs[i].run().dt, file.name, places[i].path / file.name, 0, {}};
            C2D_TRY(auto made, fetch(call, runs[i], file, places[i].fd.get(), how.identity, random, one));
            fetched.push_back(std::move(made));
            saved.push_back(std::move(one));
        }
    for (auto& file : fetched) C2D_CHECK(file.publish(how.replace));
    return saved;
}

}  // namespace c2d::client
