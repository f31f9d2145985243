// SPDX-License-Identifier: GPL-2.0
/* vgpu-cpu: start and end of the cpu backend, and its parameters. */
#include <linux/err.h>
#include <linux/module.h>
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
static struct vgpu_gpu *vgpu_cpu_gpu;

static struct pci_dev *vgpu_cpu_find_parent(const char *name)
{
	struct device *dev = bus_find_device_by_name(&pci_bus_type, NULL, name);

	return dev ? to_pci_dev(dev) : NULL;
}

static int __init vgpu_cpu_init(void)
{
	struct vgpu_gpu_desc desc = {
		.name = VGPU_CPU_NAME,
		.owner = THIS_MODULE,
		.memory_size = (u64)memory << 20,
	};
	struct pci_dev *pdev = NULL;
	int ret = 0;

	if (memory < VGPU_CPU_MIN_MEMORY) {
		pr_err("vgpu-cpu: memory=%u: at least %u MiB\n", memory,
		       VGPU_CPU_MIN_MEMORY);
		return -EINVAL;
	}
	if (parent) {
		pdev = vgpu_cpu_find_parent(parent);
		if (!pdev) {
			pr_err("vgpu-cpu: no PCI function %s\n", parent);
			return -ENODEV;
		}
		desc.parent = &pdev->dev;
	}
	vgpu_cpu_engine = vgpu_cpu_create(VGPU_CPU_NAME);
	if (IS_ERR(vgpu_cpu_engine)) {
		ret = PTR_ERR(vgpu_cpu_engine);
		goto out_put;
	}
	vgpu_cpu_describe(vgpu_cpu_engine, &desc);
	vgpu_cpu_gpu = vgpu_gpu_register(&desc);
	if (IS_ERR(vgpu_cpu_gpu)) {
		ret = PTR_ERR(vgpu_cpu_gpu);
		vgpu_cpu_destroy(vgpu_cpu_engine);
	}
out_put:
	pci_dev_put(pdev);
	return ret;
}
module_init(vgpu_cpu_init);

static void __exit vgpu_cpu_exit(void)
{
	vgpu_gpu_unregister(vgpu_cpu_gpu);
	vgpu_cpu_destroy(vgpu_cpu_engine);
}
module_exit(vgpu_cpu_exit);

MODULE_DESCRIPTION("vgpu backend: an engine on the CPU");
MODULE_AUTHOR("The vgpu project");
MODULE_LICENSE("GPL");
