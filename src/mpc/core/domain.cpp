#include "mpc/core/domain.hpp"

#include "base/fail.hpp"

namespace c2d::mpc {

Error division_domain() {
    return fail(Status::DOMAIN,
                "divide: a divisor is not in [{}, {}), or a quotient is beyond +-{} (is it positive, "
                "and are both scaled alike?)",
                kDivisorMin, kDivisorMax, kQuotientMax);
}

Error root_domain() {
    return fail(Status::DOMAIN, "inverse_sqrt: an argument is not in [{}, {})", kDivisorMin, kDivisorMax);
}

Error log_domain() { return fail(Status::DOMAIN, "log: an argument is not in [{}, {})", kDivisorMin, kDivisorMax); }

Error sigmoid_domain() { return fail(Status::DOMAIN, "sigmoid: an argument is beyond +-{}", kLogitMax); }

Error standardise_domain() {
    return fail(Status::DOMAIN,
                "standardise: a column's standard deviation is below 2^-7 (is it constant?), or a "
                "value lies beyond {} of them (an outlier?)",
                kInputMax);
}

Error no_tensor() { return fail(Status::INVALID_ARGUMENT, "an empty tensor handle"); }

Error training_cancelled() { return fail(Status::CANCELLED, "the progress callback ended the training"); }

}  // namespace c2d::mpc
