/// What `Session::join` asks of a protocol beside `Backend`: the rows that two tables have in common, without anybody
/// learning which these are.
#pragma once

#include "mpc/core/tensor.hpp"
#include "mpc/core/words.hpp"

#include <optional>
#include <vector>

namespace c2d::mpc {

class Joining {
public:
    virtual ~Joining() = default;

    /// Words of a tag, which is the same for two rows exactly if their ids are.
    static constexpr std::size_t kTagWords = 2;

    /// A bank's table.
    struct Table {
        std::size_t rows = 0;
        /// Row by row, at the bank; empty elsewhere. No two rows have the same.
        Words tags = {};
        /// Of as many rows.
        std::vector<const TensorData*> columns = {};
    };
    struct Common {
        std::size_t rows = 0;
        /// Those of both tables; row i is the same customer in all. The order tells nothing.
        std::vector<TensorPtr> columns[2] = {};
    };
    /// `tables` of parties 0 and 1. Nothing where they have fewer than `rows_min` rows in common, which all learn. All
    /// learn how many there are. Fails with `peer` where a party does not do its part.
    virtual Result<std::optional<Common>> join(const Table (&tables)[2], std::size_t rows_min) = 0;
};

}  // namespace c2d::mpc
