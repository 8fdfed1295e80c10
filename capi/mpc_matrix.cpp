/// Matrices of numbers, as one party has them.
#include "mpc_handles.hpp"

using c2d::Result;
using c2d::Unit;
using c2d::capi::guard;
using c2d::capi::or_default;

extern "C" {

c2d_status c2d_mpc_matrix_create(size_t rows, size_t cols, const double* data, c2d_mpc_matrix** out,
                                 c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(data, out);
        if (rows == 0 || cols == 0 || rows > c2d::mpc::kElementsMax / cols)
            return c2d::Error(c2d::Status::INVALID_ARGUMENT, "a matrix is empty or too large");
        *out = new c2d_mpc_matrix{{rows, cols, std::vector<double>(data, data + rows * cols)}};
        return Unit{};
    });
}

c2d_status c2d_mpc_matrix_read_csv(const char* path, uint64_t bytes_max, c2d_mpc_matrix** out, c2d_error** error) {
    return guard(error, [&]() -> Result<Unit> {
        C2D_CAPI_NEED(path, out);
        auto matrix = c2d::mpc::read_csv(path, or_default(bytes_max, uint64_t{4} << 30));
        if (!matrix) return std::move(matrix).error();
        *out = new c2d_mpc_matrix{*std::move(matrix)};
        return Unit{};
    });
}

size_t c2d_mpc_matrix_rows(const c2d_mpc_matrix* matrix) { return matrix ? matrix->value.rows : 0; }

size_t c2d_mpc_matrix_cols(const c2d_mpc_matrix* matrix) { return matrix ? matrix->value.cols : 0; }

const double* c2d_mpc_matrix_data(const c2d_mpc_matrix* matrix) { return matrix ? matrix->value.data.data() : nullptr; }

void c2d_mpc_matrix_destroy(c2d_mpc_matrix* matrix) { delete matrix; }

}  // extern "C"
