/* SPDX-License-Identifier: GPL-2.0 */
/* What was measured, for people and for programs. */
#ifndef VGPU_SIM_REPORT_H
#define VGPU_SIM_REPORT_H

#include "measure.h"

/**
 * enum report_form - how it is told
 * @REPORT_TABLE: a row for each cell
 * @REPORT_TSV: likewise, for programs: a line that names the columns, tabs between them
 * @REPORT_JSON: one object
 */
enum report_form {
	REPORT_TABLE,
	REPORT_TSV,
	REPORT_JSON,
};

/**
 * struct report - what there is to tell
 * @bench: what was measured with
 * @form: how
 * @cells: how many there are
 * @cell: what was measured
 */
struct report {
	const struct bench *bench;
	enum report_form form;
	__u32 cells;
	struct cell cell[MAX_LIST * MAX_LIST];
};

void report_begin(const struct report *report);
void report_cell(const struct report *report);
void report_end(const struct report *report);
bool report_can_plot(void);
bool report_plot(const struct report *report, const char *path);

#endif /* VGPU_SIM_REPORT_H */
