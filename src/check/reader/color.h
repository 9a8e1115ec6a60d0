/*
 * color: colours as CSS and old attributes write them.
 */
#ifndef CHECK_READER_COLOR_H
#define CHECK_READER_COLOR_H

#include <stdbool.h>

#include "util/buf.h"

#define COLOR_NONE	  (-1) /* not known: a picture, a style sheet */
#define COLOR_TRANSPARENT (-2)

/*
 * 0xrrggbb of "#fff", "ffffff", "rgb(255 255 255 / 1)", "hsl(0,0%,100%)",
 * "white"; COLOR_TRANSPARENT when next to nothing of it covers; COLOR_NONE
 * when it is no colour.
 */
int color_read(struct span value);

/* The first colour in a list such as that of a gradient, or COLOR_NONE. */
int color_within(struct span value);

/* So near to each other that nobody reads one on the other? */
bool color_alike(int a, int b);

#endif
