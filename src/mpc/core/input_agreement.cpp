#include "mpc/core/input_agreement.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"

#include <cmath>
#include <cstring>

namespace c2d::mpc {

std::string problem_of(const Matrix& data, double magnitude_max, InputKind kind) {
    if (data.rows == 0 || data.cols == 0 || data.rows > kElementsMax / data.cols) return "is empty or too large";
    if (data.data.size() != data.rows * data.cols) return "has a wrong number of values";
    for (std::size_t i = 0; i < data.data.size(); ++i) {
        const double x = data.data[i];
        if (!std::isfinite(x))
            return fmt::format("has a value that is missing or not finite (row {}, column {})", i / data.cols,
                               i % data.cols);
        if (kind == InputKind::labels && x != 0 && x != 1)
            return fmt::format("has a label that is not 0 or 1 (row {})", i);
        if (std::fabs(x) <= magnitude_max) continue;
        return fmt::format("has a value beyond +-{} (row {}, column {}); are its columns standardised?", magnitude_max,
                           i / data.cols, i % data.cols);
    }
    return {};
}

Error unusable_input(std::string message) {
    Error out(Status::DOMAIN, std::move(message));
    out.name = kInputUnusable;
    return out;
}

Error unusable_input_of(unsigned party) {
    return unusable_input(fmt::format("the input of party {} is not usable (its own message says why)", party));
}

Result<Announcement> announce_input(Link& link, unsigned owner, const Matrix* data, const std::string& problem) {
    std::uint8_t header[17] = {};
    Announcement out;
    if (link.party() == owner) {
        if (problem.empty()) out = {data->rows, data->cols};
        std::memcpy(header, &out, sizeof out);
        header[16] = problem.empty() ? 0 : 1;
        for (unsigned peer = 0; peer < kParties; ++peer)
            if (peer != owner) C2D_CHECK(link.send(peer, header));
        if (!problem.empty()) return unusable_input(fmt::format("the input of party {} {}", owner, problem));
        return out;
    }
    C2D_CHECK(link.receive(owner, header));
    std::memcpy(&out, header, sizeof out);
    if (header[16] != 0) return unusable_input_of(owner);
    if (out.rows == 0 || out.cols == 0 || out.cols > kElementsMax || out.rows > kElementsMax / out.cols)
        return fail(Status::PEER, "party {} announced a malformed shape", owner);
    return out;
}

}  // namespace c2d::mpc
