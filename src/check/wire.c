/*
 * wire: the head of a frame as bytes and back.  What a payload says is packed
 * by pack.c; who writes and reads the frames is left to the two programs.
 */
#include "check/wire.h"

void wire_u32_put(uint32_t value, unsigned char *out)
{
	for (int i = 0; i < WIRE_U32_SIZE; i++)
		out[i] = (unsigned char)(value >> 8 * i);
}

uint32_t wire_u32_get(const void *in)
{
	const unsigned char *p = in;

	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[3] << 24;
}

void wire_head_put(const struct wire_head *head, unsigned char *out)
{
	wire_u32_put(head->length, out);
	out[4] = head->type;
	wire_u32_put(head->serial, out + 5);
}

int wire_head_get(
    struct wire_head *head, const unsigned char *in, size_t max_bytes)
{
	head->length = wire_u32_get(in);
	head->type = in[4];
	head->serial = wire_u32_get(in + 5);
	return head->length > max_bytes ? -1 : 0;
}
