/* platform.c - a described network as SimGrid wants it: a fat tree of two floors.
 *
 * Each lowest switch is a cluster of hosts with a cable each, both ways at a time. Above is one
 * switch that has no limits, to which each of them has one cable, as thick as all those that
 * lead up together: flows are taken to be spread over them evenly. Cables of hosts have half of
 * the latency each, since between two programs there are two of them; what the floors above
 * add to that is far less. The property of hosts is what a message of a collective takes of
 * both processors; others are paid for by comm/simulated.
 */
#include "platform.h"

static void write_leaf(FILE *out, const network *n, int leaf, int first, int last)
{
    double bytes = n->bandwidth / 8.0, up = bytes * n->hosts_a_switch * n->uplink;

    fprintf(out,
            "    <cluster id=\"leaf%d\" prefix=\"host\" suffix=\"\" radical=\"%d-%d\" "
            "speed=\"1Gf\" bw=\"%.9gBps\" lat=\"%.9gs\" sharing_policy=\"SPLITDUPLEX\" "
            "loopback_bw=\"1e15Bps\" loopback_lat=\"%.9gs\" router_id=\"switch%d\">"
            "<prop id=\"smpi/os\" value=\"0:%.9g:%.9g\"/></cluster>\n",
            leaf, first, last, bytes, n->between.latency / 2.0, n->within.latency, leaf,
            2.0 * n->between.message, 2.0 * n->between.byte);
    fprintf(out,
            "    <link id=\"up%d\" bandwidth=\"%.9gBps\" latency=\"0s\" "
            "sharing_policy=\"SPLITDUPLEX\"/>\n",
            leaf, up);
}

static void write_routes(FILE *out, int leaf)
{
    fprintf(out,
            "    <zoneRoute src=\"leaf%d\" dst=\"core\" gw_src=\"switch%d\" gw_dst=\"top\" "
            "symmetrical=\"NO\"><link_ctn id=\"up%d\" direction=\"UP\"/></zoneRoute>\n"
            "    <zoneRoute src=\"core\" dst=\"leaf%d\" gw_src=\"top\" gw_dst=\"switch%d\" "
            "symmetrical=\"NO\"><link_ctn id=\"up%d\" direction=\"DOWN\"/></zoneRoute>\n",
            leaf, leaf, leaf, leaf, leaf, leaf);
}

void platform_write(FILE *out, const network *n, int hosts)
{
    int each = (int)n->hosts_a_switch, leaves = (hosts + each - 1) / each;

    fprintf(out, "<?xml version=\"1.0\"?>\n"
                 "<!DOCTYPE platform SYSTEM \"https://simgrid.org/simgrid.dtd\">\n"
                 "<platform version=\"4.1\">\n"
                 "  <zone id=\"network\" routing=\"Floyd\">\n"
                 "    <zone id=\"core\" routing=\"None\"><router id=\"top\"/></zone>\n");
    for (int leaf = 0; leaf < leaves; leaf++) {
        int first = leaf * each, end = first + each;

        write_leaf(out, n, leaf, first, (end < hosts ? end : hosts) - 1);
    }
    for (int leaf = 0; leaf < leaves; leaf++)
        write_routes(out, leaf);
    fprintf(out, "  </zone>\n</platform>\n");
}
