/* body_pack.c - the packed form of the weights, which products read in their place. */
#include <omp.h>
#include <string.h>

#include "lockstep/base/memory.h"
#include "lockstep/model/body.h"
#include "lockstep/tensor/gemm.h"

/* Floats of a model that is packed before other threads have begun to. */
enum { SMALL = 1 << 23 };

/* What is read behind the last one, and not used. */
_Static_assert((int)PARAMETER_SLACK >= (int)WEIGHT_PACKED_SLACK, "room behind the values");

status body_pack_begin(body *b)
{
    const parameters *p = &b->parameters;

    if (b->packed == NULL)
        b->packed = memory_create(p->floats + WEIGHT_PACKED_SLACK, sizeof(float));
    if (b->packed == NULL)
        return fail(STATUS_NOMEM, "no memory for the packed form of %zu parameters",
                    parameters_total(p));
    b->weights.packed = b->packed;
    b->weights.rounded = gemm_rounds();
    b->weights.packed_end = 0;
    return STATUS_OK;
}

void body_pack_next(body *b, int last, int threads)
{
    const parameters *p = &b->parameters;
    size_t from = b->weights.packed_end, end = p->list[last].first + p->list[last].count;

    if (end <= from)
        return;
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (int i = 0; i <= last; i++)
        if (p->list[i].multiplies && p->list[i].first >= from)
            weight_pack(&b->weights, p->list[i].first, p->list[i].rows, p->list[i].cols,
                        b->packed);
    b->weights.packed_end = end;
}

status body_pack(body *b, int threads)
{
    TRY(body_pack_begin(b));
    body_pack_next(b, b->parameters.count - 1, threads);
    return STATUS_OK;
}

void body_unpack(body *b)
{
    CHECK(b->weights.packed != b->weights.values);
    b->weights.packed = NULL;
    b->weights.rounded = false;
}

/* What is looked up as well as multiplied by is needed both ways. */
static status keep_table(body *b, body_input *in, float **out)
{
    const parameter *table = &b->parameters.list[in->table];

    if (in->frame_width > 0 || !table->multiplies)
        return STATUS_OK;
    if (in != &b->source && b->source.frame_width == 0 && in->table == b->source.table) {
        in->embedding.table = b->source.embedding.table;
        return STATUS_OK;
    }
    *out = memory_create(table->count, sizeof(**out));
    if (*out == NULL)
        return fail(STATUS_NOMEM, "no memory for a table of %d symbols", table->rows);
    memcpy(*out, in->embedding.table, table->count * sizeof(**out));
    in->embedding.table = *out;
    return STATUS_OK;
}

static int widest(const parameters *p)
{
    int cols = 0;

    for (int i = 0; i < p->count; i++)
        cols = p->list[i].cols > cols ? p->list[i].cols : cols;
    return cols;
}

status body_pack_in_place(body *b, int threads)
{
    const parameters *p = &b->parameters;
    size_t each = weight_scratch(widest(p));
    float *scratch = memory_create((size_t)threads * each, sizeof(*scratch));
    status result = scratch != NULL ? STATUS_OK : fail(STATUS_NOMEM, "no memory to pack");

    if (result == STATUS_OK)
        result = keep_table(b, &b->source, &b->tables[0]);
    if (result == STATUS_OK && body_decodes(b))
        result = keep_table(b, &b->target, &b->tables[1]);
    if (result == STATUS_OK) {
#pragma omp parallel for num_threads(threads) schedule(dynamic) if (p->floats > SMALL)
        for (int i = 0; i < p->count; i++)
            if (p->list[i].multiplies)
                weight_pack_in_place(parameters_values(p, i), p->list[i].rows, p->list[i].cols,
                                     scratch + each * (size_t)omp_get_thread_num());
        b->weights.packed = b->weights.values;
        b->weights.packed_end = p->floats;
    }
    memory_destroy(scratch);
    return result;
}
