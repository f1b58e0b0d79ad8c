/* ogg_pages.h - are all pages of an Ogg file there, and whole? */
#ifndef LOCKSTEP_SRC_DATA_OGG_PAGES_H
#define LOCKSTEP_SRC_DATA_OGG_PAGES_H

#include "audio_bytes.h"

/* STATUS_INPUT when a page does not have its checksum (RFC 3533, section 6) or is cut off, or
 * the last does not end its stream: decoders skip what they miss without a word. What follows
 * the end of a stream and is no page is not looked at. */
MUST_CHECK status ogg_pages_check(audio_bytes *bytes);

#endif
