/* figures.h - the numbers of one report, by the names that they have in metrics.jsonl. */
#ifndef LOCKSTEP_TRAIN_FIGURES_H
#define LOCKSTEP_TRAIN_FIGURES_H

#include <stdbool.h>
#include <stdint.h>

enum { FIGURES_MAX = 20, FIGURE_NAME = 40 };

typedef struct figure {
    char name[FIGURE_NAME];
    double value; /* may be anything but finite */
    int digits;   /* significant ones */
} figure;

/* Start from {.step = ..., .epoch = ..., .is_validation = ...}. */
typedef struct figures {
    int64_t step, epoch;
    bool is_validation; /* or else of steps */
    int count;
    figure all[FIGURES_MAX];
} figures;

void figures_add(figures *f, const char *name, double value, int digits);

/* The name as one of a group: "valid_loss" is "loss" of the validation. */
const char *figure_short_name(const figure *one);

#endif
