/// A link on which a test changes what a party sends, or that breaks where the test says.
#pragma once

#include <c2d/mpc.hpp>

#include <functional>
#include <memory>

namespace c2d::mpc::test {

class ChangedLink final : public Link {
public:
    /// May change a message before it is sent; `number` counts those to this peer from 0.
    using Change = std::function<void(unsigned peer, std::size_t number, Bytes& message)>;
    /// Asked before each message in either direction; the link breaks for good where it says false.
    using GoesOn = std::function<bool(bool outgoing)>;

    ChangedLink(std::unique_ptr<Link> inner, Change change, GoesOn goes_on = {})
        : Link(inner->party(), inner->parties()),
          inner_(std::move(inner)),
          change_(std::move(change)),
          goes_on_(std::move(goes_on)) {
        inner_->set_timeout(std::chrono::seconds(60));
    }

private:
    void do_leave(bool) noexcept override { inner_.reset(); }
    Result<Unit> do_send(unsigned peer, BytesView bytes) override {
        if (!stands(true)) return Error(Status::PEER, "left");
        if (!change_) return inner_->send(peer, bytes);
        Bytes message(bytes.begin(), bytes.end());
        change_(peer, sent_[peer]++, message);
        return inner_->send(peer, message);
    }
    Result<Unit> do_receive(unsigned peer, std::span<std::uint8_t> out) override {
        return stands(false) ? inner_->receive(peer, out) : Result<Unit>(Error(Status::PEER, "left"));
    }
    bool stands(bool outgoing) {
        if (inner_ && goes_on_ && !goes_on_(outgoing)) inner_.reset();
        return inner_ != nullptr;
    }

    std::unique_ptr<Link> inner_;
    Change change_;
    GoesOn goes_on_;
    std::size_t sent_[kParties] = {};
};

}  // namespace c2d::mpc::test
