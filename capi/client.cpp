#include <c2d/capi/client.h>
#include <c2d/client.hpp>

#include "client/values.hpp"
#include "job/values.hpp"
#include "json_text.hpp"
#include "same_options.hpp"

using c2d::Error;
using c2d::Result;
using c2d::Status;
using c2d::Unit;
using c2d::capi::give_json;
using c2d::capi::give_text;
using c2d::capi::guard;
using c2d::capi::optional_token;
using c2d::json::list_of;
using c2d::json::Value;

struct c2d_client {
    c2d::Client value;
};
struct c2d_released_files {
    struct File {
        std::string dt, name;
        c2d::Bytes content;
    };
    std::vector<File> files;

    /// NULL beyond the last.
    const File* at(std::size_t index) const { return index < files.size() ? &files[index] : nullptr; }
};

namespace {

/// A transport of the caller's.
class FunctionTransport final : public c2d::HttpTransport {
public:
    FunctionTransport(c2d_http_function function, void* data) : user(data), function_(function) {}

    Result<c2d::HttpResponse> send(const c2d::HttpRequest& request) override {
        c2d_http_request asked = C2D_HTTP_REQUEST_INIT;
        asked.method = request.method.c_str();
        asked.target = request.target.c_str();
        asked.body = request.body.data();
        asked.body_size = request.body.size();
        if (!request.authorization.empty()) asked.authorization = request.authorization.c_str();
        if (!request.range.empty()) asked.range = request.range.c_str();
        c2d_http_response* answer = nullptr;
        const c2d_status status = function_(&asked, &answer, user.get());
        const std::unique_ptr<c2d_http_response> owned(answer);
        if (status != C2D_OK) return failure(status, request.target);
        if (!owned) return Error(Status::INTERNAL, "the transport gave no answer for " + request.target);
        return std::move(owned->value);
    }

    c2d::capi::UserData user;

private:
    static Error failure(int status, const std::string& target) {
        const bool known = status > C2D_OK && status <= C2D_ERROR_INTERNAL;
        return Error(known ? static_cast<Status>(status) : Status::INTERNAL,
                     "the transport failed with " + std::to_string(status) + " for " + target);
    }

    c2d_http_function function_;
};

/// The caller's transport, or libcurl's.
std::shared_ptr<c2d::HttpTransport> transport_of(const c2d_client_options& options) {
    if (options.http) return std::make_shared<FunctionTransport>(options.http, options.http_user_data);
    c2d::HttpTransport::Options wanted;
    if (options.http_timeout_ms != 0) wanted.timeout = std::chrono::milliseconds(options.http_timeout_ms);
    return c2d::HttpTransport::curl(wanted);
}

/// A call that names a job and a composition.
template <class Call>
c2d_status job_call(const c2d_client* client, const char* cdt, c2d_error** error, Call call) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, cdt);
        C2D_TRY(const c2d::TokenId algorithm, c2d::parse_token(cdt));
        c2d::Client shared = client->value;
        return call(shared, algorithm);
    });
}

}  // namespace

extern "C" {

void c2d_client_options_init(c2d_client_options* options) {
    if (options) *options = C2D_CLIENT_OPTIONS_INIT;
}

c2d_status c2d_client_open(const c2d_asset_registry* registry, const c2d_client_options* options, c2d_client** out,
                           c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(registry, options, out);
        C2D_TRY(const c2d_client_options given, c2d::capi::read_options(options));
        C2D_CAPI_NEED(given.key);
        if (given.http_timeout_ms > std::uint64_t(24) * 3600 * 1000)
            return Error(Status::INVALID_ARGUMENT, "expected http_timeout_ms of a day at most");
        c2d::ClientOptions wanted;
        wanted.http = transport_of(given);
        const auto transport = wanted.http;
        C2D_CHECK(c2d::capi::take_client_options(given, wanted));
        c2d::capi::use_environment(given.environment, wanted);
        C2D_TRY(c2d::Client client, c2d::Client::open(registry->value, given.key->signer, std::move(wanted)));
        *out = new c2d_client{std::move(client)};
        if (given.http) static_cast<FunctionTransport&>(*transport).user.adopt(given.http_destroy);
        return Unit{};
    });
}

c2d_status c2d_client_publish(const c2d_client* client, const char* attributes_json, const char* id, char** out,
                              c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, attributes_json, out);
        C2D_TRY(const auto wanted, optional_token(id));
        c2d::Client shared = client->value;
        C2D_TRY(const c2d::TokenId dt, shared.publish(attributes_json, wanted));
        return give_text(c2d::token_text(dt), out);
    });
}

c2d_status c2d_client_request_grant(const c2d_client* client, const char* dt, const char* cdt, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, dt, cdt);
        C2D_TRY(const c2d::TokenId child, c2d::parse_token(dt));
        C2D_TRY(const c2d::TokenId grantee, c2d::parse_token(cdt));
        c2d::Client shared = client->value;
        return shared.request_grant(child, grantee);
    });
}

