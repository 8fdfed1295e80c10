/* c2d's whole C interface. The rules stand at the top of c2d/capi/base.h. */
#ifndef C2D_C2D_H
#define C2D_C2D_H

#include <c2d/capi/age.h>
#include <c2d/capi/align.h>
#include <c2d/capi/artifact.h>
#include <c2d/capi/asset_registry.h>
#include <c2d/capi/base.h>
#include <c2d/capi/chain.h>
#include <c2d/capi/chain_keys.h>
#include <c2d/capi/client.h>
#include <c2d/capi/document_store.h>
#include <c2d/capi/environment.h>
#include <c2d/capi/http.h>
#include <c2d/capi/job_receipt.h>
#include <c2d/capi/job_verifier.h>
#include <c2d/capi/key.h>
#include <c2d/capi/mpc.h>
#include <c2d/capi/provider.h>
#include <c2d/capi/request.h>
#include <c2d/capi/sandbox.h>
#include <c2d/capi/table.h>
#include <c2d/capi/tracer.h>

#endif
