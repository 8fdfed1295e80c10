/* c2d's whole C interface. The rules stand at the top of c2d/capi/base.h. */
#ifndef C2D_C2D_H
#define C2D_C2D_H

#include <c2d/capi/base.h>
#include <c2d/capi/mpc.h>

#endif
