// SPDX-License-Identifier: GPL-2.0
/*
 * GPUs as mdev parents.  A parent offers five types, from the whole GPU to a
 * sixteenth.  All take their memory from the one budget of the GPU, so any mix
 * fits that fits, and what available_instances says is true for each type
 * whatever was made of the others.
 *
 * The parent is the GPU's own PCI function where the backend names one: libvirt,
 * Nova and Proxmox list no others.  Else it is the device of class "vgpu-gpu", called
 * after the GPU, that every GPU has for its files; below that function if there is one.
 */
#include <linux/device.h>
#include <linux/export.h>
#include <linux/idr.h>
#include <linux/mdev.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "gpu.h"
#include "mdev.h"
#include "parent.h"
#include "policy_sysfs.h"
#include "vgpu.h"

/* POOL_ID is one letter */
#define VGPUH_MAX_GPUS	26

/**
 * struct vgpuh_type - a type of vGPU
 * @mtype: mdev's part
 * @divisor: which part of the GPU it is
 * @name: what people see; no character that a KubeVirt resource can't have
 */
struct vgpuh_type {
	struct mdev_type mtype;
	u32 divisor;
	char name[48];
};

static const struct {
	const char *name;
	u32 divisor;
} vgpuh_type_table[] = {
	{ "whole", 1 },
	{ "half", 2 },
	{ "quarter", 4 },
	{ "eighth", 8 },
	{ "sixteenth", 16 },
};

#define VGPUH_NR_TYPES	ARRAY_SIZE(vgpuh_type_table)

/**
 * struct vgpuh_parent - a GPU as mdev parent
 * @dev: the GPU's device, with its files; the parent if there is no other.  Its references
 *	keep all of this: one for the registration, one for each vGPU (with a VFIO
 *	device's own file the last of it can outlive the mdev for a moment), and,
 *	as mdev takes one for each type until the last mdev of it is freed, those
 * @gpu: the GPU
 * @parent: mdev's part
 * @parent_dev: the device that is the parent: @dev, or the backend's; with a reference
 * @type: the types
 * @mtype: the same as mdev wants them
 */
struct vgpuh_parent {
	struct device dev;
	struct vgpu_gpu gpu;
	struct mdev_parent parent;
	struct device *parent_dev;
	struct vgpuh_type type[VGPUH_NR_TYPES];
	struct mdev_type *mtype[VGPUH_NR_TYPES];
};

static DEFINE_IDA(vgpuh_gpu_ids);

/* Who registers a GPU: there is no other of that name, or with that parent, until he has */
static DEFINE_MUTEX(vgpuh_register_lock);

static struct class vgpuh_class = {
	.name = "vgpu-gpu",
};

static struct vgpuh_parent *vgpuh_parent_from_type(struct mdev_type *mtype)
{
	return container_of(mtype->parent, struct vgpuh_parent, parent);
}

static struct vgpu_gpu *vgpuh_parent_gpu(struct mdev_type *mtype)
{
	return &vgpuh_parent_from_type(mtype)->gpu;
}

/**
 * vgpuh_parent_gpu_get() - the GPU of a type
 * @mtype: a type
 *
 * Context: any.
 * Return: the GPU, with a reference that vgpuh_parent_gpu_put() drops.
 */
struct vgpu_gpu *vgpuh_parent_gpu_get(struct mdev_type *mtype)
{
	struct vgpuh_parent *p = vgpuh_parent_from_type(mtype);

	get_device(&p->dev);
	return &p->gpu;
}

static void vgpuh_parent_release(struct device *dev)
{
	kfree(container_of(dev, struct vgpuh_parent, dev));
}

/**
 * vgpuh_parent_device_gpu() - the GPU of a device of class "vgpu-gpu"
 * @dev: the device
 *
 * Context: any.
 * Return: the GPU, which lasts as long as @dev.
 */
struct vgpu_gpu *vgpuh_parent_device_gpu(struct device *dev)
{
	return &container_of(dev, struct vgpuh_parent, dev)->gpu;
}