c2d_status c2d_client_compose(const c2d_client* client, const char* attributes_json, const char* id, char** out,
                              c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, attributes_json, out);
        C2D_TRY(const auto wanted, optional_token(id));
        c2d::Client shared = client->value;
        C2D_TRY(const c2d::TokenId cdt, shared.compose(attributes_json, wanted));
        return give_text(c2d::token_text(cdt), out);
    });
}

c2d_status c2d_client_insert_dt_store(const c2d_client* client, const char* dt, const char* path, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, dt, path);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        c2d::Client shared = client->value;
        return shared.insert_dt_store(id, path);
    });
}

c2d_status c2d_client_waiting_grants(const c2d_client* client, const char* dt, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, out);
        C2D_TRY(const auto token, optional_token(dt));
        c2d::Client shared = client->value;
        C2D_TRY(const auto waiting, shared.waiting_grants(token));
        return give_json(
            Value::object({{"grants", list_of(waiting.grants)}, {"unanswered", list_of(waiting.unanswered)}}), out);
    });
}

c2d_status c2d_client_artifacts(const c2d_client* client, uint64_t job, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, out);
        c2d::Client shared = client->value;
        C2D_TRY(const auto held, shared.artifacts(job));
        return give_json(list_of(held), out);
    });
}

c2d_status c2d_client_origin(const c2d_client* client, uint64_t job, const char* output, int party, char** out,
                             c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, output, out);
        c2d::Client shared = client->value;
        const auto which = party < 0 ? std::optional<unsigned>() : std::optional(unsigned(party));
        C2D_TRY(const auto origin, shared.origin(job, output, which));
        return give_text(origin.to_json(), out);
    });
}

c2d_status c2d_client_renew_grant(const c2d_client* client, const char* dt, const char* cdt, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, dt, cdt);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        C2D_TRY(const c2d::TokenId composition, c2d::parse_token(cdt));
        c2d::Client shared = client->value;
        return shared.renew_grant(id, composition);
    });
}

c2d_status c2d_client_close_token(const c2d_client* client, const char* dt, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, dt);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        c2d::Client shared = client->value;
        return shared.close_token(id);
    });
}

c2d_status c2d_client_open_token(const c2d_client* client, const char* dt, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, dt);
        C2D_TRY(const c2d::TokenId id, c2d::parse_token(dt));
        c2d::Client shared = client->value;
        return shared.open_token(id);
    });
}

c2d_status c2d_client_provider_queue(const c2d_client* client, const char* dt, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, out);
        C2D_TRY(const auto token, optional_token(dt));
        c2d::Client shared = client->value;
        C2D_TRY(const auto queue, shared.provider_queue(token));
        return give_json(to_value(queue), out);
    });
}

c2d_status c2d_client_hold_queue(const c2d_client* client, const char* dt, int held, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, out);
        C2D_TRY(const auto token, optional_token(dt));
        c2d::Client shared = client->value;
        C2D_TRY(const auto queue, shared.hold_queue(held != 0, token));
        return give_json(to_value(queue), out);
    });
}

c2d_status c2d_client_drain_queue(const c2d_client* client, const char* dt, c2d_progress_function progress,
                                  void* user_data, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, out);
        C2D_TRY(const auto token, optional_token(dt));
        c2d::Client shared = client->value;
        c2d::capi::ProgressCall call(progress, user_data);
        auto queue = shared.drain_queue(token, call.progress(), call.token());
        if (!queue) return call.finish(std::move(queue).error());
        return give_json(to_value(*queue), out);
    });
}

c2d_status c2d_client_cancel_own_runs(const c2d_client* client, uint64_t job, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client);
        c2d::Client shared = client->value;
        return shared.cancel_own_runs(job);
    });
}

c2d_status c2d_client_create_task(const c2d_client* client, const char* name, const char* description, uint64_t* out,
                                  c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, name, description, out);
        c2d::Client shared = client->value;
        C2D_TRY(*out, shared.create_task(name, description));
        return Unit{};
    });
}

c2d_status c2d_client_register_job(const c2d_client* client, uint64_t task, const char* cdt, uint64_t* out,
                                   c2d_error** error) {
    return job_call(client, cdt, error, [&](c2d::Client& shared, const c2d::TokenId& id) -> Result<Unit> {
        C2D_CAPI_NEED(out);
        C2D_TRY(*out, shared.register_job(task, id));
        return Unit{};
    });
}

c2d_status c2d_client_execute(const c2d_client* client, uint64_t task, const char* cdt, uint64_t* out,
                              c2d_error** error) {
    return job_call(client, cdt, error, [&](c2d::Client& shared, const c2d::TokenId& id) -> Result<Unit> {
        C2D_CAPI_NEED(out);
        C2D_TRY(*out, shared.execute(task, id));
        return Unit{};
    });
}

