#include "base/display_text.hpp"

#include <c2d/tracer.hpp>

#include <fmt/format.h>

namespace c2d {

namespace {

// Names come from documents: nothing in them may break the picture or the terminal.
std::string label(const TraceNode& node) {
    if (node.kind == TraceNode::Kind::job)
        return fmt::format("job {}  {}  {}  {}  {}", node.job_id, display_text(node.task_name),
                           display_text(node.solver), display_text(node.demander), display_text(node.state));
    std::string text = fmt::format("{}  {}  {}  {}", token_text(node.dt), display_text(node.name),
                                   display_text(node.type), display_text(node.owner));
    if (!node.problem.empty()) text += "  (" + display_text(node.problem) + ")";
    if (node.kind == TraceNode::Kind::repeated) text += "  (shown above)";
    if (node.kind == TraceNode::Kind::cycle) text += "  (a circle of grants)";
    if (node.kind == TraceNode::Kind::truncated) text += "  (deeper levels are not shown)";
    return text;
}

void render(const TraceNode& node, const std::string& indent, std::string& out);

void render_list(const std::vector<TraceNode>& nodes, bool more_follow, const std::string& indent,
                 std::string& out) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        const bool last = !more_follow && i + 1 == nodes.size();
        out += indent + (last ? "└── " : "├── ") + label(nodes[i]) + "\n";
        render(nodes[i], indent + (last ? "    " : "│   "), out);
    }
}

void render_receipts(const TraceNode& job, const std::string& indent, std::string& out) {
    for (const auto& receipt : job.receipts)
        out += indent + (&receipt == &job.receipts.back() ? "└── " : "├── ") +
               fmt::format("receipt  {}  {}  {}  {}\n", display_text(receipt.dt_name), display_text(receipt.owner),
                           display_text(receipt.outcome), hex_text(receipt.digest));
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

}  // namespace

std::string trace_text(const std::vector<TraceNode>& roots) {
    std::string out;
    for (const auto& root : roots) render_root(root, out);
    return out;
}

}  // namespace c2d
