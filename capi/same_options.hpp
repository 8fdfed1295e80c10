/// The fields of option structs that C++ has under the same name, as `put` takes them.
/// Made by src/tools/codegen/generate.py; change the headers and run it again.
/* clang-format off */
#pragma once

#include "option_fields.hpp"

#include <c2d/c2d.h>

namespace c2d::capi {

template <class Options>
Result<Unit> take_chain_options(const c2d_chain_options& given, Options& out) {
    put(out.network_url, given.network_url);
    put(out.address_file, given.address_file);
    put(out.network_name, given.network_name);
    put(out.trust_dir, given.trust_dir);
    put(out.clock_ok, given.clock_ok);
    return Unit{};
}

template <class Options>
Result<Unit> take_rpc_options(const c2d_rpc_options& given, Options& out) {
    put(out.chain_id, given.chain_id);
    put(out.confirmations, given.confirmations);
    put(out.first_block, given.first_block);
    put(out.log_blocks_max, given.log_blocks_max);
    C2D_CHECK(put(out.receipt_deadline, given.receipt_deadline_ms, "receipt_deadline_ms"));
    put(out.methods, given.methods);
    put(out.address_prefix, given.address_prefix);
    put(out.force_legacy, given.force_legacy);
    return Unit{};
}

template <class Options>
Result<Unit> take_client_options(const c2d_client_options& given, Options& out) {
    put(out.result_bytes_max, given.result_bytes_max);
    return Unit{};
}

template <class Options>
Result<Unit> take_job_verifier_options(const c2d_job_verifier_options& given, Options& out) {
    put(out.allow_collusion, given.allow_collusion);
    put(out.accept_legacy_signatures, given.accept_legacy_signatures);
    return Unit{};
}

template <class Options>
Result<Unit> take_provider_options(const c2d_provider_options& given, Options& out) {
    put(out.exec_dirpath, given.exec_dirpath);
    put(out.allow_collusion, given.allow_collusion);
    put(out.accept_legacy_signatures, given.accept_legacy_signatures);
    put(out.workers, given.workers);
    put(out.queue_max, given.queue_max);
    C2D_CHECK(put(out.waiting, given.waiting_seconds, "waiting_seconds"));
    put(out.disk_bytes_min, given.disk_bytes_min);
    put(out.defer_start, given.defer_start);
    put(out.queue_share, given.queue_share);
    put(out.artifact_key, given.artifact_key);
    put(out.release_bytes_max, given.release_bytes_max);
    return Unit{};
}

template <class Options>
Result<Unit> take_peer_policy(const c2d_provider_options& given, Options& out) {
    put(out.sources_only, given.peer_sources_only);
    C2D_CHECK(put(out.silence, given.peer_silence_ms, "peer_silence_ms"));
    put(out.port, given.peer_port);
    return Unit{};
}

template <class Options>
Result<Unit> take_sandbox_limits(const c2d_sandbox_limits& given, Options& out) {
    put(out.memory_bytes, given.memory_bytes);
    put(out.tmp_bytes, given.tmp_bytes);
    put(out.output_bytes, given.output_bytes);
    put(out.log_bytes, given.log_bytes);
    C2D_CHECK(put(out.wall, given.wall_ms, "wall_ms"));
    C2D_CHECK(put(out.cpu, given.cpu_ms, "cpu_ms"));
    put(out.output_files, given.output_files);
    put(out.processes, given.processes);
    put(out.open_files, given.open_files);
    return Unit{};
}

template <class Options>
Result<Unit> take_read_options(const c2d_table_options& given, Options& out) {
    put(out.encoding, given.encoding);
    put(out.id, given.id);
    put(out.label, given.label);
    put(out.problems_max, given.problems_max);
    put(out.bytes_max, given.bytes_max);
    return Unit{};
}

}  // namespace c2d::capi
