#include "base/display_text.hpp"

#include <c2d/tracer.hpp>

#include <fmt/format.h>

#include <ctime>

namespace c2d {

namespace {

// Names come from documents: nothing in them may break the picture or the terminal (display_text).

/// "2026-05-04T09:12:03Z"; the number where the calendar ends.
std::string clock_text(std::uint64_t seconds) {
    const auto since_1970 = std::time_t(seconds);
    std::tm parts{};
    char text[32] = "";
    if (seconds > std::uint64_t(INT64_MAX) || !::gmtime_r(&since_1970, &parts) || parts.tm_year > 9999 - 1900)
        return fmt::format("second {}", seconds);
    (void)std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
    return text;
}

/// "2026-05-04T09:12:03Z, block 9".
std::string moment(const TraceTime& when) {
    if (when.block_time == 0) return fmt::format("block {}", when.block_number);
    return fmt::format("{}, block {}", clock_text(when.block_time), when.block_number);
}

std::string note(const char* word, const TraceTime& when) {
    return when.known() ? fmt::format("  {} {}", word, moment(when)) : std::string();
}

std::string grant_text(const TraceGrant& grant) {
    using State = TraceGrant::State;
    if (grant.state == State::none) return "  (not granted)";
    std::string text = note("granted", grant.granted);
    if (grant.state == State::revoked)
        text += grant.revoked.known() ? fmt::format("  (revoked {})", moment(grant.revoked)) : "  (revoked)";
    if (grant.limits.expiry != 0)
        text += fmt::format("  ({} {})", grant.state == State::expired ? "expired" : "until",
                            clock_text(grant.limits.expiry));
    if (grant.limits.uses != 0)
        text += fmt::format("  ({}{} of {} jobs used)", grant.state == State::spent ? "spent: " : "", grant.used,
                            grant.limits.uses);
    return text;
}

const char* kind_text(TraceNode::Kind kind) {
    switch (kind) {
        case TraceNode::Kind::repeated: return "  (shown above)";
        case TraceNode::Kind::cycle: return "  (a circle of grants)";
        case TraceNode::Kind::truncated: return "  (deeper levels are not shown)";
        default: return "";
    }
}

std::string label(const TraceNode& node) {
    const bool is_job = node.kind == TraceNode::Kind::job;
    std::string text =
        is_job ? fmt::format("job {}  {}  {}  {}  {}", node.job_id, display_text(node.task_name),
                             display_text(node.solver), display_text(node.demander), display_text(node.state))
               : fmt::format("{}  {}  {}  {}", token_text(node.dt), display_text(node.name), display_text(node.type),
                             display_text(node.owner));
    if (!node.problem.empty()) text += "  (" + display_text(node.problem) + ")";
    text += kind_text(node.kind);
    text += note(is_job ? "registered" : "minted", node.written);
    text += note("activated", node.activated);
    if (node.grant) text += grant_text(*node.grant);
    for (const auto& origin : node.origins)
        text +=
            fmt::format("  left by job {} party {} as {}", origin.job_id, origin.party, display_text(origin.output));
    for (const auto& [kind, count] : node.opened)
        text += fmt::format("{}{} {}", &kind == &node.opened.begin()->first ? "  opened " : ", ", kind, count);
    return text;
}

void render(const TraceNode& node, const std::string& indent, std::string& out);

void render_list(const std::vector<TraceNode>& nodes, bool more_follow, const std::string& indent, std::string& out) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const bool last = !more_follow && i + 1 == nodes.size();
        out += indent + (last ? "└── " : "├── ") + label(nodes[i]) + "\n";
        render(nodes[i], indent + (last ? "    " : "│   "), out);
    }
}

void render_receipts(const TraceNode& job, const std::string& indent, std::string& out) {
    for (const auto& receipt : job.receipts)
        out += indent + (&receipt == &job.receipts.back() ? "└── " : "├── ") +
               fmt::format("receipt  {}  {}  {}  {}{}\n", display_text(receipt.dt_name), display_text(receipt.owner),
                           display_text(receipt.outcome), hex_text(receipt.digest),
                           note("posted", {receipt.block_number, receipt.block_time}));
}

void render(const TraceNode& node, const std::string& indent, std::string& out) {
    render_receipts(node, indent, out);
    const bool life = !node.granted_to.empty() || !node.jobs.empty();
    render_list(node.made_of, life, indent, out);
    render_list(node.granted_to, !node.jobs.empty(), indent, out);
    render_list(node.jobs, false, indent, out);
}

/// A composed root: its union under a line of its own, so that what it is made of and what it was
/// used for are not mixed.
void render_root(const TraceNode& root, std::string& out) {
    out += label(root) + "\n";
    const bool life = !root.granted_to.empty() || !root.jobs.empty();
    if (!root.made_of.empty()) {
        out += life ? "├── union of\n" : "└── union of\n";
        render_list(root.made_of, false, life ? "│   " : "    ", out);
    }
    render_list(root.granted_to, !root.jobs.empty(), "", out);
    render_list(root.jobs, false, "", out);
}

std::string change_text(const IdentityChange& what) {
    using Kind = IdentityChange::Kind;
    switch (what.kind) {
        case Kind::role_added: return fmt::format("role {} given", what.role);
        case Kind::role_removed: return fmt::format("role {} taken back", what.role);
        case Kind::owner_changed: return fmt::format("owner key changed to {}", address_text(what.key));
        case Kind::delegate_added:
            return fmt::format("key {} acts for {} until {}", address_text(what.key), key_use_name(what.use),
                               clock_text(what.valid_to));
        case Kind::delegate_revoked: break;
    }
    return fmt::format("key {} acts for {} no longer", address_text(what.key), key_use_name(what.use));
}

void render_organisation(const TraceNode& node, std::string& out) {
    out += fmt::format("organisation {}  {}\n", address_text(node.owner_address), display_text(node.owner));
    for (const auto& change : node.changes)
        out += fmt::format("{}{}  {}\n", &change == &node.changes.back() ? "└── " : "├── ", change_text(change.what),
                           moment(change.when));
}

}  // namespace

std::string trace_text(const std::vector<TraceNode>& roots) {
    std::string out;
    for (const auto& root : roots)
        root.kind == TraceNode::Kind::organisation ? render_organisation(root, out) : render_root(root, out);
    return out;
}

}  // namespace c2d
