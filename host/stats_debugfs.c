// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: vgpu/vm<id>/{summary,contexts,histograms}.  The summary is for people; the others
 * have, for each context, what the folder stats in sysfs has for the vGPU, and what
 * percentiles are made of.
 */
#include <linux/debugfs.h>
#include <linux/math64.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/time64.h>

#include "ctx.h"
#include "stats.h"
#include "stats_debugfs.h"
#include "vfio.h"

/* Show the vGPU, with NULL, and then each of its contexts. */
static int vgpuh_stats_each(struct seq_file *m, bool vgpu_too,
			    void (*show)(struct seq_file *m, const struct vgpu_ctx *ctx,
					 const struct vgpu_stats_report *report))
{
	struct vgpuh_vfio *v = m->private;
	struct vgpu_stats_report *report;
	struct vgpu_ctx *ctx;
	unsigned long id;

	report = kmalloc(sizeof(*report), GFP_KERNEL);
	if (!report)
		return -ENOMEM;
	if (vgpu_too) {
		vgpu_stats_read(&v->vgpu, NULL, report);
		show(m, NULL, report);
	}
	for (id = 0; (ctx = vgpu_ctx_next(&v->vgpu, &id)); id++) {
		vgpu_stats_read(&v->vgpu, ctx, report);
		show(m, ctx, report);
		vgpu_ctx_put(ctx);
	}
	kfree(report);
	return 0;
}

static void vgpuh_stats_show_figures(struct seq_file *m, const struct vgpu_ctx *ctx,
				     const struct vgpu_stats_report *report)
{
	char name[VGPU_FIGURE_NAME];
	u32 i;

	for (i = 0; i < VGPU_FIGURES; i++) {
		vgpu_figure_name(i, name);
		seq_printf(m, "%u %s %llu\n", ctx->id, name, vgpu_figure_get(i, report));
	}
}

static int contexts_show(struct seq_file *m, void *unused)
{
	return vgpuh_stats_each(m, false, vgpuh_stats_show_figures);
}
DEFINE_SHOW_ATTRIBUTE(contexts);

static void vgpuh_stats_show_hist(struct seq_file *m, const struct vgpu_ctx *ctx,
				  const char *name, const struct vgpu_hist *hist)
{
	u32 i;

	for (i = 0; i < VGPU_HIST_BUCKETS; i++) {
		if (hist->count[i])
			seq_printf(m, "%u %s %llu %llu\n", ctx ? ctx->id : 0, name,
				   vgpu_hist_from(i), hist->count[i]);
	}
}

static void vgpuh_stats_show_hists(struct seq_file *m, const struct vgpu_ctx *ctx,
				   const struct vgpu_stats_report *report)
{
	vgpuh_stats_show_hist(m, ctx, "wait_ns", &report->jobs.wait);
	vgpuh_stats_show_hist(m, ctx, "run_ns", &report->jobs.run);
}

static int histograms_show(struct seq_file *m, void *unused)
{
	return vgpuh_stats_each(m, true, vgpuh_stats_show_hists);
}
DEFINE_SHOW_ATTRIBUTE(histograms);

static void vgpuh_stats_show_times(struct seq_file *m, const char *name,
				   const struct vgpu_hist *hist)
{
	seq_printf(m, "  %s p50 %llu us, p95 %llu us, p99 %llu us\n", name,
		   div_u64(vgpu_hist_percentile(hist, 50), NSEC_PER_USEC),
		   div_u64(vgpu_hist_percentile(hist, 95), NSEC_PER_USEC),
		   div_u64(vgpu_hist_percentile(hist, 99), NSEC_PER_USEC));
}

static void vgpuh_stats_show_summary(struct seq_file *m, const struct vgpu_ctx *ctx,
				     const struct vgpu_stats_report *report)
{
	const struct vgpu_stats *jobs = &report->jobs;
	char name[VGPU_FIGURE_NAME];
	u64 value;
	u32 i;

	if (ctx)
		seq_printf(m, "context %u\n", ctx->id);
	else
		seq_puts(m, "all\n");
	seq_printf(m, "  jobs %llu submitted: %llu completed, %llu failed, %llu pending; %llu rejected\n",
		   jobs->submitted, jobs->ended[VGPU_ERR_NONE], vgpu_stats_failed(jobs),
		   vgpu_stats_pending(jobs), vgpu_stats_rejected(jobs));
	seq_printf(m, "  GPU %llu us, %llu context switches, %llu bytes copied\n",
		   div_u64(jobs->gpu_ns, NSEC_PER_USEC), jobs->switches, jobs->copied);
	vgpuh_stats_show_times(m, "wait", &jobs->wait);
	vgpuh_stats_show_times(m, "run", &jobs->run);
	seq_printf(m, "  memory %llu bytes, peak %llu bytes\n", report->memory.used,
		   report->memory.peak);
	/* by error, if there were any */
	for (i = VGPU_FIGURE_FAILED + 1; i < VGPU_FIGURES; i++) {
		value = vgpu_figure_get(i, report);
		if (!value)
			continue;
		vgpu_figure_name(i, name);
		seq_printf(m, "  %s %llu\n", name, value);
	}
}

static int summary_show(struct seq_file *m, void *unused)
{
	struct vgpuh_vfio *v = m->private;

	seq_printf(m, "vm %u, weight %u\n", v->vgpu.vm_id,
		   READ_ONCE(v->vgpu.entity.weight));
	return vgpuh_stats_each(m, true, vgpuh_stats_show_summary);
}
DEFINE_SHOW_ATTRIBUTE(summary);

/**
 * vgpuh_stats_debugfs_add() - make the files of a vGPU
 * @v: the vGPU, which has its folder
 *
 * Context: may sleep.
 */
void vgpuh_stats_debugfs_add(struct vgpuh_vfio *v)
{
	debugfs_create_file("summary", 0400, v->debugfs, v, &summary_fops);
	debugfs_create_file("contexts", 0400, v->debugfs, v, &contexts_fops);
	debugfs_create_file("histograms", 0400, v->debugfs, v, &histograms_fops);
}
