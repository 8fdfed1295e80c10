/// What the tests of artifacts share.
#pragma once

#include "artifact/store.hpp"
#include "support/must.hpp"
#include "support/temp_dir.hpp"

#include <c2d/artifact.hpp>

namespace c2d::test {

inline Artifact draft_of(std::uint64_t job_id, unsigned party, std::string name = "model") {
    Artifact out;
    out.job_id = job_id;
    out.party = party;
    out.algo_dt.data[0] = 7;
    out.name = std::move(name);
    out.kind = "model";
    out.binding.data[31] = 9;
    return out;
}

inline Artifact seal(const ArtifactStore& store, std::uint64_t job_id, unsigned party = 0,
                     std::string_view file = "columns", std::string_view shares = "shares") {
    return support::must(store.impl().seal(draft_of(job_id, party), as_bytes(file), as_bytes(shares)));
}

}  // namespace c2d::test
