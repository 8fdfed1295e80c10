/// What a computation will cost.
#include "json_text.hpp"
#include "mpc_handles.hpp"

#include <c2d/mpc_cost.hpp>

using c2d::Result;
using c2d::Unit;
using c2d::capi::guard;

extern "C" {

c2d_status c2d_mpc_cost(const char* work, size_t rows, size_t columns, size_t bins, size_t steps, size_t batch_size,
                        double round_trip_ms, double megabits, char** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(work, out);
        C2D_TRY(const auto named, c2d::mpc::work_named(work));
        c2d::mpc::WorkSize size{rows, columns};
        if (bins != 0) size.bins = bins;
        if (steps != 0) size.steps = steps;
        if (batch_size != 0) size.batch_size = batch_size;
        c2d::mpc::Wire wire;
        if (round_trip_ms != 0) wire.round_trip_seconds = round_trip_ms / 1e3;
        if (megabits != 0) wire.bytes_per_second = megabits * 1e6 / 8;
        const auto cost = c2d::mpc::cost_of(named, size, wire);
        if (!cost) return cost.error();
        using c2d::json::Value;
        return c2d::capi::give_json(
            Value::object({{"bytes_sent",
                            c2d::json::list_of(std::vector<double>(cost->bytes_sent.begin(), cost->bytes_sent.end()))},
                           {"rounds", cost->rounds},
                           {"seconds", cost->seconds},
                           {"memory_bytes", cost->memory_bytes}}),
            out);
    });
}

}  // extern "C"
