/* SPDX-License-Identifier: GPL-2.0 */
/* The time, and the processors' time. */
#ifndef VGPU_SIM_CLOCK_H
#define VGPU_SIM_CLOCK_H

#include <sys/resource.h>
#include <time.h>

#include <linux/types.h>

#define NS_PER_US	1000ULL
#define NS_PER_S	1000000000ULL

/**
 * now_ns() - the time
 *
 * Return: by CLOCK_MONOTONIC.
 */
static inline __u64 now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/**
 * cpu_ns() - for how long processors have been at this process
 *
 * A vendor's threads are in it.
 *
 * Return: nanoseconds, of all its threads together.
 */
static inline __u64 cpu_ns(void)
{
	struct rusage all;

	getrusage(RUSAGE_SELF, &all);
	return (all.ru_utime.tv_sec + all.ru_stime.tv_sec) * NS_PER_S +
	       (all.ru_utime.tv_usec + all.ru_stime.tv_usec) * NS_PER_US;
}

#endif /* VGPU_SIM_CLOCK_H */