/**
 * vgpuh_parent_gpu_put() - drop a reference to a GPU
 * @gpu: the GPU
 *
 * Context: any.
 */
void vgpuh_parent_gpu_put(struct vgpu_gpu *gpu)
{
	put_device(&container_of(gpu, struct vgpuh_parent, gpu)->dev);
}

/**
 * vgpuh_parent_type_share() - what a vGPU of a type has of a GPU whose shares are fixed
 * @mtype: the type
 *
 * Context: any.
 * Return: basis points, 1 to VGPU_ARB_WHOLE.
 */
u32 vgpuh_parent_type_share(struct mdev_type *mtype)
{
	return VGPU_ARB_WHOLE / container_of(mtype, struct vgpuh_type, mtype)->divisor;
}

/**
 * vgpuh_parent_type_memory() - device memory of a vGPU of a type
 * @mtype: the type
 *
 * Context: any.
 * Return: bytes, a multiple of VGPU_BO_ALIGN.
 */
u64 vgpuh_parent_type_memory(struct mdev_type *mtype)
{
	u32 divisor = container_of(mtype, struct vgpuh_type, mtype)->divisor;
	u64 size = vgpuh_parent_gpu(mtype)->desc.memory_size;

	return round_down(size / divisor, (u64)VGPU_BO_ALIGN);
}

/**
 * vgpuh_parent_get_available() - how many more vGPUs of a type can be made
 * @mtype: the type
 *
 * Context: process context.
 * Return: a number, 0 if there is no room.
 */
unsigned int vgpuh_parent_get_available(struct mdev_type *mtype)
{
	return vgpu_gpu_memory_free(vgpuh_parent_gpu(mtype)) /
	       vgpuh_parent_type_memory(mtype);
}

/**
 * vgpuh_parent_show_description() - what a vGPU of a type has
 * @mtype: the type
 * @buf: a page
 *
 * Context: process context.
 * Return: bytes written.
 */
ssize_t vgpuh_parent_show_description(struct mdev_type *mtype, char *buf)
{
	return sysfs_emit(buf, "memory=%lluMiB, backend=%s\n",
			  vgpuh_parent_type_memory(mtype) >> 20,
			  vgpuh_parent_gpu(mtype)->desc.ops->name);
}

static void vgpuh_parent_init_types(struct vgpuh_parent *p)
{
	u32 i;

	for (i = 0; i < VGPUH_NR_TYPES; i++) {
		struct vgpuh_type *type = &p->type[i];

		type->divisor = vgpuh_type_table[i].divisor;
		snprintf(type->name, sizeof(type->name), "vGPU %s %s",
			 p->gpu.name, vgpuh_type_table[i].name);
		type->mtype.sysfs_name = vgpuh_type_table[i].name;
		type->mtype.pretty_name = type->name;
		p->mtype[i] = &type->mtype;
	}
}

static int vgpuh_parent_match(struct device *dev, const void *data)
{
	const struct vgpuh_parent *p = container_of(dev, struct vgpuh_parent, dev);
	const struct vgpu_gpu_desc *desc = data;

	return (desc->parent && p->gpu.desc.parent == desc->parent) ||
	       !strcmp(p->gpu.name, desc->name);
}

/* sysfs would refuse it, too, but not without a word of the kernel's about who has failed. */
static bool vgpuh_parent_is_taken(const struct vgpu_gpu_desc *desc)
{
	struct device *dev = class_find_device(&vgpuh_class, NULL, desc, vgpuh_parent_match);

	put_device(dev);
	return dev;
}

static int vgpuh_parent_add_device(struct vgpuh_parent *p)
{
	int ret;

	p->dev.parent = p->gpu.desc.parent;
	ret = dev_set_name(&p->dev, "vgpu-%s", p->gpu.name);
	if (!ret)
		ret = device_add(&p->dev);
	if (!ret)
		p->parent_dev = get_device(p->gpu.desc.parent ?: &p->dev);
	return ret;
}

