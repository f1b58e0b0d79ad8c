/* test_message.c - point-to-point messages, begun and waited for. */
#include "lockstep/base/memory.h"
#include "mpi_check.h"

/* Long enough for a rendezvous, where nothing moves unless both sides poll. */
enum { LONG = 300000, MANY = 40 };

static int rank, size, next, previous;
static float *out, *in;

static void setup(void)
{
    rank = world_rank(test_world);
    size = world_size(test_world);
    next = (rank + 1) % size;
    previous = (rank + size - 1) % size;
    out = memory_create(LONG, sizeof(float));
    in = memory_create(LONG, sizeof(float));
    ck_assert_all(out != NULL && in != NULL);
    for (int i = 0; i < LONG; i++)
        out[i] = (float)(rank * LONG + i);
}

static void teardown(void)
{
    memory_destroy(out);
    memory_destroy(in);
}

static int wrong_values(const float *got, int count, int sender)
{
    int wrong = 0;

    for (int i = 0; i < count; i++)
        wrong += got[i] != (float)(sender * LONG + i);
    return wrong;
}

START_TEST(long_messages_go_round)
{
    request pair[2] = {{-1}, {-1}};

    if (size > 1) {
        pair[0] = world_send_begin(test_world, out, LONG * sizeof(float), next, 5);
        pair[1] = world_receive_begin(test_world, in, LONG * sizeof(float), previous, 5);
    }
    world_wait(test_world, pair, 2);
    ck_assert_all(pair[0].slot == -1 && pair[1].slot == -1);
    ck_assert_all(size == 1 || wrong_values(in, LONG, previous) == 0);
}
END_TEST

START_TEST(tags_tell_messages_apart)
{
    request all[2 * MANY];

    for (int i = 0; i < 2 * MANY; i++)
        all[i] = (request){-1};
    if (size > 1) {
        ck_assert_int_eq(world_reserve(test_world, 2 * MANY), STATUS_OK);
        for (int i = 0; i < MANY; i++)
            all[i] = world_receive_begin(test_world, in + i, sizeof(float), previous,
                                         WORLD_TAGS - 1 - i);
        for (int i = MANY - 1; i >= 0; i--)
            all[MANY + i] =
                world_send_begin(test_world, out + i, sizeof(float), next, WORLD_TAGS - 1 - i);
    }
    world_wait(test_world, all, 2 * MANY);
    ck_assert_all(size == 1 || wrong_values(in, MANY, previous) == 0);
}
END_TEST

START_TEST(empty_messages_are_finished_at_once)
{
    request r = world_send_begin(test_world, out, 0, next, 1);

    ck_assert_all(r.slot == -1);
    ck_assert_all(world_test(test_world, r));
    world_wait(test_world, &r, 1);
    world_wait(test_world, NULL, 0);
}
END_TEST

START_TEST(messages_move_while_nobody_waits)
{
    request pair[2] = {{-1}, {-1}};

    if (size > 1) {
        pair[0] = world_receive_begin(test_world, in, LONG * sizeof(float), previous, 2);
        pair[1] = world_send_begin(test_world, out, LONG * sizeof(float), next, 2);
        while (!world_test(test_world, pair[0]) || !world_test(test_world, pair[1]))
            world_poke(test_world);
        ck_assert_int_eq(wrong_values(in, LONG, previous), 0);
    }
    world_wait(test_world, pair, 2);
    world_barrier(test_world);
}
END_TEST

START_TEST(a_receiver_learns_how_much_came)
{
    request pair[2] = {{-1}, {-1}};

    if (size > 1) {
        pair[0] = world_receive_begin(test_world, in, LONG * sizeof(float), previous, 4);
        pair[1] = world_send_begin(test_world, out, 1001, next, 4);
        while (!world_finished(test_world, pair[0]))
            world_await(test_world, pair, 2);
        ck_assert_uint_eq(world_received(test_world, pair[0]), 1001);
        ck_assert_int_eq(wrong_values(in, 250, previous), 0);
    }
    world_wait(test_world, pair, 2);
    ck_assert_uint_eq(world_received(test_world, pair[0]), 0);
}
END_TEST

/* The first message comes only after the second one has been answered. */
START_TEST(a_wait_ends_with_any_message)
{
    request all[3] = {{-1}, {-1}, {-1}};

    if (size > 1 && rank < 2) {
        int other = 1 - rank;

        all[0] = world_receive_begin(test_world, in, 10 * sizeof(float), other, 6);
        all[1] = world_receive_begin(test_world, in + 10, 10 * sizeof(float), other, 7);
        all[2] = world_send_begin(test_world, out, 10 * sizeof(float), other, 7);
        while (!world_finished(test_world, all[1]))
            world_await(test_world, all, 1);
        world_wait(test_world, &all[2], 1);
        all[2] = world_send_begin(test_world, out, 10 * sizeof(float), other, 6);
    }
    world_wait(test_world, all, 3);
    world_await(test_world, all, 3); /* nothing is under way */
    world_barrier(test_world);
}
END_TEST

START_TEST(nothing_is_allocated_by_a_message)
{
    request pair[2] = {{-1}, {-1}};
    size_t before = memory_allocations();

    for (int i = 0; i < 10 && size > 1; i++) {
        pair[0] = world_send_begin(test_world, out, 1000 * sizeof(float), next, 3);
        pair[1] = world_receive_begin(test_world, in, 1000 * sizeof(float), previous, 3);
        world_wait(test_world, pair, 2);
    }
    ck_assert_all(memory_allocations() == before);
}
END_TEST

Suite *mpi_suite(void)
{
    Suite *suite = suite_create("message");
    TCase *tcase = tcase_create("core");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, long_messages_go_round);
    tcase_add_test(tcase, tags_tell_messages_apart);
    tcase_add_test(tcase, empty_messages_are_finished_at_once);
    tcase_add_test(tcase, messages_move_while_nobody_waits);
    tcase_add_test(tcase, a_receiver_learns_how_much_came);
    tcase_add_test(tcase, a_wait_ends_with_any_message);
    tcase_add_test(tcase, nothing_is_allocated_by_a_message);
    suite_add_tcase(suite, tcase);
    return suite;
}
