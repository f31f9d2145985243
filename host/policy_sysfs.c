// SPDX-License-Identifier: GPL-2.0
/*
 * Policy files.  Those of a vGPU are beside its vm_id, below the mdev, whether or not a VMM
 * has it open; those of a GPU below its device of class vgpu-gpu.  What is written is in
 * force at the next decision.  What is no number (or no word that is known) is refused with
 * EINVAL, what is out of range with ERANGE, and nothing changes; for memory_limit see
 * vgpu_quota_resize().
 */
#include <linux/device.h>
#include <linux/kstrtox.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/sysfs.h>

#include "gpu.h"
#include "parent.h"
#include "policy_sysfs.h"
#include "vfio.h"
#include "watchdog.h"

static struct vgpu *vgpuh_policy_vgpu(struct device *dev)
{
	struct vgpuh_vfio *v = dev_get_drvdata(dev);

	return &v->vgpu;
}

static int vgpuh_policy_u32(const char *buf, u32 min, u32 max, u32 *value)
{
	int ret = kstrtou32(buf, 10, value);

	if (ret)
		return ret;
	return *value < min || *value > max ? -ERANGE : 0;
}

/* Queues that stalled may go on: nothing else would tell them so soon. */
static void vgpuh_policy_look(struct vgpu *vgpu)
{
	u32 id;

	for (id = 0; id < VGPU_MAX_QUEUES; id++)
		vgpu_queue_look_later(vgpu, id);
}

static ssize_t weight_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(vgpuh_policy_vgpu(dev)->entity.weight));
}

static ssize_t weight_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	u32 weight;
	int ret = vgpuh_policy_u32(buf, VGPU_WEIGHT_MIN, VGPU_WEIGHT_MAX, &weight);

	if (ret)
		return ret;
	vgpu_arb_entity_set_weight(&vgpuh_policy_vgpu(dev)->entity, weight);
	return count;
}
static DEVICE_ATTR_RW(weight);

static const char * const vgpuh_policy_priorities[] = {
	[VGPU_PRIORITY_LOW] = "low",
	[VGPU_PRIORITY_MEDIUM] = "medium",
	[VGPU_PRIORITY_HIGH] = "high",
};

static ssize_t priority_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	enum vgpu_priority priority = READ_ONCE(vgpuh_policy_vgpu(dev)->entity.priority);

	return sysfs_emit(buf, "%s\n", vgpuh_policy_priorities[priority]);
}

static ssize_t priority_store(struct device *dev, struct device_attribute *attr,
			      const char *buf, size_t count)
{
	int priority = sysfs_match_string(vgpuh_policy_priorities, buf);

	if (priority < 0)
		return priority;
	vgpu_arb_entity_set_priority(&vgpuh_policy_vgpu(dev)->entity, priority, ktime_get_ns());
	return count;
}
static DEVICE_ATTR_RW(priority);

static ssize_t cap_percent_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(vgpuh_policy_vgpu(dev)->entity.cap_percent));
}

static ssize_t cap_percent_store(struct device *dev, struct device_attribute *attr,
				 const char *buf, size_t count)
{
	struct vgpu *vgpu = vgpuh_policy_vgpu(dev);
	u32 percent;
	int ret = vgpuh_policy_u32(buf, 1, 100, &percent);

	if (ret)
		return ret;
	vgpu_arb_entity_set_cap(&vgpu->entity, percent, ktime_get_ns());
	/* what waited for the old cap needn't, or waits for another time */
	vgpu_gpu_kick(vgpu->gpu);
	return count;
}
static DEVICE_ATTR_RW(cap_percent);

static ssize_t rate_limit_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(vgpuh_policy_vgpu(dev)->entity.rate_limit));
}

static ssize_t rate_limit_store(struct device *dev, struct device_attribute *attr,
				const char *buf, size_t count)
{
	struct vgpu *vgpu = vgpuh_policy_vgpu(dev);
	u32 rate;
	int ret = vgpuh_policy_u32(buf, 0, VGPU_RATE_LIMIT_MAX, &rate);

	if (ret)
		return ret;
	vgpu_arb_entity_set_rate_limit(&vgpu->entity, rate, ktime_get_ns());
	vgpuh_policy_look(vgpu);
	return count;
}
static DEVICE_ATTR_RW(rate_limit);

static ssize_t burst_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(vgpuh_policy_vgpu(dev)->entity.burst));
}

