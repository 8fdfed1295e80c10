#include "tools/http_server.hpp"

#include "base/fail.hpp"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace c2d::tools {

namespace {

using Moment = std::chrono::steady_clock::time_point;

constexpr unsigned kThreads = 4;
constexpr std::chrono::seconds kFarewell{1};
constexpr const char* kEnds = R"({"error":{"code":"busy","message":"the server ends","request_id":"none"}})";
constexpr std::size_t kConnectionMemory = std::size_t(32) * 1024;

/// The answer to one request, between the event loop that waits for it and the thread that gives it.
class Pending {
public:
    /// On the event loop: there already, or the connection sleeps until it is.
    bool suspend_unless_answered(MHD_Connection* connection) {
        const std::lock_guard lock(mutex_);
        if (response_) return false;
        suspended_ = connection;
        asleep_ = true;
        MHD_suspend_connection(connection);
        return true;
    }
    /// The first answer counts, and none once the connection is gone.
    void give(HttpResponse response) {
        const std::lock_guard lock(mutex_);
        if (response_ || gone_) return;
        response_ = std::move(response);
        asleep_ = false;
        if (suspended_) MHD_resume_connection(std::exchange(suspended_, nullptr));
    }
    void connection_is_gone() {
        const std::lock_guard lock(mutex_);
        gone_ = true;
        suspended_ = nullptr;
    }
    bool is_asleep() const noexcept { return asleep_; }
    /// On the event loop, after it slept.
    const HttpResponse& response() const { return *response_; }

private:
    std::mutex mutex_;
    std::optional<HttpResponse> response_;
    MHD_Connection* suspended_ = nullptr;
    bool gone_ = false;
    std::atomic<bool> asleep_{false};
};

struct Call {
    HttpRequest request;
    bool too_large = false;
    /// There once the handler has the request.
    std::shared_ptr<Pending> pending;
};

class Server final : public HttpServer {
public:
    Server(const HttpServerOptions& options, Handler handler) : options_(options), handler_(std::move(handler)) {}

    ~Server() override {
        {
            const std::lock_guard lock(mutex_);
            stopping_ = true;
        }
        wake_.notify_all();
        if (reaper_.joinable()) reaper_.join();
        // No connection may sleep when the daemon is stopped, and none falls asleep from now on.
        give_up_waiting();
        if (daemon_) MHD_stop_daemon(daemon_);
    }

    Result<Unit> listen() {
        sockaddr_storage address{};
        auto& v4 = reinterpret_cast<sockaddr_in&>(address);
        auto& v6 = reinterpret_cast<sockaddr_in6&>(address);
        unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ERROR_LOG | MHD_ALLOW_SUSPEND_RESUME;
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
            kConnectionMemory, MHD_OPTION_NOTIFY_CONNECTION, &Server::on_connection, this, MHD_OPTION_NOTIFY_COMPLETED,
            &Server::on_completed, this, MHD_OPTION_END);
        if (!daemon_)
            return fail(Status::IO, "cannot listen on {}:{}: {}", options_.host, options_.port, errno_text(errno));
        reaper_ = std::thread([this] { reap(); });
        return Unit{};
    }

    std::uint16_t port() const override {
        const auto* info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_BIND_PORT);
        return info ? info->port : 0;
    }