c2d_status c2d_client_verify(const c2d_client* client, uint64_t job, const char* cdt, c2d_error** error) {
    return job_call(client, cdt, error,
                    [job](c2d::Client& shared, const c2d::TokenId& id) { return shared.verify(job, id); });
}

c2d_status c2d_client_start(const c2d_client* client, uint64_t job, const char* cdt, c2d_error** error) {
    return job_call(client, cdt, error,
                    [job](c2d::Client& shared, const c2d::TokenId& id) { return shared.start(job, id); });
}

c2d_status c2d_client_status(const c2d_client* client, uint64_t job, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, out);
        c2d::Client shared = client->value;
        C2D_TRY(const auto parts, shared.status(job));
        return give_json(list_of(parts), out);
    });
}

c2d_status c2d_client_wait(const c2d_client* client, uint64_t job, c2d_progress_function progress, void* user_data,
                           char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, out);
        c2d::Client shared = client->value;
        c2d::capi::ProgressCall call(progress, user_data);
        auto parts = shared.wait(job, call.progress(), call.token());
        if (!parts) return call.finish(std::move(parts).error());
        return give_json(list_of(*parts), out);
    });
}

c2d_status c2d_client_start_attempt(const c2d_client* client, uint64_t job, uint64_t* out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, out);
        c2d::Client shared = client->value;
        C2D_TRY(*out, shared.start_attempt(job));
        return Unit{};
    });
}

c2d_status c2d_client_wait_with_attempts(const c2d_client* client, uint64_t job, c2d_progress_function progress,
                                         void* user_data, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, out);
        c2d::Client shared = client->value;
        c2d::capi::ProgressCall call(progress, user_data);
        auto parts = shared.wait_with_attempts(job, call.progress(), call.token());
        if (!parts) return call.finish(std::move(parts).error());
        return give_json(list_of(*parts), out);
    });
}

c2d_status c2d_client_logs(const c2d_client* client, uint64_t job, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, out);
        c2d::Client shared = client->value;
        C2D_TRY(const auto logs, shared.logs(job));
        return give_json(list_of(logs), out);
    });
}

c2d_status c2d_client_cancel(const c2d_client* client, uint64_t job, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client);
        c2d::Client shared = client->value;
        return shared.cancel(job);
    });
}

// ---------------------------------------------------------------- released files

c2d_status c2d_client_results(const c2d_client* client, uint64_t job, c2d_released_files** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, out);
        c2d::Client shared = client->value;
        C2D_TRY(auto files, shared.results(job));
        auto owned = std::make_unique<c2d_released_files>();
        for (auto& file : files)
            owned->files.push_back({c2d::token_text(file.dt), std::move(file.name), std::move(file.content)});
        *out = owned.release();
        return Unit{};
    });
}

void c2d_save_options_init(c2d_save_options* options) {
    if (options) *options = C2D_SAVE_OPTIONS_INIT;
}

c2d_status c2d_client_save_results(const c2d_client* client, uint64_t job, const char* folder,
                                   const c2d_save_options* options, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(client, folder, out);
        C2D_TRY(const c2d_save_options given, c2d::capi::read_options(options));
        if (given.receipts_count != 0) C2D_CAPI_NEED(given.receipts);
        c2d::SaveOptions how;
        how.replace = given.replace != 0;
        for (std::size_t i = 0; i < given.receipts_count; ++i) {
            if (!given.receipts[i]) return c2d::capi::null_argument("receipts");
            how.receipts.emplace_back(given.receipts[i]);
        }
        if (given.identity_file) {
            C2D_TRY(how.identity, c2d::AgeIdentity::read(given.identity_file));
        }
        c2d::Client shared = client->value;
        C2D_TRY(const auto files, shared.save_results(job, folder, how));
        return give_json(list_of(files), out);
    });
}

size_t c2d_released_files_count(const c2d_released_files* files) { return files ? files->files.size() : 0; }
const char* c2d_released_files_name(const c2d_released_files* files, size_t index) {
    const auto* file = files ? files->at(index) : nullptr;
    return file ? file->name.c_str() : "";
}
const char* c2d_released_files_dt(const c2d_released_files* files, size_t index) {
    const auto* file = files ? files->at(index) : nullptr;
    return file ? file->dt.c_str() : "";
}
const uint8_t* c2d_released_files_data(const c2d_released_files* files, size_t index) {
    const auto* file = files ? files->at(index) : nullptr;
    return file ? file->content.data() : nullptr;
}
size_t c2d_released_files_size(const c2d_released_files* files, size_t index) {
    const auto* file = files ? files->at(index) : nullptr;
    return file ? file->content.size() : 0;
}
void c2d_released_files_destroy(c2d_released_files* files) { delete files; }

void c2d_client_destroy(c2d_client* client) { delete client; }

}  // extern "C"
