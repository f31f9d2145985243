/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Tracepoints: /sys/kernel/tracing/events/vgpu.
 *
 * What each says of a job: vm_id; its context, 0 if it has none; its queue, -1 for the
 * mailbox; its type; and an address by which to tell it from the others that are under way.
 * Names are strings in the records, so that programs that read them need know no enum.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM vgpu

#if !defined(_VGPU_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _VGPU_TRACE_H

#include <linux/string.h>
#include <linux/tracepoint.h>

#include "job.h"
#include "stats.h"

/* The arbiter takes a job */
TRACE_EVENT(vgpu_submit,
	    TP_PROTO(const struct vgpu_job *job),
	    TP_ARGS(job),
	    TP_STRUCT__entry(__field(const void *, job)
			     __field(u32, vm_id)
			     __field(u32, ctx)
			     __field(s32, queue)
			     __array(char, type, VGPU_JOB_TYPE_NAME)),
	    TP_fast_assign(__entry->job = job;
			   __entry->vm_id = job->from.vm_id;
			   __entry->ctx = job->from.ctx;
			   __entry->queue = job->from.queue;
			   strscpy(__entry->type, vgpu_job_type_str(job->type),
				   VGPU_JOB_TYPE_NAME);),
	    TP_printk("vm=%u ctx=%u queue=%d type=%s job=%p",
		      __entry->vm_id, __entry->ctx, __entry->queue, __entry->type, __entry->job)
);

/* A job is handed to the backend: again, if that was too busy the last time */
TRACE_EVENT(vgpu_dispatch,
	    TP_PROTO(const struct vgpu_job *job),
	    TP_ARGS(job),
	    TP_STRUCT__entry(__field(const void *, job)
			     __field(u32, vm_id)
			     __field(u32, ctx)
			     __field(s32, queue)
			     __array(char, type, VGPU_JOB_TYPE_NAME)
			     __field(u64, wait_ns)),
	    TP_fast_assign(__entry->job = job;
			   __entry->vm_id = job->from.vm_id;
			   __entry->ctx = job->from.ctx;
			   __entry->queue = job->from.queue;
			   strscpy(__entry->type, vgpu_job_type_str(job->type),
				   VGPU_JOB_TYPE_NAME);
			   __entry->wait_ns = job->dispatch_ns - job->submit_ns;),
	    TP_printk("vm=%u ctx=%u queue=%d type=%s wait_ns=%llu job=%p",
		      __entry->vm_id, __entry->ctx, __entry->queue, __entry->type,
		      __entry->wait_ns, __entry->job)
);

/* A job is over: total_ns after its submission, gpu_ns of them on the GPU */
TRACE_EVENT(vgpu_complete,
	    TP_PROTO(const struct vgpu_job *job),
	    TP_ARGS(job),
	    TP_STRUCT__entry(__field(const void *, job)
			     __field(u32, vm_id)
			     __field(u32, ctx)
			     __field(s32, queue)
			     __array(char, type, VGPU_JOB_TYPE_NAME)
			     __array(char, status, VGPU_ERROR_NAME)
			     __field(u64, total_ns)
			     __field(u64, gpu_ns)),
	    TP_fast_assign(__entry->job = job;
			   __entry->vm_id = job->from.vm_id;
			   __entry->ctx = job->from.ctx;
			   __entry->queue = job->from.queue;
			   strscpy(__entry->type, vgpu_job_type_str(job->type),
				   VGPU_JOB_TYPE_NAME);
			   strscpy(__entry->status, vgpu_error_str(job->status), VGPU_ERROR_NAME);
			   __entry->total_ns = job->complete_ns - job->submit_ns;
			   __entry->gpu_ns = job->gpu_ns;),
	    TP_printk("vm=%u ctx=%u queue=%d type=%s status=%s total_ns=%llu gpu_ns=%llu job=%p",
		      __entry->vm_id, __entry->ctx, __entry->queue, __entry->type,
		      __entry->status, __entry->total_ns, __entry->gpu_ns, __entry->job)
);

/* What a guest asked for does not become a job of the arbiter's */
TRACE_EVENT(vgpu_refuse,
	    TP_PROTO(const struct vgpu_job *job, enum vgpu_error reason),
	    TP_ARGS(job, reason),
	    TP_STRUCT__entry(__field(const void *, job)
			     __field(u32, vm_id)
			     __field(u32, ctx)
			     __field(s32, queue)
			     __array(char, type, VGPU_JOB_TYPE_NAME)
			     __array(char, reason, VGPU_ERROR_NAME)),
	    TP_fast_assign(__entry->job = job;
			   __entry->vm_id = job->from.vm_id;
			   __entry->ctx = job->from.ctx;
			   __entry->queue = job->from.queue;
			   strscpy(__entry->type, vgpu_job_type_str(job->type),
				   VGPU_JOB_TYPE_NAME);
			   strscpy(__entry->reason, vgpu_error_str(reason), VGPU_ERROR_NAME);),
	    TP_printk("vm=%u ctx=%u queue=%d type=%s reason=%s job=%p",
		      __entry->vm_id, __entry->ctx, __entry->queue, __entry->type,
		      __entry->reason, __entry->job)
);

/* A job of a vGPU ran for longer than it may */
TRACE_EVENT(vgpu_fault,
	    TP_PROTO(u32 vm_id, u32 faults),
	    TP_ARGS(vm_id, faults),
	    TP_STRUCT__entry(__field(u32, vm_id)
			     __field(u32, faults)),
	    TP_fast_assign(__entry->vm_id = vm_id;
			   __entry->faults = faults;),
	    TP_printk("vm=%u faults=%u", __entry->vm_id, __entry->faults)
);

/* A vGPU runs nothing any more, or may again */
TRACE_EVENT(vgpu_quarantine,
	    TP_PROTO(u32 vm_id, bool begins),
	    TP_ARGS(vm_id, begins),
	    TP_STRUCT__entry(__field(u32, vm_id)
			     __field(bool, begins)),
	    TP_fast_assign(__entry->vm_id = vm_id;
			   __entry->begins = begins;),
	    TP_printk("vm=%u %s", __entry->vm_id, __entry->begins ? "begins" : "ends")
);

#endif /* _VGPU_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
