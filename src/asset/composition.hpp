/// Walks what a composition is made of and checks the terms on every level.
#pragma once

#include "asset/documents.hpp"
#include "asset/terms.hpp"

namespace c2d::asset {

// Bounds of one composition.
inline constexpr unsigned kDepthMax = 16;
inline constexpr std::size_t kLeavesMax = 1024;

/// A leaf of a composition with the service it was chosen for and the constraint it ends with;
/// below an Algorithm that are the finished arguments.
struct Leaf {
    Token token;
    Service service;
    Template op_template;
    json::Value arguments;
    std::string path;
};

struct Link {
    TokenId child, parent;
};

struct Composition {
    std::vector<Leaf> leaves;
    /// Every child → composition step that was followed, the root's own children included.
    std::vector<Link> links;
    /// The documents of compositions below the root.
    std::vector<Token> inner;
};

/// Checks every service and every child of `root`: workflow and children name the same tokens, the
/// chosen services exist, templates are known and unchanged since the terms were published, each
/// level only narrows, and an Algorithm leaves nothing free. Fails only when it cannot decide.
/// `out` (may be null) receives the composition.
Result<Verdict> check_composition(const Documents& documents, const Ddo& root, Composition* out);

/// The same for one leaf's own services against their templates; for publishing. With
/// `pinned_required` false, a descriptor without a checksum passes.
Result<Verdict> check_leaf(const Documents& documents, const Ddo& leaf, bool pinned_required);

}  // namespace c2d::asset
