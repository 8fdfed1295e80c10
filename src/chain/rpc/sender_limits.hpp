/// What a served ledger takes from one sender: nothing in its rules bounds how many transactions a registered one
/// sends. Keys that act for one organisation are one sender, since it may name as many as it likes.
#pragma once

#include <c2d/chain_server.hpp>

#include <map>
#include <mutex>

namespace c2d::rpc {

/// A key that signed, and whom its transactions count for.
struct Sending {
    Address key;
    /// The organisation that the key acts for; the key's own address where it acts for nobody.
    Address sender;
};
Result<Sending> sending(const Chain& chain, const Address& key);

/// Thread-safe.
class SenderLimits {
public:
    explicit SenderLimits(const ChainServerOptions& options);

    /// Counts what the ledger took today already, as of its head: a restart forgives nobody.
    Result<Unit> count_today(Chain& chain);
    /// Room for a transaction of so many bytes, which is counted from now on. Fails with the names of
    /// `ChainServerOptions`, and with `limit` for one that has no room on any day.
    Result<Unit> take(const Sending& by, std::size_t bytes);
    /// It was not taken after all.
    void give_back(const Address& sender, std::size_t bytes);
    /// Senders that are remembered; at most so many.
    std::size_t senders() const;
    static constexpr std::size_t kSendersMax = 4'096;

private:
    /// Only of senders whose transactions are taken, so that outsiders do not push them out.
    struct Sender {
        /// Room in the minute, in sixtieths of a transaction.
        std::uint64_t room = 0;
        /// When that was true.
        std::uint64_t seen = 0;
        /// Bytes taken on that day.
        std::uint64_t day = 0, bytes = 0;
    };

    std::uint64_t now() const { return options_.clock->now_seconds(); }
    std::uint64_t whole_room() const { return kSecondsAMinute * options_.rate; }
    /// As it is now, with what time gave back.
    Sender& find(const Address& address, std::uint64_t seconds);
    Result<Unit> check(const Sender& sender, const Address& address, std::size_t bytes, std::uint64_t seconds) const;

    static constexpr std::uint64_t kSecondsAMinute = 60, kSecondsADay = 86'400;

    const ChainServerOptions options_;
    mutable std::mutex mutex_;
    std::map<Address, Sender> senders_;
};

}  // namespace c2d::rpc
