// SPDX-License-Identifier: GPL-2.0
/*
 * The VFIO device: regions, interrupts and ioctls, as QEMU and cloud-hypervisor
 * require them (Documentation/overview.rst lists what and why).
 *
 * No region can be mapped: every access is a read() or write() of the VMM, whose
 * offset is a region's index in the upper bits and an offset in the lower.
 */
#include <linux/idr.h>
#include <linux/iommu.h>
#include <linux/mdev.h>
#include <linux/memcontrol.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "bar.h"
#include "gpu.h"
#include "parent.h"
#include "trace.h"
#include "vfio.h"

/* As vfio-pci has it; a VMM learns it from the region info */
#define VGPUH_REGION_SHIFT	40
#define VGPUH_REGION_MASK	((1ULL << VGPUH_REGION_SHIFT) - 1)

/* vm_id: unique on the host.  0 is none */
static DEFINE_IDA(vgpuh_vm_ids);

static struct vgpuh_vfio *vgpuh_vfio_from_vdev(struct vfio_device *vdev)
{
	return container_of(vdev, struct vgpuh_vfio, vdev);
}

static void vgpuh_vfio_raise_irq(struct vgpu *vgpu, u32 vector)
{
	vgpuh_irq_raise(&container_of(vgpu, struct vgpuh_vfio, vgpu)->irq, vector);
}

static int vgpuh_vfio_pin(struct vgpu *vgpu, vgpu_iova_t iova, u32 npages,
			  struct page **pages)
{
	struct vfio_device *vdev = &container_of(vgpu, struct vgpuh_vfio, vgpu)->vdev;
	int ret;

	ret = vfio_pin_pages(vdev, vgpu_dma_addr(iova), npages, IOMMU_READ | IOMMU_WRITE,
			     pages);
	if (ret == npages)
		return 0;
	/* all or none, says VFIO; in case it changes its mind */
	if (WARN_ON_ONCE(ret >= 0)) {
		if (ret)
			vfio_unpin_pages(vdev, vgpu_dma_addr(iova), ret);
		return -EFAULT;
	}
	return ret == -ENOMEM ? -ENOMEM : -EFAULT;
}

static void vgpuh_vfio_unpin(struct vgpu *vgpu, vgpu_iova_t iova, u32 npages)
{
	vfio_unpin_pages(&container_of(vgpu, struct vgpuh_vfio, vgpu)->vdev,
			 vgpu_dma_addr(iova), npages);
}

static int vgpuh_vfio_dma_read(struct vgpu *vgpu, vgpu_iova_t iova, void *buf, size_t len)
{
	struct vfio_device *vdev = &container_of(vgpu, struct vgpuh_vfio, vgpu)->vdev;

	return vfio_dma_rw(vdev, vgpu_dma_addr(iova), buf, len, false) ? -EFAULT : 0;
}

static const struct vgpu_dma_ops vgpuh_vfio_dma_ops = {
	.pin = vgpuh_vfio_pin,
	.unpin = vgpuh_vfio_unpin,
	.read = vgpuh_vfio_dma_read,
};

static void vgpuh_vfio_dma_unmap(struct vfio_device *vdev, u64 iova, u64 length)
{
	vgpu_unmap(&vgpuh_vfio_from_vdev(vdev)->vgpu, vgpu_dma_iova(iova), length);
}

/* For udev and who else listens to uevents, and for those who trace */
static void vgpuh_vfio_event(struct vgpu_arb_entity *entity, enum vgpu_arb_event event)
{
	static const char * const names[] = {
		[VGPU_ARB_TIMEOUT] = "timeout",
		[VGPU_ARB_QUARANTINED] = "quarantined",
		[VGPU_ARB_RELEASED] = "released",
	};
	struct vgpuh_vfio *v = container_of(entity, struct vgpuh_vfio, vgpu.entity);
	char line[4][64];
	char *env[ARRAY_SIZE(line) + 1] = { };
	u32 faults = READ_ONCE(entity->faults), i;

	if (event == VGPU_ARB_TIMEOUT)
		trace_vgpu_fault(v->vgpu.vm_id, faults);
	else
		trace_vgpu_quarantine(v->vgpu.vm_id, event == VGPU_ARB_QUARANTINED);
	/* with a short limit and no quarantine a guest could keep udev busy */
	if (event == VGPU_ARB_TIMEOUT && !__ratelimit(&v->timeouts))
		return;

	for (i = 0; i < ARRAY_SIZE(line); i++)
		env[i] = line[i];
	snprintf(line[0], sizeof(line[0]), "VGPU_EVENT=%s", names[event]);
	snprintf(line[1], sizeof(line[1]), "VGPU_VM_ID=%u", v->vgpu.vm_id);
	snprintf(line[2], sizeof(line[2]), "VGPU_UUID=%s", dev_name(v->vdev.dev));
	snprintf(line[3], sizeof(line[3]), "VGPU_FAULTS=%u", faults);
	kobject_uevent_env(&v->vdev.dev->kobj, KOBJ_CHANGE, env);
}

