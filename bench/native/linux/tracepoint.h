/* SPDX-License-Identifier: GPL-2.0 */
/* Nobody traces a program: what takes a job, and does nothing. */
#ifndef _NATIVE_TRACEPOINT_H
#define _NATIVE_TRACEPOINT_H

#define TRACE_EVENT(name, ...)	static inline void trace_##name(const void *job) {}

#endif /* _NATIVE_TRACEPOINT_H */
