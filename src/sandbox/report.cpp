#include "sandbox/values.hpp"

namespace c2d {
namespace {

using json::Value;

/// By name, so that a reader finds the one it looks for; what is as it should be says no more.
Value layers_by_name(const std::vector<LayerStatus>& layers) {
    Value out = json::Object{};
    for (const auto& status : layers) {
        Value layer = Value::object({{"state", layer_state_name(status.state)}});
        if (status.error_number != 0) layer.set("errno", status.error_number);
        if (!status.hint.empty()) layer.set("hint", sanitise_log(status.hint));
        out.set(layer_name(status.layer), std::move(layer));
    }
    return out;
}

Value output_value(const OutputFile& file) {
    return Value::object({{"name", sanitise_log(file.name)}, {"bytes", file.bytes}, {"sha256", hex_text(file.sha256)}});
}

}  // namespace

Value to_value(const LayerStatus& layer) {
    return Value::object({{"layer", layer_name(layer.layer)},
                          {"state", layer_state_name(layer.state)},
                          {"errno", layer.error_number},
                          {"hint", layer.hint}});
}

Value to_value(const Report& report) {
    return Value::object({{"outcome", outcome_name(report.outcome)},
                          {"exit_code", report.exit_code},
                          {"signal", report.signal},
                          {"detail", sanitise_log(report.detail)},
                          {"wall_ms", std::int64_t(report.wall.count())},
                          {"cpu_ms", std::int64_t(report.cpu.count())},
                          {"memory_peak_bytes", report.memory_peak_bytes},
                          {"log_bytes_total", report.log_bytes_total},
                          {"kernel", sanitise_log(report.kernel)},
                          {"landlock_abi", report.landlock_abi},
                          {"layers", layers_by_name(report.layers)},
                          {"seccomp_sha256", hex_text(report.seccomp_sha256)},
                          {"code_sha256", hex_text(report.code_sha256)},
                          {"args_sha256", hex_text(report.args_sha256)},
                          {"outputs", json::list_of(report.outputs, output_value)},
                          {"outputs_refused", json::list_of(report.outputs_refused, sanitise_log)}});
}

std::string Report::to_json() const { return json::compact(to_value(*this)); }

}  // namespace c2d
