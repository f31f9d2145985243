// SPDX-License-Identifier: GPL-2.0
/*
 * vgpu-host: shares GPUs between virtual machines, as mediated devices.
 *
 * Order of start and end, and nothing else.  GPUs come with the backends, each
 * a module of its own that this one outlives.
 */
#include <linux/init.h>
#include <linux/mdev.h>
#include <linux/module.h>

#include "debugfs.h"
#include "irq.h"
#include "mdev.h"
#include "parent.h"
#include "stats_sysfs.h"

static int __init vgpuh_init(void)
{
	int ret;

	ret = vgpuh_irq_wq_create();
	if (ret)
		return ret;
	vgpuh_stats_sysfs_init();
	vgpuh_debugfs_init();
	ret = vgpuh_parent_class_register();
	if (ret)
		goto err_debugfs;
	ret = mdev_register_driver(&vgpuh_mdev_driver);
	if (ret)
		goto err_class;
	return 0;

err_class:
	vgpuh_parent_class_unregister();
err_debugfs:
	vgpuh_debugfs_fini();
	vgpuh_irq_wq_destroy();
	return ret;
}
module_init(vgpuh_init);

static void __exit vgpuh_exit(void)
{
	mdev_unregister_driver(&vgpuh_mdev_driver);
	vgpuh_parent_class_unregister();
	vgpuh_debugfs_fini();
	vgpuh_irq_wq_destroy();
}
module_exit(vgpuh_exit);

MODULE_DESCRIPTION("Virtual GPUs as VFIO mediated devices");
MODULE_AUTHOR("The vgpu project");
MODULE_LICENSE("GPL");
MODULE_SOFTDEP("post: vgpu-cpu");
