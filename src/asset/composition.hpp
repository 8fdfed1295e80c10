/// Walks what a composition is made of and checks the terms on every level.
#pragma once

#include "asset/documents.hpp"
#include "asset/terms.hpp"

namespace c2d::asset {

// Bounds of one composition. A token counts as often as a path leads to it: leaves for one service,
// visits over all services.
inline constexpr unsigned kDepthMax = 16;
inline constexpr std::size_t kLeavesMax = 1024;
inline constexpr std::size_t kVisitsMax = 4096;

/// A leaf of a composition with the service it was chosen for and the constraint it ends with;
/// below an Algorithm that are the finished arguments.
struct Leaf {
    std::shared_ptr<const Token> token;
    /// One of the token's.
    const Service* service = nullptr;
    std::shared_ptr<const Template> op_template;
    json::Value arguments;
    std::string path;
};

struct Link {
    TokenId child, parent;
};

struct Composition {
    std::vector<Leaf> leaves;
    /// Every child → composition step that was followed, once each, the root's own included.
    std::vector<Link> links;
    /// The compositions below the root, once each.
    std::vector<std::shared_ptr<const Token>> inner;
};

/// Checks every service and every child of `root`: workflow and children name the same tokens, the
/// chosen services exist, templates are known and unchanged since the terms were published, each
/// level only narrows, and an Algorithm leaves nothing free. Fails only when it cannot decide.
/// `out` (may be null) receives the composition. Refuses with `terms_too_deep` beyond the bounds of
/// composition, documents (`DocumentCache`) and work (`Effort`).
Result<Verdict> check_composition(DocumentCache& documents, const Ddo& root, Composition* out);

/// The same for one leaf's own services against their templates; for publishing. With
/// `pinned_required` false, a descriptor without a checksum passes.
Result<Verdict> check_leaf(DocumentCache& documents, const Ddo& leaf, bool pinned_required);

}  // namespace c2d::asset