static int vgpuh_vfio_init(struct vfio_device *vdev)
{
	struct vgpuh_vfio *v = vgpuh_vfio_from_vdev(vdev);
	struct mdev_type *type = to_mdev_device(vdev->dev)->type;
	struct vgpu_gpu *gpu = vgpuh_parent_gpu_get(type);
	u64 memory_size = vgpuh_parent_type_memory(type);
	int ret, vm_id;

	ret = vgpu_gpu_memory_reserve(gpu, memory_size);
	if (ret)
		goto err_gpu;
	vm_id = ida_alloc_min(&vgpuh_vm_ids, 1, GFP_KERNEL);
	if (vm_id < 0) {
		ret = vm_id;
		goto err_release;
	}
	ret = vgpu_init(&v->vgpu, gpu, vm_id, memory_size, vgpuh_vfio_raise_irq,
			&vgpuh_vfio_dma_ops);
	if (ret)
		goto err_vm_id;
	vgpu_arb_entity_set_share(&v->vgpu.entity, vgpuh_parent_type_share(type), ktime_get_ns());
	v->vgpu.entity.event = vgpuh_vfio_event;
	vgpuh_irq_init(&v->irq, &v->vgpu);
	ratelimit_state_init(&v->timeouts, DEFAULT_RATELIMIT_INTERVAL, DEFAULT_RATELIMIT_BURST);
	/* nor is the log to tell how many they were */
	ratelimit_set_flags(&v->timeouts, RATELIMIT_MSG_ON_RELEASE);
	return 0;

err_vm_id:
	ida_free(&vgpuh_vm_ids, vm_id);
err_release:
	vgpu_gpu_memory_release(gpu, memory_size);
err_gpu:
	vgpuh_parent_gpu_put(gpu);
	return ret;
}

static void vgpuh_vfio_release(struct vfio_device *vdev)
{
	struct vgpuh_vfio *v = vgpuh_vfio_from_vdev(vdev);
	struct vgpu *vgpu = &v->vgpu;

	ida_free(&vgpuh_vm_ids, vgpu->vm_id);
	vgpu_gpu_memory_release(vgpu->gpu, vgpu->quota.memory_size);
	vgpuh_irq_fini(&v->irq);
	vgpu_fini(vgpu);
	vgpuh_parent_gpu_put(vgpu->gpu);
	vgpu_compat_vfio_free_device(vdev);
}

static int vgpuh_vfio_open(struct vfio_device *vdev)
{
	struct vgpu *vgpu = &vgpuh_vfio_from_vdev(vdev)->vgpu;

	/* its code runs while a guest can submit */
	if (!try_module_get(vgpu->gpu->desc.owner))
		return -ENODEV;
	vgpu->memcg = get_mem_cgroup_from_mm(current->mm);
	vgpu_start(vgpu);
	return 0;
}

static void vgpuh_vfio_close(struct vfio_device *vdev)
{
	struct vgpuh_vfio *v = vgpuh_vfio_from_vdev(vdev);

	vgpu_stop(&v->vgpu);
	mem_cgroup_put(v->vgpu.memcg);
	v->vgpu.memcg = NULL;
	vgpuh_irq_release(&v->irq);
	module_put(v->vgpu.gpu->desc.owner);
}

/* A VMM that has reset the device isn't told any more of what was before. */
static void vgpuh_vfio_reset(struct vgpu *vgpu)
{
	vgpu_reset(vgpu);
	vgpuh_irq_flush(&container_of(vgpu, struct vgpuh_vfio, vgpu)->irq);
}

static void vgpuh_vfio_config_read(struct vgpu *vgpu, u32 offset, void *buf, u32 len)
{
	vgpu_config_read(&vgpu->config, offset, buf, len);
}

static void vgpuh_vfio_config_write(struct vgpu *vgpu, u32 offset,
				    const void *buf, u32 len)
{
	bool flr = false;

	if (!vgpu_config_write(&vgpu->config, offset, buf, len, &flr))
		vgpu_count(&vgpu->counters, VGPU_COUNT_BAD_CONFIG);
	if (flr)
		vgpuh_vfio_reset(vgpu);
}

