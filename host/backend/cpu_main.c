// SPDX-License-Identifier: GPL-2.0
/* vgpu-cpu: start and end of the cpu backend, and its parameters. */
#include <linux/err.h>
#include <linux/module.h>
#include <linux/notifier.h>
#include <linux/pci.h>

#include "backend.h"
#include "cpu.h"

static unsigned int memory = 1024;
module_param(memory, uint, 0444);
MODULE_PARM_DESC(memory, "device memory to share, in MiB (default 1024); host memory, taken as guests allocate it");

static char *parent;
module_param(parent, charp, 0444);
MODULE_PARM_DESC(parent, "PCI function that becomes the mdev parent, such as 0000:01:00.0 (default: a virtual device)");

#define VGPU_CPU_NAME	"cpu0"

/* A MiB for each of the smallest type */
#define VGPU_CPU_MIN_MEMORY	16

static struct vgpu_cpu *vgpu_cpu_engine;
/* NULL once its parent is gone; see vgpu_cpu_bus_notify() */
static struct vgpu_gpu *vgpu_cpu_gpu;
/* the parent, with a reference; or NULL */
static struct pci_dev *vgpu_cpu_pdev;

static struct pci_dev *vgpu_cpu_find_parent(const char *name)
{
	struct device *dev = bus_find_device_by_name(&pci_bus_type, NULL, name);

	return dev ? to_pci_dev(dev) : NULL;
}

static void vgpu_cpu_unregister(void)
{
	if (vgpu_cpu_gpu)
		vgpu_gpu_unregister(vgpu_cpu_gpu);
	vgpu_cpu_gpu = NULL;
}

/*
 * We are not the parent's driver and have no remove callback.  Before the function
 * goes, its mdevs must: nobody could reach their remove files any more.  This waits
 * for VMMs that have one open, as a driver's remove would.
 *
 * The notifier chain's rwsem orders it with vgpu_cpu_exit().
 */
static int vgpu_cpu_bus_notify(struct notifier_block *nb, unsigned long action,
			       void *data)
{
	if (action == BUS_NOTIFY_DEL_DEVICE && data == &vgpu_cpu_pdev->dev)
		vgpu_cpu_unregister();
	return NOTIFY_DONE;
}

static struct notifier_block vgpu_cpu_bus_nb = {
	.notifier_call = vgpu_cpu_bus_notify,
};

static int vgpu_cpu_register(struct vgpu_gpu_desc *desc)
{
	int ret;

	vgpu_cpu_gpu = vgpu_gpu_register(desc);
	if (IS_ERR(vgpu_cpu_gpu))
		return PTR_ERR(vgpu_cpu_gpu);
	if (!vgpu_cpu_pdev)
		return 0;
	ret = bus_register_notifier(&pci_bus_type, &vgpu_cpu_bus_nb);
	if (ret) {
		vgpu_cpu_unregister();
		return ret;
	}
	/* removed before we listened */
	if (!device_is_registered(&vgpu_cpu_pdev->dev)) {
		bus_unregister_notifier(&pci_bus_type, &vgpu_cpu_bus_nb);
		vgpu_cpu_unregister();
		return -ENODEV;
	}
	return 0;
}

static int __init vgpu_cpu_init(void)
{
	struct vgpu_gpu_desc desc = {
		.name = VGPU_CPU_NAME,
		.owner = THIS_MODULE,
		.memory_size = (u64)memory << 20,
	};
	int ret;

	if (memory < VGPU_CPU_MIN_MEMORY) {
		pr_err("vgpu-cpu: memory=%u: at least %u MiB\n", memory,
		       VGPU_CPU_MIN_MEMORY);
		return -EINVAL;
	}
	if (parent) {
		vgpu_cpu_pdev = vgpu_cpu_find_parent(parent);
		if (!vgpu_cpu_pdev) {
			pr_err("vgpu-cpu: no PCI function %s\n", parent);
			return -ENODEV;
		}
		desc.parent = &vgpu_cpu_pdev->dev;
	}
	vgpu_cpu_engine = vgpu_cpu_create(VGPU_CPU_NAME);
	if (IS_ERR(vgpu_cpu_engine)) {
		ret = PTR_ERR(vgpu_cpu_engine);
		goto err_put;
	}
	vgpu_cpu_describe(vgpu_cpu_engine, &desc);
	ret = vgpu_cpu_register(&desc);
	if (ret)
		goto err_engine;
	return 0;

err_engine:
	vgpu_cpu_destroy(vgpu_cpu_engine);
err_put:
	pci_dev_put(vgpu_cpu_pdev);
	return ret;
}
module_init(vgpu_cpu_init);

static void __exit vgpu_cpu_exit(void)
{
	if (vgpu_cpu_pdev)
		bus_unregister_notifier(&pci_bus_type, &vgpu_cpu_bus_nb);
	vgpu_cpu_unregister();
	vgpu_cpu_destroy(vgpu_cpu_engine);
	pci_dev_put(vgpu_cpu_pdev);
}
module_exit(vgpu_cpu_exit);

MODULE_DESCRIPTION("vgpu backend: an engine on the CPU");
MODULE_AUTHOR("The vgpu project");
MODULE_LICENSE("GPL");