static ssize_t burst_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct vgpu *vgpu = vgpuh_policy_vgpu(dev);
	u32 jobs;
	int ret = vgpuh_policy_u32(buf, 1, VGPU_BURST_MAX, &jobs);

	if (ret)
		return ret;
	vgpu_arb_entity_set_burst(&vgpu->entity, jobs, ktime_get_ns());
	vgpuh_policy_look(vgpu);
	return count;
}
static DEVICE_ATTR_RW(burst);

static ssize_t queue_limit_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(vgpuh_policy_vgpu(dev)->entity.queue_limit));
}

static ssize_t queue_limit_store(struct device *dev, struct device_attribute *attr,
				 const char *buf, size_t count)
{
	struct vgpu *vgpu = vgpuh_policy_vgpu(dev);
	u32 jobs;
	int ret = vgpuh_policy_u32(buf, 1, VGPU_QUEUE_LIMIT, &jobs);

	if (ret)
		return ret;
	vgpu_arb_entity_set_queue_limit(&vgpu->entity, jobs);
	vgpuh_policy_look(vgpu);
	return count;
}
static DEVICE_ATTR_RW(queue_limit);

static ssize_t memory_limit_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%llu\n", READ_ONCE(vgpuh_policy_vgpu(dev)->quota.memory_size));
}

static ssize_t memory_limit_store(struct device *dev, struct device_attribute *attr,
				  const char *buf, size_t count)
{
	u64 size;
	int ret = kstrtou64(buf, 10, &size);

	if (!ret)
		ret = vgpu_quota_resize(vgpuh_policy_vgpu(dev), size);
	return ret ?: count;
}
static DEVICE_ATTR_RW(memory_limit);

static ssize_t job_timeout_ms_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	u64 ns = READ_ONCE(vgpuh_policy_vgpu(dev)->entity.timeout_ns);

	return sysfs_emit(buf, "%llu\n", div_u64(ns, NSEC_PER_MSEC));
}

static ssize_t job_timeout_ms_store(struct device *dev, struct device_attribute *attr,
				    const char *buf, size_t count)
{
	struct vgpu *vgpu = vgpuh_policy_vgpu(dev);
	u32 ms;
	int ret = vgpuh_policy_u32(buf, 0, VGPU_JOB_TIMEOUT_MAX_MS, &ms);

	if (ret)
		return ret;
	vgpu_arb_entity_set_timeout(&vgpu->entity, ms);
	vgpu_watchdog_look(vgpu->gpu);
	return count;
}
static DEVICE_ATTR_RW(job_timeout_ms);

static ssize_t faults_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  vgpu_arb_faults(&vgpuh_policy_vgpu(dev)->entity, ktime_get_ns()));
}
static DEVICE_ATTR_RO(faults);

static ssize_t quarantine_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(vgpuh_policy_vgpu(dev)->entity.quarantined));
}

static ssize_t quarantine_store(struct device *dev, struct device_attribute *attr,
				const char *buf, size_t count)
{
	struct vgpu *vgpu = vgpuh_policy_vgpu(dev);
	u32 quarantine;
	int ret = vgpuh_policy_u32(buf, 0, 1, &quarantine);

	if (ret)
		return ret;
	if (quarantine)
		vgpu_gpu_quarantine(vgpu->gpu, &vgpu->entity);
	else
		vgpu_gpu_release(vgpu->gpu, &vgpu->entity);
	return count;
}
static DEVICE_ATTR_RW(quarantine);

static struct attribute *vgpuh_policy_attrs[] = {
	&dev_attr_weight.attr,
	&dev_attr_priority.attr,
	&dev_attr_cap_percent.attr,
	&dev_attr_rate_limit.attr,
	&dev_attr_burst.attr,
	&dev_attr_queue_limit.attr,
	&dev_attr_memory_limit.attr,
	&dev_attr_job_timeout_ms.attr,
	&dev_attr_faults.attr,
	&dev_attr_quarantine.attr,
	NULL,
};

/** vgpuh_policy_group: files of a vGPU */
const struct attribute_group vgpuh_policy_group = {
	.attrs = vgpuh_policy_attrs,
};

static const char * const vgpuh_policy_names[] = {
	[VGPU_POLICY_BEST_EFFORT] = "best-effort",
	[VGPU_POLICY_EQUAL_SHARE] = "equal-share",
	[VGPU_POLICY_FIXED_SHARE] = "fixed-share",
};

static ssize_t policy_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	enum vgpu_policy policy = READ_ONCE(vgpuh_parent_device_gpu(dev)->arb.policy);

	return sysfs_emit(buf, "%s\n", vgpuh_policy_names[policy]);
}

