#include "tools/provider/provider_settings.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"
#include "tools/runtime.hpp"

#include <charconv>
#include <cstdlib>

namespace c2d::tools {

namespace {

constexpr std::string_view kSection = "provider";

struct Bounds {
    std::uint64_t min, max;
};

Result<std::uint64_t> number(std::string_view key, std::string_view text, Bounds bounds) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || value < bounds.min || value > bounds.max)
        return fail(Status::INVALID_ARGUMENT, "[provider] {}: expected a whole number from {} to {}, found \"{}\"", key,
                    bounds.min, bounds.max, text);
    return value;
}

/// Of an endpoint; 0 is none.
constexpr Bounds kPort{1, 65535};

Result<bool> flag(const Config& config, std::string_view key) {
    const auto text = config.get(kSection, key).value_or("false");
    if (text == "true" || text == "yes" || text == "1") return true;
    if (text == "false" || text == "no" || text == "0") return false;
    return fail(Status::INVALID_ARGUMENT, "[provider] {}: expected true or false, found \"{}\"", key, text);
}

/// Words separated by commas, trimmed.
std::vector<std::string> words(const Config& config, std::string_view key) {
    std::vector<std::string> out;
    const auto text = config.get(kSection, key).value_or("");
    for (std::size_t start = 0; start < text.size();) {
        const auto end = std::min(text.find(',', start), text.size());
        const auto first = text.find_first_not_of(" \t\n", start);
        if (first < end) {
            const auto last = text.find_last_not_of(" \t\n", end - 1);
            out.push_back(text.substr(first, last - first + 1));
        }
        start = end + 1;
    }
    return out;
}

Result<Unit> read_assets(const Config& config, ProviderOptions& options) {
    const auto text = config.get(kSection, "assets_path");
    if (!text) return Unit{};
    const auto wrong = [](std::string_view what) {
        return fail(Status::INVALID_ARGUMENT,
                    "[provider] assets_path: expected a JSON object of token: path, or a list of paths; {}", what);
    };
    const auto parsed = json::parse(*text);
    if (!parsed) return wrong(parsed.error().message);
    for (const auto& [name, path] : parsed->members()) {
        const auto dt = parse_token(name);
        if (!dt || !path.is_string()) return wrong("found \"" + name + "\"");
        options.assets[*dt] = config.resolve(path.text());
        options.registrable.push_back(config.resolve(path.text()));
    }
    for (const auto& path : parsed->items()) {
        if (!path.is_string()) return wrong("found " + json::compact(path));
        options.registrable.push_back(config.resolve(path.text()));
    }
    if (!parsed->is_object() && !parsed->is_array()) return wrong("found " + json::compact(*parsed));
    return Unit{};
}

/// "8911-8913, 9000".
Result<Unit> read_ports(const Config& config, PeerPolicy& peers) {
    for (const auto& word : words(config, "peer_ports")) {
        const auto dash = word.find('-');
        C2D_TRY(const auto first, number("peer_ports", std::string_view(word).substr(0, dash), kPort));
        auto last = first;
        if (dash != std::string::npos) {
            C2D_TRY(last, number("peer_ports", std::string_view(word).substr(dash + 1), {first, kPort.max}));
        }
        peers.ports.emplace_back(std::uint16_t(first), std::uint16_t(last));
    }
    return Unit{};
}

}  // namespace

Result<ProviderOptions> provider_options(const Config& config) {
    ProviderOptions options;
    const char* exec = std::getenv("EXEC_DIRPATH");
    options.exec_dirpath = exec && *exec ? exec : config.get(kSection, "exec_dirpath").value_or("./tests/");
    C2D_CHECK(read_assets(config, options));
    options.accepted_parties = words(config, "accepted_parties");
    C2D_TRY(options.allow_collusion, flag(config, "allow_collusion"));
    C2D_TRY(options.accept_legacy_signatures, flag(config, "accept_legacy_signatures"));
    options.peers.bind_host = config.get(kSection, "peer_bind").value_or("127.0.0.1");
    options.peers.networks = words(config, "peer_networks");
    options.peers.sources = words(config, "peer_sources");
    C2D_TRY(options.peers.sources_only, flag(config, "peer_sources_only"));
    C2D_CHECK(read_ports(config, options.peers));
    if (const auto seconds = config.get(kSection, "peer_seconds")) {
        C2D_TRY(const auto value, number("peer_seconds", *seconds, {1, 3600}));
        options.peers.connect_deadline = std::chrono::seconds(value);
    }
    if (const auto workers = config.get(kSection, "workers")) {
        C2D_TRY(const auto value, number("workers", *workers, {1, 64}));
        options.workers = unsigned(value);
    }
    if (const auto minutes = config.get(kSection, "waiting_minutes")) {
        C2D_TRY(const auto value, number("waiting_minutes", *minutes, {1, 24 * 60}));
        options.waiting = std::chrono::minutes(value);
    }
    if (const auto free = config.get(kSection, "disk_mb_min")) {
        C2D_TRY(const auto value, number("disk_mb_min", *free, {0, 1 << 20}));
        options.disk_bytes_min = value << 20;
    }
    if (const auto memory = config.get(kSection, "memory_mb")) {
        C2D_TRY(const auto value, number("memory_mb", *memory, {1, 1 << 20}));
        options.limits.memory_bytes = value << 20;
    }
    if (const auto wall = config.get(kSection, "wall_seconds")) {
        C2D_TRY(const auto value, number("wall_seconds", *wall, {1, 30 * 86400}));
        options.limits.wall = std::chrono::seconds(value);
    }
    C2D_CHECK(add_python_runtime(options.runtime, options.environment));
    return options;
}

Result<HttpServerOptions> server_options(const Config& config) {
    HttpServerOptions options;
    C2D_TRY(const auto port, config.require(kSection, "query_port"));
    C2D_TRY(const auto value, number("query_port", port, {0, kPort.max}));
    options.port = std::uint16_t(value);
    options.host = config.get(kSection, "query_host").value_or("127.0.0.1");
    options.body_bytes_max = Provider::kBodyBytesMax;
    return options;
}

}  // namespace c2d::tools
