#include "sandbox/report_value.hpp"

namespace c2d {
namespace {

using json::Value;

const char* state_name(LayerStatus::State state) {
    switch (state) {
        case LayerStatus::State::on: return "on";
        case LayerStatus::State::soft: return "soft";
        case LayerStatus::State::off: return "off";
    }
    return "off";
}

Value layers_value(const std::vector<LayerStatus>& layers) {
    Value out = json::Object{};
    for (const auto& status : layers) {
        Value layer = Value::object({{"state", state_name(status.state)}});
        if (status.error_number != 0) layer.set("errno", status.error_number);
        if (!status.hint.empty()) layer.set("hint", sanitise_log(status.hint));
        out.set(layer_name(status.layer), std::move(layer));
    }
    return out;
}

Value outputs_value(const std::vector<OutputFile>& outputs) {
    json::Array out;
    for (const auto& file : outputs)
        out.push_back(Value::object(
            {{"name", sanitise_log(file.name)}, {"bytes", file.bytes}, {"sha256", hex_text(file.sha256)}}));
    return out;
}

Value texts_value(const std::vector<std::string>& texts) {
    json::Array out;
    for (const auto& text : texts) out.push_back(sanitise_log(text));
    return out;
}

}  // namespace

json::Value report_value(const Report& report) {
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
                          {"layers", layers_value(report.layers)},
                          {"seccomp_sha256", hex_text(report.seccomp_sha256)},
                          {"code_sha256", hex_text(report.code_sha256)},
                          {"args_sha256", hex_text(report.args_sha256)},
                          {"outputs", outputs_value(report.outputs)},
                          {"outputs_refused", texts_value(report.outputs_refused)}});
}

std::string Report::to_json() const { return json::compact(report_value(*this)); }

}  // namespace c2d
