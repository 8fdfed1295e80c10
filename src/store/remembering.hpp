/// Documents of one check: what is read twice, because the ledger moved meanwhile, is fetched once.
#pragma once

#include <c2d/document_store.hpp>

namespace c2d::store {

/// `below`, whose answers to `get` are kept, found or not, up to 64 MiB of bytes. For one check or walk, which it
/// should not outlive. Thread-safe as `below` is.
std::shared_ptr<DocumentStore> remembering(std::shared_ptr<DocumentStore> below);

}  // namespace c2d::store
