/// What was replayed is there at every moment: in memory, on its way to the file, in the file.
#include "chain/ledger/state_store.hpp"

#include "base/fail.hpp"
#include "base/semaphore.hpp"
#include "support/doubles.hpp"
#include "support/temp_dir.hpp"

#include <doctest/doctest.h>

using namespace c2d;
using namespace c2d::ledger;
using support::must;
using support::TempDir;

namespace {

constexpr std::uint64_t kAll = INT64_MAX;

Bytes text(const char* value) {
    const auto view = as_bytes(value);
    return {view.begin(), view.end()};
}
Bytes32 hash_of(std::uint64_t number) {
    Bytes32 out;
    out.data[0] = std::uint8_t(number + 1);
    return out;
}

void take(StateStore& view, std::map<std::string, Bytes> writes) {
    const std::uint64_t number = view.head() ? view.head()->number + 1 : 0;
    AppliedBlock block{{number, hash_of(number), 1000 + number}, std::move(writes), {}, {}};
    block.transactions.push_back(hash_of(number));
    view.take(block);
}

std::optional<Bytes> value(StateStore& view, const std::string& key) {
    const auto snapshot = must(view.snapshot());
    return must(view.get(key));
}

void check_block(StateStore& view, std::uint64_t number) {
    const auto snapshot = must(view.snapshot());
    const auto block = must(view.block(number));
    REQUIRE(block.has_value());
    CHECK(block->hash == hash_of(number));
    CHECK(must(view.find(index_key(hash_of(number)), 0, kAll)) == std::vector<std::uint64_t>{number});
}

/// A view in a folder, and whoever opens the same file after it.
struct Place {
    TempDir folder;
    std::string path = (folder / "a.view").string();
    std::unique_ptr<StateStore> open() const { return must(StateStore::open(path, Bytes32{})); }
};

/// Holds the writing thread, as a slow disk would.
class Gate {
public:
    std::function<Result<Unit>()> held(Result<Unit> outcome) {
        return [this, outcome = std::move(outcome)]() -> Result<Unit> {
            reached_.post();
            released_.wait();
            return outcome;
        };
    }
    void wait_until_reached() { reached_.wait(); }
    void release() { released_.post(); }

private:
    Semaphore reached_, released_;
};

}  // namespace

TEST_CASE("rows on their way to the file are read, and newer ones count before them") {
    const Place place;
    auto view = place.open();
    take(*view, {{"a", text("old")}, {"b", text("b")}});
    Gate gate;
    must(view->flush_behind(gate.held(Unit{})));
    gate.wait_until_reached();
    CHECK(view->unwritten() == 0);
    take(*view, {{"a", text("new")}});

    CHECK(view->flushing());
    must(view->finish_flush(StateStore::Wait::no));
    CHECK(view->flushing());
    for (const auto& [key, expected] : {std::pair("a", "new"), std::pair("b", "b")}) {
        CHECK(value(*view, key) == text(expected));
        CHECK(must(view->to_append().get(key)) == text(expected));
    }
    check_block(*view, 0);
    check_block(*view, 1);

    gate.release();
    must(view->finish_flush(StateStore::Wait::yes));
    CHECK_FALSE(view->flushing());
    CHECK(value(*view, "a") == text("new"));
    CHECK(value(*place.open(), "a") == text("old"));
    check_block(*view, 0);
    must(view->flush());
    CHECK(value(*place.open(), "a") == text("new"));
}

TEST_CASE("rows that could not be written are unwritten again, in their order") {
    const Place place;
    auto view = place.open();
    take(*view, {{"a", text("old")}, {"b", text("b")}});
    Gate gate;
    must(view->flush_behind(gate.held(fail(Status::IO, "the disk is full"))));
    gate.wait_until_reached();
    take(*view, {{"a", text("new")}});
    const auto newer = view->unwritten();
    gate.release();
    CHECK(view->finish_flush(StateStore::Wait::yes).status() == Status::IO);
    must(view->finish_flush(StateStore::Wait::yes));  // said once
    CHECK(view->unwritten() > newer);
    CHECK_FALSE(place.open()->head());
    const auto check = [](StateStore& checked) {
        CHECK(value(checked, "a") == text("new"));
        CHECK(value(checked, "b") == text("b"));
        check_block(checked, 0);
        check_block(checked, 1);
    };
    check(*view);
    must(view->flush());
    check(*view);
    check(*place.open());
}

TEST_CASE("a flush waits for the one on its way, and the end of a view for both") {
    const Place place;
    {
        auto view = place.open();
        take(*view, {{"a", text("1")}});
        must(view->flush_behind({}));
        take(*view, {{"b", text("2")}});
        must(view->flush());
        CHECK_FALSE(view->flushing());
        CHECK(value(*place.open(), "b") == text("2"));
        take(*view, {{"c", text("3")}});
        must(view->flush_behind({}));
    }
    auto again = place.open();
    for (const char* key : {"a", "b", "c"}) CHECK(value(*again, key));
    CHECK(again->head()->number == 2);
}

TEST_CASE("what another process wrote further takes the place of what is here") {
    const Place place;
    auto here = place.open(), there = place.open();
    for (auto* view : {here.get(), there.get()}) take(*view, {{"a", text("1")}, {"b", text("1")}});
    Gate gate;
    must(here->flush_behind(gate.held(fail(Status::IO, "the disk is full"))));
    gate.wait_until_reached();
    gate.release();
    take(*there, {{"a", text("2")}});
    must(there->flush());
    CHECK(value(*here, "a") == text("2"));
    CHECK(here->head()->number == 1);
    (void)here->finish_flush(StateStore::Wait::yes).ok();
    CHECK(here->unwritten() == 0);
    CHECK(value(*here, "a") == text("2"));
    CHECK(value(*here, "b") == text("1"));
}

TEST_CASE("what appending remembers of the file ends with the next write to it") {
    const Place place;
    auto view = place.open();
    take(*view, {{"a", text("1")}});
    must(view->flush());
    CHECK(must(view->to_append().get("a")) == text("1"));
    CHECK_FALSE(must(view->to_append().get("absent")));
    take(*view, {{"a", text("2")}, {"absent", text("here")}});
    CHECK(must(view->to_append().get("a")) == text("2"));
    SUBCASE("at once") { must(view->flush()); }
    SUBCASE("behind") {
        must(view->flush_behind({}));
        must(view->finish_flush(StateStore::Wait::yes));
    }
    SUBCASE("by another process, which went further") {
        auto other = place.open();
        take(*other, {{"a", text("2")}, {"absent", text("here")}});
        take(*other, {{"c", text("3")}});
        must(other->flush());
        const auto snapshot = must(view->snapshot());
        CHECK(view->head()->number == 2);
    }
    CHECK(must(view->to_append().get("a")) == text("2"));
    CHECK(must(view->to_append().get("absent")) == text("here"));
}

TEST_CASE("a temporary view is flushed at once") {
    auto view = must(StateStore::open("", Bytes32{}));
    take(*view, {{"a", text("1")}});
    must(view->flush_behind({}));
    CHECK_FALSE(view->flushing());
    CHECK(view->unwritten() == 0);
    CHECK(value(*view, "a") == text("1"));
    check_block(*view, 0);
}