static ssize_t policy_store(struct device *dev, struct device_attribute *attr,
			    const char *buf, size_t count)
{
	struct vgpu_gpu *gpu = vgpuh_parent_device_gpu(dev);
	int policy = sysfs_match_string(vgpuh_policy_names, buf);

	if (policy < 0)
		return policy;
	vgpu_arb_set_policy(&gpu->arb, policy, ktime_get_ns());
	vgpu_gpu_kick(gpu);
	return count;
}
static DEVICE_ATTR_RW(policy);

static ssize_t time_slice_us_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	u32 ns = READ_ONCE(vgpuh_parent_device_gpu(dev)->arb.time_slice_ns);

	return sysfs_emit(buf, "%u\n", ns / (u32)NSEC_PER_USEC);
}

static ssize_t time_slice_us_store(struct device *dev, struct device_attribute *attr,
				   const char *buf, size_t count)
{
	u32 us;
	int ret = vgpuh_policy_u32(buf, 0, VGPU_TIME_SLICE_MAX_US, &us);

	if (ret)
		return ret;
	vgpu_arb_set_time_slice(&vgpuh_parent_device_gpu(dev)->arb, us);
	return count;
}
static DEVICE_ATTR_RW(time_slice_us);

static ssize_t depth_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(vgpuh_parent_device_gpu(dev)->arb.depth));
}

static ssize_t depth_store(struct device *dev, struct device_attribute *attr,
			   const char *buf, size_t count)
{
	struct vgpu_gpu *gpu = vgpuh_parent_device_gpu(dev);
	u32 depth;
	int ret = vgpuh_policy_u32(buf, 1, gpu->desc.depth, &depth);

	if (ret)
		return ret;
	vgpu_arb_set_depth(&gpu->arb, depth);
	vgpu_gpu_kick(gpu);
	return count;
}
static DEVICE_ATTR_RW(depth);

static ssize_t fault_threshold_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n",
			  READ_ONCE(vgpuh_parent_device_gpu(dev)->arb.fault_threshold));
}

static ssize_t fault_threshold_store(struct device *dev, struct device_attribute *attr,
				     const char *buf, size_t count)
{
	u32 faults;
	int ret = vgpuh_policy_u32(buf, 0, VGPU_FAULT_THRESHOLD_MAX, &faults);

	if (ret)
		return ret;
	vgpu_arb_set_fault_threshold(&vgpuh_parent_device_gpu(dev)->arb, faults);
	return count;
}
static DEVICE_ATTR_RW(fault_threshold);

static ssize_t fault_decay_s_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%u\n", READ_ONCE(vgpuh_parent_device_gpu(dev)->arb.fault_decay_s));
}

static ssize_t fault_decay_s_store(struct device *dev, struct device_attribute *attr,
				   const char *buf, size_t count)
{
	u32 seconds;
	int ret = vgpuh_policy_u32(buf, 1, VGPU_FAULT_DECAY_MAX_S, &seconds);

	if (ret)
		return ret;
	vgpu_arb_set_fault_decay(&vgpuh_parent_device_gpu(dev)->arb, seconds);
	return count;
}
static DEVICE_ATTR_RW(fault_decay_s);

static ssize_t backend_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	return sysfs_emit(buf, "%s\n", vgpuh_parent_device_gpu(dev)->desc.ops->name);
}
static DEVICE_ATTR_RO(backend);

static ssize_t backend_state_show(struct device *dev, struct device_attribute *attr, char *buf)
{
	bool paused = READ_ONCE(vgpuh_parent_device_gpu(dev)->arb.paused);

	return sysfs_emit(buf, "%s\n", paused ? "lost" : "ready");
}
static DEVICE_ATTR_RO(backend_state);

static struct attribute *vgpuh_policy_gpu_attrs[] = {
	&dev_attr_backend.attr,
	&dev_attr_backend_state.attr,
	&dev_attr_policy.attr,
	&dev_attr_time_slice_us.attr,
	&dev_attr_depth.attr,
	&dev_attr_fault_threshold.attr,
	&dev_attr_fault_decay_s.attr,
	NULL,
};

static const struct attribute_group vgpuh_policy_gpu_group = {
	.attrs = vgpuh_policy_gpu_attrs,
};

/** vgpuh_policy_gpu_groups: files of a GPU */
const struct attribute_group *vgpuh_policy_gpu_groups[] = {
	&vgpuh_policy_gpu_group,
	NULL,
};