/* An absent region has size 0. */
static const struct vgpuh_vfio_region {
	u32 size;
	void (*read)(struct vgpu *vgpu, u32 offset, void *buf, u32 len);
	void (*write)(struct vgpu *vgpu, u32 offset, const void *buf, u32 len);
} vgpuh_vfio_regions[VFIO_PCI_NUM_REGIONS] = {
	[VFIO_PCI_BAR0_REGION_INDEX] = {
		VGPU_BAR0_SIZE, vgpu_bar0_read, vgpu_bar0_write
	},
	[VFIO_PCI_BAR2_REGION_INDEX] = {
		VGPU_BAR2_SIZE, vgpu_bar2_read, vgpu_bar2_write
	},
	[VFIO_PCI_BAR4_REGION_INDEX] = {
		VGPU_BAR4_SIZE, vgpu_bar4_read, vgpu_bar4_write
	},
	[VFIO_PCI_CONFIG_REGION_INDEX] = {
		PCI_CFG_SPACE_EXP_SIZE, vgpuh_vfio_config_read,
		vgpuh_vfio_config_write
	},
};

/*
 * Find the region at @pos.  Return NULL if there is none; else @offset in it, and
 * @count cut off at its end.
 */
static const struct vgpuh_vfio_region *
vgpuh_vfio_region_find(struct vgpu *vgpu, loff_t pos, size_t *count, u32 *offset)
{
	u64 index = (u64)pos >> VGPUH_REGION_SHIFT, at = pos & VGPUH_REGION_MASK;
	const struct vgpuh_vfio_region *region = NULL;

	if (index < VFIO_PCI_NUM_REGIONS)
		region = &vgpuh_vfio_regions[array_index_nospec(index,
						VFIO_PCI_NUM_REGIONS)];
	if (!region || at >= region->size) {
		vgpu_count(&vgpu->counters, VGPU_COUNT_BAD_ACCESS);
		return NULL;
	}
	*offset = at;
	*count = min_t(u64, *count, region->size - at);
	return region;
}

static ssize_t vgpuh_vfio_read(struct vfio_device *vdev, char __user *buf,
			       size_t count, loff_t *ppos)
{
	struct vgpu *vgpu = &vgpuh_vfio_from_vdev(vdev)->vgpu;
	const struct vgpuh_vfio_region *region;
	u8 bytes[256];
	ssize_t done;
	u32 offset, n;

	region = vgpuh_vfio_region_find(vgpu, *ppos, &count, &offset);
	if (!region)
		return -EINVAL;
	for (done = 0; done < (ssize_t)count; done += n) {
		n = min_t(u32, count - done, sizeof(bytes));
		region->read(vgpu, offset + done, bytes, n);
		if (copy_to_user(buf + done, bytes, n))
			return done ?: -EFAULT;
		*ppos += n;
	}
	return done;
}

static ssize_t vgpuh_vfio_write(struct vfio_device *vdev, const char __user *buf,
				size_t count, loff_t *ppos)
{
	struct vgpu *vgpu = &vgpuh_vfio_from_vdev(vdev)->vgpu;
	const struct vgpuh_vfio_region *region;
	u8 bytes[256];
	ssize_t done;
	u32 offset, n;

	region = vgpuh_vfio_region_find(vgpu, *ppos, &count, &offset);
	if (!region)
		return -EINVAL;
	for (done = 0; done < (ssize_t)count; done += n) {
		n = min_t(u32, count - done, sizeof(bytes));
		if (copy_from_user(bytes, buf + done, n))
			return done ?: -EFAULT;
		region->write(vgpu, offset + done, bytes, n);
		*ppos += n;
	}
	return done;
}

