/* copying.c - numbers that go beyond the symbols. */
#include "copying.h"

#include "lockstep/base/memory.h"
#include "lockstep/base/token.h"

status copying_init(copying *c, int source_symbols, int target_symbols)
{
    *c = (copying){.codes = c->codes,
                   .source_symbols = source_symbols,
                   .target_symbols = target_symbols,
                   .copied = memory_create((size_t)source_symbols, sizeof(*c->copied))};
    if (c->copied == NULL)
        return fail(STATUS_NOMEM, "no memory for the numbers of %d symbols", source_symbols);
    for (int32_t s = 0; s < source_symbols; s++)
        c->copied[s] = s < target_symbols ? s : target_symbols + s;
    return STATUS_OK;
}

void copying_free(copying *c)
{
    memory_destroy(c->copied);
    *c = (copying){.copied = NULL};
}

/* A word's number is the place in its sentence where it first stands. */
static const int32_t *number_words(const copy_memory *m, arena *arena, const packed *source)
{
    int32_t *words = arena_push(arena, (size_t)source->rows, sizeof(*words));

    for (int s = 0; s < source->sequences; s++)
        for (int r = source->offsets[s]; r < source->offsets[s + 1]; r++)
            words[r] = m->firsts[r] - source->offsets[s];
    return words;
}

copy_memory *copying_push(const copying *c, pass *pass, packed *source, int width,
                          const int32_t **words)
{
    size_t rows = (size_t)source->rows;
    int32_t *holds = arena_push(pass->arena, rows, sizeof(*holds));
    int32_t *fed = arena_push(pass->arena, rows, sizeof(*fed));

    for (int r = 0; r < source->rows; r++) {
        int32_t id = source->ids[r];
        bool known = id < c->source_symbols;
        holds[r] = known ? c->copied[id] : c->target_symbols + id;
        fed[r] = known ? id : TOKEN_UNK;
    }
    source->ids = fed;
    copy_memory *m = copy_memory_push(pass, source, holds, width);
    *words = c->codes ? number_words(m, pass->arena, source) : NULL;
    return m;
}

int copying_numbers(const copying *c, const packed *source)
{
    int numbers = c->source_symbols;

    for (int r = 0; r < source->rows; r++)
        numbers = source->ids[r] < numbers ? numbers : source->ids[r] + 1;
    return c->target_symbols + numbers;
}

const copy_rows *copying_rows(pass *pass, const copy_memory *memory, const packed *fed)
{
    copy_rows *rows = arena_push(pass->arena, 1, sizeof(*rows));
    int32_t *sentences = arena_push(pass->arena, (size_t)fed->rows, sizeof(*sentences));

    for (int s = 0; s < fed->sequences; s++)
        for (int r = fed->offsets[s]; r < fed->offsets[s + 1]; r++)
            sentences[r] = s;
    *rows = (copy_rows){memory, sentences};
    return rows;
}
