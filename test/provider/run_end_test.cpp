/// The table of ends, and what the ledger and the solver are told of each.
#include "provider/runs/ended_run.hpp"
#include "provider/state/answers.hpp"

#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <fmt/format.h>

#include <set>

using namespace c2d;
using namespace c2d::provider;
using support::must;

namespace {

constexpr RunEndKind kKinds[] = {
#define C2D_X(name, outcome, text) RunEndKind::name,
    C2D_RUN_END_LIST(C2D_X)
#undef C2D_X
};

/// One end of each kind.
RunEnd example(RunEndKind kind) {
    switch (kind) {
        case RunEndKind::exited: return RunEnd::exited(3);
        case RunEndKind::refused: return RunEnd::refused(Reason::template_changed);
        case RunEndKind::not_prepared: return RunEnd::not_prepared(Status::NOT_FOUND);
        case RunEndKind::recorded: return RunEnd::recorded(ReceiptOutcome::failed);
        case RunEndKind::peer_missing:
        case RunEndKind::peer_failed:
        case RunEndKind::peer_lost: return RunEnd::of_peer(kind, 1);
        default: return {kind, {}};
    }
}

std::string told(const RunEnd& end, bool owner, bool release_exit) {
    JobRun run;
    run.end = end;
    run.release_exit = release_exit;
    return run_status(run, owner).text_at({"outcome"});
}

}  // namespace

TEST_CASE("every end is read back as it was written, and none as another") {
    std::set<std::string> texts;
    for (const auto kind : kKinds) {
        const auto end = example(kind);
        CAPTURE(end.text());
        CHECK(must(RunEnd::parse(run_end_kind_name(kind), end.named_text())) == end);
        CHECK(texts.insert(end.text()).second);
        CHECK(int(end.outcome()) >= 1);
        CHECK(int(end.outcome()) <= 5);
        CHECK(std::string(run_end_kind_text(kind)).find('.') == std::string::npos);
        CHECK(RunEnd::parse(run_end_kind_name(kind), "neither").status() == Status::CORRUPT);
    }
    CHECK(RunEnd::parse("not_found", "").status() == Status::CORRUPT);
    CHECK(RunEnd::parse("exited", "3x").status() == Status::CORRUPT);
    CHECK(RunEnd::parse("exited", "").status() == Status::CORRUPT);
}

TEST_CASE("docs/errors.md lists every end with what the ledger is told") {
    const auto page = support::read_text(C2D_SOURCE_DIR "/docs/errors.md");
    const auto table = page.substr(page.find("## Outcomes of a run"));
    for (const auto kind : kKinds) {
        if (kind == RunEndKind::refused || kind == RunEndKind::recorded) continue;  // by what they name
        CAPTURE(std::string(run_end_kind_name(kind)));
        const auto at = table.find(fmt::format("`{}", run_end_kind_name(kind)));
        REQUIRE(at != std::string::npos);
        const auto line = table.substr(at, table.find('\n', at) - at);
        CHECK(line.find(fmt::format("| {} {} |", int(example(kind).outcome()),
                                    receipt_outcome_name(example(kind).outcome()))) != std::string::npos);
    }
}

TEST_CASE("a lost party is named, unless an earlier version stored the end") {
    for (const auto* kind : {"peer_missing", "peer_lost"}) {
        CHECK(must(RunEnd::parse(kind, "2")).text() == fmt::format("{} 2", kind));
        CHECK(must(RunEnd::parse(kind, "")).text() == kind);
        for (const auto* wrong : {"x", "2x", " 2", "99999999999"})
            CHECK(RunEnd::parse(kind, wrong).status() == Status::CORRUPT);
    }
}

TEST_CASE("names that are both a status and a reason stay apart") {
    for (const auto* name : {"not_found", "internal"}) {
        const auto refused = must(RunEnd::parse("refused", name));
        const auto not_prepared = must(RunEnd::parse("not_prepared", name));
        CHECK(refused.outcome() == ReceiptOutcome::refused);
        CHECK(not_prepared.outcome() == ReceiptOutcome::aborted);
        CHECK(refused.text() != not_prepared.text());
    }
}

