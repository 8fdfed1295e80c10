#include "base/call_scope.hpp"
#include "base/endpoint.hpp"
#include "base/fail.hpp"

#include <c2d/http.hpp>

#include <curl/curl.h>
#include <strings.h>

#include <algorithm>
#include <mutex>
#include <vector>

namespace c2d {

namespace {

constexpr std::size_t kHeaderBytesMax = std::size_t(32) * 1024;

struct Answer {
    std::string body;
    std::size_t bytes_max = 0;
    bool too_large = false;
    std::vector<std::pair<std::string, std::string>> headers;
    std::size_t header_bytes = 0;
};

std::string_view trimmed(std::string_view text) {
    const auto first = text.find_first_not_of(" \t\r\n");
    return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

/// One line of the header: the status line begins an answer anew, a field is kept.
std::size_t collect_header(char* data, std::size_t size, std::size_t count, void* user_data) {
    auto& answer = *static_cast<Answer*>(user_data);
    const std::string_view line(data, size * count);
    if (line.starts_with("HTTP/")) answer.headers.clear();
    const auto colon = line.find(':');
    answer.header_bytes += line.size();
    if (answer.headers.size() == kHttpHeaderFieldsMax || answer.header_bytes > kHeaderBytesMax) {
        answer.too_large = true;
        return 0;
    }
    if (colon != line.npos && !line.starts_with("HTTP/"))
        answer.headers.emplace_back(trimmed(line.substr(0, colon)), trimmed(line.substr(colon + 1)));
    return line.size();
}

std::size_t collect(char* data, std::size_t size, std::size_t count, void* user_data) {
    auto& answer = *static_cast<Answer*>(user_data);
    const std::size_t bytes = size * count;
    if (answer.body.size() + bytes > answer.bytes_max) {
        answer.too_large = true;
        return 0;
    }
    answer.body.append(data, bytes);
    return bytes;
}

/// Asked at least once a second; anything but 0 ends the transfer.
int ended(void*, curl_off_t, curl_off_t, curl_off_t, curl_off_t) { return CallScope::over() ? 1 : 0; }

/// A transfer at a time over connections that stay open. Of the two interfaces of libcurl only this one lets
/// the caller look up from a wait soon.
class Transfer {
public:
    ~Transfer() {
        curl_easy_cleanup(easy_);
        curl_multi_cleanup(multi_);
    }
    Transfer() = default;
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    explicit operator bool() const { return easy_ && multi_; }
    CURL* easy() const { return easy_; }

    CURLcode perform() {
        if (curl_multi_add_handle(multi_, easy_) != CURLM_OK) return CURLE_FAILED_INIT;
        const CURLcode code = until_done();
        curl_multi_remove_handle(multi_, easy_);
        return code;
    }

private:
    CURLcode until_done() {
        constexpr int kLookMs = 50;
        for (int running = 1;;) {
            if (curl_multi_perform(multi_, &running) != CURLM_OK) return CURLE_FAILED_INIT;
            if (running == 0) break;
            if (curl_multi_poll(multi_, nullptr, 0, kLookMs, nullptr) != CURLM_OK) return CURLE_FAILED_INIT;
            if (CallScope::over()) return CURLE_ABORTED_BY_CALLBACK;
        }
        int left = 0;
        const CURLMsg* message = curl_multi_info_read(multi_, &left);
        return message && message->msg == CURLMSG_DONE ? message->data.result : CURLE_FAILED_INIT;
    }

    CURL* const easy_ = curl_easy_init();
    CURLM* const multi_ = curl_multi_init();
};

struct ListCloser {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

using Handle = std::unique_ptr<Transfer>;

/// Handles that are not in use. Each keeps its connections open for the next request.
class Idle {
public:
    Handle take() {
        const std::lock_guard lock(mutex_);
        if (handles_.empty()) return std::make_unique<Transfer>();
        Handle handle = std::move(handles_.back());
        handles_.pop_back();
        return handle;
    }
    void give_back(Handle handle) {
        curl_easy_reset(handle->easy());  // keeps connections
        const std::lock_guard lock(mutex_);
        if (handles_.size() < kMax) handles_.push_back(std::move(handle));
    }

private:
    static constexpr std::size_t kMax = 8;
    std::mutex mutex_;
    std::vector<Handle> handles_;
};

class CurlTransport final : public HttpTransport {
public:
    explicit CurlTransport(Options options) : options_(options) {
        static std::once_flag once;
        std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    }

    Result<HttpResponse> send(const HttpRequest& request) override {
        const auto time_left = CallScope::time_left(options_.timeout);
        if (time_left <= std::chrono::milliseconds(0)) return CallScope::error(request.target);
        Handle handle = idle_.take();
        if (!*handle) return fail(Status::IO, "libcurl could not be started");
        CURL* curl = handle->easy();
        Answer answer;
        answer.bytes_max = options_.answer_bytes_max;
        std::unique_ptr<curl_slist, ListCloser> headers;
        const auto add_header = [&headers](const std::string& line) {
            headers.reset(curl_slist_append(headers.release(), line.c_str()));
        };
        if (!request.authorization.empty()) add_header("Authorization: " + request.authorization);
        if (!request.range.empty()) add_header("Range: " + request.range);
        if (request.method == "POST") {
            add_header("Content-Type: " + request.content_type);
            add_header("Expect:");  // no round trip before the body
            curl_easy_setopt(curl, CURLOPT_POST, 1L);
            curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
            curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.size()));
        }
        curl_easy_setopt(curl, CURLOPT_URL, request.target.c_str());
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
        curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
        curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
        curl_easy_setopt(curl, CURLOPT_PROXY, "");
        curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
        curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, long(options_.connect_timeout.count()));
        curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, long(time_left.count()));
        curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
        curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, ended);
        curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
        curl_easy_setopt(curl, CURLOPT_WRITEDATA, &answer);
        curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, collect_header);
        curl_easy_setopt(curl, CURLOPT_HEADERDATA, &answer);
