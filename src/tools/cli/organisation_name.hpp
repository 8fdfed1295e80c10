/// Names that people take for one another (Unicode Technical Standard #39).
#pragma once

#include <c2d/chain.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace c2d::cli {

/// What names that look alike have in common (UTS #39, section 4): "paypal" and "рaураl" have one. Blanks at the ends
/// and how many stand together make no difference. Fails with `invalid_argument` for what is not UTF-8.
Result<std::string> name_skeleton(std::string_view name);

/// What is wrong with the name by itself, for people: characters that nothing is drawn for or that reorder others,
/// scripts that no language writes together, nothing at all. Nothing is wrong: empty.
Result<std::vector<std::string>> name_problems(std::string_view name);

/// Those of the registered ones, but for the one at `id`, that `name` could be taken for.
Result<std::vector<RegisteredEnterprise>> names_like(std::string_view name, const Address& id,
                                                     const std::vector<RegisteredEnterprise>& registered);

}  // namespace c2d::cli
