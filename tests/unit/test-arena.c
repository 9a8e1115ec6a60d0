/*
 * Tests of util/arena, util/mem and util/error: memory that is never NULL, and
 * texts that are cut whole.
 */
#include "util/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

#include "util/error.h"
#include "util/mem.h"

static void pieces_are_zeroed_and_aligned(void **state)
{
	static const size_t sizes[] = {0, 1, 7, 16, 1999, 2000, 2001, 100000};
	struct arena *arena = arena_new();
	size_t round, i, j;

	(void)state;
	for (round = 0; round < 20; round++)
		for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			unsigned char *p = arena_alloc(arena, sizes[i]);

			assert_int_equal(
			    (uintptr_t)p % _Alignof(max_align_t), 0);
			for (j = 0; j < sizes[i]; j++)
				assert_int_equal(p[j], 0);
			memset(p, 0xa5, sizes[i]);
		}
	arena_free(arena);
}

/* A large piece between small ones must not waste the block they fill. */
static void large_pieces_leave_the_small_ones_together(void **state)
{
	struct arena *arena = arena_new();
	char *a, *b;

	(void)state;
	a = arena_alloc(arena, 16);
	arena_alloc(arena, 5000);
	b = arena_alloc(arena, 16);
	assert_ptr_equal(b, a + 16);
	arena_free(arena);
}

static void copies(void **state)
{
	struct arena *arena = arena_new();
	char *s;

	(void)state;
	assert_null(arena_strdup(arena, NULL));
	assert_string_equal(arena_strdup(arena, "abc"), "abc");
	s = arena_dup(arena, "a\0b", 3);
	assert_memory_equal(s, "a\0b", 4);
	assert_string_equal(arena_dup(arena, NULL, 0), "");
	assert_string_equal(arena_printf(arena, "%d %s", 7, "x"), "7 x");
	assert_string_equal(arena_printf(arena, "%s", ""), "");
	arena_free(arena);
	arena_free(NULL);
}

static void mem_copies(void **state)
{
	char *s;

	(void)state;
	assert_null(mem_strdup(NULL));
	s = mem_strdup("abc");
	assert_string_equal(s, "abc");
	free(s);
	s = mem_dup(NULL, 0);
	assert_string_equal(s, "");
	free(s);
	s = mem_printf("%d-%s", 1, "y");
	assert_string_equal(s, "1-y");
	free(s);
	s = mem_zalloc(0);
	assert_non_null(s);
	free(s);
	s = mem_grow(NULL, 0, 8);
	assert_non_null(s);
	free(s);
}

/* The exit status of a child that asks for too much. */
static int status_of(void (*greedy)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		close(STDERR_FILENO);
		greedy();
		_exit(0);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void grow_overflow(void)
{
	free(mem_grow(NULL, SIZE_MAX / 2, 4));
}

static void arena_overflow(void)
{
	struct arena *arena = arena_new();

	arena_alloc(arena, SIZE_MAX - 8);
	arena_free(arena);
}

static void too_much_ends_the_process(void **state)
{
	(void)state;
	assert_int_equal(status_of(grow_overflow), EX_OSERR);
	assert_int_equal(status_of(arena_overflow), EX_OSERR);
}

static void errors_are_set_and_prefixed(void **state)
{
	struct error err = ERROR_INIT;

	(void)state;
	assert_int_equal(error_set(&err, ERROR_BUSY, "no %s", "room"), -1);
	assert_int_equal(err.kind, ERROR_BUSY);
	assert_string_equal(err.text, "no room");
	assert_int_equal(error_prefix(&err, "line %d", 3), -1);
	assert_string_equal(err.text, "line 3: no room");
	assert_int_equal(err.kind, ERROR_BUSY);
	error_set(&err, ERROR_INVALID, "again: %s", err.text);
	assert_string_equal(err.text, "again: line 3: no room");
	assert_int_equal(error_set(NULL, ERROR_BUSY, "x"), -1);
	assert_int_equal(error_prefix(NULL, "x"), -1);
	assert_string_equal(error_kind_name(ERROR_CONFLICT), "conflict");
	assert_string_equal(error_kind_name(ERROR_INTERNAL), "internal");
}

/* Texts of all lengths around the limit end in a whole character. */
static void long_errors_are_cut_whole(void **state)
{
	char text[600];
	struct error err;
	size_t shift, len;

	(void)state;
	for (shift = 0; shift < 4; shift++) {
		memset(text, 'a', shift);
		for (len = shift; len + 3 < sizeof(text); len += 3)
			memcpy(text + len, "\xe2\x82\xac", 3);
		text[len] = '\0';
		error_set(&err, ERROR_INVALID, "%s", text);
		len = strlen(err.text);
		assert_true(len > sizeof(err.text) - 6);
		assert_int_equal((len - shift) % 3, 0);
		error_prefix(&err, "%s", "p");
		assert_int_equal((strlen(err.text) - 3 - shift) % 3, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pieces_are_zeroed_and_aligned),
	    cmocka_unit_test(large_pieces_leave_the_small_ones_together),
	    cmocka_unit_test(copies),
	    cmocka_unit_test(mem_copies),
	    cmocka_unit_test(too_much_ends_the_process),
	    cmocka_unit_test(errors_are_set_and_prefixed),
	    cmocka_unit_test(long_errors_are_cut_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
