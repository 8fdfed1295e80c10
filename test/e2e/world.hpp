/// A ledger with its people, a provider of bank A behind the real HTTP server, and every way to
/// write bad state past the checks of publishing: straight to the ledger and to the store.
///
/// People: an administrator; bank A (the provider) with a second address of its own; bank B;
/// company C, which composes and solves; an outsider whom the ledger does not know.
#pragma once

#include "codec/json.hpp"
#include "support/must.hpp"
#include "support/node_double.hpp"
#include "support/temp_dir.hpp"
#include "tools/http_server.hpp"

#include <c2d/key.hpp>
#include <c2d/provider.hpp>

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <thread>

namespace c2d::test {

using support::must;
using support::NodeDouble;

/// Waits until `condition` holds, at most `time_max`; whether it did.
template <class Condition>
bool within(std::chrono::milliseconds time_max, Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + time_max;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return true;
}

/// The owner's log, as a test may read it.
class LogBook final : public Logger {
public:
    void log(LogLevel level, std::string_view line) override;
    /// True when one line holds both texts.
    bool said(std::string_view one, std::string_view other) const;
    std::size_t lines() const;

private:
    mutable std::mutex mutex_;
    std::vector<std::string> lines_;
};

using Key = std::shared_ptr<PrivateKey>;

/// What bank A allows and what company C asks for. As it stands here it is accepted.
struct Terms {
    std::string constraint = R"({"rows":{},"strict":{},"inputs":{"0":{},"limit":{}},"outputs":{}})";
    std::string arguments = R"({"rows":10,"strict":true,"inputs":{"0":"a.csv","limit":5},
                                "outputs":{"0":"./outputs/out.txt"}})";
    std::string operation = "print('done')\n";
    /// `metadata.main.outputs` of the template; empty: it declares nothing.
    std::string declared = {};
    /// The template's parameters; empty: those of the constraint above.
    std::string params = {};
    /// `attributes.attempts` of bank A's leaf.
    unsigned attempts = 1;
};

/// One composition as it came to stand on the ledger.
struct Deal {
    TokenId op, dt, cdt;
    std::vector<std::pair<TokenId, Key>> children;
    std::uint64_t job = 0;
};

class World {
public:
    struct Options {
        unsigned workers = 2;
        std::size_t queue_max = 64;
        bool accept_legacy_checksum = false;
        /// The ledger is the file `folder / "ledger.db"`, which others may open; else in memory.
        bool ledger_in_file = false;
        /// The ledger, in memory, begins with edition 1 of the rules.
        bool edition_1 = false;
        /// Stands between the provider and the documents.
        std::function<std::shared_ptr<DocumentStore>(std::shared_ptr<DocumentStore>)> documents;
        tools::HttpServerOptions http;
    };
    World() : World(Options()) {}
    explicit World(Options options);
    ~World();

    // Publishing. Nothing is checked but by the contracts.
    TokenId add_operator(const std::string& operation, bool joint = false, const std::string& declared = {},
                         const std::string& params = {});
    /// Mints a document made of `attributes`. `checksum`: what the ledger says instead of the truth.
    TokenId mint(const Key& owner, const json::Value& attributes, std::optional<Bytes32> checksum = {});
    json::Value leaf(const TokenId& op, const std::string& constraint, unsigned attempts = 1) const;
    json::Value algorithm(const std::vector<std::pair<TokenId, std::string>>& arguments) const;
    /// Operator, leaf of bank A and an Algorithm of company C: not granted, not active, no job.
    Deal offer(const Terms& terms = {});
    /// Parties 0, 1, 2 of a joint computation, each with the leaf of one owner.
    Deal offer_joint(const std::vector<Key>& owners);
    /// Grants of all children and the activation, written by the owners themselves.
    void activate(const Deal& deal);
    void register_job(Deal& deal);
    /// Offered, activated, with a job.
    Deal deal(const Terms& terms = {});

    /// Where the store keeps a document.
    std::filesystem::path document_file(const std::string& cid) const;

    // Asking.
    RequestBody about(Method method, const Deal& deal) const;
    /// A signed body; `now_offset` moves the requester's clock.
    std::string sign(const Key& key, const RequestBody& body, std::int64_t now_offset = 0,
                     std::uint64_t lifetime = 300);
    std::string header(const Key& key, const RequestBody& body);
    HttpResponse post(std::string_view target, const std::string& body);
    HttpResponse get(std::string_view target, const std::string& authorization = {});
    /// Company C asks in the ordinary way: signs and posts to the method's own route.
    HttpResponse ask(Method method, const Deal& deal);
    /// The state of a job as company C is told it.
    std::string state(const Deal& deal);
    /// Waits until `wanted` holds for the state; ends the test after half a minute.
    void wait_for_state(const Deal& deal, const std::function<bool(std::string_view)>& wanted);
    std::uint16_t port() const { return server_->port(); }

    /// Ends provider and server, and starts them again on the same state.
    void restart();
    /// Ends them, whatever is under way.
    void end();
    /// Starts them after an `end`.
    void start_again() { start(); }
    /// Another provider with the same key and folder.
    Result<Provider> open_provider();
    /// Counts from the next start on.
    std::uint64_t disk_bytes_min = 0;

    support::TempDir folder;
    Key admin, bank_a, bank_a2, bank_b, company, outsider;
    /// What the provider signs with, and in whose name if it is to be said; both count from the next start on.
    Key provider_key;
    Address organisation;
    std::shared_ptr<LogBook> log = std::make_shared<LogBook>();
    std::shared_ptr<NodeDouble> node;

    AssetRegistry& registry() { return *registry_; }
    Chain& chain() { return registry_->chain(); }

private:
    void start();
    ProviderOptions provider_options() const;

    const Options options_;
    std::optional<Chain> ledger_;
    std::optional<AssetRegistry> registry_;
    std::optional<Provider> provider_;
    std::unique_ptr<tools::HttpServer> server_;
    std::shared_ptr<HttpTransport> http_ = HttpTransport::curl();
};

/// "/grantPermission" and so on; empty for methods whose route holds a number.
std::string_view route_of(Method method);

}  // namespace c2d::test
