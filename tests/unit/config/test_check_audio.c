/* test_check_audio.c - the rules between keys where a source is audio. */
#include "loading.h"

START_TEST(audio_has_keys_of_its_own)
{
    config c;

    load(&c, AUDIO, "data.source={hop: 12.5, stack: 3}");
    ck_assert_int_eq(c.data.source.rate, 16000);
    ck_assert_int_eq(c.data.source.mels, 80);
    ck_assert_int_eq(c.data.source.stack, 3);
    ck_assert(c.data.source.window == 25.0 && c.data.source.hop == 12.5);
    config_free(&c);
    set_refused("data.source.mels=40",
                "data.source.mels would be ignored: it applies only when "
                "data.source.kind is audio; remove it");
    refused(AUDIO, "data.source.vocabulary=words",
            "--set data.source.vocabulary=words: data.source.vocabulary would be ignored: it "
            "applies only when data.source.kind is text; remove it");
    refused(AUDIO, "data.source.size=9",
            "--set data.source.size=9: data.source.size would be ignored: it applies only when "
            "data.source.kind is text and data.source.model is not given; remove it");
    refused(AUDIO, "data.source.minimum_count=9",
            "--set data.source.minimum_count=9: data.source.minimum_count would be ignored: it "
            "applies only when data.source.kind is text and data.source.vocabulary is "
            "characters or words; remove it");
}
END_TEST

START_TEST(masks_are_for_audio)
{
    config c;

    load(&c, AUDIO, "training.spec_augment={frequency_masks: 2, time_masks: 1, time_width: 9}");
    ck_assert_int_eq(c.training.spec_augment.frequency_width, 15);
    ck_assert_int_eq(c.training.spec_augment.time_width, 9);
    config_free(&c);
    set_refused("training.spec_augment.time_masks=1",
                "training.spec_augment.time_masks would be ignored: it applies only when "
                "data.source.kind is audio; remove it");
    refused(AUDIO, "training.spec_augment.frequency_width=9",
            "--set training.spec_augment.frequency_width=9: "
            "training.spec_augment.frequency_width would be ignored: it applies only when "
            "data.source.kind is audio and training.spec_augment.frequency_masks is above 0; "
            "remove it");
    refused(AUDIO, "training.spec_augment.time_width=9",
            "--set training.spec_augment.time_width=9: training.spec_augment.time_width would "
            "be ignored: it applies only when data.source.kind is audio and "
            "training.spec_augment.time_masks is above 0; remove it");
}
END_TEST

START_TEST(audio_is_a_source_alone)
{
    set_refused("data.target.kind=audio", "data.target.kind: audio is read, and not made: only "
                                          "data.source.kind may be audio");
    refused(AUDIO, "data.vocabulary=joint",
            "--set data.vocabulary=joint: data.vocabulary: joint does not go with "
            "data.source.kind: audio, which has no vocabulary");
}
END_TEST

START_TEST(nothing_lies_between_two_frames)
{
    refused(AUDIO, "data.source.hop=26",
            "--set data.source.hop=26: data.source.hop (26) is above data.source.window (25): "
            "what lies between two frames would not be heard");
    refused(AUDIO, "data.source.window=9.5",
            "--set data.source.window=9.5: data.source.hop (10) is above data.source.window "
            "(9.5): what lies between two frames would not be heard");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("check audio");
    TCase *tests = tcase_create("check audio");

    tcase_add_test(tests, audio_has_keys_of_its_own);
    tcase_add_test(tests, masks_are_for_audio);
    tcase_add_test(tests, audio_is_a_source_alone);
    tcase_add_test(tests, nothing_lies_between_two_frames);
    suite_add_tcase(suite, tests);
    return unit_check(suite);
}
