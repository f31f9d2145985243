/* SPDX-License-Identifier: GPL-2.0 */
/* A device without a driver: its BARs, its config space, and what is done with them. */
#ifndef UAPI_RAW_H
#define UAPI_RAW_H

#include <stdbool.h>
#include <stddef.h>

#include <linux/types.h>

struct bad_guest;

extern unsigned char *raw_bar0;
extern unsigned char *raw_bar2;
extern unsigned long raw_operations;
extern __u64 raw_random_state;

/* raw.c */
bool raw_open(const char *name);
bool raw_find(const unsigned int *ids, char *name, size_t size);
void *raw_map(const char *name, unsigned int bar, size_t size);
bool raw_config_set(const char *name, unsigned int offset, __u16 value);
__u64 raw_bar_address(const char *name, unsigned int bar);
bool raw_flr(void);
__u64 raw_read(const unsigned char *bar, unsigned int offset, unsigned int width);
void raw_write(unsigned char *bar, unsigned int offset, unsigned int width, __u64 value);
__u32 raw_reg(unsigned int reg);
void raw_reg_set(unsigned int reg, __u32 value);
__u32 raw_wait_idle(void);
void raw_put_request(const void *request, __u32 length);
__u64 raw_random(void);
unsigned int raw_pick(unsigned int count);

/* raw_mailbox.c */
void raw_test_works(void);
void raw_test_read_widths(void);
void raw_test_read_only(void);
void raw_test_doorbell_widths(void);
void raw_test_doorbell_storm(void);
void raw_test_random_accesses(void);
void raw_test_random_requests(void);

/* raw_bad.c */
struct bad_guest *raw_guest(void);
void raw_test_queues(void);
void raw_test_entries(void);
void raw_test_launches(void);
void raw_test_modules(void);
void raw_test_lists(void);
void raw_test_lists_change(void);
void raw_test_rings(void);
void raw_test_turns(void);
void raw_test_undrained(void);
void raw_test_many(void);
void raw_test_doorbells(void);
void raw_test_random(void);
void raw_test_unmap(void);

/* raw_attack.c */
int raw_attack(unsigned int ms);

/* raw_unmap.c */
void raw_unmap(struct bad_guest *g);

#endif /* UAPI_RAW_H */
