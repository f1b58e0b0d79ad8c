/* diagnosis.c - what libfyaml complains of, kept and not printed. */
#include "diagnosis.h"

#include <libfyaml.h>
#include <stddef.h>

static void print_nothing(struct fy_diag *diag, void *user, const char *text, size_t size)
{
    (void)diag, (void)user, (void)text, (void)size;
}

struct fy_diag *diagnosis_create(void)
{
    struct fy_diag_cfg settings;
    fy_diag_cfg_default(&settings);
    settings.fp = NULL;
    settings.output_fn = print_nothing;
    settings.colorize = false;
    struct fy_diag *diag = fy_diag_create(&settings);
    if (diag)
        fy_diag_set_collect_errors(diag, true);
    return diag;
}
