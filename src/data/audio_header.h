/* audio_header.h - does a file begin as audio does, and is what it promises there? */
#ifndef LOCKSTEP_SRC_DATA_AUDIO_HEADER_H
#define LOCKSTEP_SRC_DATA_AUDIO_HEADER_H

#include "audio_bytes.h"

/* STATUS_INPUT for a file that is none of WAV (RF64 too), AIFF, FLAC, Ogg and MP3, or is
 * truncated: WAV and AIFF say how many bytes of sound they hold, Ogg has pages. A length that
 * a program writes when it does not know it (into a pipe: 0, about 2^31 or about 2^32)
 * promises nothing; where it is 0, bytes->unknown is set. FLAC and MP3 must be read to tell. */
MUST_CHECK status audio_header_check(audio_bytes *bytes);

#endif