#if LIBCURL_VERSION_NUM >= 0x075700
        curl_easy_setopt(curl, CURLOPT_QUICK_EXIT, 1L);  // who gives up does not wait for the resolver
#endif
        const CURLcode code = handle->perform();
        auto response = finish(curl, code, without_credentials(request.target), std::move(answer));
        if (response) idle_.give_back(std::move(handle));
        return response;
    }

private:
    static Result<HttpResponse> finish(CURL* curl, CURLcode code, const std::string& url, Answer answer) {
        if (answer.too_large)
            return fail(Status::LIMIT, "{} answered more than {} bytes, or {} header fields", url, answer.bytes_max,
                        kHttpHeaderFieldsMax);
        if (code == CURLE_ABORTED_BY_CALLBACK) return CallScope::error(url);
        if (code == CURLE_OPERATION_TIMEDOUT) return fail(Status::TIMEOUT, "{} did not answer in time", url);
        if (code != CURLE_OK)
            return fail(Status::UNAVAILABLE, "{} cannot be reached: {}", url, curl_easy_strerror(code));
        long status = 0;
        const char* type = nullptr;
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type);
        return HttpResponse{int(status), type ? type : "", std::move(answer.body), std::move(answer.headers)};
    }

    const Options options_;
    Idle idle_;
};

}  // namespace

std::string_view HttpResponse::header(std::string_view name) const noexcept {
    const auto is_named = [name](const auto& field) {
        return field.first.size() == name.size() && ::strncasecmp(field.first.data(), name.data(), name.size()) == 0;
    };
    const auto field = std::ranges::find_if(headers, is_named);
    return field == headers.end() ? std::string_view() : std::string_view(field->second);
}

std::shared_ptr<HttpTransport> HttpTransport::curl(Options options) { return std::make_shared<CurlTransport>(options); }

}  // namespace c2d
