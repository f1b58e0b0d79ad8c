/* filterbank.h - a window of sound as log-mel energies: the one door to FFTW. What is computed
 * stands in lockstep/data/audio_features.h. */
#ifndef LOCKSTEP_SRC_DATA_FILTERBANK_H
#define LOCKSTEP_SRC_DATA_FILTERBANK_H

#include <stddef.h>

#include "lockstep/base/status.h"
#include "lockstep/data/audio_features.h"

/* Tables and a plan, always the same one (FFTW_ESTIMATE). Of use to one thread at a time; no
 * two are to be created or destroyed at the same time. */
typedef struct filterbank filterbank;

/* STATUS_CONFIG when some mel would hold no frequency of the transform. `*out` is owned:
 * filterbank_destroy. */
MUST_CHECK status filterbank_create(filterbank **out, const audio_settings *settings);
void filterbank_destroy(filterbank *bank); /* NULL is fine */

size_t filterbank_window(const filterbank *bank); /* samples that a frame hears */
size_t filterbank_hop(const filterbank *bank);    /* samples from one frame to the next */

/* `samples` [window] into `mels` [mels]. */
void filterbank_frame(filterbank *bank, const double *samples, float *mels);

#endif
