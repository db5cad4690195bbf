// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
/*
 * A library for LD_PRELOAD: make calls fail, or turn the time of day back.
 *
 *	FAULT_CALL=N	make the Nth call of the functions below fail, counted
 *			from the start of main(); write the function's name to
 *			the file $FAULT_FILE
 *	FAULT_LASTS=1	count only functions that return NULL if they fail,
 *			such as malloc(), and make all later calls fail, too
 *	CLOCK_BACK=1	turn the time of day back by an hour at each reading
 *
 * Unlike strace, this library can also make allocations fail. It works with the
 * sanitizers, which report leaks but do not work under a tracer.
 *
 * FAULT_LONG and FAULT_INT declare all parameters as wide as registers, so
 * include no header that declares a function given to these macros.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

static unsigned long calls, wanted;
static bool lasts;

static void tell(const char *name)
{
	FILE *f;

	wanted = 0; /* the calls below must succeed */
	f = fopen(getenv("FAULT_FILE"), "w");
	fputs(name, f);
	fclose(f);
	wanted = calls;
}

static bool fails(const char *name, bool allocates)
{
	if (!wanted || (lasts && !allocates) || ++calls < wanted)
		return false;
	if (calls > wanted && !lasts)
		return false;
	if (calls == wanted)
		tell(name);
	errno = ENOMEM;
	return true;
}

/* The sanitizers look for leaks at exit, so let all calls succeed then. */
static void end(void)
{
	wanted = 0;
}

/*
 * Read the environment. This function runs just before main(), because
 * preloaded libraries are initialised last.
 */
__attribute__((constructor)) static void begin(void)
{
	const char *call = getenv("FAULT_CALL");

	if (!call)
		return;
	wanted = strtoul(call, NULL, 10);
	lasts = getenv("FAULT_LASTS");
	atexit(end);
}

#define REAL(function) dlsym(RTLD_NEXT, #function)

#define FAULT(type, failed, function, params, args)                        \
	type function params;                                              \
	type function params                                               \
	{                                                                  \
		static type(*real) params;                                 \
                                                                           \
		if (!real)                                                 \
			real = REAL(function);                             \
		return fails(#function, !(failed)) ? (failed) : real args; \
	}

#define FAULT_MEMORY(function, params, args) \
	FAULT(void *, NULL, function, params, args)
#define FAULT_OPEN(function)                                                \
	FAULT(FILE *, NULL, function, (const char *name, const char *mode), \
	      (name, mode))
#define FAULT_LONG(function)                                            \
	FAULT(long, -1, function,                                       \
	      (long a, long b, long c, long d, long e, long f, long g), \
	      (a, b, c, d, e, f, g))
#define FAULT_INT(function)                                                \
	FAULT(int, -1, function, (long a, long b, long c, long d, long e), \
	      (a, b, c, d, e))

FAULT_MEMORY(malloc, (size_t size), (size))
FAULT_MEMORY(calloc, (size_t n, size_t size), (n, size))
FAULT_MEMORY(realloc, (void *old, size_t size), (old, size))
FAULT_MEMORY(strdup, (const char *s), (s))
FAULT_OPEN(fopen)
FAULT_OPEN(fopen64)
FAULT_LONG(mmap)
FAULT_LONG(mmap64)
FAULT_LONG(recvmsg)
FAULT_LONG(sendto)
FAULT_LONG(syscall)
FAULT_INT(bind)
FAULT_INT(capget)
FAULT_INT(fcntl)
FAULT_INT(fcntl64)
FAULT_INT(getrlimit)
FAULT_INT(getsockname)
FAULT_INT(getsockopt)
FAULT_INT(ioctl)
FAULT_INT(open)
FAULT_INT(open64)
FAULT_INT(prctl)
FAULT_INT(setitimer)
FAULT_INT(setrlimit)
FAULT_INT(setsockopt)
FAULT_INT(signalfd)
FAULT_INT(sigprocmask)
FAULT_INT(socket)
FAULT_INT(timerfd_create)
FAULT_INT(timerfd_settime)

/* The program reads clocks only with the two functions below. */
#define REALTIME 0
#define HOUR	 3600

struct moment {
	long sec, fraction;
};

static void turn_back(struct moment *t)
{
	static long hours;

	if (getenv("CLOCK_BACK"))
		t->sec -= ++hours * HOUR;
}

int clock_gettime(int clock, struct moment *t);
int clock_gettime(int clock, struct moment *t)
{
	int (*real)(int, struct moment *) = REAL(clock_gettime);
	int err = real(clock, t);

	if (clock == REALTIME)
		turn_back(t);
	return err;
}

int gettimeofday(struct moment *t, void *zone);
int gettimeofday(struct moment *t, void *zone)
{
	int (*real)(struct moment *, void *) = REAL(gettimeofday);
	int err = real(t, zone);

	turn_back(t);
	return err;
}
