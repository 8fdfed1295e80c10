#include "chain/rpc/sender_limits.hpp"

#include "base/defaults.hpp"
#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/transaction.hpp"

#include <algorithm>

namespace c2d::rpc {

namespace {

/// Above what a ledger takes in a minute; products of it stay far within 64 bits.
constexpr std::uint64_t kRateMax = std::uint64_t(1) << 32;
/// A start does not take longer than reading so many; who sent more today has been bounded before.
constexpr std::size_t kCountedMax = 65'536;

ChainServerOptions with_defaults(ChainServerOptions options) {
    use_defaults(options);
    options.rate = std::min(options.rate, kRateMax);
    return options;
}

Error wait_for(std::string_view name, std::uint64_t seconds, std::string said) {
    Error error = fail(Status::UNAVAILABLE, "{}; try again in {} s", said, seconds);
    error.name = name;
    error.code = seconds;
    return error;
}

}  // namespace

Result<Sending> sending(const Chain& chain, const Address& key) {
    for (const auto use : {KeyUse::work, KeyUse::grant}) {
        C2D_TRY(const auto stands_for, chain.principal(key, use));
        if (!stands_for.is_zero() && stands_for != key) return Sending{key, stands_for};
    }
    return Sending{key, key};
}

SenderLimits::SenderLimits(const ChainServerOptions& options) : options_(with_defaults(options)) {}

Result<Unit> SenderLimits::count_today(Chain& chain) {
    if (options_.bytes_per_day == 0) return Unit{};
    C2D_TRY(const auto info, chain.info());
    const auto today = now() / kSecondsADay;
    std::size_t counted = 0;
    std::map<Address, Address> senders;
    for (auto number = info.head.number; number > 0 && counted < kCountedMax; --number) {
        C2D_TRY(const auto block, chain.node().block(number));
        if (!block || block->head.time / kSecondsADay < today) return Unit{};
        for (const auto& hash : block->transactions) {
            C2D_TRY(const auto found, chain.node().transaction(hash));
            if (!found) continue;
            C2D_TRY(const auto decoded, decode_transaction(found->raw));
            auto known = senders.find(decoded.sender);
            if (known == senders.end()) {
                C2D_TRY(const auto by, sending(chain, decoded.sender));
                known = senders.emplace(by.key, by.sender).first;
            }
            const std::lock_guard lock(mutex_);
            find(known->second, now()).bytes += found->raw.size();
            ++counted;
        }
    }
    return Unit{};
}

Result<Unit> SenderLimits::take(const Sending& by, std::size_t bytes) {
    const auto named = [&](const Address& one) { return one == by.key || one == by.sender; };
    if (!options_.allow.empty() && std::ranges::none_of(options_.allow, named)) {
        const auto whose = by.sender == by.key ? "" : fmt::format(", which acts for {}", address_text(by.sender));
        Error error =
            fail(Status::REFUSED, "this server takes no transactions from {}{}: its keeper names who may send",
                 address_text(by.key), whose);
        error.name = kSenderNotAllowed;
        return error;
    }
    const auto seconds = now();
    const std::lock_guard lock(mutex_);
    Sender& sender = find(by.sender, seconds);
    C2D_CHECK(check(sender, by.sender, bytes, seconds));
    sender.room -= std::min(sender.room, kSecondsAMinute);
    sender.bytes += bytes;
    return Unit{};
}

Result<Unit> SenderLimits::check(const Sender& sender, const Address& address, std::size_t bytes,
                                 std::uint64_t seconds) const {
    const auto daily = options_.bytes_per_day;
    if (daily != 0 && bytes > daily)
        return fail(Status::LIMIT, "this server takes {} bytes a day from a sender, found a transaction of {}", daily,
                    bytes);
    if (daily != 0 && sender.bytes + bytes > daily)
        return wait_for(kSenderBytes, kSecondsADay - seconds % kSecondsADay,
                        fmt::format("this server takes {} bytes a day from a sender, and {} sent {} today", daily,
                                    address_text(address), sender.bytes));
    if (options_.rate != 0 && sender.room < kSecondsAMinute)
        return wait_for(kSenderRate, (kSecondsAMinute - sender.room + options_.rate - 1) / options_.rate,
                        fmt::format("this server takes {} transactions a minute from a sender, and {} sent more",
                                    options_.rate, address_text(address)));
    return Unit{};
}

void SenderLimits::give_back(const Address& address, std::size_t bytes) {
    const auto seconds = now();
    const std::lock_guard lock(mutex_);
    Sender& sender = find(address, seconds);
    sender.room = std::min(whole_room(), sender.room + kSecondsAMinute);
    sender.bytes -= std::min<std::uint64_t>(sender.bytes, bytes);
    if (sender.bytes == 0 && sender.room == whole_room()) senders_.erase(address);
}

std::size_t SenderLimits::senders() const {
    const std::lock_guard lock(mutex_);
    return senders_.size();
}

SenderLimits::Sender& SenderLimits::find(const Address& address, std::uint64_t seconds) {
    const auto today = seconds / kSecondsADay;
    auto found = senders_.find(address);
    if (found == senders_.end()) {
        if (senders_.size() >= kSendersMax)
            senders_.erase(std::ranges::min_element(senders_, {}, [](const auto& entry) { return entry.second.seen; }));
        found = senders_.emplace(address, Sender{whole_room(), seconds, today, 0}).first;
    }
    Sender& sender = found->second;
    // A clock that was set back gives nothing and takes nothing.
    const auto passed = std::min(kSecondsAMinute, seconds - std::min(seconds, sender.seen));
    sender.room = std::min(whole_room(), sender.room + passed * options_.rate);
    sender.seen = seconds;
    if (sender.day < today) sender.bytes = 0;
    sender.day = std::max(sender.day, today);
    return sender;
}

}  // namespace c2d::rpc
