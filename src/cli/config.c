/* config.c - lockstep config: the resolved configuration, or what each key means. */
#include "lockstep/config/config.h"

#include <stdio.h>

#include "lockstep/base/memory.h"
#include "verb.h"

static status print_resolved(const arguments *a, char **text)
{
    config c;
    TRY(config_load(&c, a->operands[0], a->overrides, a->override_count));
    status result = config_print(&c, text);
    config_free(&c);
    return result;
}

static status run(const arguments *a)
{
    bool reference = arguments_has(a, "--reference");
    if (reference == (a->operand_count > 0))
        return fail(STATUS_USAGE, "give a configuration, or --reference");
    char *text = NULL;
    TRY(reference ? config_reference(&text) : print_resolved(a, &text));
    fputs(text, stdout);
    memory_destroy(text);
    return STATUS_OK;
}

static const argument_flag flags[] = {
    ARGUMENT_SET, {"--reference", NULL, "print what every key means"}, {0}};

const verb verb_config = {
    .name = "config",
    .operands = "CONFIG",
    .most = 1,
    .summary = "print the resolved configuration, or the reference of all keys",
    .flags = flags,
    .run = run,
};
