/* status.h - how every function that can fail says so.
 *
 * Three kinds of trouble, three mechanisms:
 *   - the outside world misbehaved (files, configuration, data, memory):
 *     return a `status` and leave one line in error_message() that says what,
 *     where (file and line, key, tensor) and what to do;
 *   - our own code is wrong: CHECK, which ends the process;
 *   - MPI failed: comm prints it and aborts the job (comm/world.h).
 */
#ifndef LOCKSTEP_BASE_STATUS_H
#define LOCKSTEP_BASE_STATUS_H

/* The second column is the exit status of a program that ends with it. */
#define STATUS_LIST(X)                                                                         \
    X(OK, 0, "success")                                                                        \
    X(USAGE, 2, "wrong usage")                                                                 \
    X(CONFIG, 2, "invalid configuration")                                                      \
    X(INPUT, 2, "invalid input")                                                               \
    X(FORMAT, 2, "malformed or damaged file")                                                  \
    X(NOMEM, 1, "out of memory")                                                               \
    X(IO, 1, "input or output failed")                                                         \
    X(NUMBER, 1, "a number is not finite")                                                     \
    X(DIVERGED, 1, "ranks hold different parameters")                                          \
    X(BUSY, 1, "in use by another job")                                                        \
    X(STOPPED, 1, "stopped by a signal")                                                       \
    X(PEER, 1, "another rank failed")

typedef enum status {
#define X(name, code, text) STATUS_##name,
    STATUS_LIST(X)
#undef X
} status;

#define MUST_CHECK        __attribute__((warn_unused_result))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))

/* Record a message of this thread and return `code`, so that a call site reads
 * `return fail(STATUS_IO, "%s: cannot open: %s", path, strerror(errno));` */
status fail(status code, const char *format, ...) PRINTF_LIKE(2, 3);

/* Put "prefix: " before the message already recorded; returns `code`. */
status fail_context(status code, const char *format, ...) PRINTF_LIKE(2, 3);

/* This thread's last message; "" before the first. Borrowed. */
const char *error_message(void);

const char *status_text(status code);
int status_exit_code(status code);

/* Propagate a failure from a function that owns nothing yet. */
#define TRY(expression)                                                                        \
    do {                                                                                       \
        status try_status_ = (expression);                                                     \
        if (try_status_ != STATUS_OK)                                                          \
            return try_status_;                                                                \
    } while (0)

/* Always compiled in: a broken invariant must never train on silently. */
#define CHECK(condition) ((condition) ? (void)0 : check_failed(#condition, __FILE__, __LINE__))

_Noreturn void check_failed(const char *condition, const char *file, int line);

#endif
