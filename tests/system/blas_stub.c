/* blas_stub.c - preloaded, makes of OpenBLAS one that guesses wrong or computes otherwise.
 *
 *   STUB_GUESS=CORE  what the library takes when OPENBLAS_CORETYPE is unset
 *   STUB_FLIP=CORES  with these cores ("all": with any) one bit of the first number of each
 *                    product of five rows differs
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

typedef void (*start_function)(void);
typedef char *(*name_function)(void);
typedef void (*product_function)(int, int, int, int, int, int, float, const float *, int,
                                 const float *, int, float, float *, int);

extern void gotoblas_dynamic_init(void);
extern void cblas_sgemm(int, int, int, int, int, int, float, const float *, int, const float *,
                        int, float, float *, int);

void gotoblas_dynamic_init(void)
{
    start_function real;
    const char *guess = getenv("STUB_GUESS");
    int wrong = guess != NULL && getenv("OPENBLAS_CORETYPE") == NULL;

    *(void **)&real = dlsym(RTLD_NEXT, "gotoblas_dynamic_init");
    if (wrong)
        setenv("OPENBLAS_CORETYPE", guess, 1);
    real();
    if (wrong)
        unsetenv("OPENBLAS_CORETYPE");
}

static int flips(void)
{
    name_function name;
    const char *cores = getenv("STUB_FLIP");

    if (cores == NULL || strcmp(cores, "all") == 0)
        return cores != NULL;
    *(void **)&name = dlsym(RTLD_NEXT, "openblas_get_corename");
    return strstr(cores, name()) != NULL;
}

void cblas_sgemm(int order, int ta, int tb, int m, int n, int k, float alpha, const float *a,
                 int lda, const float *b, int ldb, float beta, float *c, int ldc)
{
    product_function real;
    unsigned bits;

    *(void **)&real = dlsym(RTLD_NEXT, "cblas_sgemm");
    real(order, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
    if (m != 5 || !flips())
        return;
    memcpy(&bits, c, sizeof(bits));
    bits ^= 1;
    memcpy(c, &bits, sizeof(bits));
}
