#include "json_text.hpp"

#include "codec/json.hpp"

namespace c2d::capi {

std::string json_text(std::string_view text) { return json::compact(json::Value(text), json::Escape::invisible); }

}  // namespace c2d::capi
