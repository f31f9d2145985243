/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A cluster of stars, without a GPU: how it begins, what it weighs, and steps to compare with. */
#ifndef CLUSTER_H
#define CLUSTER_H

#include <stdbool.h>

/* Of near misses, which would be infinite without */
#define CLUSTER_SOFTENING	0.05f

/**
 * struct body - where a body is, or how fast
 * @x: in three dimensions
 * @y: in three dimensions
 * @z: in three dimensions
 * @mass: of a position; of a velocity 0
 */
struct body {
	float x;
	float y;
	float z;
	float mass;
};

/**
 * struct cluster - bodies
 * @n: how many
 * @position: of each
 * @velocity: of each
 */
struct cluster {
	unsigned int n;
	struct body *position;
	struct body *velocity;
};

bool cluster_make(struct cluster *cluster, unsigned int n);
void cluster_free(struct cluster *cluster);
double cluster_energy(const struct cluster *cluster);
bool cluster_leap(struct cluster *cluster, float kick, float drift);
double cluster_apart(const struct cluster *a, const struct cluster *b);

#endif /* CLUSTER_H */
