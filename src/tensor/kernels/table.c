/* table.c - the kernels of one instruction set. */
#include "kernel.h"
#include "vector.h"

extern const kernels KERNEL(kernels);

#if defined(__AMX_BF16__)
enum { HAS_TILES = true };
#else
enum { HAS_TILES = false };
#endif

const kernels KERNEL(kernels) = {
    .name = KERNEL_TEXT(KERNEL_SET),
    .bias_add = KERNEL(bias_add),
    .bias_relu = KERNEL(bias_relu),
    .relu_backward = KERNEL(relu_backward),
    .bias_gelu = KERNEL(bias_gelu),
    .gelu_backward = KERNEL(gelu_backward),
    .residual_add = KERNEL(residual_add),
    .residual_backward = KERNEL(residual_backward),
    .norm_forward = KERNEL(norm_forward),
    .norm_backward = KERNEL(norm_backward),
    .square_sums = KERNEL(square_sums),
    .product_sums = KERNEL(product_sums),
    .batch_norm_forward = KERNEL(batch_norm_forward),
    .batch_norm_backward = KERNEL(batch_norm_backward),
    .softmax_forward = KERNEL(softmax_forward),
    .softmax_backward = KERNEL(softmax_backward),
    .softmax_block_forward = KERNEL(softmax_block_forward),
    .softmax_block_backward = KERNEL(softmax_block_backward),
    .panel = PANEL,
    .product = KERNEL(product),
    .tiles_product = KERNEL(tiles_product),
    .pairs_product = KERNEL(pairs_product),
    .has_tiles = HAS_TILES,
#if defined(__AVX512BF16__)
    .lay_both = KERNEL(lay_both),
    .round = KERNEL(round),
#endif
    .row_product = KERNEL(row_product),
    .best_product = KERNEL(best_product),
    .panel_pack = KERNEL(panel_pack),
    .attend = KERNEL(attend),
    .top_block = KERNEL(top_block),
    .embed = KERNEL(embed),
    .place_add = KERNEL(place_add),
    .dropout_apply = KERNEL(dropout_apply),
    .column_sums = KERNEL(column_sums),
    .add = KERNEL(add),
    .add_scaled = KERNEL(add_scaled),
    .multiply_add_rounds = KERNEL(multiply_add_rounds),
};
