/// A second opinion on what is JSON, written from RFC 8259 alone and sharing no code with the
/// reader: for the differential fuzz target.
#pragma once

#include <string_view>

namespace c2d::fuzz {

struct JsonOpinion {
    /// Whether the whole text is one JSON value, UTF-8 and without lone surrogates.
    bool is_json = false;
    unsigned depth = 0;
};

JsonOpinion check_json(std::string_view text, unsigned depth_max);

}  // namespace c2d::fuzz
