/// The pictures, letter by letter, for the demo's shape.
#include "codec/json.hpp"
#include "support/doubles.hpp"

#include <c2d/tracer.hpp>

#include <algorithm>

using namespace c2d;
using Kind = TraceNode::Kind;

namespace {

TokenId id(std::uint8_t byte) {
    TokenId out;
    out.data.fill(byte);
    return out;
}
std::string dt(const char* two_digits) {
    std::string text = "dt:ownership:";
    for (int i = 0; i < 32; ++i) text += two_digits;
    return text;
}
TraceNode token(std::uint8_t byte, const char* name, const char* type, const char* owner) {
    TraceNode node;
    node.dt = id(byte);
    node.name = name;
    node.type = type;
    node.owner = owner;
    node.active = true;
    return node;
}
TraceNode job(std::uint64_t number) {
    TraceNode node;
    node.kind = Kind::job;
    node.job_id = number;
    node.task_id = 1;
    node.task_name = "train a risk model";
    node.solver = "fintech";
    node.demander = "regulator";
    node.state = "registered";
    return node;
}
/// The demo: two features and a label below one Algorithm with one job.
TraceNode algorithm() {
    auto root = token(0xaa, "risk model", "Algorithm", "fintech");
    root.made_of = {token(0x01, "features", "Dataset", "bank a"), token(0x02, "features", "Dataset", "bank b"),
                    token(0x03, "no data", "Computa", "third")};
    root.jobs = {job(7)};
    return root;
}

}  // namespace

TEST_CASE("receipts stand below their job") {
    auto root = algorithm();
    root.made_of.clear();
    Bytes32 digest;
    digest.data.fill(0xd1);
    root.jobs[0].state = "failed";
    root.jobs[0].receipts = {{id(1), "features", "bank a", "succeeded", digest, 9, 1'800'000'000},
                             {id(2), "fea\ntures", "bank b", "failed", digest, 10, 1'800'000'001}};
    CHECK(trace_text({root}) == dt("aa") +
                                    "  risk model  Algorithm  fintech\n"
                                    "└── job 7  train a risk model  fintech  regulator  failed\n"
                                    "    ├── receipt  features  bank a  succeeded  " +
                                    hex_text(digest) +
                                    "  posted 2027-01-15T08:00:00Z, block 9\n"
                                    "    └── receipt  fea\\x0atures  bank b  failed  " +
                                    hex_text(digest) + "  posted 2027-01-15T08:00:01Z, block 10\n");
    const auto json = json::parse(trace_json({root}));
    REQUIRE(json.ok());
    const auto& receipt = json->find("roots")->items()[0].find("jobs")->items()[0].find("receipts")->items()[1];
    CHECK(json::compact(receipt) == R"({"dt":")" + dt("02") +
                                        R"(","name":"fea\ntures","owner":"bank b",)"
                                        R"("outcome":"failed","digest":")" +
                                        hex_text(digest) + R"(","block":10,"time":1800000001})");
}

TEST_CASE("the demo's Algorithm: its union, then its jobs") {
    CHECK(trace_text({algorithm()}) == dt("aa") +
                                           "  risk model  Algorithm  fintech\n"
                                           "├── union of\n"
                                           "│   ├── " +
                                           dt("01") +
                                           "  features  Dataset  bank a\n"
                                           "│   ├── " +
                                           dt("02") +
                                           "  features  Dataset  bank b\n"
                                           "│   └── " +
                                           dt("03") +
                                           "  no data  Computa  third\n"
                                           "└── job 7  train a risk model  fintech  regulator  registered\n");
}

TEST_CASE("the demo's leaf: its Algorithm, and the job below it") {
    auto leaf = token(0x01, "features", "Dataset", "bank a");
    auto algo = algorithm();
    algo.made_of.clear();
    algo.jobs.push_back(job(8));
    leaf.granted_to = {algo, token(0xbb, "another", "Dataset", "fintech")};
    CHECK(trace_text({leaf}) == dt("01") +
                                    "  features  Dataset  bank a\n"
                                    "├── " +
                                    dt("aa") +
                                    "  risk model  Algorithm  fintech\n"
                                    "│   ├── job 7  train a risk model  fintech  regulator  registered\n"
                                    "│   └── job 8  train a risk model  fintech  regulator  registered\n"
                                    "└── " +
                                    dt("bb") + "  another  Dataset  fintech\n");
}

TEST_CASE("a union alone ends the picture; several roots follow each other") {
    auto root = algorithm();
    root.jobs.clear();
    root.made_of.resize(1);
    CHECK(trace_text({root, token(0x02, "rows", "Dataset", "bank b")}) ==
          dt("aa") +
              "  risk model  Algorithm  fintech\n"
              "└── union of\n"
              "    └── " +
              dt("01") + "  features  Dataset  bank a\n" + dt("02") + "  rows  Dataset  bank b\n");
    CHECK(trace_text({}).empty());
}

TEST_CASE("what is repeated, circular, cut or unreadable says so") {
    auto root = token(0x01, "a", "Dataset", "o");
    for (const auto kind : {Kind::repeated, Kind::cycle, Kind::truncated}) {
        root.granted_to.push_back(token(0x02, "b", "Dataset", "o"));
        root.granted_to.back().kind = kind;
    }
    root.granted_to.push_back(token(0x03, "", "unreadable", "o"));
    root.granted_to.back().problem = "no such file";
    const auto text = trace_text({root});
    CHECK(text.find("b  Dataset  o  (shown above)\n") != std::string::npos);
    CHECK(text.find("b  Dataset  o  (a circle of grants)\n") != std::string::npos);
    CHECK(text.find("b  Dataset  o  (deeper levels are not shown)\n") != std::string::npos);
    CHECK(text.find("unreadable  o  (no such file)\n") != std::string::npos);
}

