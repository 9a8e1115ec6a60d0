/*
 * wire: the head of a frame as bytes and back.  What a payload says is packed
 * by pack.c; who writes and reads the frames is left to the two programs.
 */
#include "check/wire.h"

static void put_u32(unsigned char *out, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		out[i] = (unsigned char)(value >> 8 * i);
}

static uint32_t get_u32(const unsigned char *in)
{
	return (uint32_t)in[0] | (uint32_t)in[1] << 8 | (uint32_t)in[2] << 16 |
	       (uint32_t)in[3] << 24;
}

void wire_head_put(const struct wire_head *head, unsigned char *out)
{
	put_u32(out, head->length);
	out[4] = head->type;
	put_u32(out + 5, head->serial);
}

int wire_head_get(
    struct wire_head *head, const unsigned char *in, size_t max_bytes)
{
	head->length = get_u32(in);
	head->type = in[4];
	head->serial = get_u32(in + 5);
	return head->length > max_bytes ? -1 : 0;
}
