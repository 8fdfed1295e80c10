// A provider service for tests: like c2d-provider, and it writes what its relays carry, in the
// clear, to the folder of `--record`: `to_<peer>.bin` and `from_<peer>.bin`, payloads back to back.

#include "base/fail.hpp"
#include "base/file.hpp"
#include "base/try.hpp"
#include "tools/http_server.hpp"
#include "tools/provider/provider_settings.hpp"

#include <c2d/key.hpp>
#include <c2d/settings.hpp>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <mutex>
#include <string_view>

namespace {

using namespace c2d;
namespace fs = std::filesystem;

/// Appends payloads to one file per direction and peer. Any thread.
class Recorder {
public:
    explicit Recorder(fs::path folder) : folder_(std::move(folder)) {}

    void record(bool outgoing, unsigned peer, BytesView payload) {
        const std::lock_guard lock(mutex_);
        Fd& file = files_[{outgoing, peer}];
        if (!file) {
            const auto path = folder_ / fmt::format("{}_{}.bin", outgoing ? "to" : "from", peer);
            file = Fd(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
        }
        if (const auto written = write_fd(file.get(), payload); !written) {
            // A record with holes would let the search pass for the wrong reason.
            std::fprintf(stderr, "cannot record: %s\n", written.error().message.c_str());
            std::abort();
        }
    }

private:
    const fs::path folder_;
    std::mutex mutex_;
    std::map<std::pair<bool, unsigned>, Fd> files_;
};

Result<int> serve(const fs::path& folder) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    std::signal(SIGPIPE, SIG_IGN);

    const auto logger = Logger::standard_error(LogLevel::info);
    C2D_TRY(const auto config, read_config());
    C2D_TRY(auto options, tools::provider_options(config));
    C2D_TRY(const auto listen, tools::server_options(config));
    C2D_TRY(const auto key, config.require("provider", "private_key"));
    C2D_TRY(options.signer, PrivateKey::from_hex(key));
    options.logger = logger;
    const auto recorder = std::make_shared<Recorder>(folder);
    options.transcript = [recorder](bool outgoing, unsigned peer, BytesView payload) {
        recorder->record(outgoing, peer, payload);
    };
    ConfigOverrides overrides;
    overrides.trust_dir = (options.exec_dirpath / "trust").string();
    overrides.logger = logger;
    C2D_TRY(auto registry, open_registry(config, overrides));
    C2D_TRY(auto provider, Provider::open(registry, options));
    C2D_TRY(const auto server,
            tools::HttpServer::start(listen, [&provider](HttpRequest request, tools::HttpServer::Answered done) {
                provider.answer(std::move(request), std::move(done));
            }));
    logger->log(LogLevel::info, fmt::format("listens on port {}", server->port()));
    int signal = 0;
    sigwait(&signals, &signal);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3 || std::string_view(argv[1]) != "--record") {
        std::fprintf(stderr, "usage: CONFIG_FILE=… recording_provider --record FOLDER\n");
        return 2;
    }
    const auto status = serve(argv[2]);
    if (status) return *status;
    std::fprintf(stderr, "error: %s\n", status.error().message.c_str());
    return 1;
}
