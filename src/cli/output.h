/* output.h - where a verb's lines go: standard output, or a file that appears when all is
 * done. For the rank that writes.
 */
#ifndef LOCKSTEP_SRC_CLI_OUTPUT_H
#define LOCKSTEP_SRC_CLI_OUTPUT_H

#include <stdio.h>

#include "lockstep/base/file.h"
#include "lockstep/base/status.h"

/* Start from {0}. */
typedef struct output {
    FILE *file; /* to print to */
    file_replacement place;
    bool is_file; /* and not standard output */
} output;

/* `path` NULL, "-" or another name of standard output, as /dev/stdout is: that.
 * STATUS_INPUT for a file of Lockstep's own, which text shall not replace. */
MUST_CHECK status output_open(output *out, const char *path);

/* After a block of lines: whoever waits for them gets them. When nobody reads them any more
 * the stop flag says SIGPIPE (base/stop.h), and that is no failure. */
MUST_CHECK status output_flush(output *out);

/* The file appears if `result` is OK, or else does not; gives `result`, or the failure of
 * the last bytes. One that was never opened is fine. */
MUST_CHECK status output_close(output *out, status result);

#endif
