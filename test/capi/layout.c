/* Prints what other languages must know of the structs: NAME SIZE, then FIELD OFFSET for each field.
 * First of all it checks that the _INIT macros and the _init functions agree. */
#include "check.h"

#define STRUCT(type) printf("%s %zu\n", #type, sizeof(type))
#define FIELD(type, field) printf("  %s %zu\n", #field, offsetof(type, field))

#define AGREE(type, macro)                                                      \
    do {                                                                        \
        static const type from_macro = macro;                                   \
        static type from_function;                                              \
        type##_init(&from_function);                                            \
        type##_init(NULL);                                                      \
        CHECK(from_macro.struct_size == sizeof(type));                          \
        CHECK(memcmp(&from_macro, &from_function, sizeof(type)) == 0);          \
    } while (0)

int main(void) {
    AGREE(c2d_rpc_options, C2D_RPC_OPTIONS_INIT);
    AGREE(c2d_chain_options, C2D_CHAIN_OPTIONS_INIT);
    AGREE(c2d_asset_registry_options, C2D_ASSET_REGISTRY_OPTIONS_INIT);
    AGREE(c2d_ipfs_options, C2D_IPFS_OPTIONS_INIT);
    AGREE(c2d_operator_draft, C2D_OPERATOR_DRAFT_INIT);
    AGREE(c2d_request, C2D_REQUEST_INIT);
    AGREE(c2d_job_verifier_options, C2D_JOB_VERIFIER_OPTIONS_INIT);
    AGREE(c2d_sandbox_limits, C2D_SANDBOX_LIMITS_INIT);
    AGREE(c2d_sandbox_options, C2D_SANDBOX_OPTIONS_INIT);
    AGREE(c2d_mpc_train_options, C2D_MPC_TRAIN_OPTIONS_INIT);
    AGREE(c2d_http_request, C2D_HTTP_REQUEST_INIT);
    AGREE(c2d_client_options, C2D_CLIENT_OPTIONS_INIT);
    AGREE(c2d_save_options, C2D_SAVE_OPTIONS_INIT);
    AGREE(c2d_provider_options, C2D_PROVIDER_OPTIONS_INIT);

    STRUCT(c2d_rpc_options);
    FIELD(c2d_rpc_options, chain_id);
    FIELD(c2d_rpc_options, gas_price);
    FIELD(c2d_rpc_options, confirmations);
    FIELD(c2d_rpc_options, first_block);
    FIELD(c2d_rpc_options, log_blocks_max);
    FIELD(c2d_rpc_options, receipt_deadline_ms);
    FIELD(c2d_rpc_options, methods);
    FIELD(c2d_rpc_options, address_prefix);
    FIELD(c2d_rpc_options, fixed_gas_price);
    FIELD(c2d_rpc_options, force_legacy);
    FIELD(c2d_rpc_options, block_time);
    STRUCT(c2d_chain_options);
    FIELD(c2d_chain_options, network_url);
    FIELD(c2d_chain_options, environment);
    FIELD(c2d_chain_options, address_file);
    FIELD(c2d_chain_options, network_name);
    FIELD(c2d_chain_options, trust_dir);
    FIELD(c2d_chain_options, rpc);
    FIELD(c2d_chain_options, clock_ok);
    FIELD(c2d_chain_options, reserved);
    STRUCT(c2d_chain_head);
    FIELD(c2d_chain_head, number);
    FIELD(c2d_chain_head, time);
    FIELD(c2d_chain_head, hash);
    STRUCT(c2d_ipfs_options);
    FIELD(c2d_ipfs_options, endpoint);
    FIELD(c2d_ipfs_options, authorization);
    FIELD(c2d_ipfs_options, find_within_ms);
    STRUCT(c2d_asset_registry_options);
    FIELD(c2d_asset_registry_options, documents);
    FIELD(c2d_asset_registry_options, environment);
    FIELD(c2d_asset_registry_options, accept_legacy_checksum);
    STRUCT(c2d_operator_draft);
    FIELD(c2d_operator_draft, metadata_json);
    FIELD(c2d_operator_draft, operation);
    FIELD(c2d_operator_draft, params_json);
    FIELD(c2d_operator_draft, id);
    STRUCT(c2d_request);
    FIELD(c2d_request, method);
    FIELD(c2d_request, audience);
    FIELD(c2d_request, dt);
    FIELD(c2d_request, algo_dt);
    FIELD(c2d_request, job_id);
    FIELD(c2d_request, store_path);
    FIELD(c2d_request, lifetime_seconds);
    FIELD(c2d_request, environment);
    STRUCT(c2d_job_verifier_options);
    FIELD(c2d_job_verifier_options, self);
    FIELD(c2d_job_verifier_options, nonces);
    FIELD(c2d_job_verifier_options, environment);
    FIELD(c2d_job_verifier_options, accepted_parties);
    FIELD(c2d_job_verifier_options, accepted_parties_count);
    FIELD(c2d_job_verifier_options, allow_collusion);
    FIELD(c2d_job_verifier_options, accept_legacy_signatures);
    STRUCT(c2d_sandbox_options);
    FIELD(c2d_sandbox_options, helper);
    FIELD(c2d_sandbox_options, cgroup);
    FIELD(c2d_sandbox_options, environment);
    STRUCT(c2d_sandbox_limits);
    FIELD(c2d_sandbox_limits, memory_bytes);
    FIELD(c2d_sandbox_limits, tmp_bytes);
    FIELD(c2d_sandbox_limits, output_bytes);
    FIELD(c2d_sandbox_limits, log_bytes);
    FIELD(c2d_sandbox_limits, wall_ms);
    FIELD(c2d_sandbox_limits, cpu_ms);
    FIELD(c2d_sandbox_limits, output_files);
    FIELD(c2d_sandbox_limits, processes);
    FIELD(c2d_sandbox_limits, open_files);
    FIELD(c2d_sandbox_limits, reserved);
    STRUCT(c2d_mpc_train_options);
    FIELD(c2d_mpc_train_options, lr);
    FIELD(c2d_mpc_train_options, batch_size);
    FIELD(c2d_mpc_train_options, split);
    FIELD(c2d_mpc_train_options, iterations);
    FIELD(c2d_mpc_train_options, seed);
    FIELD(c2d_mpc_train_options, evaluate_every);
    FIELD(c2d_mpc_train_options, auc_to);
    FIELD(c2d_mpc_train_options, precise);
    FIELD(c2d_mpc_train_options, l2);
    FIELD(c2d_mpc_train_options, lr_decay);
    FIELD(c2d_mpc_train_options, lr_decay_every);
    FIELD(c2d_mpc_train_options, wide_area);
    STRUCT(c2d_mpc_stats);
    FIELD(c2d_mpc_stats, bytes_sent);
    FIELD(c2d_mpc_stats, bytes_received);
    FIELD(c2d_mpc_stats, rounds);
    STRUCT(c2d_http_request);
    FIELD(c2d_http_request, method);
    FIELD(c2d_http_request, target);
    FIELD(c2d_http_request, body);
    FIELD(c2d_http_request, body_size);
    FIELD(c2d_http_request, authorization);
    FIELD(c2d_http_request, range);
    STRUCT(c2d_client_options);
    FIELD(c2d_client_options, key);
    FIELD(c2d_client_options, environment);
    FIELD(c2d_client_options, http);
    FIELD(c2d_client_options, http_user_data);
    FIELD(c2d_client_options, http_destroy);
    FIELD(c2d_client_options, http_timeout_ms);
    FIELD(c2d_client_options, result_bytes_max);
    STRUCT(c2d_save_options);
    FIELD(c2d_save_options, replace);
    FIELD(c2d_save_options, receipts);
    FIELD(c2d_save_options, receipts_count);
    STRUCT(c2d_provider_asset);
    FIELD(c2d_provider_asset, dt);
    FIELD(c2d_provider_asset, path);
    STRUCT(c2d_provider_mount);
    FIELD(c2d_provider_mount, host);
    FIELD(c2d_provider_mount, inside);
    STRUCT(c2d_provider_variable);
    FIELD(c2d_provider_variable, name);
    FIELD(c2d_provider_variable, value);
    STRUCT(c2d_port_range);
    FIELD(c2d_port_range, first);
    FIELD(c2d_port_range, last);
    STRUCT(c2d_provider_options);
    FIELD(c2d_provider_options, key);
    FIELD(c2d_provider_options, environment);
    FIELD(c2d_provider_options, exec_dirpath);
    FIELD(c2d_provider_options, assets);
    FIELD(c2d_provider_options, assets_count);
    FIELD(c2d_provider_options, registrable);
    FIELD(c2d_provider_options, registrable_count);
    FIELD(c2d_provider_options, accepted_parties);
    FIELD(c2d_provider_options, accepted_parties_count);
    FIELD(c2d_provider_options, allow_collusion);
    FIELD(c2d_provider_options, accept_legacy_signatures);
    FIELD(c2d_provider_options, peer_bind);
    FIELD(c2d_provider_options, peer_ports);
    FIELD(c2d_provider_options, peer_ports_count);
    FIELD(c2d_provider_options, peer_networks);
    FIELD(c2d_provider_options, peer_networks_count);
    FIELD(c2d_provider_options, peer_connect_ms);
    FIELD(c2d_provider_options, sandbox);
    FIELD(c2d_provider_options, limits);
    FIELD(c2d_provider_options, workers);
    FIELD(c2d_provider_options, queue_max);
    FIELD(c2d_provider_options, python_package);
    FIELD(c2d_provider_options, python_library);
    FIELD(c2d_provider_options, mounts);
    FIELD(c2d_provider_options, mounts_count);
    FIELD(c2d_provider_options, variables);
    FIELD(c2d_provider_options, variables_count);
    FIELD(c2d_provider_options, peer_sources);
    FIELD(c2d_provider_options, peer_sources_count);
    FIELD(c2d_provider_options, peer_sources_only);
    FIELD(c2d_provider_options, waiting_seconds);
    FIELD(c2d_provider_options, disk_bytes_min);
    FIELD(c2d_provider_options, defer_start);
    return failures == 0 ? 0 : 1;
}
