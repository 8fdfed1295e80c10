/// A session: what it agrees on at the start, and what goes in and out.

#include "base/fail.hpp"
#include "base/try.hpp"
#include "base/version.hpp"
#include "mpc/core/domain.hpp"
#include "mpc/core/input_agreement.hpp"
#include "mpc/protocols.hpp"

#include <cstdlib>
#include <cstring>

namespace c2d::mpc {
namespace {

constexpr std::size_t kAnnouncementMax = std::size_t{1} << 20;

}  // namespace

std::size_t Tensor::rows() const noexcept { return data_ ? data_->rows : 0; }
std::size_t Tensor::cols() const noexcept { return data_ ? data_->cols : 0; }

Session::Session(std::unique_ptr<Link> link) : link_(std::move(link)) {}
Session::~Session() = default;

unsigned Session::party() const noexcept { return link_->party(); }
const Link::Stats& Session::stats() const noexcept { return link_->stats(); }

Result<std::unique_ptr<Session>> Session::open(SessionOptions options) {
    if (!options.link) return fail(Status::INVALID_ARGUMENT, "a session needs a link");
    auto random = options.random ? options.random : Random::system();
    options.link->set_cancel(options.cancel);
    std::unique_ptr<Session> session(new Session(std::move(options.link)));
    // Programs that do not agree on the protocol must not exchange a share.
    const std::string hello = fmt::format("{} {}", kMpcProtocols.front(), name_of(options.backend));
    C2D_TRY(const std::vector<Bytes> hellos, session->exchange(as_bytes(hello)));
    for (unsigned peer = 0; peer < kParties; ++peer)
        if (as_text(hellos[peer]) != hello)
            return fail(Status::PEER, "party {} speaks another protocol than {}", peer, hello);
    C2D_TRY(session->protocol_, open_protocol(options.backend, *session->link_, *random));
    return session;
}

Result<std::unique_ptr<Session>> Session::from_environment(BackendKind kind) {
    const char* fd = std::getenv("C2D_PEER_FD");
    const char* party = std::getenv("C2D_PARTY");
    if (!fd || !party || !*fd || !*party)
        return fail(Status::INVALID_ARGUMENT, "C2D_PEER_FD and C2D_PARTY must be set: the operator runs without peers");
    char *fd_end = nullptr, *party_end = nullptr;
    const long fd_number = std::strtol(fd, &fd_end, 10);
    const long party_number = std::strtol(party, &party_end, 10);
    if (*fd_end || *party_end || fd_number < 0 || fd_number > 1 << 20 || party_number < 0 ||
        party_number >= static_cast<long>(kParties))
        return fail(Status::INVALID_ARGUMENT, "C2D_PEER_FD or C2D_PARTY is not a number in range");
    SessionOptions options;
    C2D_TRY(options.link, relay_link(static_cast<int>(fd_number), static_cast<unsigned>(party_number)));
    options.backend = kind;
    return open(std::move(options));
}

Result<std::vector<Bytes>> Session::exchange(BytesView announcement) {
    if (announcement.size() > kAnnouncementMax)
        return fail(Status::LIMIT, "an announcement may have {} bytes", kAnnouncementMax);
    const auto length = static_cast<std::uint32_t>(announcement.size());
    Bytes message(4);
    std::memcpy(message.data(), &length, 4);
    message.insert(message.end(), announcement.begin(), announcement.end());
    for (unsigned peer = 0; peer < kParties; ++peer)
        if (peer != party()) C2D_CHECK(link_->send(peer, message));
    std::vector<Bytes> out(kParties);
    out[party()].assign(announcement.begin(), announcement.end());
    for (unsigned peer = 0; peer < kParties; ++peer) {
        if (peer == party()) continue;
        std::uint8_t head[4];
        C2D_CHECK(link_->receive(peer, head));
        std::uint32_t count = 0;
        std::memcpy(&count, head, 4);
        if (count > kAnnouncementMax) return fail(Status::PEER, "party {} announces {} bytes", peer, count);
        out[peer].resize(count);
        C2D_CHECK(link_->receive(peer, out[peer]));
    }
    return out;
}

Result<Tensor> Session::input(unsigned owner, const Matrix* data, double magnitude_max) {
    if (owner >= kParties || (owner == party()) != (data != nullptr))
        return fail(Status::INVALID_ARGUMENT, "exactly the owner of an input passes data");
    if (!(magnitude_max > 0 && magnitude_max <= kFactorMax))
        return fail(Status::INVALID_ARGUMENT, "magnitude_max must lie in (0, 2^20]");
    const std::string problem = data ? problem_of(*data, magnitude_max, InputKind::values) : std::string();
    C2D_TRY(const Announcement shape, announce_input(*link_, owner, data, problem));
    C2D_TRY(auto out, protocol_->backend->input(owner, data, shape.rows, shape.cols, InputKind::values));
    out->bound = magnitude_max;
    return Tensor(std::move(out));
}

Result<Tensor> Session::input_labels(unsigned owner, const Matrix* data) {
    if (owner >= kParties || (owner == party()) != (data != nullptr))
        return fail(Status::INVALID_ARGUMENT, "exactly the owner of an input passes data");
    std::string problem = data ? problem_of(*data, 1, InputKind::labels) : std::string();
    if (data && problem.empty() && data->cols != 1) problem = "has more than one column of labels";
    C2D_TRY(const Announcement shape, announce_input(*link_, owner, data, problem));
    if (shape.cols != 1) return fail(Status::PEER, "party {} announced {} columns of labels", owner, shape.cols);
    C2D_TRY(auto out, protocol_->backend->input(owner, data, shape.rows, 1, InputKind::labels));
    out->is_labels = out->is_bits = true;
    out->owner = owner;
    out->bound = 1;
    return Tensor(std::move(out));
}

Result<Tensor> Session::constant(const Matrix& data) {
    const std::string problem = problem_of(data, kFactorMax, InputKind::values);
    if (!problem.empty()) return fail(Status::INVALID_ARGUMENT, "the constant {}", problem);
    C2D_TRY(auto out, protocol_->backend->constant(data));
    return Tensor(std::move(out));
}

Result<std::optional<Matrix>> Session::reveal(const Tensor& a, const std::vector<unsigned>& to) {
    if (!a) return no_tensor();
    for (unsigned party : to)
        if (party >= kParties) return fail(Status::INVALID_ARGUMENT, "reveal: there is no party {}", party);
    return protocol_->backend->reveal(*a.data(), to);
}

}  // namespace c2d::mpc
