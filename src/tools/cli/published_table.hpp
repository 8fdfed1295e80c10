/// The file behind a token that is to be published: checked, and its names, types and roles put into the document.
#pragma once

#include "tools/cli/source_flags.hpp"

#include <string>

namespace c2d::cli {

/// Flags of `asset dt` for a token over a table.
struct TableFlags {
    std::string table, schema, id, label;
    SourceFlags source;

    void declare(Args& args);
    /// The attributes with `attributes.schema` in each service that has a `path`: names, types and roles, and allowed
    /// values where the schema's author wrote them. A schema that stands there is compared with the file. Fails with
    /// `invalid_argument` after every problem was said on stderr; without `--table` or a database only schemas that
    /// stand there are read.
    Result<std::string> complete(std::string attributes) const;
};

}  // namespace c2d::cli
