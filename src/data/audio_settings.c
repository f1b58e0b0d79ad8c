/* audio_settings.c - the settings of features, from the configuration. */
#include "lockstep/data/audio_features.h"

audio_settings audio_settings_of(const config_side *side)
{
    return (audio_settings){.rate = side->rate,
                            .mels = side->mels,
                            .stack = side->stack,
                            .window = side->window,
                            .hop = side->hop};
}
