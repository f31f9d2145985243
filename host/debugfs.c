// SPDX-License-Identifier: GPL-2.0
/*
 * debugfs: vgpu/vm<id>/{regs,request,response,counters}, for root only; what is there of
 * accounting is in stats_debugfs.c.
 *
 * Every file is read from a copy made under the mailbox's lock, so a reader
 * sees one state and holds nobody up for longer than a memcpy().
 */
#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include <linux/string.h>

#include "bar.h"
#include "call.h"
#include "debugfs.h"
#include "stats_debugfs.h"
#include "vfio.h"

static struct dentry *vgpuh_debugfs_root;

static const char * const vgpuh_reg_name[VGPU_REG_END / 4] = {
	"DOORBELL", "STATUS", "POOL_ID", "PRIORITY", "VM_ID", "ERROR_CODE",
	"REQUEST_LEN", "RESPONSE_LEN", "PROTOCOL_VER", "CAPABILITIES",
	"IRQ_CTRL", "IRQ_STATUS", "REQUEST_ID", "TIMESTAMP_LO", "TIMESTAMP_HI",
	"SCRATCH",
};

static const char * const vgpuh_counter_name[VGPU_COUNTER_COUNT] = {
	[VGPU_COUNT_DOORBELL_BUSY] = "doorbell_busy",
	[VGPU_COUNT_INTERRUPTS] = "interrupts",
	[VGPU_COUNT_LONG_IRQ] = "irq_long",
	[VGPU_COUNT_DEFERRED_IRQ] = "irq_deferred",
	[VGPU_COUNT_DOORBELLS] = "doorbells",
	[VGPU_COUNT_LOST_BOS] = "lost_bos",
	[VGPU_COUNT_RESETS] = "resets",
	[VGPU_COUNT_BAD_CONFIG] = "bad_config",
	[VGPU_COUNT_BAD_BAR] = "bad_bar",
	[VGPU_COUNT_BAD_ACCESS] = "bad_access",
	[VGPU_COUNT_BAD_IRQ] = "bad_irq",
};

static int regs_show(struct seq_file *m, void *unused)
{
	struct vgpuh_vfio *v = m->private;
	__le32 reg[VGPU_REG_END / 4];
	u32 i;

	vgpu_bar0_read(&v->vgpu, 0, reg, sizeof(reg));
	for (i = 0; i < ARRAY_SIZE(reg); i++)
		seq_printf(m, "%03x %-13s %08x\n", i * 4, vgpuh_reg_name[i],
			   le32_to_cpu(reg[i]));
	seq_printf(m, "owner %s\n",
		   vgpu_job_owner_str(READ_ONCE(v->vgpu.mailbox.call->job.owner)));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(regs);

static int vgpuh_debugfs_dump(struct seq_file *m, u32 offset, u32 size)
{
	struct vgpuh_vfio *v = m->private;
	u8 buf[VGPU_REQ_BUF_SIZE];

	vgpu_bar0_read(&v->vgpu, offset, buf, size);
	seq_hex_dump(m, "", DUMP_PREFIX_OFFSET, 16, 4, buf, size, false);
	return 0;
}

static int request_show(struct seq_file *m, void *unused)
{
	return vgpuh_debugfs_dump(m, VGPU_REQ_BUF, VGPU_REQ_BUF_SIZE);
}
DEFINE_SHOW_ATTRIBUTE(request);

static int response_show(struct seq_file *m, void *unused)
{
	return vgpuh_debugfs_dump(m, VGPU_RESP_BUF, VGPU_RESP_BUF_SIZE);
}
DEFINE_SHOW_ATTRIBUTE(response);

static int counters_show(struct seq_file *m, void *unused)
{
	struct vgpuh_vfio *v = m->private;
	struct vgpu_counters *counters = &v->vgpu.counters;
	u32 i;

	for (i = 0; i < VGPU_COUNTER_COUNT; i++)
		seq_printf(m, "%s %lld\n", vgpuh_counter_name[i],
			   atomic64_read(&counters->event[i]));
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(counters);

/**
 * vgpuh_debugfs_init() - make the top folder
 *
 * debugfs calls don't fail in a way that matters: without debugfs there is
 * nothing to look at, and nothing else changes.
 *
 * Context: may sleep.
 */
void vgpuh_debugfs_init(void)
{
	vgpuh_debugfs_root = debugfs_create_dir("vgpu", NULL);
}

/**
 * vgpuh_debugfs_fini() - remove the top folder
 *
 * Context: may sleep.
 */
void vgpuh_debugfs_fini(void)
{
	debugfs_remove_recursive(vgpuh_debugfs_root);
}

/**
 * vgpuh_debugfs_add() - make the folder of a vGPU
 * @v: the vGPU
 *
 * Context: may sleep.
 */
void vgpuh_debugfs_add(struct vgpuh_vfio *v)
{
	char name[16];

	snprintf(name, sizeof(name), "vm%u", v->vgpu.vm_id);
	v->debugfs = debugfs_create_dir(name, vgpuh_debugfs_root);
	debugfs_create_file("regs", 0400, v->debugfs, v, &regs_fops);
	debugfs_create_file("request", 0400, v->debugfs, v, &request_fops);
	debugfs_create_file("response", 0400, v->debugfs, v, &response_fops);
	debugfs_create_file("counters", 0400, v->debugfs, v, &counters_fops);
	vgpuh_stats_debugfs_add(v);
}

/**
 * vgpuh_debugfs_remove() - remove the folder of a vGPU
 * @v: the vGPU
 *
 * Context: may sleep; waits for readers.
 */
void vgpuh_debugfs_remove(struct vgpuh_vfio *v)
{
	debugfs_remove_recursive(v->debugfs);
}
