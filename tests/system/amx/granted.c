/* granted.c - arch_prctl for programs that ask for tiles, which tiles.c has switched on: loaded
 * before the C library, whose other calls of syscall() none of them needs. */
#include <errno.h>
#include <sys/syscall.h>

long syscall(long number, ...);

long syscall(long number, ...)
{
    if (number == SYS_arch_prctl)
        return 0;
    errno = ENOSYS;
    return -1;
}
