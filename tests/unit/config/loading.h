/* loading.h - a configuration loaded from text, or refused with a message. */
#ifndef LOCKSTEP_TESTS_CONFIG_LOADING_H
#define LOCKSTEP_TESTS_CONFIG_LOADING_H

#include <stdio.h>

#include "lockstep/config/config.h"
#include "unit_check.h"

/* Two lines: all that must be given. */
#define FILES                                                                                  \
    "run: {folder: r}\n"                                                                       \
    "data: {train: {pairs: t}, valid: {pairs: v}}\n"

/* The same of a source of audio. */
#define AUDIO                                                                                  \
    "run: {folder: r}\n"                                                                       \
    "data: {source: {kind: audio}, train: {pairs: t}, valid: {pairs: v}}\n"

static inline void load(config *out, const char *text, const char *override)
{
    ck_assert_msg(config_load_text(out, "c.yaml", text, &override, override ? 1 : 0) ==
                      STATUS_OK,
                  "%s", error_message());
}

static inline void refused(const char *text, const char *override, const char *message)
{
    config c, empty = {0};
    ck_assert_msg(config_load_text(&c, "c.yaml", text, &override, override ? 1 : 0) ==
                      STATUS_CONFIG,
                  "accepted, but expected: %s", message);
    ck_assert_str_eq(error_message(), message);
    ck_assert_mem_eq(&c, &empty, sizeof c);
}

/* As refused, of a good configuration with one override. */
static inline void set_refused(const char *override, const char *message)
{
    char whole[400];
    snprintf(whole, sizeof whole, "--set %s: %s", override, message);
    refused(FILES, override, whole);
}

#endif
