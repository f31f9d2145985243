// SPDX-License-Identifier: GPL-2.0
/*
 * sysfs: the folder stats of an mdev.  One file for each figure of the vGPU, and reset, for
 * root.  The files are made of the table of figures, so that there is one list of them.
 */
#include <linux/device.h>
#include <linux/kstrtox.h>
#include <linux/slab.h>

#include "stats.h"
#include "stats_sysfs.h"
#include "vfio.h"

/**
 * struct vgpuh_stats_file - a file
 * @attr: what sysfs knows of it
 * @name: its name
 */
struct vgpuh_stats_file {
	struct device_attribute attr;
	char name[VGPU_FIGURE_NAME];
};

static struct vgpuh_stats_file vgpuh_stats_file[VGPU_FIGURES];

static ssize_t vgpuh_stats_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	struct vgpuh_stats_file *file = container_of(attr, struct vgpuh_stats_file, attr);
	struct vgpuh_vfio *v = dev_get_drvdata(dev);
	struct vgpu_stats_report *report;
	u64 value;

	report = kmalloc(sizeof(*report), GFP_KERNEL);
	if (!report)
		return -ENOMEM;
	vgpu_stats_read(&v->vgpu, NULL, report);
	value = vgpu_figure_get(file - vgpuh_stats_file, report);
	kfree(report);
	return sysfs_emit(buf, "%llu\n", value);
}

static ssize_t reset_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct vgpuh_vfio *v = dev_get_drvdata(dev);
	bool reset;
	int ret;

	ret = kstrtobool(buf, &reset);
	if (ret)
		return ret;
	if (!reset)
		return -EINVAL;
	vgpu_stats_reset(&v->vgpu);
	return count;
}
static DEVICE_ATTR_WO(reset);

/* with an end */
static struct attribute *vgpuh_stats_attrs[VGPU_FIGURES + 2];

/** vgpuh_stats_group: the folder */
const struct attribute_group vgpuh_stats_group = {
	.name = "stats",
	.attrs = vgpuh_stats_attrs,
};

/**
 * vgpuh_stats_sysfs_init() - say which files there are
 *
 * Context: before the first vGPU is made.
 */
void vgpuh_stats_sysfs_init(void)
{
	u32 i;

	for (i = 0; i < VGPU_FIGURES; i++) {
		vgpu_figure_name(i, vgpuh_stats_file[i].name);
		vgpuh_stats_file[i].attr.attr.name = vgpuh_stats_file[i].name;
		vgpuh_stats_file[i].attr.attr.mode = 0444;
		vgpuh_stats_file[i].attr.show = vgpuh_stats_show;
		vgpuh_stats_attrs[i] = &vgpuh_stats_file[i].attr.attr;
	}
	vgpuh_stats_attrs[i] = &dev_attr_reset.attr;
}
