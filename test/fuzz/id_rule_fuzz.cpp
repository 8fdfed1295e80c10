// Ids that people bring: the first byte is the rule, the rest is a value. What comes out is bounded, is UTF-8 where the
// rule reads text, does not depend on what came before, and is not changed by being normalised again.
#include "base/utf8.hpp"
#include "fuzz/fuzz.hpp"
#include "ids/id_rule.hpp"

using namespace c2d;
using fuzz::require;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const mpc::IdRule rule = {(data[0] & 1) != 0, (data[0] & 2) != 0, (data[0] & 4) != 0, (data[0] & 8) != 0};
    const std::string_view value = as_text({data + 1, size - 1});
    IdNormaliser normaliser(rule);
    Bytes out, again, twice;
    const IdProblem problem = normaliser.append(value, out);
    require(normaliser.append(value, again) == problem && (problem != IdProblem::none || out == again),
            "the same value gives the same");
    if (problem != IdProblem::none) {
        require(!text_of(problem).empty(), "a problem has words");
        return 0;
    }
    require(!out.empty() && out.size() <= mpc::kIdBytesMax, "an id is not empty and within its bound");
    if (rule.nfkc || rule.fold_case) require(is_valid_utf8(as_text(out)), "an id of text is UTF-8");
    // Folded text that is composed may fold once more: of both steps a second time is not the first.
    if (rule.nfkc && rule.fold_case) return 0;
    require(normaliser.append(as_text(out), twice) == IdProblem::none && twice == out, "once is enough");
    return 0;
}
