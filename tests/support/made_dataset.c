/* made_dataset.c - a dataset prepared from small files. */
#include "made_dataset.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lockstep/base/file.h"
#include "unit_check.h"

void made_dataset_save(const char *path, const char *text)
{
    ck_assert_int_eq(file_save(path, text, strlen(text)), STATUS_OK);
}

void made_dataset_open(made_dataset *out)
{
    *out = (made_dataset){.folder = "/tmp/lockstep-dataset-XXXXXX"};
    ck_assert_ptr_nonnull(mkdtemp(out->folder));
    snprintf(out->train, sizeof(out->train), "%s/train.tsv", out->folder);
    snprintf(out->valid, sizeof(out->valid), "%s/valid.tsv", out->folder);
    snprintf(out->extra, sizeof(out->extra), "%s/extra", out->folder);
    snprintf(out->made, sizeof(out->made), "%s/dataset.h5", out->folder);
    snprintf(out->other, sizeof(out->other), "%s/other.h5", out->folder);
    made_dataset_save(out->train,
                      "ab\tx y\nba\ty\n\nabcdef\tx\nc\t \nb\tx x x\nab\tx y y y y\n");
    made_dataset_save(out->valid, "az\tx  q\nabcdef\tx\na\ty y\n");
    out->settings.run.folder = out->folder;
    out->settings.data.source.vocabulary = SYMBOL_CHARACTERS;
    out->settings.data.target.vocabulary = SYMBOL_WORDS;
    out->settings.data.train.pairs = out->train;
    out->settings.data.valid.pairs = out->valid;
    out->settings.data.max_length = 4;
}

void made_dataset_close(made_dataset *old)
{
    unlink(old->train);
    unlink(old->valid);
    unlink(old->extra);
    unlink(old->made);
    unlink(old->other);
    ck_assert_int_eq(rmdir(old->folder), 0);
}

void made_dataset_prepare(const made_dataset *of)
{
    ck_assert_msg(dataset_prepare(&of->settings) == STATUS_OK, "%s", error_message());
}

dataset *made_dataset_prepared(const made_dataset *of)
{
    dataset *opened;

    made_dataset_prepare(of);
    ck_assert_msg(dataset_open(&opened, of->made, true) == STATUS_OK, "%s", error_message());
    return opened;
}

void made_dataset_message(status got, status expected, const char *part)
{
    ck_assert_msg(got == expected && strstr(error_message(), part) != NULL, "%d %s", got,
                  error_message());
}
