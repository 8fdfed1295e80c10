#include "tools/provider/provider_settings.hpp"

#include "base/fail.hpp"
#include "base/try.hpp"
#include "codec/json.hpp"
#include "crypto/hash.hpp"
#include "tools/comma_words.hpp"
#include "tools/key_source.hpp"
#include "tools/runtime.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <optional>

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

/// One key of the file, and the options that it belongs into. What is absent leaves them as they are.
struct Reading {
    const Config& config;
    std::string_view key;
    ProviderOptions& options;

    std::optional<std::string> text() const { return config.get(kSection, key); }

    Result<Unit> flag(bool& out) const {
        const auto given = text().value_or("false");
        out = given == "true" || given == "yes" || given == "1";
        if (out || given == "false" || given == "no" || given == "0") return Unit{};
        return fail(Status::INVALID_ARGUMENT, "[provider] {}: expected true or false, found \"{}\"", key, given);
    }

    std::vector<std::string> words() const { return comma_words(text().value_or("")); }
    Result<Unit> words(std::vector<std::string>& out) const {
        out = words();
        return Unit{};
    }

    template <class Set>
    Result<Unit> number(Bounds bounds, Set set) const {
        const auto given = text();
        if (!given) return Unit{};
        C2D_TRY(const auto value, tools::number(key, *given, bounds));
        set(value);
        return Unit{};
    }
};

/// A database in place of a file.
Result<Unit> read_source(const Reading& r, const TokenId& dt, const json::Value& value) {
    auto source = table::parse_table_source(json::compact(value),
                                            [&r](const std::string& path) { return r.config.resolve(path).string(); });
    if (!source)
        return fail(Status::INVALID_ARGUMENT, "[provider] assets_path: {}: {}", token_text(dt), source.error().message);
    r.options.sources[dt] = *std::move(source);
    return Unit{};
}

Result<Unit> read_assets(const Reading& r) {
    const auto text = r.text();
    if (!text) return Unit{};
    const auto wrong = [](std::string_view what) {
        return fail(Status::INVALID_ARGUMENT,
                    "[provider] assets_path: expected a JSON object of token: path or source, or a list of paths; {}",
                    what);
    };
    const auto parsed = json::parse(*text);
    if (!parsed) return wrong(parsed.error().message);
    for (const auto& [name, path] : parsed->members()) {
        const auto dt = parse_token(name);
        if (dt && path.is_object()) {
            C2D_CHECK(read_source(r, *dt, path));
            continue;
        }
        if (!dt || !path.is_string()) return wrong("found \"" + name + "\"");
        r.options.assets[*dt] = r.config.resolve(path.text());
        r.options.registrable.push_back(r.config.resolve(path.text()));
    }
    for (const auto& path : parsed->items()) {
        if (!path.is_string()) return wrong("found " + json::compact(path));
        r.options.registrable.push_back(r.config.resolve(path.text()));
    }
    if (!parsed->is_object() && !parsed->is_array()) return wrong("found " + json::compact(*parsed));
    return Unit{};
}

/// An object of organisation: file.
Result<Unit> read_peer_psk(const Reading& r) {
    const auto text = r.text();
    if (!text) return Unit{};
    const auto parsed = json::parse(*text);
    const auto wrong = [&](std::string_view what) {
        return fail(Status::INVALID_ARGUMENT,
                    "[provider] peer_psk: expected a JSON object of an organisation's address: file; {}", what);
    };
    if (!parsed) return wrong(parsed.error().message);
    if (!parsed->is_object()) return wrong("found " + json::compact(*parsed));
    for (const auto& [name, path] : parsed->members()) {
        const auto organisation = parse_address(name);
        if (!organisation || !path.is_string()) return wrong("found \"" + name + "\"");
        r.options.peers.pre_shared[*organisation] = r.config.resolve(path.text());
    }
    return Unit{};
}

