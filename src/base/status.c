/* status.c - status texts, the per-thread error message, failed checks. */
#include "lockstep/base/status.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lockstep/base/log.h"

enum { MESSAGE_MAX = 2048 };

static _Thread_local char message[MESSAGE_MAX];

/* The arguments may point into the message itself, so the new one is formed
 * beside it. A message is one line, whatever a library put into it. */
static void record(const char *text)
{
    size_t size = strnlen(text, MESSAGE_MAX - 1);

    memcpy(message, text, size);
    message[size] = '\0';
    for (size_t i = 0; i < size; i++)
        if (message[i] == '\n' || message[i] == '\r')
            message[i] = ' ';
}

status fail(status code, const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    record(text);
    return code;
}

status fail_context(status code, const char *format, ...)
{
    char text[MESSAGE_MAX];
    va_list arguments;

    va_start(arguments, format);
    int size = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (size < 0)
        return code;
    size_t used = strnlen(text, sizeof(text) - 1);
    snprintf(text + used, sizeof(text) - used, ": %s", message);
    record(text);
    return code;
}

const char *error_message(void)
{
    return message;
}

const char *status_text(status code)
{
    switch (code) {
#define X(name, exit_code, text)                                                               \
    case STATUS_##name:                                                                        \
        return text;
        STATUS_LIST(X)
#undef X
    }
    return "unknown status";
}

int status_exit_code(status code)
{
    switch (code) {
#define X(name, exit_code, text)                                                               \
    case STATUS_##name:                                                                        \
        return exit_code;
        STATUS_LIST(X)
#undef X
    }
    return 1;
}

_Noreturn void check_failed(const char *condition, const char *file, int line)
{
    log_error("%s:%d: check failed: %s; this is a mistake in lockstep, please report it", file,
              line, condition);
    abort();
}
