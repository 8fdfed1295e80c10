/// What a Client is made of; its methods lie where they belong to: composing, starting, waiting.
#pragma once

#include "client/attempts.hpp"
#include "client/owner_calls.hpp"
#include "client/provider_call.hpp"
#include "client/released_run.hpp"
#include "codec/json.hpp"

#include <c2d/client.hpp>

namespace c2d {

namespace client {
class WaitProgress;
}

struct Client::Impl {
    AssetRegistry registry;
    std::shared_ptr<Signer> signer;
    ClientOptions options;

    /// The organisation that we ask for.
    Result<Address> self() const { return registry.chain().in_name_of(*signer); }
    /// Whose tokens our key may grant.
    Result<Address> granting_self() const { return registry.chain().in_name_of(*signer, KeyUse::grant); }

    client::ProviderCall call() const;
    Result<json::Value> post(std::string_view endpoint, std::string_view path, const RequestBody& body) const;
    /// What a provider says of its run of `job`.
    Result<json::Value> get(const client::JobIdentity& job, std::string_view endpoint, std::string_view path,
                            const RequestBody& body) const;
    Result<client::JobIdentity> identity(std::uint64_t job_id) const;
    /// The leaves of a job, each with its owner.
    Result<std::vector<LeafRun>> leaves(const client::JobIdentity& job) const;
    Result<RequestBody> body_for(Method method, const TokenId& dt) const;
    Result<RequestBody> job_body(Method method, std::uint64_t job_id, const TokenId& cdt, const TokenId& dt) const;
    /// Publishes, or finds the same composition of ours standing there half done.
    Result<TokenId> publish_or_resume(std::string_view attributes_json, std::optional<TokenId> id);
    /// What the provider of every leaf of a job is asked.
    struct Asking {
        Method method = Method::verify;
        std::string_view path;
        std::uint64_t job_id = 0;
        TokenId cdt;
        std::uint32_t attempt = 1;
        /// Of these leaves alone; null: of all.
        const std::vector<TokenId>* only = nullptr;
    };
    /// What was asked so far, whether or not it was answered, and how many attempts the terms allow.
    struct Asked {
        std::vector<LeafRun> leaves;
        std::uint64_t attempts_max = 1;
    };
    static Asking start_of(std::uint64_t job_id, const TokenId& cdt, std::uint32_t attempt = 1,
                           const std::vector<TokenId>* only = nullptr);
    Result<Unit> request_grant(const TokenId& dt, const TokenId& cdt) const;
    /// Asks for every child's, so that all who refuse are named.
    Result<Unit> request_grants(const std::vector<TokenId>& children, const TokenId& cdt) const;
    Result<Unit> ask_all(const Asking& asking, Asked* asked) const;
    /// On a refusal cancels the rest; where a provider does not answer only if no other attempt may follow.
    Result<Unit> start(const Asking& asking) const;
    /// Cancels the rest on a refusal; who does not answer may be asked again.
    Result<Unit> ask_to_start(const Asking& asking, Asked& asked) const;
    Error cancel_rest(Error error, const Asking& asking, const Asked& asked) const;
    Result<json::Value> post_unless_busy(const LeafRun& leaf, const Asking& asking, const RequestBody& body) const;
    Result<Unit> require_taken(const TokenId& cdt) const;
    Result<std::vector<client::PartSeen>> parts_seen(const client::JobIdentity& job) const;
    /// Whether all parts of it are one computation.
    Result<bool> is_joint(const client::JobIdentity& job) const;
    Result<std::uint32_t> start_attempt(std::uint64_t job_id) const;
    /// A provider that is down for a while is waited for, as in `wait`. Nothing: it turned out that all had been asked.
    Result<std::optional<std::uint32_t>> start_attempt_in_time(const client::JobIdentity& job, bool joint) const;
    Result<Unit> start_what_is_missing(const client::JobIdentity& job, bool joint) const;
    Result<Unit> give_up(std::uint64_t job_id, std::vector<JobPart>& parts, client::WaitProgress& progress) const;
    Result<std::vector<JobPart>> wait(std::uint64_t job_id, client::WaitProgress& progress) const;
    /// What each run releases; runs that we may not see are left out, unless that is all of them.
    Result<std::vector<client::ReleasedRun>> released_runs(std::uint64_t job_id) const;
    Result<Unit> set_closed(const TokenId& dt, bool closed) const;
    Result<client::OwnProvider> own_provider(const std::optional<TokenId>& dt) const;
    Result<Unit> cancel_part(std::uint64_t job_id, const LeafRun& leaf) const;
    /// How many parts it ended; those that are over already are none.
    Result<std::size_t> cancel_parts(std::uint64_t job_id, const std::vector<LeafRun>& runs) const;
    /// What can be known before a job is registered, which costs a fee and stands for good.
    Result<Unit> check_before_job(const TokenId& cdt) const;
    Result<Unit> require_answer(const LeafRun& leaf) const;
    struct Part {
        LeafRun leaf;
        /// Or why there is none from a provider that may answer later.
        Result<json::Value> body;
    };
    /// Asks for a part as it is once it has left the state that we know, or after a while.
    Result<JobPart> ask_for_change(const client::JobIdentity& job, const JobPart& part) const;
    Result<std::vector<JobPart>> status(std::uint64_t job_id) const;
    /// As `status`, once there is room for the question.
    Result<std::vector<JobPart>> wait_for_status(std::uint64_t job_id) const;
    Result<Unit> wait_for_ends(const client::JobIdentity& job, std::vector<JobPart>& parts,
                               client::WaitProgress& progress) const;
    Result<Unit> wait_for_receipts(std::uint64_t job_id, std::vector<JobPart>& parts,
                                   client::WaitProgress& progress) const;
    /// What each provider says of its part; parts that we may not see are left out, unless that is
    /// all of them.
    Result<std::vector<Part>> read_parts(Method method, std::string_view what, std::uint64_t job_id) const;
    /// The same of one part.
    Result<json::Value> read_part(Method method, std::string_view what, const client::JobIdentity& job,
                                  const LeafRun& leaf) const;
};

}  // namespace c2d