private:
    struct Open {
        int fd = -1;
        std::string address;
        Moment since;
        /// Of the request that is being answered.
        std::shared_ptr<Pending> pending;
        /// The client had ended at the last look, and asked nothing.
        bool left = false;
    };

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
        const bool full =
            server.open_.size() >= server.options_.connections_max ||
            (held != server.per_address_.end() && held->second >= server.options_.connections_per_address_max);
        return full ? MHD_NO : MHD_YES;
    }

    static void on_connection(void* self, MHD_Connection* connection, void**, MHD_ConnectionNotificationCode code) {
        auto& server = *static_cast<Server*>(self);
        const std::lock_guard lock(server.mutex_);
        if (code == MHD_CONNECTION_NOTIFY_STARTED)
            server.opened(connection);
        else
            server.closed(connection);
    }

    void opened(MHD_Connection* connection) {
        const auto* info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
        if (!info) return;
        const auto fd = info->connect_fd;  // libmicrohttpd 1.0 answers the next question in the same place
        const auto* client = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        if (!client) return;
        const auto address = address_text(client->client_addr);
        ++per_address_[address];
        open_[connection] = {fd, address, std::chrono::steady_clock::now(), nullptr, false};
    }

    void closed(MHD_Connection* connection) {
        const auto entry = open_.find(connection);
        if (entry == open_.end()) return;
        const auto held = per_address_.find(entry->second.address);
        if (held != per_address_.end() && --held->second == 0) per_address_.erase(held);
        open_.erase(entry);
    }

    static void on_completed(void* self, MHD_Connection* connection, void** state, MHD_RequestTerminationCode) {
        const std::unique_ptr<Call> call(static_cast<Call*>(std::exchange(*state, nullptr)));
        if (!call || !call->pending) return;
        call->pending->connection_is_gone();
        auto& server = *static_cast<Server*>(self);
        const std::lock_guard lock(server.mutex_);
        const auto entry = server.open_.find(connection);
        if (entry != server.open_.end()) entry->second.pending.reset();
        server.wake_.notify_all();
    }

    static MHD_Result on_request(void* self, MHD_Connection* connection, const char* url, const char* method,
                                 const char*, const char* data, std::size_t* size, void** state) {
        auto& server = *static_cast<Server*>(self);
        if (!*state) {
            auto call = std::make_unique<Call>();
            call->request.method = method;
            call->request.target = url;
            append_query(connection, call->request.target);
            *state = call.release();
            return MHD_YES;
        }
        auto& call = *static_cast<Call*>(*state);
        if (call.pending) return answer(connection, call.pending->response());
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
        return server.ask(connection, call);
    }

    /// The parameters of the target, which the library has taken apart and decoded.
    static void append_query(MHD_Connection* connection, std::string& target) {
        const auto append = [](void* text, MHD_ValueKind, const char* name, const char* value) {
            auto& out = *static_cast<std::string*>(text);
            out += out.find('?') == out.npos ? '?' : '&';
            out += name;
            if (value) (out += '=') += value;
            return MHD_YES;
        };
        MHD_get_connection_values(connection, MHD_GET_ARGUMENT_KIND, append, &target);
    }

    MHD_Result ask(MHD_Connection* connection, Call& call) {
        call.pending = std::make_shared<Pending>();
        bool stopping = false;
        {
            const std::lock_guard lock(mutex_);
            const auto entry = open_.find(connection);
            if (entry != open_.end()) {
                entry->second.pending = call.pending;
                call.request.client = entry->second.address;
            }
            stopping = stopping_;
        }
        if (stopping) return MHD_NO;
        handler_(std::move(call.request),
                 [pending = call.pending](HttpResponse response) { pending->give(std::move(response)); });
        if (call.pending->suspend_unless_answered(connection)) return MHD_YES;
        return answer(connection, call.pending->response());
    }

    /// Everybody who waits for an answer gets one, until no connection sleeps.
    void give_up_waiting() {
        std::vector<std::shared_ptr<Pending>> waiting;
        {
            const std::lock_guard lock(mutex_);
            for (const auto& [connection, entry] : open_)
                if (entry.pending) waiting.push_back(entry.pending);
        }
        for (const auto& pending : waiting) pending->give({503, "application/json", kEnds, {}});
        // The daemon closes what it has not written yet; whoever does not read keeps us no longer than this.
        std::unique_lock lock(mutex_);
        wake_.wait_for(lock, kFarewell, [this] {
            return std::ranges::none_of(open_, [](const auto& entry) { return bool(entry.second.pending); });
        });
    }

    static MHD_Result answer(MHD_Connection* connection, const HttpResponse& response) {
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

    /// The library is told of each change of a connection once, so it misses an end that came together with the bytes
    /// before it. One that is asked for an answer may have said all and wait.
    static bool has_left(const Open& open) {
        char next;
        return !open.pending && ::recv(open.fd, &next, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
    }

    /// The library's own time-out only counts silence: a client that trickles bytes is ended here, and one that has
    /// left.
    void reap() {
        const auto bound = std::chrono::seconds(options_.connection_seconds_max);
        std::unique_lock lock(mutex_);
        while (!wake_.wait_for(lock, std::chrono::seconds(1), [this] { return stopping_; })) {
            const auto now = std::chrono::steady_clock::now();
            for (auto& [connection, entry] : open_) {
                if (entry.pending && entry.pending->is_asleep()) entry.since = now;
                // Seen twice: the library may be about to notice by itself, or to hand over what was asked.
                const bool left = std::exchange(entry.left, has_left(entry)) && entry.left;
                if (left || now - entry.since > bound) ::shutdown(entry.fd, SHUT_RDWR);
            }
        }
    }

    const HttpServerOptions options_;
    const Handler handler_;
    MHD_Daemon* daemon_ = nullptr;
    std::mutex mutex_;
    std::condition_variable wake_;
    bool stopping_ = false;
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
