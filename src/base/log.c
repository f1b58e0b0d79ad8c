/* log.c - what a person reads. */
#define _DEFAULT_SOURCE /* struct winsize */
#include "lockstep/base/log.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "lockstep/base/clock.h"

enum { LINE_SIZE = 8000 };

/* The one sink of the process; any thread may warn. */
static struct {
    pthread_mutex_t lock;
    bool open, terminal;
    bool live;    /* a live line is on the screen */
    double drawn; /* when it was drawn last */
    FILE *copy;   /* NULL: none */
} sink = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const char erase[] = "\r\033[K";

/* To standard error in one write, so that the lines of several ranks are not mixed: stdio
 * may cut what it formats into pieces. */
static void show(const char *text)
{
    size_t size = strlen(text);

    while (size > 0) {
        ssize_t put = write(STDERR_FILENO, text, size);

        if (put < 0 && errno != EINTR)
            return;
        if (put > 0) {
            text += put;
            size -= (size_t)put;
        }
    }
}

static void erase_live(void)
{
    if (sink.live)
        show(erase);
    sink.live = false;
}

static void print(const char *prefix, const char *format, va_list arguments)
{
    char text[LINE_SIZE], line[LINE_SIZE + 64];

    vsnprintf(text, sizeof(text), format, arguments);
    pthread_mutex_lock(&sink.lock);
    snprintf(line, sizeof(line), "%s%s%s\n", sink.live ? erase : "", prefix, text);
    show(line);
    sink.live = false;
    if (sink.copy != NULL) {
        fprintf(sink.copy, "%s%s\n", prefix, text);
        fflush(sink.copy);
    }
    pthread_mutex_unlock(&sink.lock);
}

void log_open(void)
{
    sink.open = true;
    sink.terminal = isatty(STDERR_FILENO) != 0 || getenv("LOCKSTEP_TERMINAL") != NULL;
}

status log_copy_to(const char *path)
{
    if (!sink.open)
        return STATUS_OK;
    FILE *copy = fopen(path, "ae"); /* e: not for child processes */

    if (copy == NULL)
        return fail(STATUS_IO, "%s: cannot open the log: %s", path, strerror(errno));
    if (sink.copy != NULL)
        fclose(sink.copy);
    sink.copy = copy;
    return STATUS_OK;
}

void log_close(void)
{
    erase_live();
    if (sink.copy != NULL)
        fclose(sink.copy);
    sink.copy = NULL;
    sink.open = sink.terminal = false;
}

void log_line(const char *format, ...)
{
    va_list arguments;

    if (!sink.open)
        return;
    va_start(arguments, format);
    print("", format, arguments);
    va_end(arguments);
}

void log_warning(const char *format, ...)
{
    va_list arguments;

    if (!sink.open)
        return;
    va_start(arguments, format);
    print("warning: ", format, arguments);
    va_end(arguments);
}

void log_error(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print("lockstep: error: ", format, arguments);
    va_end(arguments);
}

/* A live line that wraps could not be erased. */
static int columns(void)
{
    struct winsize window;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col < 2)
        return 79;
    return window.ws_col - 1;
}

bool log_is_live(void)
{
    return sink.open && sink.terminal;
}

void log_progress(const char *format, ...)
{
    va_list arguments;
    char text[512], line[sizeof(text) + sizeof(erase)];

    if (!log_is_live() || clock_seconds() < sink.drawn + 0.1)
        return;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    pthread_mutex_lock(&sink.lock);
    snprintf(line, sizeof(line), "%s%.*s", erase, columns(), text);
    show(line);
    sink.live = true;
    sink.drawn = clock_seconds();
    pthread_mutex_unlock(&sink.lock);
}
