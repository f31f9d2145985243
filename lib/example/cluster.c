// SPDX-License-Identifier: LGPL-2.1-or-later
/* A cluster of stars on the CPU.  Units are such that G, its mass and its size are 1. */
#include <linux/types.h>
#include <math.h>
#include <stdlib.h>

#include "cluster.h"

/* 0 up to 1 */
static double number(__u64 *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (double)(*state >> 11) / 9007199254740992.0;
}

/* So long, and in any direction */
static struct body direction(double length, __u64 *state)
{
	double z = 2 * number(state) - 1, angle = 2 * M_PI * number(state), r = sqrt(1 - z * z);

	return (struct body){
		.x = (float)(length * r * cos(angle)),
		.y = (float)(length * r * sin(angle)),
		.z = (float)(length * z),
	};
}

/* Plummer's: as a whole it stays as it is, though all of it moves. */
static void fill(struct cluster *cluster)
{
	__u64 state = 88172645463325252ULL;
	unsigned int i;
	double r, q;

	for (i = 0; i < cluster->n; i++) {
		/* but for the few that are far out */
		r = 1 / sqrt(pow(0.99 * number(&state) + 0.000001, -2.0 / 3) - 1);
		/* of the speed at which it would escape */
		do
			q = number(&state);
		while (0.1 * number(&state) > q * q * pow(1 - q * q, 3.5));
		cluster->position[i] = direction(r, &state);
		cluster->position[i].mass = 1.0f / (float)cluster->n;
		cluster->velocity[i] = direction(q * M_SQRT2 * pow(1 + r * r, -0.25), &state);
	}
}

/**
 * cluster_make() - make a cluster, the same each time
 * @cluster: filled in; cluster_free() it in any case
 * @n: bodies
 *
 * Return: false if there is no memory.
 */
bool cluster_make(struct cluster *cluster, unsigned int n)
{
	cluster->n = n;
	cluster->position = calloc(n, sizeof(*cluster->position));
	cluster->velocity = calloc(n, sizeof(*cluster->velocity));
	if (!cluster->position || !cluster->velocity)
		return false;
	fill(cluster);
	return true;
}

/**
 * cluster_free() - give its memory back
 * @cluster: which
 */
void cluster_free(struct cluster *cluster)
{
	free(cluster->position);
	free(cluster->velocity);
}

static double distance2(const struct body *a, const struct body *b)
{
	const double x = a->x - b->x, y = a->y - b->y, z = a->z - b->z;

	return x * x + y * y + z * z;
}

/**
 * cluster_energy() - kinetic and potential energy
 * @cluster: of which
 *
 * Return: about -3 pi / 64.
 */
double cluster_energy(const struct cluster *cluster)
{
	const struct body *p = cluster->position, origin = { };
	unsigned int i, j;
	double sum = 0, near;

	for (i = 0; i < cluster->n; i++) {
		sum += p[i].mass * distance2(&cluster->velocity[i], &origin) / 2;
		for (j = 0; j < i; j++) {
			near = distance2(&p[i], &p[j]) + CLUSTER_SOFTENING * CLUSTER_SOFTENING;
			sum -= p[i].mass * p[j].mass / sqrt(near);
		}
	}
	return sum;
}

/**
 * cluster_leap() - what the kernel in nbody.cl does, in C, with numbers twice as long
 * @cluster: goes on
 * @kick: for so long velocities change
 * @drift: and then positions
 *
 * Return: false if there is no memory.
 */
bool cluster_leap(struct cluster *cluster, float kick, float drift)
{
	struct body *to = malloc(cluster->n * sizeof(*to)), *v = cluster->velocity;
	const struct body *from = cluster->position;
	double x, y, z, near;
	unsigned int i, j;

	if (!to)
		return false;
	for (i = 0; i < cluster->n; i++) {
		for (x = y = z = 0, j = 0; j < cluster->n; j++) {
			near = distance2(&from[j], &from[i]) +
			       CLUSTER_SOFTENING * CLUSTER_SOFTENING;
			near = from[j].mass / (near * sqrt(near));
			x += ((double)from[j].x - from[i].x) * near;
			y += ((double)from[j].y - from[i].y) * near;
			z += ((double)from[j].z - from[i].z) * near;
		}
		v[i] = (struct body){ (float)(v[i].x + x * kick), (float)(v[i].y + y * kick),
				      (float)(v[i].z + z * kick), 0 };
		to[i] = (struct body){ from[i].x + v[i].x * drift, from[i].y + v[i].y * drift,
				       from[i].z + v[i].z * drift, from[i].mass };
	}
	free(cluster->position);
	cluster->position = to;
	return true;
}

/**
 * cluster_apart() - how far apart are two that should be the same?
 * @a: the one
 * @b: the other
 *
 * Return: as a part of how large they are; not a number if one of them isn't.
 */
double cluster_apart(const struct cluster *a, const struct cluster *b)
{
	const struct body origin = { };
	double sum = 0, far = 0;
	unsigned int i;

	for (i = 0; i < a->n; i++) {
		sum += distance2(&a->position[i], &b->position[i]);
		far += distance2(&b->position[i], &origin);
	}
	return sqrt(sum / far);
}
