#include "mpc/local/protocols.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "mpc/cleartext/cleartext.hpp"
#include "mpc/rep3/backend.hpp"
#include "mpc/rep3/ml/learning.hpp"

#include <algorithm>

namespace c2d::mpc {
namespace {

Result<std::unique_ptr<Protocol>> open_rep3(Link& link, Random& random) {
    C2D_TRY(std::shared_ptr<rep3::Engine> engine, rep3::Engine::open(link, random));
    return std::make_unique<Protocol>(Protocol{rep3::make_backend(engine), rep3::make_learning(engine)});
}

Result<std::unique_ptr<Protocol>> open_cleartext(Link& link, Random&) {
    return std::make_unique<Protocol>(Protocol{cleartext::make_backend(link), cleartext::make_learning(link)});
}

/// A further protocol is a folder of its own and a line here.
constexpr struct {
    BackendKind kind;
    std::string_view name;
    Result<std::unique_ptr<Protocol>> (*open)(Link&, Random&);
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

Result<std::unique_ptr<Protocol>> open_protocol(BackendKind kind, Link& link, Random& random) {
    if (!found(kind)) return fail(Status::INVALID_ARGUMENT, "there is no such backend");
    return found(kind)->open(link, random);
}

}  // namespace c2d::mpc
