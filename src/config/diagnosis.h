/* diagnosis.h - what libfyaml complains of, kept and not printed. */
#ifndef LOCKSTEP_SRC_CONFIG_DIAGNOSIS_H
#define LOCKSTEP_SRC_CONFIG_DIAGNOSIS_H

struct fy_diag;

/* NULL when there is no memory. Owned: fy_diag_destroy. */
struct fy_diag *diagnosis_create(void);

#endif
