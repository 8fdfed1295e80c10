#include "mpc/local/protocols.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/cleartext/cleartext.hpp"
#include "mpc/rep3/backend.hpp"
#include "mpc/rep3/joining.hpp"
#include "mpc/rep3/ml/binning.hpp"
#include "mpc/rep3/ml/glm.hpp"
#include "mpc/rep3/ml/learning.hpp"

#include <algorithm>

namespace c2d::mpc {
namespace {

Result<std::unique_ptr<Protocol>> open_rep3(const SessionOptions& options, Link& link, Random& random) {
    rep3::KeyContext context{options.session_binding, {}};
    std::ranges::copy(options.pre_shared, context.pre_shared.begin());
    C2D_TRY(std::shared_ptr<rep3::Engine> engine, rep3::Engine::open(link, random, context));
    return std::make_unique<Protocol>(Protocol{rep3::make_backend(engine), rep3::make_learning(engine),
                                               rep3::make_glm(engine), rep3::make_binning(engine),
                                               rep3::make_joining(engine)});
}

Result<std::unique_ptr<Protocol>> open_cleartext(const SessionOptions&, Link& link, Random&) {
    return std::make_unique<Protocol>(Protocol{cleartext::make_backend(link), cleartext::make_learning(link),
                                               cleartext::make_glm(), cleartext::make_binning(link),
                                               cleartext::make_joining(link)});
}

/// A further protocol is a folder of its own and a line here.
constexpr struct {
    BackendKind kind;
    std::string_view name;
    Result<std::unique_ptr<Protocol>> (*open)(const SessionOptions&, Link&, Random&);
} kProtocols[] = {
    {BackendKind::rep3, "rep3", open_rep3},
    {BackendKind::clear, "clear", open_cleartext},
};

auto* found(BackendKind kind) noexcept {
    const auto* const at = std::ranges::find(kProtocols, kind, [](const auto& protocol) { return protocol.kind; });
    return at == std::end(kProtocols) ? nullptr : at;
}

}  // namespace

std::string_view name_of(BackendKind kind) noexcept { return found(kind) ? found(kind)->name : std::string_view{}; }

Result<std::unique_ptr<Protocol>> open_protocol(const SessionOptions& options, Link& link, Random& random) {
    const auto* const protocol = found(options.backend);
    if (!protocol) return fail(Status::INVALID_ARGUMENT, "there is no such backend");
    return protocol->open(options, link, random);
}

}  // namespace c2d::mpc
