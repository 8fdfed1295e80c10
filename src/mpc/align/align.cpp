#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/align/modes.hpp"

namespace c2d::mpc {
namespace {

using namespace align_detail;

Result<Unit> check_options(const AlignOptions& options, unsigned parties) {
    if (options.mode > AlignMode::hidden) return fail(Status::INVALID_ARGUMENT, "there is no such mode of alignment");
    if (options.mode != AlignMode::two_party && parties != kParties)
        return fail(Status::INVALID_ARGUMENT, "the modes `helper` and `hidden` need a third party: choose two_party");
    if (options.rows_max == 0 || options.rows_max > kAlignRowsMax)
        return fail(Status::INVALID_ARGUMENT, "rows_max must lie in 1 to {}, found {}", kAlignRowsMax,
                    options.rows_max);
    if (options.common_min == 0) return fail(Status::INVALID_ARGUMENT, "common_min must be at least 1, found 0");
    if (!(options.common_share_min >= 0 && options.common_share_min <= 1))
        return fail(Status::INVALID_ARGUMENT, "common_share_min must lie in 0 to 1, found {}",
                    options.common_share_min);
    return Unit{};
}

Result<std::optional<JoinedIds>> open_ids(const std::optional<std::vector<IdColumn>>& ids, unsigned party,
                                          const IdRule& rule) {
    if (ids.has_value() != (party != kH))
        return fail(Status::INVALID_ARGUMENT, "parties 0 and 1 pass ids, and party 2 none; party {} passed {}", party,
                    ids ? "some" : "none");
    if (!ids) return std::optional<JoinedIds>();
    C2D_TRY(JoinedIds out, JoinedIds::open(*ids, rule));
    if (out.rows() == 0 || out.rows() > kAlignRowsMax)
        return fail(Status::INVALID_ARGUMENT, "ids need 1 to {} rows, found {}", kAlignRowsMax, out.rows());
    return std::optional<JoinedIds>(std::move(out));
}

Side side_of(Link& link, Random& random, const AlignOptions& options, const std::optional<JoinedIds>& ids) {
    return Side{link, random, options, ids ? static_cast<std::uint32_t>(ids->columns()) : 0u};
}

}  // namespace

Result<Alignment> align(Link& link, const std::optional<std::vector<IdColumn>>& ids, const AlignOptions& options,
                        Random* random) {
    C2D_CHECK(check_options(options, link.parties()));
    if (options.mode == AlignMode::hidden)
        return fail(Status::INVALID_ARGUMENT,
                    "in the mode `hidden` nobody learns which rows are common: call join, which returns their columns");
    C2D_TRY(std::optional<JoinedIds> own, open_ids(ids, link.party(), options.rule));
    const std::shared_ptr<Random> system = random ? nullptr : Random::system();
    Side side = side_of(link, random ? *random : *system, options, own);
    JoinedIds* const given = own ? &*own : nullptr;
    return options.mode == AlignMode::helper ? align_by_helper(side, given) : align_as_two(side, given);
}

Result<HiddenTags> align_detail::hidden_tags(Link& link, const std::optional<std::vector<IdColumn>>& ids,
                                             std::size_t rows, const AlignOptions& options, Random& random) {
    C2D_CHECK(check_options(options, link.parties()));
    C2D_TRY(std::optional<JoinedIds> own, open_ids(ids, link.party(), options.rule));
    Side side = side_of(link, random, options, own);
    return hidden_tags(side, own ? &*own : nullptr, rows);
}

}  // namespace c2d::mpc
