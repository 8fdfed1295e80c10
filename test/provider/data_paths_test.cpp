/// Which file stands behind which token.
#include "provider/inputs/data_paths.hpp"

#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

using namespace c2d;
using namespace c2d::provider;
using support::must;
using support::named_id;
using support::TempDir;
namespace fs = std::filesystem;

namespace {

struct Shelf {
    TempDir folder;
    ProviderOptions options;
    std::shared_ptr<JobStore> store = must(JobStore::open(folder / "state.db"));

    Shelf() {
        fs::create_directories(folder / "data" / "sub");
        fs::create_directories(folder / "database");
        for (const char* file :
             {"data/rows.csv", "data/sub/deep.csv", "database/other.csv", "single.csv", "secret.csv"})
            support::write_text(folder / file, file);
        options.registrable = {folder / "data", folder / "single.csv"};
    }
    bool may(const fs::path& path) { return registrable_path(options, path).has_value(); }
};

}  // namespace

TEST_CASE_FIXTURE(Shelf, "the configuration comes before what was registered") {
    CHECK_FALSE(must(data_path(options, *store, named_id("rows"))).has_value());
    must(store->set_path(named_id("rows"), (folder / "data/rows.csv").string()));
    CHECK(must(data_path(options, *store, named_id("rows"))) == folder / "data/rows.csv");
    options.assets[named_id("rows")] = folder / "single.csv";
    CHECK(must(data_path(options, *store, named_id("rows"))) == folder / "single.csv");
    CHECK_FALSE(must(data_path(options, *store, named_id("other"))).has_value());
}

TEST_CASE_FIXTURE(Shelf, "a file may be registered when it is listed or lies below a listed folder") {
    CHECK(may(folder / "data/rows.csv"));
    CHECK(may(folder / "data/sub/deep.csv"));
    CHECK(may(folder / "data/sub/../rows.csv"));
    CHECK(may(folder / "single.csv"));
    CHECK(registrable_path(options, folder / "data/sub/../rows.csv") == fs::canonical(folder / "data/rows.csv"));
}

TEST_CASE_FIXTURE(Shelf, "everything else may not, however it is spelt") {
    CHECK_FALSE(may(folder / "secret.csv"));
    CHECK_FALSE(may(folder / "data/../secret.csv"));
    CHECK_FALSE(may(folder / "data/sub/../../secret.csv"));
    CHECK_FALSE(may(folder / "database/other.csv"));  // begins like the listed folder
    CHECK_FALSE(may(folder / "data"));
    CHECK_FALSE(may(folder / "data/absent.csv"));
    CHECK_FALSE(may("/etc/passwd"));
    CHECK_FALSE(may("/dev/null"));
    CHECK_FALSE(may(""));
    options.registrable.clear();
    CHECK_FALSE(may(folder / "data/rows.csv"));
}

TEST_CASE_FIXTURE(Shelf, "links may not be registered, and links on the way lead nowhere else") {
    fs::create_symlink(folder / "data/rows.csv", folder / "data/link.csv");
    fs::create_symlink(folder / "secret.csv", folder / "data/out.csv");
    fs::create_directory_symlink(folder / "database", folder / "data/away");
    CHECK_FALSE(may(folder / "data/link.csv"));
    CHECK_FALSE(may(folder / "data/out.csv"));
    CHECK_FALSE(may(folder / "data/away/other.csv"));
}
