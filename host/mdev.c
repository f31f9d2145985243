// SPDX-License-Identifier: GPL-2.0
/*
 * The mdev driver.  mdev's core makes a device for a UUID written to a type's
 * create file, and calls probe; it calls remove when 1 is written to the
 * device's remove file, or when its parent goes.
 *
 * The files below the mdev belong to the vGPU whether or not a VMM has it open:
 * vm_id says which number the host gave it; for the others see policy_sysfs.c and
 * stats_sysfs.c.
 */
#include <linux/device.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/sysfs.h>
#include <linux/vfio.h>

#include "debugfs.h"
#include "mdev.h"
#include "parent.h"
#include "policy_sysfs.h"
#include "stats_sysfs.h"
#include "vfio.h"

static ssize_t vm_id_show(struct device *dev, struct device_attribute *attr,
			  char *buf)
{
	struct vgpuh_vfio *v = dev_get_drvdata(dev);

	return sysfs_emit(buf, "%u\n", v->vgpu.vm_id);
}
static DEVICE_ATTR_RO(vm_id);

static struct attribute *vgpuh_mdev_attrs[] = {
	&dev_attr_vm_id.attr,
	NULL,
};

static const struct attribute_group vgpuh_mdev_group = {
	.attrs = vgpuh_mdev_attrs,
};

static const struct attribute_group *vgpuh_mdev_groups[] = {
	&vgpuh_mdev_group,
	&vgpuh_policy_group,
	&vgpuh_stats_group,
	NULL,
};

static int vgpuh_mdev_probe(struct mdev_device *mdev)
{
	struct vgpuh_vfio *v;
	int ret;

	v = vgpuh_vfio_create(mdev_dev(mdev));
	if (IS_ERR(v))
		return PTR_ERR(v);
	dev_set_drvdata(mdev_dev(mdev), v);
	vgpuh_debugfs_add(v);
	ret = vfio_register_emulated_iommu_dev(&v->vdev);
	if (ret)
		goto err_put;
	return 0;

err_put:
	vgpuh_debugfs_remove(v);
	vfio_put_device(&v->vdev);
	return ret;
}

static void vgpuh_mdev_remove(struct mdev_device *mdev)
{
	struct vgpuh_vfio *v = dev_get_drvdata(mdev_dev(mdev));

	/* waits until it is closed, asking the VMM by the REQ interrupt */
	vfio_unregister_group_dev(&v->vdev);
	vgpuh_debugfs_remove(v);
	vfio_put_device(&v->vdev);
}

/** vgpuh_mdev_driver: drives every mdev of every GPU */
struct mdev_driver vgpuh_mdev_driver = {
	.device_api = VFIO_DEVICE_API_PCI_STRING,
	.probe = vgpuh_mdev_probe,
	.remove = vgpuh_mdev_remove,
	.get_available = vgpuh_parent_get_available,
	.show_description = vgpuh_parent_show_description,
	.driver = {
		.name = "vgpu-host",
		.owner = THIS_MODULE,
		.mod_name = KBUILD_MODNAME,
		.dev_groups = vgpuh_mdev_groups,
	},
};
