#include "handles.hpp"

#include "base/display_text.hpp"

using c2d::Error;
using c2d::Result;
using c2d::Status;
using c2d::Unit;
using c2d::capi::guard;
using c2d::capi::UserData;

namespace {

class FunctionClock final : public c2d::Clock {
public:
    FunctionClock(c2d_clock_function function, void* data) : user(data), function_(function) {}
    std::uint64_t now_seconds() override { return function_(user.get()); }
    UserData user;

private:
    c2d_clock_function function_;
};

class FunctionRandom final : public c2d::Random {
public:
    FunctionRandom(c2d_random_function function, void* data) : user(data), function_(function) {}
    Result<Unit> fill(std::span<std::uint8_t> out) override {
        if (const int code = function_(out.data(), out.size(), user.get()); code != 0) {
            Error error(Status::IO, "the random function failed with " + std::to_string(code));
            error.code = std::uint64_t(code);
            return error;
        }
        return Unit{};
    }
    UserData user;

private:
    c2d_random_function function_;
};

class FunctionLogger final : public c2d::Logger {
public:
    FunctionLogger(c2d_log_function function, void* data) : user(data), function_(function) {}
    void log(c2d::LogLevel level, std::string_view line) override {
        function_(static_cast<c2d_log_level>(level), c2d::display_line(line).c_str(), user.get());
    }
    UserData user;

private:
    c2d_log_function function_;
};
static_assert(int(c2d::LogLevel::debug) == C2D_LOG_DEBUG && int(c2d::LogLevel::error) == C2D_LOG_ERROR);

/// Puts an object over the caller's function into `slot`.
template <class Object, class Slot, class Function>
void replace(Slot& slot, Function function, void* user_data, c2d_destroy_function destroy) {
    auto object = std::make_shared<Object>(function, user_data);
    object->user.adopt(destroy);
    slot = std::move(object);
}

}  // namespace

extern "C" {

c2d_status c2d_environment_create(c2d_environment** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(out);
        auto environment = std::make_unique<c2d_environment>();
        // No logger yet: who has no log is told in errors what another would read there.
        environment->clock = c2d::Clock::system();
        environment->random = c2d::Random::system();
        *out = environment.release();
        return Unit{};
    });
}

c2d_status c2d_environment_set_clock(c2d_environment* environment, c2d_clock_function clock, void* user_data,
                                     c2d_destroy_function destroy, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(environment, clock);
        replace<FunctionClock>(environment->clock, clock, user_data, destroy);
        return Unit{};
    });
}

c2d_status c2d_environment_set_random(c2d_environment* environment, c2d_random_function random, void* user_data,
                                      c2d_destroy_function destroy, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(environment, random);
        replace<FunctionRandom>(environment->random, random, user_data, destroy);
        return Unit{};
    });
}

c2d_status c2d_environment_set_log(c2d_environment* environment, c2d_log_function log, void* user_data,
                                   c2d_destroy_function destroy, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(environment, log);
        replace<FunctionLogger>(environment->logger, log, user_data, destroy);
        return Unit{};
    });
}

void c2d_environment_destroy(c2d_environment* environment) { delete environment; }

}  // extern "C"
