/* The one table of contracts: what each is called, and where its address stands.
 *
 * Shared by the native rules, the client, the served ledger, deployment, the address file, C and the command line.
 * X(member of ContractAddresses, "Name") */
#ifndef C2D_CONTRACT_LIST_H
#define C2D_CONTRACT_LIST_H

/* Those that are deployed, in the order of their deployment, which gives their addresses. */
#define C2D_DEPLOYED_CONTRACT_LIST(X)    \
    X(role_controller, "RoleController") \
    X(asset_provider, "AssetProvider")   \
    X(op_template, "OpTemplate")         \
    X(dt_factory, "DTFactory")           \
    X(task_market, "TaskMarket")

/* All of them: TaskMarket makes JobReceipts, AssetProvider makes Identity. */
#define C2D_CONTRACT_LIST(X)       \
    C2D_DEPLOYED_CONTRACT_LIST(X)  \
    X(job_receipts, "JobReceipts") \
    X(identity, "Identity")

#endif
