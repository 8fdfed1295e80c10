/// Where a session's calls are carried out: in this process, or in the engine's.
#pragma once

#include "mpc/core/call.hpp"

namespace c2d::mpc {

class Computation {
public:
    virtual ~Computation() = default;
    virtual Result<Reply> run(const Call& call, const TrainProgress& progress) = 0;
    /// Ids are bytes and not tensors, so it is no call.
    virtual Result<Alignment> align(const std::optional<std::vector<IdColumn>>& ids, const AlignOptions& options) = 0;
    virtual Result<Joined> join(const std::optional<std::vector<IdColumn>>& ids, const std::vector<Tensor>& columns,
                                const AlignOptions& options) = 0;
    virtual unsigned party() const noexcept = 0;
    virtual const Link::Stats& stats() const noexcept = 0;
    virtual std::vector<Disclosure> disclosures() const = 0;
    virtual std::optional<Resumed> resumed() const = 0;
    /// Of the training that runs or ran last.
    virtual double iterations_per_second() const noexcept = 0;
    /// Tells whoever stands over the operator with which rule its columns were prepared; nobody, where it runs by
    /// itself.
    virtual Result<Unit> note_rule(const Bytes32& digest) {
        static_cast<void>(digest);
        return Unit{};
    }
};

}  // namespace c2d::mpc