/// An object of organisation: weight.
Result<Unit> read_queue_weights(const Reading& r) {
    const auto text = r.text();
    if (!text) return Unit{};
    const auto parsed = json::parse(*text);
    const auto wrong = [&](std::string_view what) {
        return fail(Status::INVALID_ARGUMENT,
                    "[provider] queue_weights: expected a JSON object of an organisation's address: 1 to 1000; {}",
                    what);
    };
    if (!parsed) return wrong(parsed.error().message);
    if (!parsed->is_object()) return wrong("found " + json::compact(*parsed));
    for (const auto& [name, weight] : parsed->members()) {
        const auto organisation = parse_address(name);
        const auto number = weight.as_uint();
        if (!organisation || !number || *number == 0 || *number > 1000) return wrong("found \"" + name + "\"");
        r.options.queue_weights[*organisation] = unsigned(*number);
    }
    return Unit{};
}

/// "8911-8913, 9000".
Result<Unit> read_ports(const Reading& r) {
    for (const auto& word : r.words()) {
        const auto dash = word.find('-');
        C2D_TRY(const auto first, number(r.key, std::string_view(word).substr(0, dash), kPort));
        auto last = first;
        if (dash != std::string::npos) {
            C2D_TRY(last, number(r.key, std::string_view(word).substr(dash + 1), {first, kPort.max}));
        }
        r.options.peers.ports.emplace_back(std::uint16_t(first), std::uint16_t(last));
    }
    return Unit{};
}

Result<Unit> read_organisation(const Reading& r) {
    const auto text = r.text();
    if (!text) return Unit{};
    const auto address = parse_address(*text);
    if (!address)
        return fail(Status::INVALID_ARGUMENT, "[provider] organisation: expected an address, found \"{}\"", *text);
    r.options.organisation = *address;
    return Unit{};
}

Result<Unit> read_exec_dirpath(const Reading& r) {
    const char* exec = std::getenv("EXEC_DIRPATH");
    r.options.exec_dirpath = exec && *exec ? exec : r.text().value_or("./tests/");
    return Unit{};
}

/// A key of [provider]. `otherwise` and `meaning` are what docs/configuration.md says of it, where
/// src/tools/codegen/generate.py writes them; those without `apply` are read by who needs them.
struct Key {
    const char* name;
    const char* otherwise;
    const char* meaning;
    Result<Unit> (*apply)(const Reading&) = nullptr;
};

/// Those that take effect on SIGHUP; the others need a restart.
constexpr std::string_view kReloaded[] = {"accepted_parties", "accepted_composers", "queue_max",       "queue_share",
                                          "queue_weights",    "waiting_minutes",    "attempt_seconds", "disk_mb_min",
                                          "memory_mb",        "wall_seconds",       "drain_seconds"};

