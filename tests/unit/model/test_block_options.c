/* test_block_options.c - every place that drops has a site of its own. */
#include <string.h>

#include "block_options.h"
#include "lockstep/model/decoder.h"
#include "lockstep/model/encoder.h"
#include "unit_check.h"

enum { HEADS = 4, FIRST_SITE = 3, MOST_SITES = 100 };

static bool taken[MOST_SITES];

static void take(int first, int count)
{
    for (int site = first; site < first + count; site++) {
        ck_assert_int_ge(site, FIRST_SITE);
        ck_assert_int_lt(site, MOST_SITES);
        ck_assert_msg(!taken[site], "site %d serves two places", site);
        taken[site] = true;
    }
}

static void take_attention(const attention_block *b)
{
    take(b->site, 1);
    take(b->attention.site, b->attention.heads);
}

static void take_layers(const encoder *e, const decoder *d)
{
    for (int i = 0; i < e->count; i++) {
        take_attention(&e->layers[i].self_attn);
        take(e->layers[i].feed_forward.site, 2);
    }
    for (int i = 0; i < d->count; i++) {
        take_attention(&d->layers[i].self_attn);
        take_attention(&d->layers[i].multihead_attn);
        take(d->layers[i].feed_forward.site, 2);
    }
}

START_TEST(no_two_places_share_a_dropout_site)
{
    config c = {.model = {.width = 8,
                          .heads = HEADS,
                          .feed_forward = 5,
                          .encoder_layers = 2,
                          .decoder_layers = 3}};
    parameters p;
    encoder e;
    decoder d;
    int site = FIRST_SITE;

    parameters_init(&p);
    ck_assert_int_eq(encoder_init(&e, &c, &p, &site), STATUS_OK);
    ck_assert_int_eq(decoder_init(&d, &c, &p, &site), STATUS_OK);
    take_layers(&e, &d);
    for (int s = FIRST_SITE; s < MOST_SITES; s++)
        ck_assert(taken[s] == (s < site)); /* what comes next is free */
    encoder_free(&e);
    decoder_free(&d);
    parameters_free(&p);
}
END_TEST

START_TEST(options_are_those_of_the_configuration)
{
    config c = {.model = {.width = 12,
                          .heads = HEADS,
                          .norm_position = NORM_PRE,
                          .activation = ACTIVATION_GELU,
                          .dropout = 0.1,
                          .attention_dropout = 0.2,
                          .activation_dropout = 0.3}};
    attention_block a;
    feed_forward f;
    int site = 0;

    block_options_attention(&a, &c, true, false, &site);
    ck_assert(a.cross && !a.attention.causal && a.norm_first);
    ck_assert_int_eq(a.attention.head_width, 3);
    ck_assert_double_eq(a.dropout, 0.1);
    ck_assert_double_eq(a.attention.dropout, 0.2);
    block_options_attention(&a, &c, false, true, &site);
    ck_assert(!a.cross && a.attention.causal);
    block_options_feed_forward(&f, &c, &site);
    ck_assert(f.gelu && f.norm_first);
    ck_assert_double_eq(f.dropout, 0.1);
    ck_assert_double_eq(f.activation_dropout, 0.3);
}
END_TEST

static Suite *block_options_suite(void)
{
    Suite *suite = suite_create("model/block_options");
    TCase *tests = tcase_create("block_options");

    tcase_add_test(tests, no_two_places_share_a_dropout_site);
    tcase_add_test(tests, options_are_those_of_the_configuration);
    suite_add_tcase(suite, tests);
    return suite;
}

int main(void)
{
    return unit_check(block_options_suite());
}
