/* Prints what other languages must know of the structs: NAME SIZE, then FIELD OFFSET for each field.
 * First of all it checks that the _INIT macros and the _init functions agree.
 * Made by src/tools/codegen/generate.py; change the headers and run it again. */
/* clang-format off */
#include "check.h"

#define AGREE(type, macro)                                               \
    do {                                                                 \
        static const type from_macro = macro;                            \
        static type from_function;                                       \
        type##_init(&from_function);                                     \
        type##_init(NULL);                                               \
        CHECK(from_macro.struct_size == sizeof(type));                   \
        CHECK(memcmp(&from_macro, &from_function, sizeof(type)) == 0);   \
    } while (0)

struct field {
    const char* name;
    size_t offset;
};

static void print_layout(const char* name, size_t size, const struct field* fields, size_t count) {
    printf("%s %zu\n", name, size);
    for (size_t i = 0; i < count; i++) printf("  %s %zu\n", fields[i].name, fields[i].offset);
}

static void print_c2d_mpc_opening_rules(void) {
    static const struct field fields[] = {
        {"rows", offsetof(c2d_mpc_opening_rules, rows)},
        {"positives", offsetof(c2d_mpc_opening_rules, positives)},
        {"negatives", offsetof(c2d_mpc_opening_rules, negatives)},
        {"weight_share_max", offsetof(c2d_mpc_opening_rules, weight_share_max)},
        {"reveal_any", offsetof(c2d_mpc_opening_rules, reveal_any)},
        {"label_counts", offsetof(c2d_mpc_opening_rules, label_counts)},
        {"scores", offsetof(c2d_mpc_opening_rules, scores)},
        {"reserved", offsetof(c2d_mpc_opening_rules, reserved)},
        {"score_rows_max", offsetof(c2d_mpc_opening_rules, score_rows_max)},
        {"reason_codes", offsetof(c2d_mpc_opening_rules, reason_codes)},
        {"coefficients", offsetof(c2d_mpc_opening_rules, coefficients)},
    };
    print_layout("c2d_mpc_opening_rules", sizeof(c2d_mpc_opening_rules), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_mpc_peer_keys(void) {
    static const struct field fields[] = {
        {"party", offsetof(c2d_mpc_peer_keys, party)},
        {"reserved", offsetof(c2d_mpc_peer_keys, reserved)},
        {"session_binding", offsetof(c2d_mpc_peer_keys, session_binding)},
        {"pre_shared", offsetof(c2d_mpc_peer_keys, pre_shared)},
        {"pre_shared_size", offsetof(c2d_mpc_peer_keys, pre_shared_size)},
    };
    print_layout("c2d_mpc_peer_keys", sizeof(c2d_mpc_peer_keys), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_mpc_session_options(void) {
    static const struct field fields[] = {
        {"rules", offsetof(c2d_mpc_session_options, rules)},
        {"peers", offsetof(c2d_mpc_session_options, peers)},
        {"peers_count", offsetof(c2d_mpc_session_options, peers_count)},
        {"kept", offsetof(c2d_mpc_session_options, kept)},
        {"checkpoints", offsetof(c2d_mpc_session_options, checkpoints)},
        {"checkpoint_ms", offsetof(c2d_mpc_session_options, checkpoint_ms)},
        {"attempt", offsetof(c2d_mpc_session_options, attempt)},
        {"reserved", offsetof(c2d_mpc_session_options, reserved)},
    };
    print_layout("c2d_mpc_session_options", sizeof(c2d_mpc_session_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_mpc_stats(void) {
    static const struct field fields[] = {
        {"bytes_sent", offsetof(c2d_mpc_stats, bytes_sent)},
        {"bytes_received", offsetof(c2d_mpc_stats, bytes_received)},
        {"rounds", offsetof(c2d_mpc_stats, rounds)},
    };
    print_layout("c2d_mpc_stats", sizeof(c2d_mpc_stats), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_mpc_score_options(void) {
    static const struct field fields[] = {
        {"kind", offsetof(c2d_mpc_score_options, kind)},
        {"reserved", offsetof(c2d_mpc_score_options, reserved)},
        {"points", offsetof(c2d_mpc_score_options, points)},
        {"odds", offsetof(c2d_mpc_score_options, odds)},
        {"double_after", offsetof(c2d_mpc_score_options, double_after)},
    };
    print_layout("c2d_mpc_score_options", sizeof(c2d_mpc_score_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_mpc_train_options(void) {
    static const struct field fields[] = {
        {"lr", offsetof(c2d_mpc_train_options, lr)},
        {"batch_size", offsetof(c2d_mpc_train_options, batch_size)},
        {"split", offsetof(c2d_mpc_train_options, split)},
        {"iterations", offsetof(c2d_mpc_train_options, iterations)},
        {"seed", offsetof(c2d_mpc_train_options, seed)},
        {"evaluate_every", offsetof(c2d_mpc_train_options, evaluate_every)},
        {"auc_to", offsetof(c2d_mpc_train_options, auc_to)},
        {"precise", offsetof(c2d_mpc_train_options, precise)},
        {"l2", offsetof(c2d_mpc_train_options, l2)},
        {"lr_decay", offsetof(c2d_mpc_train_options, lr_decay)},
        {"lr_decay_every", offsetof(c2d_mpc_train_options, lr_decay_every)},
        {"wide_area", offsetof(c2d_mpc_train_options, wide_area)},
        {"reserved", offsetof(c2d_mpc_train_options, reserved)},
        {"zero_is_zero", offsetof(c2d_mpc_train_options, zero_is_zero)},
    };
    print_layout("c2d_mpc_train_options", sizeof(c2d_mpc_train_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_mpc_regression_options(void) {
    static const struct field fields[] = {
        {"ridge", offsetof(c2d_mpc_regression_options, ridge)},
        {"tolerance", offsetof(c2d_mpc_regression_options, tolerance)},
        {"steps_max", offsetof(c2d_mpc_regression_options, steps_max)},
        {"curvature_rows", offsetof(c2d_mpc_regression_options, curvature_rows)},
        {"seed", offsetof(c2d_mpc_regression_options, seed)},
        {"sample_weight", offsetof(c2d_mpc_regression_options, sample_weight)},
        {"offset", offsetof(c2d_mpc_regression_options, offset)},
        {"statistics_to", offsetof(c2d_mpc_regression_options, statistics_to)},
        {"statistics_to_count", offsetof(c2d_mpc_regression_options, statistics_to_count)},
        {"no_ridge", offsetof(c2d_mpc_regression_options, no_ridge)},
        {"reserved", offsetof(c2d_mpc_regression_options, reserved)},
    };
    print_layout("c2d_mpc_regression_options", sizeof(c2d_mpc_regression_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_mpc_regression_result(void) {
    static const struct field fields[] = {
        {"steps", offsetof(c2d_mpc_regression_result, steps)},
        {"converged", offsetof(c2d_mpc_regression_result, converged)},
        {"reserved", offsetof(c2d_mpc_regression_result, reserved)},
        {"scale", offsetof(c2d_mpc_regression_result, scale)},
    };
    print_layout("c2d_mpc_regression_result", sizeof(c2d_mpc_regression_result), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_mpc_align_options(void) {
    static const struct field fields[] = {
        {"mode", offsetof(c2d_mpc_align_options, mode)},
        {"first_of_duplicates", offsetof(c2d_mpc_align_options, first_of_duplicates)},
        {"nfkc", offsetof(c2d_mpc_align_options, nfkc)},
        {"fold_case", offsetof(c2d_mpc_align_options, fold_case)},
        {"keep_space", offsetof(c2d_mpc_align_options, keep_space)},
        {"digits_only", offsetof(c2d_mpc_align_options, digits_only)},
        {"rows_max", offsetof(c2d_mpc_align_options, rows_max)},
        {"common_min", offsetof(c2d_mpc_align_options, common_min)},
        {"common_share_min", offsetof(c2d_mpc_align_options, common_share_min)},
        {"job", offsetof(c2d_mpc_align_options, job)},
        {"schema_a", offsetof(c2d_mpc_align_options, schema_a)},
        {"schema_b", offsetof(c2d_mpc_align_options, schema_b)},
    };
    print_layout("c2d_mpc_align_options", sizeof(c2d_mpc_align_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_mpc_pair_options(void) {
    static const struct field fields[] = {
        {"party", offsetof(c2d_mpc_pair_options, party)},
        {"port_a", offsetof(c2d_mpc_pair_options, port_a)},
        {"port_b", offsetof(c2d_mpc_pair_options, port_b)},
        {"reserved", offsetof(c2d_mpc_pair_options, reserved)},
        {"host_a", offsetof(c2d_mpc_pair_options, host_a)},
        {"host_b", offsetof(c2d_mpc_pair_options, host_b)},
        {"address_a", offsetof(c2d_mpc_pair_options, address_a)},
        {"address_b", offsetof(c2d_mpc_pair_options, address_b)},
        {"run", offsetof(c2d_mpc_pair_options, run)},
        {"deadline_ms", offsetof(c2d_mpc_pair_options, deadline_ms)},
    };
    print_layout("c2d_mpc_pair_options", sizeof(c2d_mpc_pair_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_rpc_options(void) {
    static const struct field fields[] = {
        {"chain_id", offsetof(c2d_rpc_options, chain_id)},
        {"gas_price", offsetof(c2d_rpc_options, gas_price)},
        {"confirmations", offsetof(c2d_rpc_options, confirmations)},
        {"first_block", offsetof(c2d_rpc_options, first_block)},
        {"log_blocks_max", offsetof(c2d_rpc_options, log_blocks_max)},
        {"receipt_deadline_ms", offsetof(c2d_rpc_options, receipt_deadline_ms)},
        {"methods", offsetof(c2d_rpc_options, methods)},
        {"address_prefix", offsetof(c2d_rpc_options, address_prefix)},
        {"fixed_gas_price", offsetof(c2d_rpc_options, fixed_gas_price)},
        {"force_legacy", offsetof(c2d_rpc_options, force_legacy)},
        {"block_time", offsetof(c2d_rpc_options, block_time)},
        {"read_block", offsetof(c2d_rpc_options, read_block)},
    };
    print_layout("c2d_rpc_options", sizeof(c2d_rpc_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_chain_options(void) {
    static const struct field fields[] = {
        {"network_url", offsetof(c2d_chain_options, network_url)},
        {"environment", offsetof(c2d_chain_options, environment)},
        {"address_file", offsetof(c2d_chain_options, address_file)},
        {"network_name", offsetof(c2d_chain_options, network_name)},
        {"trust_dir", offsetof(c2d_chain_options, trust_dir)},
        {"rpc", offsetof(c2d_chain_options, rpc)},
        {"clock_ok", offsetof(c2d_chain_options, clock_ok)},
        {"reserved", offsetof(c2d_chain_options, reserved)},
    };
    print_layout("c2d_chain_options", sizeof(c2d_chain_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_chain_head(void) {
    static const struct field fields[] = {
        {"number", offsetof(c2d_chain_head, number)},
        {"time", offsetof(c2d_chain_head, time)},
        {"hash", offsetof(c2d_chain_head, hash)},
    };
    print_layout("c2d_chain_head", sizeof(c2d_chain_head), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_ipfs_options(void) {
    static const struct field fields[] = {
        {"endpoint", offsetof(c2d_ipfs_options, endpoint)},
        {"authorization", offsetof(c2d_ipfs_options, authorization)},
        {"find_within_ms", offsetof(c2d_ipfs_options, find_within_ms)},
    };
    print_layout("c2d_ipfs_options", sizeof(c2d_ipfs_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_asset_registry_options(void) {
    static const struct field fields[] = {
        {"documents", offsetof(c2d_asset_registry_options, documents)},
        {"environment", offsetof(c2d_asset_registry_options, environment)},
        {"accept_legacy_checksum", offsetof(c2d_asset_registry_options, accept_legacy_checksum)},
    };
    print_layout("c2d_asset_registry_options", sizeof(c2d_asset_registry_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_operator_draft(void) {
    static const struct field fields[] = {
        {"metadata_json", offsetof(c2d_operator_draft, metadata_json)},
        {"operation", offsetof(c2d_operator_draft, operation)},
        {"params_json", offsetof(c2d_operator_draft, params_json)},
        {"id", offsetof(c2d_operator_draft, id)},
    };
    print_layout("c2d_operator_draft", sizeof(c2d_operator_draft), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_http_request(void) {
    static const struct field fields[] = {
        {"method", offsetof(c2d_http_request, method)},
        {"target", offsetof(c2d_http_request, target)},
        {"body", offsetof(c2d_http_request, body)},
        {"body_size", offsetof(c2d_http_request, body_size)},
        {"authorization", offsetof(c2d_http_request, authorization)},
        {"range", offsetof(c2d_http_request, range)},
    };
    print_layout("c2d_http_request", sizeof(c2d_http_request), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_client_options(void) {
    static const struct field fields[] = {
        {"key", offsetof(c2d_client_options, key)},
        {"environment", offsetof(c2d_client_options, environment)},
        {"http", offsetof(c2d_client_options, http)},
        {"http_user_data", offsetof(c2d_client_options, http_user_data)},
        {"http_destroy", offsetof(c2d_client_options, http_destroy)},
        {"http_timeout_ms", offsetof(c2d_client_options, http_timeout_ms)},
        {"result_bytes_max", offsetof(c2d_client_options, result_bytes_max)},
    };
    print_layout("c2d_client_options", sizeof(c2d_client_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_save_options(void) {
    static const struct field fields[] = {
        {"replace", offsetof(c2d_save_options, replace)},
        {"receipts", offsetof(c2d_save_options, receipts)},
        {"receipts_count", offsetof(c2d_save_options, receipts_count)},
        {"identity_file", offsetof(c2d_save_options, identity_file)},
    };
    print_layout("c2d_save_options", sizeof(c2d_save_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_request(void) {
    static const struct field fields[] = {
        {"method", offsetof(c2d_request, method)},
        {"audience", offsetof(c2d_request, audience)},
        {"dt", offsetof(c2d_request, dt)},
        {"algo_dt", offsetof(c2d_request, algo_dt)},
        {"job_id", offsetof(c2d_request, job_id)},
        {"store_path", offsetof(c2d_request, store_path)},
        {"lifetime_seconds", offsetof(c2d_request, lifetime_seconds)},
        {"environment", offsetof(c2d_request, environment)},
        {"attempt", offsetof(c2d_request, attempt)},
    };
    print_layout("c2d_request", sizeof(c2d_request), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_job_verifier_options(void) {
    static const struct field fields[] = {
        {"self", offsetof(c2d_job_verifier_options, self)},
        {"nonces", offsetof(c2d_job_verifier_options, nonces)},
        {"environment", offsetof(c2d_job_verifier_options, environment)},
        {"accepted_parties", offsetof(c2d_job_verifier_options, accepted_parties)},
        {"accepted_parties_count", offsetof(c2d_job_verifier_options, accepted_parties_count)},
        {"allow_collusion", offsetof(c2d_job_verifier_options, allow_collusion)},
        {"accept_legacy_signatures", offsetof(c2d_job_verifier_options, accept_legacy_signatures)},
        {"accepted_composers", offsetof(c2d_job_verifier_options, accepted_composers)},
        {"accepted_composers_count", offsetof(c2d_job_verifier_options, accepted_composers_count)},
    };
    print_layout("c2d_job_verifier_options", sizeof(c2d_job_verifier_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_job_party(void) {
    static const struct field fields[] = {
        {"number", offsetof(c2d_job_party, number)},
        {"reserved", offsetof(c2d_job_party, reserved)},
        {"owner", offsetof(c2d_job_party, owner)},
        {"organisation", offsetof(c2d_job_party, organisation)},
        {"endpoint", offsetof(c2d_job_party, endpoint)},
    };
    print_layout("c2d_job_party", sizeof(c2d_job_party), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_job_input(void) {
    static const struct field fields[] = {
        {"dt", offsetof(c2d_job_input, dt)},
        {"name", offsetof(c2d_job_input, name)},
        {"document_checksum", offsetof(c2d_job_input, document_checksum)},
    };
    print_layout("c2d_job_input", sizeof(c2d_job_input), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_job_grant(void) {
    static const struct field fields[] = {
        {"dt", offsetof(c2d_job_grant, dt)},
        {"grantee", offsetof(c2d_job_grant, grantee)},
    };
    print_layout("c2d_job_grant", sizeof(c2d_job_grant), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_job_terms(void) {
    static const struct field fields[] = {
        {"job_id", offsetof(c2d_job_terms, job_id)},
        {"algo_dt", offsetof(c2d_job_terms, algo_dt)},
        {"algo_checksum", offsetof(c2d_job_terms, algo_checksum)},
        {"solver", offsetof(c2d_job_terms, solver)},
        {"op_template", offsetof(c2d_job_terms, op_template)},
        {"template_checksum", offsetof(c2d_job_terms, template_checksum)},
        {"operation", offsetof(c2d_job_terms, operation)},
        {"operation_size", offsetof(c2d_job_terms, operation_size)},
        {"args_json", offsetof(c2d_job_terms, args_json)},
        {"args_hash", offsetof(c2d_job_terms, args_hash)},
        {"all_parties", offsetof(c2d_job_terms, all_parties)},
        {"all_parties_count", offsetof(c2d_job_terms, all_parties_count)},
        {"inputs", offsetof(c2d_job_terms, inputs)},
        {"inputs_count", offsetof(c2d_job_terms, inputs_count)},
        {"grants", offsetof(c2d_job_terms, grants)},
        {"grants_count", offsetof(c2d_job_terms, grants_count)},
        {"outputs", offsetof(c2d_job_terms, outputs)},
        {"outputs_count", offsetof(c2d_job_terms, outputs_count)},
        {"release_log", offsetof(c2d_job_terms, release_log)},
        {"parties", offsetof(c2d_job_terms, parties)},
        {"party", offsetof(c2d_job_terms, party)},
        {"release_exit", offsetof(c2d_job_terms, release_exit)},
        {"collusion_overridden", offsetof(c2d_job_terms, collusion_overridden)},
        {"attempt", offsetof(c2d_job_terms, attempt)},
        {"attempts_max", offsetof(c2d_job_terms, attempts_max)},
    };
    print_layout("c2d_job_terms", sizeof(c2d_job_terms), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_sandbox_limits(void) {
    static const struct field fields[] = {
        {"memory_bytes", offsetof(c2d_sandbox_limits, memory_bytes)},
        {"tmp_bytes", offsetof(c2d_sandbox_limits, tmp_bytes)},
        {"output_bytes", offsetof(c2d_sandbox_limits, output_bytes)},
        {"log_bytes", offsetof(c2d_sandbox_limits, log_bytes)},
        {"wall_ms", offsetof(c2d_sandbox_limits, wall_ms)},
        {"cpu_ms", offsetof(c2d_sandbox_limits, cpu_ms)},
        {"output_files", offsetof(c2d_sandbox_limits, output_files)},
        {"processes", offsetof(c2d_sandbox_limits, processes)},
        {"open_files", offsetof(c2d_sandbox_limits, open_files)},
        {"reserved", offsetof(c2d_sandbox_limits, reserved)},
    };
    print_layout("c2d_sandbox_limits", sizeof(c2d_sandbox_limits), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_sandbox_options(void) {
    static const struct field fields[] = {
        {"helper", offsetof(c2d_sandbox_options, helper)},
        {"cgroup", offsetof(c2d_sandbox_options, cgroup)},
        {"environment", offsetof(c2d_sandbox_options, environment)},
    };
    print_layout("c2d_sandbox_options", sizeof(c2d_sandbox_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_trial_options(void) {
    static const struct field fields[] = {
        {"rules", offsetof(c2d_trial_options, rules)},
        {"kept", offsetof(c2d_trial_options, kept)},
        {"clear", offsetof(c2d_trial_options, clear)},
        {"reserved", offsetof(c2d_trial_options, reserved)},
    };
    print_layout("c2d_trial_options", sizeof(c2d_trial_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_provider_asset(void) {
    static const struct field fields[] = {
        {"dt", offsetof(c2d_provider_asset, dt)},
        {"path", offsetof(c2d_provider_asset, path)},
    };
    print_layout("c2d_provider_asset", sizeof(c2d_provider_asset), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_provider_source(void) {
    static const struct field fields[] = {
        {"dt", offsetof(c2d_provider_source, dt)},
        {"source", offsetof(c2d_provider_source, source)},
    };
    print_layout("c2d_provider_source", sizeof(c2d_provider_source), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_provider_mount(void) {
    static const struct field fields[] = {
        {"host", offsetof(c2d_provider_mount, host)},
        {"inside", offsetof(c2d_provider_mount, inside)},
    };
    print_layout("c2d_provider_mount", sizeof(c2d_provider_mount), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_provider_variable(void) {
    static const struct field fields[] = {
        {"name", offsetof(c2d_provider_variable, name)},
        {"value", offsetof(c2d_provider_variable, value)},
    };
    print_layout("c2d_provider_variable", sizeof(c2d_provider_variable), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_port_range(void) {
    static const struct field fields[] = {
        {"first", offsetof(c2d_port_range, first)},
        {"last", offsetof(c2d_port_range, last)},
    };
    print_layout("c2d_port_range", sizeof(c2d_port_range), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_provider_peer_psk(void) {
    static const struct field fields[] = {
        {"organisation", offsetof(c2d_provider_peer_psk, organisation)},
        {"path", offsetof(c2d_provider_peer_psk, path)},
    };
    print_layout("c2d_provider_peer_psk", sizeof(c2d_provider_peer_psk), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_provider_queue_weight(void) {
    static const struct field fields[] = {
        {"solver", offsetof(c2d_provider_queue_weight, solver)},
        {"weight", offsetof(c2d_provider_queue_weight, weight)},
    };
    print_layout("c2d_provider_queue_weight", sizeof(c2d_provider_queue_weight), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_provider_options(void) {
    static const struct field fields[] = {
        {"key", offsetof(c2d_provider_options, key)},
        {"environment", offsetof(c2d_provider_options, environment)},
        {"exec_dirpath", offsetof(c2d_provider_options, exec_dirpath)},
        {"assets", offsetof(c2d_provider_options, assets)},
        {"assets_count", offsetof(c2d_provider_options, assets_count)},
        {"registrable", offsetof(c2d_provider_options, registrable)},
        {"registrable_count", offsetof(c2d_provider_options, registrable_count)},
        {"accepted_parties", offsetof(c2d_provider_options, accepted_parties)},
        {"accepted_parties_count", offsetof(c2d_provider_options, accepted_parties_count)},
        {"allow_collusion", offsetof(c2d_provider_options, allow_collusion)},
        {"accept_legacy_signatures", offsetof(c2d_provider_options, accept_legacy_signatures)},
        {"peer_bind", offsetof(c2d_provider_options, peer_bind)},
        {"peer_ports", offsetof(c2d_provider_options, peer_ports)},
        {"peer_ports_count", offsetof(c2d_provider_options, peer_ports_count)},
        {"peer_networks", offsetof(c2d_provider_options, peer_networks)},
        {"peer_networks_count", offsetof(c2d_provider_options, peer_networks_count)},
        {"peer_connect_ms", offsetof(c2d_provider_options, peer_connect_ms)},
        {"sandbox", offsetof(c2d_provider_options, sandbox)},
        {"limits", offsetof(c2d_provider_options, limits)},
        {"workers", offsetof(c2d_provider_options, workers)},
        {"queue_max", offsetof(c2d_provider_options, queue_max)},
        {"python_package", offsetof(c2d_provider_options, python_package)},
        {"python_library", offsetof(c2d_provider_options, python_library)},
        {"mounts", offsetof(c2d_provider_options, mounts)},
        {"mounts_count", offsetof(c2d_provider_options, mounts_count)},
        {"variables", offsetof(c2d_provider_options, variables)},
        {"variables_count", offsetof(c2d_provider_options, variables_count)},
        {"peer_sources", offsetof(c2d_provider_options, peer_sources)},
        {"peer_sources_count", offsetof(c2d_provider_options, peer_sources_count)},
        {"peer_sources_only", offsetof(c2d_provider_options, peer_sources_only)},
        {"waiting_seconds", offsetof(c2d_provider_options, waiting_seconds)},
        {"disk_bytes_min", offsetof(c2d_provider_options, disk_bytes_min)},
        {"defer_start", offsetof(c2d_provider_options, defer_start)},
        {"accepted_composers", offsetof(c2d_provider_options, accepted_composers)},
        {"accepted_composers_count", offsetof(c2d_provider_options, accepted_composers_count)},
        {"organisation", offsetof(c2d_provider_options, organisation)},
        {"peer_psk", offsetof(c2d_provider_options, peer_psk)},
        {"peer_psk_count", offsetof(c2d_provider_options, peer_psk_count)},
        {"peer_silence_ms", offsetof(c2d_provider_options, peer_silence_ms)},
        {"peer_port", offsetof(c2d_provider_options, peer_port)},
        {"queue_weights", offsetof(c2d_provider_options, queue_weights)},
        {"queue_weights_count", offsetof(c2d_provider_options, queue_weights_count)},
        {"queue_share", offsetof(c2d_provider_options, queue_share)},
        {"artifact_key", offsetof(c2d_provider_options, artifact_key)},
        {"sources", offsetof(c2d_provider_options, sources)},
        {"sources_count", offsetof(c2d_provider_options, sources_count)},
        {"release_bytes_max", offsetof(c2d_provider_options, release_bytes_max)},
        {"attempt_seconds", offsetof(c2d_provider_options, attempt_seconds)},
        {"checkpoint_seconds", offsetof(c2d_provider_options, checkpoint_seconds)},
    };
    print_layout("c2d_provider_options", sizeof(c2d_provider_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void print_c2d_table_options(void) {
    static const struct field fields[] = {
        {"schema", offsetof(c2d_table_options, schema)},
        {"encoding", offsetof(c2d_table_options, encoding)},
        {"delimiter", offsetof(c2d_table_options, delimiter)},
        {"decimal", offsetof(c2d_table_options, decimal)},
        {"id", offsetof(c2d_table_options, id)},
        {"label", offsetof(c2d_table_options, label)},
        {"problems_max", offsetof(c2d_table_options, problems_max)},
        {"bytes_max", offsetof(c2d_table_options, bytes_max)},
        {"header", offsetof(c2d_table_options, header)},
    };
    print_layout("c2d_table_options", sizeof(c2d_table_options), fields, sizeof(fields) / sizeof(fields[0]));
}

static void check_initial_values(void) {
    AGREE(c2d_mpc_opening_rules, C2D_MPC_OPENING_RULES_INIT);
    AGREE(c2d_mpc_session_options, C2D_MPC_SESSION_OPTIONS_INIT);
    AGREE(c2d_mpc_score_options, C2D_MPC_SCORE_OPTIONS_INIT);
    AGREE(c2d_mpc_train_options, C2D_MPC_TRAIN_OPTIONS_INIT);
    AGREE(c2d_mpc_regression_options, C2D_MPC_REGRESSION_OPTIONS_INIT);
    AGREE(c2d_mpc_align_options, C2D_MPC_ALIGN_OPTIONS_INIT);
    AGREE(c2d_mpc_pair_options, C2D_MPC_PAIR_OPTIONS_INIT);
    AGREE(c2d_rpc_options, C2D_RPC_OPTIONS_INIT);
    AGREE(c2d_chain_options, C2D_CHAIN_OPTIONS_INIT);
    AGREE(c2d_ipfs_options, C2D_IPFS_OPTIONS_INIT);
    AGREE(c2d_asset_registry_options, C2D_ASSET_REGISTRY_OPTIONS_INIT);
    AGREE(c2d_operator_draft, C2D_OPERATOR_DRAFT_INIT);
    AGREE(c2d_http_request, C2D_HTTP_REQUEST_INIT);
    AGREE(c2d_client_options, C2D_CLIENT_OPTIONS_INIT);
    AGREE(c2d_save_options, C2D_SAVE_OPTIONS_INIT);
    AGREE(c2d_request, C2D_REQUEST_INIT);
    AGREE(c2d_job_verifier_options, C2D_JOB_VERIFIER_OPTIONS_INIT);
    AGREE(c2d_sandbox_limits, C2D_SANDBOX_LIMITS_INIT);
    AGREE(c2d_sandbox_options, C2D_SANDBOX_OPTIONS_INIT);
    AGREE(c2d_trial_options, C2D_TRIAL_OPTIONS_INIT);
    AGREE(c2d_provider_options, C2D_PROVIDER_OPTIONS_INIT);
    AGREE(c2d_table_options, C2D_TABLE_OPTIONS_INIT);
}

int main(void) {
    check_initial_values();
    print_c2d_mpc_opening_rules();
    print_c2d_mpc_peer_keys();
    print_c2d_mpc_session_options();
    print_c2d_mpc_stats();
    print_c2d_mpc_score_options();
    print_c2d_mpc_train_options();
    print_c2d_mpc_regression_options();
    print_c2d_mpc_regression_result();
    print_c2d_mpc_align_options();
    print_c2d_mpc_pair_options();
    print_c2d_rpc_options();
    print_c2d_chain_options();
    print_c2d_chain_head();
    print_c2d_ipfs_options();
    print_c2d_asset_registry_options();
    print_c2d_operator_draft();
    print_c2d_http_request();
    print_c2d_client_options();
    print_c2d_save_options();
    print_c2d_request();
    print_c2d_job_verifier_options();
    print_c2d_job_party();
    print_c2d_job_input();
    print_c2d_job_grant();
    print_c2d_job_terms();
    print_c2d_sandbox_limits();
    print_c2d_sandbox_options();
    print_c2d_trial_options();
    print_c2d_provider_asset();
    print_c2d_provider_source();
    print_c2d_provider_mount();
    print_c2d_provider_variable();
    print_c2d_port_range();
    print_c2d_provider_peer_psk();
    print_c2d_provider_queue_weight();
    print_c2d_provider_options();
    print_c2d_table_options();
    return failures == 0 ? 0 : 1;
}