constexpr Key kKeys[] = {
    {"query_port", "required", "port of the service, 0 for any free one"},
    {"query_host", "`127.0.0.1`", "numeric address to listen on"},
    {"keystore", "",
     "the service's key, a keystore file or the `pkcs11:` URI of one [in an HSM](#keys); wins over `private_key`"},
    {"password_file", "`C2D_PASSWORD`", "file with the keystore's password, or with the PIN"},
    {"private_key", "`C2D_PRIVATE_KEY`", "64 hexadecimal digits"},
    {"organisation", "whom the key acts for", "address in whose name the service works; its key must act for it",
     read_organisation},
    {"assets_path", "none",
     "JSON object of token → path, or → [a database and a query](tables.md#databases); or list of files and folders "
     "that `/insertDtStore` may register",
     read_assets},
    {"exec_dirpath", "`./tests/`", "job folders and the provider's state; the environment's `EXEC_DIRPATH` wins",
     read_exec_dirpath},
    {"artifact_key_path", "beside the artifacts",
     "the key of what runs leave here ([models.md](models.md)): a file, made with the first, or the `pkcs11:` URI of "
     "one "
     "[in an HSM](keys.md#the-artifact-key); elsewhere, a copy of the artifacts opens nothing",
     [](const Reading& r) {
         if (const auto given = r.text()) r.options.artifact_key = tools::key_place(r.config, *given);
         return Result<Unit>(Unit{});
     }},
    {"release_bytes_max", "1048576",
     "bytes of one run's outputs that the solver gets at most; they are handed out in pieces of 1 MiB",
     [](const Reading& r) {
         return r.number({1, INT64_MAX}, [&](auto value) { r.options.release_bytes_max = std::uint64_t(value); });
     }},
    {"accepted_parties", "any registered", "organisation names or addresses this provider computes with",
     [](const Reading& r) { return r.words(r.options.accepted_parties); }},
    {"accepted_composers", "any registered",
     "organisations whose compositions may use our tokens, by address or legal id",
     [](const Reading& r) { return r.words(r.options.accepted_composers); }},
    {"peer_port", "none", "the one port at which peers call for all joint computations; our own endpoints name it",
     [](const Reading& r) {
         return r.number({1, 65535}, [&](auto value) { r.options.peers.port = std::uint16_t(value); });
     }},
    {"peer_ports", "none: no joint computations without `peer_port`",
     "ports that our own endpoints may name instead, each opened by the first job that does, `8911-8913, 9000`",
     read_ports},
    {"peer_bind", "`127.0.0.1`", "address to bind them on",
     [](const Reading& r) {
         r.options.peers.bind_host = r.text().value_or("127.0.0.1");
         return Result<Unit>(Unit{});
     }},
    {"peer_networks", "none", "private and loopback ranges that peers may be in, `10.1.0.0/16`",
     [](const Reading& r) { return r.words(r.options.peers.networks); }},
    {"peer_sources", "none",
     "networks that peers call from, beside the addresses of their endpoints, `198.51.100.0/24`: half of the places "
     "for callers is kept for these",
     [](const Reading& r) { return r.words(r.options.peers.sources); }},
    {"peer_sources_only", "false", "nobody else may call",
     [](const Reading& r) { return r.flag(r.options.peers.sources_only); }},
    {"peer_psk", "none",
     "JSON object of an organisation's address → file with a secret of at least 32 characters that was agreed on with "
     "it "
     "beforehand: goes into the keys of joint runs with it",
     read_peer_psk},
    {"peer_seconds", "60", "how long peers are waited for, 1 to 3600",
     [](const Reading& r) {
         return r.number({1, 3600},
                         [&](auto value) { r.options.peers.connect_deadline = std::chrono::seconds(value); });
     }},
    {"peer_silence_seconds", "30",
     "how long nothing may be heard of a peer's provider while an operator runs, 5 to 3600",
     [](const Reading& r) {
         return r.number({5, 3600}, [&](auto value) { r.options.peers.silence = std::chrono::seconds(value); });
     }},
    {"workers", "2", "runs at a time, 1 to 64",
     [](const Reading& r) {
         return r.number({1, 64}, [&](auto value) { r.options.workers = unsigned(value); });
     }},
    {"queue_max", "64", "runs that may wait, 1 to 100000",
     [](const Reading& r) {
         return r.number({1, 100'000}, [&](auto value) { r.options.queue_max = std::size_t(value); });
     }},
    {"queue_share", "a quarter of `queue_max`", "runs of one solver that may wait, 1 to 100000",
     [](const Reading& r) {
         return r.number({1, 100'000}, [&](auto value) { r.options.queue_share = std::size_t(value); });
     }},
    {"queue_weights", "none",
     "JSON object of a solver's address → weight, 1 to 1000: who has 2 has two runs taken where another has one",
     read_queue_weights},
    {"waiting_minutes", "10", "how long a run waits for the rest of its data sets to be asked for, 1 to 1440",
     [](const Reading& r) {
         return r.number({1, std::uint64_t(24) * 60},
                         [&](auto value) { r.options.waiting = std::chrono::minutes(value); });
     }},
    {"drain_seconds", "0",
     "how long what runs may take to end after SIGTERM or SIGINT, 0 to 86400; queued runs go on with the next start"},
    {"attempt_seconds", "900",
     "how long a receipt waits for another attempt, where the end and the terms allow one, 1 to 604800",
     [](const Reading& r) {
         return r.number({1, 604'800}, [&](auto n) { r.options.attempt_wait = std::chrono::seconds(n); });
     }},
    {"checkpoint_seconds", "60",
     "how far apart long computations of a job that may be tried again write checkpoints, 1 to 86400; of its parties "
     "the "
     "shortest counts",
     [](const Reading& r) {
         return r.number({1, 86'400}, [&](auto n) { r.options.checkpoint_every = std::chrono::seconds(n); });
     }},
    {"disk_mb_min", "64",
     "free MiB below `exec_dirpath` for another run to begin, 0 to 1048576; the queue pauses below",
     [](const Reading& r) {
         return r.number({0, 1 << 20}, [&](auto value) { r.options.disk_bytes_min = value << 20; });
     }},
    {"memory_mb", "4096", "memory of a run, 1 to 1048576",
     [](const Reading& r) {
         return r.number({1, 1 << 20}, [&](auto value) { r.options.limits.memory_bytes = value << 20; });
     }},
    {"wall_seconds", "3600", "time of a run, 1 to 2592000 (30 days)",
     [](const Reading& r) {
         return r.number({1, std::uint64_t(30) * 86400},
                         [&](auto value) { r.options.limits.wall = std::chrono::seconds(value); });
     }},
    {"allow_collusion", "`false`",
     "lets one organisation control more parties than the protocol bears: demonstrations only",
     [](const Reading& r) { return r.flag(r.options.allow_collusion); }},
    {"accept_legacy_signatures", "`false`", "also take the original's requests, which can be replayed",
     [](const Reading& r) { return r.flag(r.options.accept_legacy_signatures); }},
};

}  // namespace

Result<ProviderOptions> provider_options(const Config& config) {
    ProviderOptions options;
    std::vector<std::string> problems;
    for (const auto& key : kKeys) {
        const auto read = key.apply ? key.apply({config, key.name, options}) : Result<Unit>(Unit{});
        if (!read) problems.push_back(read.error().message);
    }
    if (const auto drain = drain_time(config); !drain) problems.push_back(drain.error().message);
    if (!problems.empty()) return fail(Status::INVALID_ARGUMENT, "{}", fmt::join(problems, "; "));
    C2D_CHECK(add_python_runtime(options.runtime, options.environment));
    return options;
}

ConfigMarks config_marks(const Config& config) {
    ConfigMarks out;
    for (const auto& key : kKeys)
        if (const auto value = config.view(kSection, key.name)) out[key.name] = keccak256(*value);
    return out;
}

ConfigChanges changes_between(const ConfigMarks& before, const ConfigMarks& now) {
    ConfigChanges out;
    for (const auto& key : kKeys) {
        const auto old = before.find(key.name), current = now.find(key.name);
        const bool is_same =
            old == before.end() ? current == now.end() : current != now.end() && old->second == current->second;
        if (is_same) continue;
        const bool is_reloaded = std::ranges::find(kReloaded, std::string_view(key.name)) != std::end(kReloaded);
        (is_reloaded ? out.in_effect : out.need_restart).emplace_back(key.name);
    }
    return out;
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

Result<std::chrono::seconds> drain_time(const Config& config) {
    constexpr Bounds kBounds{0, 86'400};
    const auto text = config.get(kSection, "drain_seconds");
    if (!text) return std::chrono::seconds(0);
    C2D_TRY(const auto seconds, number("drain_seconds", *text, kBounds));
    return std::chrono::seconds(seconds);
}

}  // namespace c2d::tools
