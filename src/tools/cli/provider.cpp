// dt-cli provider: an owner looks after the queue of its own provider.

#include "base/display_text.hpp"
#include "base/try.hpp"
#include "client/values.hpp"
#include "tools/cli/command.hpp"

#include <c2d/client.hpp>

#include <fmt/format.h>

namespace c2d::cli {

namespace {

using json::Value;

/// What the commands about a queue have in common.
struct OfQueue {
    std::string dt;

    void declare(Args& args) {
        args.optional("--dt", dt,
                      "a token of ours whose provider is meant (default: the one that all our tokens name)");
        args.key();
    }
    Result<std::optional<TokenId>> token() const { return optional_token(dt); }
};

Result<Client> open_client(const Session& session) {
    C2D_TRY(const auto key, session.key());
    C2D_TRY(auto registry, session.registry());
    return Client::open(std::move(registry), key);
}

int answer_queue(const Session& session, const ProviderQueue& queue) {
    std::string text =
        fmt::format("{}: {}, {} workers, {} runs may wait, {} of one solver\n", queue.endpoint,
                    queue.held ? "held" : "takes runs", queue.workers, queue.queue_max, queue.queue_share);
    for (const auto& run : queue.runs)
        text += row({fmt::format("job {}", run.job_id), fmt::format("party {}", run.party), run.state,
                     run.attempts_max > 1 ? fmt::format("attempt {} of {}", run.attempt, run.attempts_max) : "",
                     address_text(run.solver), token_text(run.algo_dt)});
    session.output.answer(to_value(queue), text);
    return 0;
}

struct ShowQueue : OfQueue {
    static constexpr About about{"queue", "what runs and waits at our provider",
                                 "dt-cli provider queue --keystore bank.json"};
    Result<int> run(Session& session);
};

Result<int> ShowQueue::run(Session& session) {
    C2D_TRY(auto client, open_client(session));
    C2D_TRY(const auto of, token());
    C2D_TRY(const auto queue, client.provider_queue(of));
    return answer_queue(session, queue);
}

Result<int> answer_held(const Session& session, const OfQueue& of, bool held) {
    C2D_TRY(auto client, open_client(session));
    C2D_TRY(const auto dt, of.token());
    C2D_TRY(const auto queue, client.hold_queue(held, dt));
    return answer_queue(session, queue);
}

struct Hold : OfQueue {
    static constexpr About about{"hold", "take no run from the queue; what runs goes on",
                                 "dt-cli provider hold --keystore bank.json"};
    Result<int> run(Session& session) { return answer_held(session, *this, true); }
};

struct Release : OfQueue {
    static constexpr About about{"release", "take runs from the queue again",
                                 "dt-cli provider release --keystore bank.json"};
    Result<int> run(Session& session) { return answer_held(session, *this, false); }
};

struct Drain : OfQueue {
    static constexpr About about{"drain", "hold the queue and wait until nothing runs",
                                 "dt-cli provider drain --keystore bank.json"};
    Result<int> run(Session& session);
};

Result<int> Drain::run(Session& session) {
    C2D_TRY(auto client, open_client(session));
    C2D_TRY(const auto of, token());
    const auto progress = [](std::uint64_t, std::uint64_t, std::string_view line) { Output::note(std::string(line)); };
    C2D_TRY(const auto queue, client.drain_queue(of, progress));
    return answer_queue(session, queue);
}

struct CancelRuns {
    static constexpr About about{"cancel", "cancel our own runs of a job",
                                 "dt-cli provider cancel --job_id 1 --keystore bank.json"};
    std::uint64_t job_id = 0;

    void declare(Args& args) {
        args.number("--job_id", job_id, "the job's number on the ledger")->required();
        args.key();
    }
    Result<int> run(Session& session);
};

Result<int> CancelRuns::run(Session& session) {
    C2D_TRY(auto client, open_client(session));
    C2D_CHECK(client.cancel_own_runs(job_id));
    session.output.answer(Value::object({{"job_id", job_id}, {"cancelled", true}}));
    return 0;
}

}  // namespace

void add_provider(const Group& program) {
    const Group group = program.group("provider", "look after the queue of our own provider");
    group.add<ShowQueue>();
    group.add<Hold>();
    group.add<Release>();
    group.add<Drain>();
    group.add<CancelRuns>();
}

}  // namespace c2d::cli
