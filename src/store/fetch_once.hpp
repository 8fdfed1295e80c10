/// Reads of one document that come at the same time cost one fetch, and a document that was looked for in
/// vain is not looked for again at once.
#pragma once

#include <c2d/document_store.hpp>

namespace c2d::store {

struct FetchOnceBounds {
    /// Failures that are remembered, and for how long. Only those that took long: a missing file costs nothing.
    std::size_t failures_max = 1024;
    std::chrono::milliseconds remember_failure{5'000};
    std::chrono::milliseconds slow_failure{250};
    /// Whoever comes while a fetch takes longer than that already is told so, and does not wait as well.
    std::chrono::milliseconds join_within{2'000};
};

/// `below` with that. Its answers are checked by `below`, as ever; nothing that was found is kept.
std::shared_ptr<DocumentStore> fetch_once(std::shared_ptr<DocumentStore> below, FetchOnceBounds bounds = {});

}  // namespace c2d::store
