/* test_plateau.c - when a learning rate is cut. */
#include "lockstep/optim/plateau.h"
#include "unit_check.h"

/* The cuts after each of a series of validations: + better, - not. */
static void follow(const char *validations, int64_t patience, const char *cuts)
{
    plateau p = {0};

    for (int i = 0; validations[i] != 0; i++) {
        int64_t before = p.cuts;
        bool cut = plateau_add(&p, validations[i] == '+', patience);
        ck_assert_int_eq(p.cuts, before + cut);
        ck_assert_int_eq(p.cuts, cuts[i] - '0');
    }
}

START_TEST(patience_in_a_row_make_a_cut)
{
    follow("+---+", 3, "00011");
    follow("+--+--+---", 3, "0000000001");
}
END_TEST

START_TEST(the_count_begins_again_after_a_cut)
{
    follow("------", 2, "011223");
    follow("---+--", 2, "011112");
}
END_TEST

START_TEST(a_patience_of_one_cuts_every_time)
{
    follow("+-+--", 1, "01123");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("plateau");
    TCase *tcase = tcase_create("core");

    tcase_add_test(tcase, patience_in_a_row_make_a_cut);
    tcase_add_test(tcase, the_count_begins_again_after_a_cut);
    tcase_add_test(tcase, a_patience_of_one_cuts_every_time);
    suite_add_tcase(suite, tcase);
    return unit_check(suite);
}
