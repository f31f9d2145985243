// SPDX-License-Identifier: GPL-2.0
/* vgpu-exec: the file /dev/vgpu-exec, and the module. */
#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/kernel.h>
#include <linux/miscdevice.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nospec.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "exec.h"

/* Of the ABI: the same for programs of 32 bits, and none ends with padding */
static_assert(sizeof(struct vgpu_exec_register) == 96);
static_assert(sizeof(struct vgpu_exec_event) == 16);
static_assert(sizeof(struct vgpu_exec_attach) == 16);
static_assert(sizeof(struct vgpu_exec_enter) == 16);
static_assert(sizeof(struct vgpu_exec_task) == 1112);
static_assert(sizeof(struct vgpu_exec_task_done) == 88);

/**
 * struct vgpu_exec_file - an open file
 * @lock: serialises what makes it something.  What is not NULL stays until the last close
 * @gpu: not NULL: it is the executor of this GPU, or was; with a reference
 * @channel: not NULL: it is this channel, with a reference
 */
struct vgpu_exec_file {
	struct mutex lock;
	struct vgpu_exec_gpu *gpu;
	struct vgpu_exec_channel *channel;
};

static const struct file_operations vgpu_exec_fops;

static int vgpu_exec_open(struct inode *inode, struct file *file)
{
	struct vgpu_exec_file *f = kzalloc(sizeof(*f), GFP_KERNEL_ACCOUNT);

	if (!f)
		return -ENOMEM;
	mutex_init(&f->lock);
	file->private_data = f;
	return 0;
}

static int vgpu_exec_release(struct inode *inode, struct file *file)
{
	struct vgpu_exec_file *f = file->private_data;

	if (f->channel)
		vgpu_exec_channel_closed(f->channel);
	if (f->gpu) {
		vgpu_exec_executor_leave(f->gpu, f);
		vgpu_exec_gpu_put(f->gpu);
	}
	mutex_destroy(&f->lock);
	kfree(f);
	return 0;
}

/* What an open file is, for those who don't hold its lock */
static struct vgpu_exec_gpu *vgpu_exec_file_gpu(struct vgpu_exec_file *f)
{
	/* with what was made before it */
	return smp_load_acquire(&f->gpu);
}

static struct vgpu_exec_channel *vgpu_exec_file_channel(struct vgpu_exec_file *f)
{
	/* likewise */
	return smp_load_acquire(&f->channel);
}

static int vgpu_exec_ioctl_register(struct file *file, void *arg)
{
	struct vgpu_exec_file *f = file->private_data;
	struct vgpu_exec_register *reg = arg;
	struct vgpu_exec_gpu *gpu;

	if (reg->flags)
		return -EOPNOTSUPP;
	if (f->gpu || f->channel)
		return -EPERM;
	gpu = vgpu_exec_gpu_register(reg, f);
	if (IS_ERR(gpu))
		return PTR_ERR(gpu);
	/* see vgpu_exec_file_gpu() */
	smp_store_release(&f->gpu, gpu);
	return 0;
}

static int vgpu_exec_ioctl_attach(struct file *file, void *arg)
{
	struct vgpu_exec_file *f = file->private_data;
	struct vgpu_exec_attach *attach = arg;
	struct vgpu_exec_channel *channel;
	struct vgpu_exec_gpu *gpu = NULL;
	struct file *executor;
	int ret;

	if (f->gpu || f->channel)
		return -EPERM;
	executor = fget(attach->executor);
	if (!executor)
		return -EBADF;
	if (executor->f_op == &vgpu_exec_fops)
		gpu = vgpu_exec_file_gpu(executor->private_data);
	channel = gpu ? vgpu_exec_attach(gpu, executor->private_data, attach->channel) :
			ERR_PTR(-EPERM);
	fput(executor);
	if (IS_ERR(channel))
		return PTR_ERR(channel);
	ret = vgpu_exec_channel_attach(channel, file);
	if (ret) {
		vgpu_exec_forget(channel, true);
		vgpu_exec_channel_put(channel);
		return ret;
	}
	/* see vgpu_exec_file_channel() */
	smp_store_release(&f->channel, channel);
	return 0;
}

