/*
 * lie: plug-ins that are not what they say: LIE is 1 for another ABI, 2 for a
 * table larger than it is, 3 for none, 4 for hardly any.  For test-plugin.
 */
#if LIE >= 3
#define imprimatur_plugin another_plugin
#endif
#include <imprimatur/plugin.h>

static int configure(const struct imprimatur_host *host,
    const struct imprimatur_options *options, void **state)
{
	(void)host;
	(void)options;
	*state = NULL;
	return 0;
}

static void check(void *state, const struct imprimatur_mail *mail,
    struct imprimatur_report *report)
{
	(void)state;
	(void)mail;
	(void)report;
}

const struct imprimatur_plugin imprimatur_plugin = {
    .abi = LIE == 1 ? IMPRIMATUR_PLUGIN_ABI + 1 : IMPRIMATUR_PLUGIN_ABI,
    .size = LIE == 2 ? 100000 : sizeof(imprimatur_plugin),
    .name = "lie",
    .configure = configure,
    .check = check,
};

#if LIE == 4
#undef imprimatur_plugin
extern const uint32_t imprimatur_plugin[2];
const uint32_t imprimatur_plugin[2] = {
    IMPRIMATUR_PLUGIN_ABI, sizeof(struct another_plugin)};
#endif