static void vgpuh_parent_del_device(struct vgpuh_parent *p)
{
	device_del(&p->dev);
	put_device(p->parent_dev);
}

/**
 * vgpu_gpu_register() - offer a GPU to make vGPUs of
 * @desc: the GPU; copied, @desc->ops and @desc->priv must stay
 *
 * Context: may sleep.  The ops may be called before it returns.
 * Return: the GPU, or ERR_PTR(): -EINVAL if the description is wrong (the
 * smallest type must have at least one VGPU_BO_ALIGN); -EEXIST if there is a GPU
 * of that name, or with that parent; -ENOSPC if there are too many GPUs; -ENOMEM.
 */
struct vgpu_gpu *vgpu_gpu_register(const struct vgpu_gpu_desc *desc)
{
	struct vgpuh_parent *p;
	int ret, id;

	if (desc->memory_size / vgpuh_type_table[VGPUH_NR_TYPES - 1].divisor <
	    VGPU_BO_ALIGN)
		return ERR_PTR(-EINVAL);
	p = kzalloc(sizeof(*p), GFP_KERNEL);
	if (!p)
		return ERR_PTR(-ENOMEM);
	device_initialize(&p->dev);
	p->dev.class = &vgpuh_class;
	p->dev.release = vgpuh_parent_release;
	p->dev.groups = vgpuh_policy_gpu_groups;
	id = ida_alloc_max(&vgpuh_gpu_ids, VGPUH_MAX_GPUS - 1, GFP_KERNEL);
	if (id < 0) {
		ret = id;
		goto err_put;
	}
	ret = vgpu_gpu_init(&p->gpu, desc, id);
	if (ret)
		goto err_id;
	mutex_lock(&vgpuh_register_lock);
	ret = vgpuh_parent_is_taken(desc) ? -EEXIST : vgpuh_parent_add_device(p);
	if (ret)
		goto err_gpu;
	vgpuh_parent_init_types(p);
	ret = mdev_register_parent(&p->parent, p->parent_dev, &vgpuh_mdev_driver,
				   p->mtype, VGPUH_NR_TYPES);
	if (ret)
		goto err_device;
	mutex_unlock(&vgpuh_register_lock);
	return &p->gpu;

err_device:
	vgpuh_parent_del_device(p);
err_gpu:
	mutex_unlock(&vgpuh_register_lock);
	vgpu_gpu_fini(&p->gpu);
err_id:
	ida_free(&vgpuh_gpu_ids, id);
err_put:
	put_device(&p->dev);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(vgpu_gpu_register);

/**
 * vgpu_gpu_unregister() - withdraw a GPU
 * @gpu: what vgpu_gpu_register() returned
 *
 * Its vGPUs are removed.  None is in use if that is because the backend's module goes, since one
 * that is holds it; where the parent goes this waits for VMMs to let go.
 * But a VFIO device's own file (/dev/vfio/devices/vfioN) that somebody has opened
 * and not bound does not, and is waited for.
 *
 * Context: may sleep.  No op is called after it has returned.
 */
void vgpu_gpu_unregister(struct vgpu_gpu *gpu)
{
	struct vgpuh_parent *p = container_of(gpu, struct vgpuh_parent, gpu);
	u32 id = gpu->id;

	mdev_unregister_parent(&p->parent);
	vgpuh_parent_del_device(p);
	vgpu_gpu_fini(gpu);
	ida_free(&vgpuh_gpu_ids, id);
	vgpuh_parent_gpu_put(gpu);
}
EXPORT_SYMBOL_GPL(vgpu_gpu_unregister);

/**
 * vgpuh_parent_class_register() - make the class of virtual parents
 *
 * Context: may sleep.
 * Return: 0 or a negative errno.
 */
int vgpuh_parent_class_register(void)
{
	return class_register(&vgpuh_class);
}

/**
 * vgpuh_parent_class_unregister() - end the class of virtual parents
 *
 * Context: may sleep.
 */
void vgpuh_parent_class_unregister(void)
{
	class_unregister(&vgpuh_class);
}