static int vgpu_exec_ioctl_enter(struct file *file, void *arg)
{
	struct vgpu_exec_channel *channel = vgpu_exec_file_channel(file->private_data);
	struct vgpu_exec_enter *enter = arg;

	if (enter->__reserved)
		return -EINVAL;
	return channel ? vgpu_exec_channel_enter(channel, enter) : -EPERM;
}

static int vgpu_exec_ioctl_task_get(struct file *file, void *arg)
{
	struct vgpu_exec_channel *channel = vgpu_exec_file_channel(file->private_data);

	return channel ? vgpu_exec_task_get(channel, arg) : -EPERM;
}

static int vgpu_exec_ioctl_task_done(struct file *file, void *arg)
{
	struct vgpu_exec_channel *channel = vgpu_exec_file_channel(file->private_data);

	return channel ? vgpu_exec_task_done(channel, arg) : -EPERM;
}

/**
 * struct vgpu_exec_ioctl - an ioctl
 * @cmd: its number
 * @min: bytes of the structure as it was first published
 * @size: bytes of the structure now
 * @serialise: hold &vgpu_exec_file.lock
 * @answers: if it returns 0 the structure goes back to the caller
 * @run: the structure is a private copy
 */
struct vgpu_exec_ioctl {
	unsigned int cmd;
	u32 min;
	u32 size;
	bool serialise;
	bool answers;
	int (*run)(struct file *file, void *arg);
};

union vgpu_exec_args {
	struct vgpu_exec_register reg;
	struct vgpu_exec_attach attach;
	struct vgpu_exec_enter enter;
	struct vgpu_exec_task task;
	struct vgpu_exec_task_done done;
};

static const struct vgpu_exec_ioctl vgpu_exec_ioctls[] = {
	[VGPU_EXEC_CMD_REGISTER - VGPU_EXEC_CMD_BASE] = {
		.cmd = VGPU_EXEC_IOC_REGISTER,
		.min = offsetofend(struct vgpu_exec_register, formats),
		.size = sizeof(struct vgpu_exec_register),
		.serialise = true,
		.run = vgpu_exec_ioctl_register,
	},
	[VGPU_EXEC_CMD_ATTACH - VGPU_EXEC_CMD_BASE] = {
		.cmd = VGPU_EXEC_IOC_ATTACH,
		.min = offsetofend(struct vgpu_exec_attach, channel),
		.size = sizeof(struct vgpu_exec_attach),
		.serialise = true,
		.run = vgpu_exec_ioctl_attach,
	},
	[VGPU_EXEC_CMD_ENTER - VGPU_EXEC_CMD_BASE] = {
		.cmd = VGPU_EXEC_IOC_ENTER,
		.min = offsetofend(struct vgpu_exec_enter, __reserved),
		.size = sizeof(struct vgpu_exec_enter),
		.run = vgpu_exec_ioctl_enter,
	},
	[VGPU_EXEC_CMD_TASK_GET - VGPU_EXEC_CMD_BASE] = {
		.cmd = VGPU_EXEC_IOC_TASK_GET,
		.min = offsetofend(struct vgpu_exec_task, text),
		.size = sizeof(struct vgpu_exec_task),
		.answers = true,
		.run = vgpu_exec_ioctl_task_get,
	},
	[VGPU_EXEC_CMD_TASK_DONE - VGPU_EXEC_CMD_BASE] = {
		.cmd = VGPU_EXEC_IOC_TASK_DONE,
		.min = offsetofend(struct vgpu_exec_task_done, arg),
		.size = sizeof(struct vgpu_exec_task_done),
		.run = vgpu_exec_ioctl_task_done,
	},
};

