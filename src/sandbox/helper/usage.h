/* What the operator's processes use right now, by their own /proc. */
#ifndef C2D_HELPER_USAGE_H
#define C2D_HELPER_USAGE_H

#include "job.h"

/* Fills cpu_us, tasks and, where the plan asks for it, memory_bytes. Processor time of processes
 * that were collected is counted; of such as nobody waited for it is not. */
void measure_usage(struct job* job, struct c2d_message* out);

#endif