static int vgpuh_vfio_get_info(unsigned long arg)
{
	unsigned long minsz = offsetofend(struct vfio_device_info, num_irqs);
	struct vfio_device_info info;

	if (copy_from_user(&info, (void __user *)arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	info.flags = VFIO_DEVICE_FLAGS_PCI | VFIO_DEVICE_FLAGS_RESET;
	info.num_regions = VFIO_PCI_NUM_REGIONS;
	info.num_irqs = VFIO_PCI_NUM_IRQS;
	return copy_to_user((void __user *)arg, &info, minsz) ? -EFAULT : 0;
}

static int vgpuh_vfio_get_region_info(struct vfio_device *vdev,
				      struct vfio_region_info *info,
				      struct vfio_info_cap *caps)
{
	u32 index = info->index;

	/*
	 * An absent region is one of size 0, not an error: cloud-hypervisor
	 * counts the ones that succeed.
	 */
	if (index >= VFIO_PCI_VGA_REGION_INDEX)
		return -EINVAL;
	index = array_index_nospec(index, VFIO_PCI_VGA_REGION_INDEX);
	info->offset = (u64)index << VGPUH_REGION_SHIFT;
	info->size = vgpuh_vfio_regions[index].size;
	info->flags = info->size ? VFIO_REGION_INFO_FLAG_READ |
				   VFIO_REGION_INFO_FLAG_WRITE : 0;
	info->cap_offset = 0;
	return 0;
}

static int vgpuh_vfio_get_irq_info(unsigned long arg)
{
	unsigned long minsz = offsetofend(struct vfio_irq_info, count);
	struct vfio_irq_info info;
	int ret;

	if (copy_from_user(&info, (void __user *)arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;
	ret = vgpuh_irq_info(&info);
	if (ret)
		return ret;
	return copy_to_user((void __user *)arg, &info, minsz) ? -EFAULT : 0;
}

static int vgpuh_vfio_set_irqs(struct vgpuh_vfio *v, unsigned long arg)
{
	unsigned long minsz = offsetofend(struct vfio_irq_set, count);
	struct vfio_irq_set hdr;
	void *data = NULL;
	size_t size = 0;
	int ret;

	if (copy_from_user(&hdr, (void __user *)arg, minsz))
		return -EFAULT;
	/* bounds the count by the index's, and so the size of the data */
	ret = vfio_set_irqs_validate_and_prepare(&hdr, vgpuh_irq_count(hdr.index),
						 VFIO_PCI_NUM_IRQS, &size);
	if (ret)
		return ret;
	if (size) {
		data = memdup_user((void __user *)(arg + minsz), size);
		if (IS_ERR(data))
			return PTR_ERR(data);
	}
	ret = vgpuh_irq_set(&v->irq, &hdr, data);
	kfree(data);
	return ret;
}

static long vgpuh_vfio_ioctl(struct vfio_device *vdev, unsigned int cmd,
			     unsigned long arg)
{
	struct vgpuh_vfio *v = vgpuh_vfio_from_vdev(vdev);
	int ret;

	switch (cmd) {
	case VFIO_DEVICE_GET_INFO:
		return vgpuh_vfio_get_info(arg);
	case VFIO_DEVICE_GET_REGION_INFO:
		return vgpu_compat_vfio_region_info(vdev, arg,
						    vgpuh_vfio_get_region_info);
	case VFIO_DEVICE_GET_IRQ_INFO:
		return vgpuh_vfio_get_irq_info(arg);
	case VFIO_DEVICE_SET_IRQS:
		ret = vgpuh_vfio_set_irqs(v, arg);
		if (ret)
			vgpu_count(&v->vgpu.counters, VGPU_COUNT_BAD_IRQ);
		return ret;
	case VFIO_DEVICE_RESET:
		vgpuh_vfio_reset(&v->vgpu);
		return 0;
	default:
		return -ENOTTY;
	}
}

static void vgpuh_vfio_request(struct vfio_device *vdev, unsigned int count)
{
	struct vgpuh_vfio *v = vgpuh_vfio_from_vdev(vdev);

	/* called again every 10 s until the VMM lets go */
	if (!vgpuh_irq_raise_req(&v->irq) && !count)
		dev_notice(vdev->dev,
			   "removal waits: the VMM does not listen for requests, detach the device or stop the VM\n");
}

static const struct vfio_device_ops vgpuh_vfio_ops = {
	.name = "vgpu",
	.init = vgpuh_vfio_init,
	.release = vgpuh_vfio_release,
	VGPU_COMPAT_VFIO_IOMMUFD_OPS
	VGPU_COMPAT_VFIO_REGION_INFO_OP(vgpuh_vfio_get_region_info)
	.open_device = vgpuh_vfio_open,
	.close_device = vgpuh_vfio_close,
	.read = vgpuh_vfio_read,
	.write = vgpuh_vfio_write,
	.ioctl = vgpuh_vfio_ioctl,
	.request = vgpuh_vfio_request,
	.dma_unmap = vgpuh_vfio_dma_unmap,
};

/**
 * vgpuh_vfio_create() - make the VFIO device of an mdev
 * @dev: the mdev
 *
 * Not yet registered.  Ends with vfio_put_device().
 *
 * Context: may sleep.
 * Return: the device, or ERR_PTR(): -ENOSPC if the GPU's memory doesn't suffice
 * for one more of this type; -ENOMEM.
 */
struct vgpuh_vfio *vgpuh_vfio_create(struct device *dev)
{
	return vfio_alloc_device(vgpuh_vfio, vdev, dev, &vgpuh_vfio_ops);
}