static long vgpu_exec_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	unsigned int nr = _IOC_NR(cmd) - VGPU_EXEC_CMD_BASE;
	struct vgpu_exec_file *f = file->private_data;
	void __user *user = (void __user *)arg;
	const struct vgpu_exec_ioctl *ioctl;
	union vgpu_exec_args args = { };
	u32 size;
	int ret;

	if (nr >= ARRAY_SIZE(vgpu_exec_ioctls))
		return -ENOTTY;
	ioctl = &vgpu_exec_ioctls[array_index_nospec(nr, ARRAY_SIZE(vgpu_exec_ioctls))];
	if (cmd != ioctl->cmd)
		return -ENOTTY;
	if (get_user(size, (u32 __user *)user))
		return -EFAULT;
	if (size < ioctl->min)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	ret = copy_struct_from_user(&args, ioctl->size, user, size);
	if (ret)
		return ret;
	if (ioctl->serialise)
		mutex_lock(&f->lock);
	ret = ioctl->run(file, &args);
	if (ioctl->serialise)
		mutex_unlock(&f->lock);
	if (!ret && ioctl->answers && copy_to_user(user, &args, min(size, ioctl->size)))
		ret = -EFAULT;
	return ret;
}

static ssize_t vgpu_exec_file_read(struct file *file, char __user *buf, size_t count, loff_t *pos)
{
	struct vgpu_exec_gpu *gpu = vgpu_exec_file_gpu(file->private_data);

	if (!gpu)
		return -EPERM;
	return vgpu_exec_read(gpu, file->private_data, buf, count, file->f_flags & O_NONBLOCK);
}

static __poll_t vgpu_exec_poll(struct file *file, struct poll_table_struct *wait)
{
	struct vgpu_exec_gpu *gpu = vgpu_exec_file_gpu(file->private_data);

	if (!gpu)
		return EPOLLERR;
	poll_wait(file, &gpu->event_wait, wait);
	return vgpu_exec_has_event(gpu, file->private_data) ? EPOLLIN | EPOLLRDNORM : 0;
}

static int vgpu_exec_file_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct vgpu_exec_channel *channel = vgpu_exec_file_channel(file->private_data);

	return channel ? vgpu_exec_mmap(channel, vma) : -EPERM;
}

static const struct file_operations vgpu_exec_fops = {
	.owner = THIS_MODULE,
	.open = vgpu_exec_open,
	.release = vgpu_exec_release,
	.unlocked_ioctl = vgpu_exec_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.read = vgpu_exec_file_read,
	.poll = vgpu_exec_poll,
	.mmap = vgpu_exec_file_mmap,
};

static struct miscdevice vgpu_exec_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "vgpu-exec",
	.fops = &vgpu_exec_fops,
	.mode = 0600,
};

static int __init vgpu_exec_init(void)
{
	int ret = vgpu_exec_wq_create();

	if (ret)
		return ret;
	ret = vgpu_exec_mnt_create();
	if (ret)
		goto err_wq;
	ret = vgpu_exec_gpus_init();
	if (ret)
		goto err_mnt;
	ret = misc_register(&vgpu_exec_misc);
	if (ret)
		goto err_gpus;
	return 0;

err_gpus:
	vgpu_exec_gpus_unregister();
err_mnt:
	vgpu_exec_mnt_destroy();
err_wq:
	vgpu_exec_wq_destroy();
	return ret;
}
module_init(vgpu_exec_init);

static void __exit vgpu_exec_exit(void)
{
	misc_deregister(&vgpu_exec_misc);
	/* no file is open, but what its close left to a work item may not be over */
	vgpu_exec_wq_flush();
	vgpu_exec_gpus_unregister();
	/* with the last of the channels */
	vgpu_exec_wq_destroy();
	vgpu_exec_mnt_destroy();
}
module_exit(vgpu_exec_exit);

MODULE_DESCRIPTION("vgpu backend: a GPU that a process drives");
MODULE_AUTHOR("The vgpu project");
MODULE_LICENSE("GPL");
