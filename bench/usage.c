// SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#include <glob.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bench/usage.h"

/*
 * Read the first line of a file. If the file cannot be read, the line is empty.
 */
static void first_line(char *line, int size, const char *path)
{
	FILE *file = fopen(path, "r");

	line[0] = '\0';
	if (!file)
		return;
	if (!fgets(line, size, file))
		line[0] = '\0';
	fclose(file);
}

static double ticks_to_us(unsigned long long ticks)
{
	return (double)ticks * 1e6 / (double)sysconf(_SC_CLK_TCK);
}

/* Return the run time of all threads in us. The scheduler counts in ns. */
static double threads_run_us(pid_t pid)
{
	unsigned long long ns, sum = 0;
	char path[64], line[128];
	glob_t files;

	snprintf(path, sizeof(path), "/proc/%d/task/*/schedstat", pid);
	if (glob(path, 0, NULL, &files))
		return 0;
	for (size_t i = 0; i < files.gl_pathc; i++) {
		first_line(line, sizeof(line), files.gl_pathv[i]);
		if (sscanf(line, "%llu", &ns) == 1)
			sum += ns;
	}
	globfree(&files);
	return (double)sum / 1e3;
}

/*
 * Read utime and stime, the 12th and 13th fields after the program's name. The
 * name is in parentheses: see proc(5).
 */
static void process_ticks(struct usage *usage, pid_t pid)
{
	unsigned long long user, system;
	char path[64], line[1024];
	const char *rest;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	first_line(line, sizeof(line), path);
	rest = strrchr(line, ')');
	if (!rest ||
	    sscanf(rest + 1,
		   "%*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %llu %llu",
		   &user, &system) != 2)
		return;
	usage->user_us = ticks_to_us(user);
	usage->system_us = ticks_to_us(system);
}

void usage_read(struct usage *usage, pid_t pid)
{
	unsigned long long softirq;
	char line[256];

	*usage = (struct usage){ 0 };
	first_line(line, sizeof(line), "/proc/stat");
	if (sscanf(line, "cpu %*s %*s %*s %*s %*s %*s %llu", &softirq) == 1)
		usage->softirq_us = ticks_to_us(softirq);
	if (!pid)
		return;
	usage->run_us = threads_run_us(pid);
	process_ticks(usage, pid);
}

struct usage usage_since(const struct usage *before, const struct usage *after)
{
	double user = after->user_us - before->user_us;
	double ticks = user + after->system_us - before->system_us;
	struct usage used = {
		.run_us = after->run_us - before->run_us,
		.softirq_us = after->softirq_us - before->softirq_us,
	};

	used.user_us = ticks > 0 ? used.run_us * user / ticks : 0;
	used.system_us = used.run_us - used.user_us;
	return used;
}
