/* tiles.c - a module of Linux that switches AMX's tiles on, and does nothing else: Linux does
 * so by itself only where the processor has XFD, which Bochs lacks. Tiles are not saved when
 * another process runs, so that one alone may use them. */
#include <linux/module.h>

#include <asm/fpu/xcr.h> /* after the types that it uses */

enum { TILES = 3 << 17 };

static int __init tiles_init(void)
{
    xsetbv(XCR_XFEATURE_ENABLED_MASK, xgetbv(XCR_XFEATURE_ENABLED_MASK) | TILES);
    return 0;
}

module_init(tiles_init);
MODULE_LICENSE("GPL");