TEST_CASE("names from documents cannot break the picture or the terminal") {
    const auto text = trace_text({token(0x01, "a\n\x1b[31mb\x7f", "Dataset", "o\r\t")});
    CHECK(text == dt("01") + "  a\\x0a\\x1b[31mb\\x7f  Dataset  o\\x0d\\x09\n");
    // Every text of a node, and no more of it than a line bears.
    const std::string evil = "\xe2\x80\xae\xc2\x9b\n" + std::string(300, 'x');
    auto root = token(0x01, evil.c_str(), evil.c_str(), evil.c_str());
    root.problem = evil;
    TraceNode evil_job;
    evil_job.kind = TraceNode::Kind::job;
    evil_job.task_name = evil_job.solver = evil_job.demander = evil_job.state = evil;
    evil_job.receipts.push_back({TokenId{}, evil, evil, evil, {}, 0, 0});
    root.jobs.push_back(evil_job);
    const auto shown = trace_text({root});
    CHECK(std::ranges::count(shown, '\n') == 3);
    for (const auto* const raw : {"\xe2\x80\xae", "\xc2\x9b"}) CHECK(shown.find(raw) == shown.npos);
    CHECK(shown.size() < 3 * 1000);
}

TEST_CASE("the JSON holds the same tree") {
    auto root = algorithm();
    root.made_of.resize(1);
    root.made_of[0].problem = "lost";
    root.made_of[0].active = false;
    const std::string owner = "\"owner_address\":\"0x0000000000000000000000000000000000000000\"";
    CHECK(
        trace_json({root}) ==
        R"({"roots":[{"kind":"token","dt":")" + dt("aa") +
            R"(","name":"risk model","type":"Algorithm","owner":"fintech",)" + owner +
            R"(,"active":true,"made_of":[{"kind":"token","dt":")" + dt("01") +
            R"(","name":"features","type":"Dataset","owner":"bank a",)" + owner +
            R"(,"active":false,"problem":"lost","made_of":[],"granted_to":[],"jobs":[]}],"granted_to":[],"jobs":[{"kind":"job","job_id":7,)"
            R"("task_id":1,"task_name":"train a risk model","solver":"fintech","demander":"regulator","state":"registered","receipts":[]}]}]})");
    CHECK(json::parse(trace_json({token(0x01, "\"\\\n", "Dataset", "ü")})).ok());
    CHECK(trace_json({}) == R"({"roots":[]})");
}

TEST_CASE("when it was written, and what became of its grant, stands behind each node") {
    auto root = token(0x01, "rows", "Dataset", "bank");
    root.written = {3, 1'800'000'000};
    auto cdt = token(0x02, "sum", "Dataset", "company");
    const auto with = [&](TraceGrant::State state, GrantLimits limits = {}, std::uint64_t used = 0) {
        cdt.grant = TraceGrant{};
        cdt.grant->state = state;
        if (state != TraceGrant::State::none) cdt.grant->granted = {5, 1'800'000'010};
        cdt.grant->limits = limits;
        cdt.grant->used = used;
        return &*cdt.grant;
    };
    const auto shown = [&] {
        root.granted_to = {cdt};
        const auto text = trace_text({root});
        return text.substr(text.find("company") + 7);
    };
    with(TraceGrant::State::granted);
    CHECK(shown() == "  granted 2027-01-15T08:00:10Z, block 5\n");
    CHECK(trace_text({root}).find("  bank  minted 2027-01-15T08:00:00Z, block 3\n") != std::string::npos);
    auto* grant = with(TraceGrant::State::revoked);
    grant->revoked = {7, 1'800'000'020};
    grant->history = {{false, {5, 1'800'000'010}}, {true, {7, 1'800'000'020}}};
    CHECK(shown() == "  granted 2027-01-15T08:00:10Z, block 5  (revoked 2027-01-15T08:00:20Z, block 7)\n");
    CHECK(
        trace_json({root}).find(
            R"("grant":{"state":"revoked","granted":{"block":5,"time":1800000010},"revoked":{"block":7,"time":1800000020},)"
            R"("expiry":0,"jobs":0,"jobs_used":0,"history":[{"event":"granted","block":5,"time":1800000010},)"
            R"({"event":"revoked","block":7,"time":1800000020}]})") != std::string::npos);
    with(TraceGrant::State::granted, {1'800'000'100, 3}, 1);
    CHECK(shown() == "  granted 2027-01-15T08:00:10Z, block 5  (until 2027-01-15T08:01:40Z)  (1 of 3 jobs used)\n");
    with(TraceGrant::State::expired, {1'800'000'100, 0});
    CHECK(shown() == "  granted 2027-01-15T08:00:10Z, block 5  (expired 2027-01-15T08:01:40Z)\n");
    with(TraceGrant::State::spent, {0, 3}, 3);
    CHECK(shown() == "  granted 2027-01-15T08:00:10Z, block 5  (spent: 3 of 3 jobs used)\n");
    with(TraceGrant::State::none);
    CHECK(shown() == "  (not granted)\n");
    // A grant without an end that fits a calendar.
    with(TraceGrant::State::granted, {UINT64_MAX, 0});
    CHECK(shown().find("(until second 18446744073709551615)") != std::string::npos);
}

TEST_CASE("every kind has its name") {
    CHECK(std::string(trace_kind_name(Kind::token)) == "token");
    CHECK(std::string(trace_kind_name(Kind::repeated)) == "repeated");
    CHECK(std::string(trace_kind_name(Kind::cycle)) == "cycle");
    CHECK(std::string(trace_kind_name(Kind::truncated)) == "truncated");
    CHECK(std::string(trace_kind_name(Kind::job)) == "job");
}
