#include <c2d/sandbox.hpp>

#include <fmt/format.h>

#include <iterator>

namespace c2d {
namespace {

/// A JSON string. `sanitise_log` leaves valid UTF-8, newlines and tabs; the rest is escaped here.
std::string json_text(std::string_view text) {
    std::string out = "\"";
    for (const char c : sanitise_log(text)) {
        if (c == '"' || c == '\\') out += '\\';
        if (static_cast<unsigned char>(c) < 0x20)
            out += fmt::format("\\u{:04x}", unsigned(c));
        else
            out += c;
    }
    return out + '"';
}

const char* state_name(LayerStatus::State state) {
    switch (state) {
        case LayerStatus::State::on: return "on";
        case LayerStatus::State::soft: return "soft";
        case LayerStatus::State::off: return "off";
    }
    return "off";
}

std::string layers_json(const std::vector<LayerStatus>& layers) {
    std::string out = "{";
    for (const auto& status : layers) {
        if (out.size() > 1) out += ',';
        fmt::format_to(std::back_inserter(out), "\"{}\":{{\"state\":\"{}\"",
                       layer_name(status.layer), state_name(status.state));
        if (status.error_number != 0)
            fmt::format_to(std::back_inserter(out), ",\"errno\":{}", status.error_number);
        if (!status.hint.empty())
            fmt::format_to(std::back_inserter(out), ",\"hint\":{}", json_text(status.hint));
        out += '}';
    }
    return out + '}';
}

std::string outputs_json(const std::vector<OutputFile>& outputs) {
    std::string out = "[";
    for (const auto& file : outputs) {
        if (out.size() > 1) out += ',';
        fmt::format_to(std::back_inserter(out),
                       "{{\"name\":{},\"bytes\":{},\"sha256\":\"{}\"}}", json_text(file.name),
                       file.bytes, hex_text(file.sha256));
    }
    return out + ']';
}

std::string texts_json(const std::vector<std::string>& texts) {
    std::string out = "[";
    for (const auto& text : texts) {
        if (out.size() > 1) out += ',';
        out += json_text(text);
    }
    return out + ']';
}

}  // namespace

std::string Report::to_json() const {
    std::string out = "{";
    const auto add = [&out](std::string_view key, const std::string& json) {
        if (out.size() > 1) out += ',';
        fmt::format_to(std::back_inserter(out), "\"{}\":{}", key, json);
    };
    add("outcome", json_text(outcome_name(outcome)));
    add("exit_code", std::to_string(exit_code));
    add("signal", std::to_string(signal));
    add("detail", json_text(detail));
    add("wall_ms", std::to_string(wall.count()));
    add("cpu_ms", std::to_string(cpu.count()));
    add("memory_peak_bytes", std::to_string(memory_peak_bytes));
    add("log_bytes_total", std::to_string(log_bytes_total));
    add("kernel", json_text(kernel));
    add("landlock_abi", std::to_string(landlock_abi));
    add("layers", layers_json(layers));
    add("seccomp_sha256", json_text(hex_text(seccomp_sha256)));
    add("code_sha256", json_text(hex_text(code_sha256)));
    add("args_sha256", json_text(hex_text(args_sha256)));
    add("outputs", outputs_json(outputs));
    add("outputs_refused", texts_json(outputs_refused));
    return out + "}";
}

}  // namespace c2d