TEST_CASE("what the ledger is told") {
    using K = RunEndKind;
    const std::pair<ReceiptOutcome, std::vector<K>> table[] = {
        {ReceiptOutcome::succeeded, {K::succeeded}},
        {ReceiptOutcome::failed,
         {K::exited, K::signaled, K::wall_timeout, K::cpu_limit, K::memory_limit, K::file_size_limit, K::process_limit,
          K::outputs_rejected, K::outputs_not_kept, K::input_unusable, K::domain, K::limit}},
        {ReceiptOutcome::cancelled, {K::cancelled, K::revoked}},
        {ReceiptOutcome::refused, {K::refused}},
        {ReceiptOutcome::aborted,
         {K::peer_missing, K::peer_lost, K::peer_failed, K::interrupted, K::incomplete, K::data_unavailable,
          K::data_changed, K::ledger_unavailable, K::document_unavailable, K::not_prepared, K::setup_failed}}};
    std::size_t rows = 1;  // recorded, below
    for (const auto& [outcome, kinds] : table)
        for (const auto kind : kinds) {
            CAPTURE(std::string(run_end_kind_name(kind)));
            CHECK(example(kind).outcome() == outcome);
            ++rows;
        }
    CHECK(rows == std::size(kKinds));
    CHECK(RunEnd::recorded(ReceiptOutcome::cancelled).outcome() == ReceiptOutcome::cancelled);
    CHECK(final_state(RunEnd::recorded(ReceiptOutcome::succeeded)) == RunState::succeeded);
    CHECK(final_state(example(K::revoked)) == RunState::cancelled);
    CHECK(final_state(example(K::peer_lost)) == RunState::failed);
}

TEST_CASE("the exit status of an operator") {
    CHECK(RunEnd::exited(0).kind == RunEndKind::succeeded);
    CHECK(RunEnd::exited(65).kind == RunEndKind::input_unusable);
    CHECK(RunEnd::exited(33).kind == RunEndKind::domain);
    CHECK(RunEnd::exited(12).kind == RunEndKind::limit);
    for (const int status : {1, 2, 11, 13, 32, 34, 64, 66, 255})
        CHECK(RunEnd::exited(status).text() == fmt::format("exited {}", status));
}

TEST_CASE("how an operator failed is told to its owner, to the solver only if the terms release it") {
    for (const auto kind : kKinds) {
        const auto end = example(kind);
        CAPTURE(end.text());
        CHECK(told(end, true, false) == end.text());
        CHECK(told(end, false, true) == end.text());
        const bool own = end.outcome() == ReceiptOutcome::failed;
        CHECK(told(end, false, false) == (own ? "failed" : end.text()));
    }
}

TEST_CASE("what kept a run from its launch") {
    CHECK(EndedRun::of(Error(Status::UNAVAILABLE, "")).end.kind == RunEndKind::ledger_unavailable);
    CHECK(EndedRun::of(Error(Status::TIMEOUT, "")).end.kind == RunEndKind::ledger_unavailable);
    CHECK(EndedRun::of(Error(Status::PEER, "")).end == RunEnd{RunEndKind::peer_missing, {}});
    Error missing(Status::PEER, "");
    missing.name = "peer_disagrees";
    missing.code = 2;
    CHECK(EndedRun::of(missing).end.text() == "peer_missing 2");
    CHECK(EndedRun::of(Error(Status::CANCELLED, "")).end.kind == RunEndKind::cancelled);
    CHECK(EndedRun::of(Error(Status::IO, "")).end == RunEnd::not_prepared(Status::IO));
    CHECK(EndedRun::of(Verdict::refuse(Reason::not_found)).end == RunEnd::refused(Reason::not_found));
    CHECK(EndedRun::of(Verdict::refuse(Reason::document_unavailable)).end.outcome() == ReceiptOutcome::aborted);
}
