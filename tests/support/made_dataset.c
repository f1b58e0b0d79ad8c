/* made_dataset.c - a dataset prepared from small files. */
#include "made_dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "unit_check.h"

made_dataset made;

void made_dataset_save(const char *path, const char *text)
{
    ck_assert_int_eq(file_save(path, text, strlen(text)), STATUS_OK);
}

void made_dataset_open(void)
{
    made = (made_dataset){.folder = "/tmp/lockstep-dataset-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(made.folder));
    snprintf(made.train, sizeof(made.train), "%s/train.tsv", made.folder);
    snprintf(made.valid, sizeof(made.valid), "%s/valid.tsv", made.folder);
    snprintf(made.extra, sizeof(made.extra), "%s/extra", made.folder);
    snprintf(made.path, sizeof(made.path), "%s/dataset.h5", made.folder);
    snprintf(made.other, sizeof(made.other), "%s/other.h5", made.folder);
    made_dataset_save(made.train,
                      "ab\tx y\nba\ty\n\nabcdef\tx\nc\t \nb\tx x x\nab\tx y y y y\n");
    made_dataset_save(made.valid, "az\tx  q\nabcdef\tx\na\ty y\n");
    made.settings.run.folder = made.folder;
    made.settings.data.source.vocabulary = SYMBOL_CHARACTERS;
    made.settings.data.target.vocabulary = SYMBOL_WORDS;
    made.settings.data.train.pairs = made.train;
    made.settings.data.valid.pairs = made.valid;
    made.settings.data.max_length = 4;
}

void made_dataset_close(void)
{
    unlink(made.train);
    unlink(made.valid);
    unlink(made.extra);
    unlink(made.path);
    unlink(made.other);
    ck_assert_int_eq(rmdir(made.folder), 0);
}

void made_dataset_prepare(void)
{
    ck_assert_msg(dataset_prepare(&made.settings) == STATUS_OK, "%s", error_message());
}

dataset *made_dataset_prepared(void)
{
    dataset *opened;

    made_dataset_prepare();
    ck_assert_msg(dataset_open(&opened, made.path, true) == STATUS_OK, "%s", error_message());
    return opened;
}

void made_dataset_message(status got, status expected, const char *part)
{
    ck_assert_msg(got == expected && strstr(error_message(), part) != NULL, "%d %s", got,
                  error_message());
}
