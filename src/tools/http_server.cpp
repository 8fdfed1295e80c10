#include "tools/http_server.hpp"

#include "base/fail.hpp"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <sys/socket.h>

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace c2d::tools {

namespace {

using Moment = std::chrono::steady_clock::time_point;

constexpr unsigned kThreads = 4;
constexpr std::size_t kConnectionMemory = 32 * 1024;

struct Call {
    HttpRequest request;
    bool too_large = false;
};

class Server final : public HttpServer {
public:
    Server(const HttpServerOptions& options, Handler handler)
        : options_(options), handler_(std::move(handler)) {}

    ~Server() override {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        if (reaper_.joinable()) reaper_.join();
        if (daemon_) MHD_stop_daemon(daemon_);
    }

    Result<Unit> listen() {
        sockaddr_storage address{};
        auto& v4 = reinterpret_cast<sockaddr_in&>(address);
        auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
        unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG;
        if (inet_pton(AF_INET, options_.host.c_str(), &v4.sin_addr) == 1) {
            v4.sin_family = AF_INET;
            v4.sin_port = htons(options_.port);
        } else if (inet_pton(AF_INET6, options_.host.c_str(), &v6.sin6_addr) == 1) {
            v6.sin6_family = AF_INET6;
            v6.sin6_port = htons(options_.port);
            flags |= MHD_USE_IPv6;
        } else {
            return fail(Status::INVALID_ARGUMENT, "expected a numeric address to listen on, found \"{}\"",
                        options_.host);
        }
        daemon_ = MHD_start_daemon(
            flags, options_.port, &Server::on_accept, this, &Server::on_request, this, MHD_OPTION_EXTERNAL_LOGGER,
            &Server::on_log, nullptr, MHD_OPTION_SOCK_ADDR, reinterpret_cast<sockaddr*>(&address),
            MHD_OPTION_THREAD_POOL_SIZE, kThreads, MHD_OPTION_CONNECTION_LIMIT, 4 * options_.connections_max + kThreads,
            MHD_OPTION_CONNECTION_TIMEOUT, options_.idle_seconds_max, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
            kConnectionMemory, MHD_OPTION_NOTIFY_CONNECTION, &Server::on_connection, this,
            MHD_OPTION_NOTIFY_COMPLETED, &Server::on_completed, this, MHD_OPTION_END);
        if (!daemon_)
            return fail(Status::IO, "cannot listen on {}:{}: {}", options_.host, options_.port,
                        errno_text(errno));
        reaper_ = std::thread([this] { reap(); });
        return Unit{};
    }

    std::uint16_t port() const override {
        const auto* info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT);
        return info ? info->port : 0;
    }

private:
    static void on_log(void*, const char*, va_list) {}

    /// The address without its port.
    static std::string address_text(const sockaddr* address) {
        char text[INET6_ADDRSTRLEN] = {};
        if (address->sa_family == AF_INET)
            inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(address)->sin_addr, text, sizeof text);
        else if (address->sa_family == AF_INET6)
            inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6*>(address)->sin6_addr, text, sizeof text);
        return text;
    }

    /// Counted here and not by the library: its bounds hold per thread of its pool, and a thread that
    /// met its own may leave new connections waiting after old ones are gone.
    static MHD_Result on_accept(void* self, const sockaddr* address, socklen_t) {
        auto& server = *static_cast<Server*>(self);
        const std::lock_guard lock(server.mutex_);
        const auto held = server.per_address_.find(address_text(address));
        const bool full = server.open_.size() >= server.options_.connections_max ||
                          (held != server.per_address_.end() &&
                           held->second >= server.options_.connections_per_address_max);
        return full ? MHD_NO : MHD_YES;
    }

    static void on_connection(void* self, MHD_Connection* connection, void**,
                              MHD_ConnectionNotificationCode code) {
        auto& server = *static_cast<Server*>(self);
        const std::lock_guard lock(server.mutex_);
        if (code == MHD_CONNECTION_NOTIFY_STARTED)
            server.opened(connection);
        else
            server.closed(connection);
    }

    void opened(MHD_Connection* connection) {
        const auto* fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        const auto* client = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        if (!fd || !client) return;
        const auto address = address_text(client->client_addr);
        ++per_address_[address];
        open_[connection] = {fd->connect_fd, address, std::chrono::steady_clock::now()};
    }

    void closed(MHD_Connection* connection) {
        const auto entry = open_.find(connection);
        if (entry == open_.end()) return;
        const auto held = per_address_.find(entry->second.address);
        if (held != per_address_.end() && --held->second == 0) per_address_.erase(held);
        open_.erase(entry);
    }

    static void on_completed(void*, MHD_Connection*, void** state, MHD_RequestTerminationCode) {
        delete static_cast<Call*>(*state);
        *state = nullptr;
    }

    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url,
                                 const char* method, const char*, const char* data, std::size_t* size,
                                 void** state) {
        auto& server = *static_cast<Server*>(self);
        if (!*state) {
            auto call = std::make_unique<Call>();
            call->request.method = method;
            call->request.target = url;
            *state = call.release();
            return MHD_YES;
        }
        auto& call = *static_cast<Call*>(*state);
        if (*size > 0) {
            call.too_large |= call.request.body.size() + *size > server.options_.body_bytes_max;
            // One byte past the bound is enough for the handler to say so.
            if (!call.too_large)
                call.request.body.append(data, *size);
            else
                call.request.body.resize(server.options_.body_bytes_max + 1);
            *size = 0;
            return MHD_YES;
        }
        const char* header = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Authorization");
        if (header) call.request.authorization = header;
        const char* range = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Range");
        if (range) call.request.range = range;
        return server.answer(connection, call.request);
    }

    MHD_Result answer(MHD_Connection* connection, const HttpRequest& request) {
        const HttpResponse response = handler_(request);
        MHD_Response* out = MHD_create_response_from_buffer(
            response.body.size(), const_cast<char*>(response.body.data()), MHD_RESPMEM_MUST_COPY);
        if (!out) return MHD_NO;
        MHD_add_response_header(out, "Content-Type", response.content_type.c_str());
        MHD_add_response_header(out, "X-Content-Type-Options", "nosniff");
        MHD_add_response_header(out, "Cache-Control", "no-store");
        for (const auto& [name, value] : response.headers) MHD_add_response_header(out, name.c_str(), value.c_str());
        const auto queued = MHD_queue_response(connection, unsigned(response.status), out);
        MHD_destroy_response(out);
        return queued;
    }

    /// The library's own time-out only counts silence: a client that trickles bytes is ended here.
    void reap() {
        const auto bound = std::chrono::seconds(options_.connection_seconds_max);
        std::unique_lock lock(mutex_);
        while (!wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; })) {
            const auto now = std::chrono::steady_clock::now();
            for (auto& [connection, entry] : open_)
                if (now - entry.since > bound) ::shutdown(entry.fd, SHUT_RDWR);
        }
    }

    const HttpServerOptions options_;
    const Handler handler_;
    MHD_Daemon* daemon_ = nullptr;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
    struct Open {
        int fd = -1;
        std::string address;
        Moment since;
    };
    std::map<MHD_Connection*, Open> open_;
    std::map<std::string, unsigned> per_address_;
    std::thread reaper_;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::start(const HttpServerOptions& options, Handler handler) {
    auto server = std::make_unique<Server>(options, std::move(handler));
    if (auto listening = server->listen(); !listening) return listening.error();
    return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace c2d::tools
