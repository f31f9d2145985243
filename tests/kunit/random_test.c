// SPDX-License-Identifier: GPL-2.0
/*
 * A million requests, most of them almost right, rung one after the other.  A
 * model that knows vgpu_dev.h and nothing of the driver tells for each which
 * answers there can be: NONE alone if nothing is wrong with it, else one of what
 * is.  Where a request is wrong in two ways, either answer is right; what is
 * wrong with the head hides the rest.
 */
#include <kunit/test.h>
#include <linux/ktime.h>
#include <linux/prandom.h>
#include <linux/string.h>
#include <linux/unaligned.h>

#include "fixture.h"

#define RANDOM_ROUNDS	1000000
#define RANDOM_SEED	0x75706776U
#define RANDOM_RESET	50000	/* reset as often, and see that nothing is left */

#define RANDOM_CTXS	(VGPU_MAX_CTXS + 1)
#define RANDOM_BOS	(VGPU_FIXTURE_QUOTA / 4096)

/**
 * struct random_bo - an object as the guest knows it
 * @ctx: its context; 0: there is none
 * @handle: its handle
 * @size: its bytes
 */
struct random_bo {
	u32 ctx;
	u32 handle;
	u64 size;
};

/**
 * struct random_model - a guest's view of a vGPU
 * @rnd: where requests come from
 * @ctx: by number: there is one
 * @nr_ctxs: how many
 * @bo: objects, in no order
 * @used: bytes of all
 * @bytes: the request
 * @len: REQUEST_LEN
 * @param: parameters the request was made with
 * @want: the handle it wants, or 0
 * @errors: bit n: enum vgpu_error n is a right answer
 * @results: results it gives
 * @answer: bytes of data it gives
 * @count: requests by answer, to show that all kinds were there
 */
struct random_model {
	struct rnd_state rnd;
	bool ctx[RANDOM_CTXS];
	u32 nr_ctxs;
	struct random_bo bo[RANDOM_BOS];
	u64 used;
	u8 bytes[VGPU_REQ_BUF_SIZE];
	u32 len;
	u32 param[14];
	u32 want;
	u32 errors;
	u32 results;
	u32 answer;
	u32 count[VGPU_ERR_COUNT];
};

/* by opcode; an opcode that takes none or isn't one has 0 */
static const u8 random_nparams[VGPU_OP_QUEUE_ABORT + 1] = {
	[VGPU_OP_COMPUTE] = 2,
	[VGPU_OP_CTX_DESTROY] = 1,
	[VGPU_OP_BO_CREATE] = 3,
	[VGPU_OP_BO_DESTROY] = 2,
	[VGPU_OP_BO_WRITE] = 4,
	[VGPU_OP_BO_READ] = 5,
	[VGPU_OP_COPY] = 9,
	[VGPU_OP_FILL] = 7,
	[VGPU_OP_LAUNCH] = 2,
	[VGPU_OP_BO_CREATE_SYSTEM] = 5,
	[VGPU_OP_MODULE_BUILD] = 12,
	[VGPU_OP_QUEUE_CREATE] = 6,
	[VGPU_OP_QUEUE_DESTROY] = 2,
	[VGPU_OP_MODULE_LOAD] = 2,
	[VGPU_OP_MODULE_UNLOAD] = 2,
	[VGPU_OP_KERNEL_GET] = 2,
	[VGPU_OP_QUEUE_ABORT] = 2,
};

/* further ones that it can have: all or none */
static const u8 random_further[VGPU_OP_QUEUE_ABORT + 1] = {
	[VGPU_OP_BO_CREATE] = 1,
	[VGPU_OP_BO_CREATE_SYSTEM] = 1,
	[VGPU_OP_MODULE_BUILD] = 1,
	[VGPU_OP_QUEUE_CREATE] = 2,
	[VGPU_OP_MODULE_LOAD] = 1,
	[VGPU_OP_KERNEL_GET] = 1,
};

static u32 random_below(struct random_model *m, u32 n)
{
	return prandom_u32_state(&m->rnd) % n;
}

static bool random_chance(struct random_model *m, u32 percent)
{
	return random_below(m, 100) < percent;
}

static u64 random_nasty64(struct random_model *m)
{
	static const u64 nasty[] = { 0, 1, 2, 3, 4, 4095, 4096, 4097, U32_MAX,
				     1ULL << 32, 1ULL << 63, ~0ULL, ~3ULL, ~4095ULL };

	return random_chance(m, 50) ? nasty[random_below(m, ARRAY_SIZE(nasty))] :
				      random_below(m, 8192);
}

static u32 random_nasty32(struct random_model *m)
{
	return random_chance(m, 30) ? prandom_u32_state(&m->rnd) : random_nasty64(m);
}

static void random_wrong(struct random_model *m, enum vgpu_error err)
{
	m->errors |= BIT(err);
}

static struct random_bo *random_find(struct random_model *m, u32 ctx, u32 handle)
{
	u32 i;

	for (i = 0; ctx && i < RANDOM_BOS; i++) {
		if (m->bo[i].ctx == ctx && m->bo[i].handle == handle)
			return &m->bo[i];
	}
	return NULL;
}

static bool random_ctx_is(struct random_model *m, u32 ctx)
{
	return ctx < RANDOM_CTXS && m->ctx[ctx];
}

/* choose a context, and an object in it; most often ones that there are */
static void random_choose(struct random_model *m, u32 *ctx, u32 *handle)
{
	const struct random_bo *bo = &m->bo[random_below(m, RANDOM_BOS)];
	u32 i;

	for (i = 0; !bo->ctx && i < 4; i++)
		bo = &m->bo[random_below(m, RANDOM_BOS)];
	*ctx = bo->ctx ?: random_below(m, RANDOM_CTXS);
	*handle = bo->handle;
	if (random_chance(m, 3))
		*ctx = random_nasty32(m);
	if (random_chance(m, 3))
		*handle = random_nasty32(m);
}

static void random_put64(u32 *param, u64 value)
{
	param[0] = value;
	param[1] = value >> 32;
}

static u64 random_get64(const u32 *param)
{
	return (u64)param[1] << 32 | param[0];
}

/* fill in parameters; return bytes of data to go with them */
static u32 random_params(struct random_model *m, u32 opcode)
{
	u32 *p = m->param, spare, i;

	for (i = 0; i < ARRAY_SIZE(m->param); i++)
		p[i] = random_nasty32(m);
	switch (opcode) {
	case VGPU_OP_CTX_DESTROY:
		p[0] = random_chance(m, 95) ? random_below(m, RANDOM_CTXS) : p[0];
		return 0;
	case VGPU_OP_BO_CREATE:
		p[0] = random_chance(m, 95) ? random_below(m, RANDOM_CTXS) : p[0];
		random_put64(p + 1, random_nasty64(m));
		p[3] = random_chance(m, 80) ? random_below(m, 20) : p[3];
		return 0;
	case VGPU_OP_BO_DESTROY:
		random_choose(m, &p[0], &p[1]);
		return 0;
	case VGPU_OP_BO_WRITE:
		random_choose(m, &p[0], &p[1]);
		random_put64(p + 2, random_nasty64(m));
		return random_below(m, 64);
	case VGPU_OP_BO_READ:
		random_choose(m, &p[0], &p[1]);
		random_put64(p + 2, random_nasty64(m));
		p[4] = random_chance(m, 90) ? random_below(m, 1000) : p[4];
		return 0;
	case VGPU_OP_COPY:
		random_choose(m, &spare, &p[4]);
		random_choose(m, &p[0], &p[1]);
		p[4] = random_chance(m, 50) ? p[1] : p[4];
		random_put64(p + 2, random_nasty64(m));
		random_put64(p + 5, random_nasty64(m));
		random_put64(p + 7, random_nasty64(m));
		return 0;
	case VGPU_OP_FILL:
		random_choose(m, &p[0], &p[1]);
		random_put64(p + 2, random_nasty64(m));
		random_put64(p + 4, random_nasty64(m));
		return 0;
	default:
		return random_chance(m, 5) ? 4 : 0;
	}
}

/* what is wrong with a range of an object */
static void random_judge_range(struct random_model *m, u32 handle, u64 offset,
			       u64 length)
{
	const struct random_bo *bo = random_find(m, m->param[0], handle);

	if (!length)
		random_wrong(m, VGPU_ERR_INVALID_REQUEST);
	if (!bo)
		random_wrong(m, VGPU_ERR_BAD_HANDLE);
	else if (offset > bo->size || length > bo->size - offset)
		random_wrong(m, VGPU_ERR_OUT_OF_RANGE);
}

static void random_judge_copy(struct random_model *m)
{
	const u32 *p = m->param;
	u64 dst = random_get64(p + 2), src = random_get64(p + 5);
	u64 length = random_get64(p + 7);

	random_judge_range(m, p[1], dst, length);
	random_judge_range(m, p[4], src, length);
	if (p[1] == p[4] && (dst < src ? src - dst : dst - src) < length)
		random_wrong(m, VGPU_ERR_INVALID_REQUEST);
}

static void random_judge_bo_create(struct random_model *m)
{
	u64 size = random_get64(m->param + 1);

	if (!size)
		random_wrong(m, VGPU_ERR_INVALID_REQUEST);
	else if (size > VGPU_FIXTURE_QUOTA ||
		 (size + 4095) / 4096 * 4096 > VGPU_FIXTURE_QUOTA - m->used)
		random_wrong(m, VGPU_ERR_NO_MEMORY);
	if (m->want > VGPU_MAX_BOS)
		random_wrong(m, VGPU_ERR_BAD_HANDLE);
	else if (m->want && random_find(m, m->param[0], m->want))
		random_wrong(m, VGPU_ERR_BUSY);
	m->results = 1;
}

/* what is wrong with the parameters of a good head */
static void random_judge_op(struct random_model *m, u32 opcode, u32 nparams, u32 length)
{
	bool further = nparams == random_nparams[opcode] + random_further[opcode];
	const u32 *p = m->param;

	if ((nparams != random_nparams[opcode] && !further) ||
	    (length && opcode != VGPU_OP_LAUNCH && opcode != VGPU_OP_BO_WRITE &&
	     opcode != VGPU_OP_MODULE_LOAD && opcode != VGPU_OP_KERNEL_GET &&
	     opcode != VGPU_OP_MODULE_BUILD)) {
		random_wrong(m, VGPU_ERR_INVALID_REQUEST);
		return;
	}
	m->want = further && random_further[opcode] ? p[random_nparams[opcode]] : 0;
	if (opcode >= VGPU_OP_CTX_DESTROY && !random_ctx_is(m, p[0])) {
		random_wrong(m, VGPU_ERR_BAD_HANDLE);
		/* an object in a context that isn't there */
		return;
	}
	switch (opcode) {
	case VGPU_OP_COMPUTE:
		m->results = 1;
		break;
	case VGPU_OP_GET_DEVICE_INFO:
		m->answer = sizeof(struct vgpu_dev_info);
		break;
	case VGPU_OP_CTX_CREATE:
		m->results = 1;
		if (m->nr_ctxs == VGPU_MAX_CTXS)
			random_wrong(m, VGPU_ERR_NO_MEMORY);
		break;
	case VGPU_OP_BO_CREATE:
		random_judge_bo_create(m);
		break;
	case VGPU_OP_BO_DESTROY:
		if (!random_find(m, p[0], p[1]))
			random_wrong(m, VGPU_ERR_BAD_HANDLE);
		break;
	case VGPU_OP_BO_WRITE:
		random_judge_range(m, p[1], random_get64(p + 2), length);
		break;
	case VGPU_OP_BO_READ:
		m->answer = p[4];
		random_judge_range(m, p[1], random_get64(p + 2), p[4]);
		if (p[4] > VGPU_RESP_MAX_PAYLOAD)
			random_wrong(m, VGPU_ERR_TOO_LARGE);
		break;
	case VGPU_OP_COPY:
		random_judge_copy(m);
		break;
	case VGPU_OP_LAUNCH:
	case VGPU_OP_BO_CREATE_SYSTEM:
	case VGPU_OP_QUEUE_CREATE:
	case VGPU_OP_QUEUE_DESTROY:
	case VGPU_OP_QUEUE_ABORT:
	case VGPU_OP_KERNEL_GET:
	case VGPU_OP_MODULE_BUILD:
		/*
		 * Its data are never arguments, there is never a list, and so never
		 * a queue; other tests look at what is said.
		 */
		m->errors = ~(u32)BIT(VGPU_ERR_NONE);
		break;
	case VGPU_OP_MODULE_LOAD:
		m->results = 1;
		/* nobody keeps count of them */
		if (m->want)
			m->errors = ~0U;
		else if (p[1])
			random_wrong(m, VGPU_ERR_UNSUPPORTED_OP);
		else if (length)
			random_wrong(m, VGPU_ERR_INVALID_REQUEST);
		break;
	case VGPU_OP_MODULE_UNLOAD:
		/* nobody keeps count of them */
		m->errors = ~0U;
		break;
	case VGPU_OP_FILL:
		random_judge_range(m, p[1], random_get64(p + 2), random_get64(p + 4));
		if ((random_get64(p + 2) | random_get64(p + 4)) % 4)
			random_wrong(m, VGPU_ERR_INVALID_REQUEST);
		break;
	}
}

static bool random_known(u32 opcode)
{
	return opcode <= VGPU_OP_COMPUTE || opcode == VGPU_OP_GET_DEVICE_INFO ||
	       (opcode >= VGPU_OP_CTX_CREATE && opcode <= VGPU_OP_BO_CREATE_SYSTEM) ||
	       (opcode >= VGPU_OP_MODULE_BUILD && opcode <= VGPU_OP_QUEUE_ABORT);
}

/* read the request as it lies there, in 64-bit numbers that don't overflow */
static void random_judge(struct random_model *m)
{
	u64 word[8], params_end, data;
	u32 i;

	m->errors = 0;
	m->results = 0;
	m->answer = 0;
	if (m->len > 1024) {
		random_wrong(m, VGPU_ERR_TOO_LARGE);
		return;
	}
	if (m->len < 32) {
		random_wrong(m, VGPU_ERR_INVALID_LENGTH);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(word); i++)
		word[i] = get_unaligned_le32(m->bytes + 4 * i);
	params_end = 32 + 4 * word[3];
	data = word[4] || word[5] ? word[4] : params_end;
	if (word[0] != 0x00010000 || word[2] || word[6] || word[7] ||
	    params_end > m->len || data < params_end || data + word[5] > m->len) {
		random_wrong(m, VGPU_ERR_INVALID_REQUEST);
		return;
	}
	if (!random_known(word[1])) {
		random_wrong(m, VGPU_ERR_UNSUPPORTED_OP);
		return;
	}
	for (i = 0; i < min_t(u32, word[3], ARRAY_SIZE(m->param)); i++)
		m->param[i] = get_unaligned_le32(m->bytes + 32 + 4 * i);
	random_judge_op(m, word[1], word[3], word[5]);
}

/* make a request that is right in form, then perhaps spoil it */
static void random_request(struct random_model *m)
{
	static const u32 opcodes[] = {
		VGPU_OP_NOP, VGPU_OP_COMPUTE, VGPU_OP_GET_DEVICE_INFO,
		VGPU_OP_CTX_CREATE, VGPU_OP_CTX_CREATE, VGPU_OP_CTX_DESTROY,
		VGPU_OP_BO_CREATE, VGPU_OP_BO_CREATE, VGPU_OP_BO_CREATE,
		VGPU_OP_BO_DESTROY, VGPU_OP_BO_WRITE, VGPU_OP_BO_READ, VGPU_OP_COPY,
		VGPU_OP_FILL,
	};
	u32 opcode = opcodes[random_below(m, ARRAY_SIZE(opcodes))], length, at;
	u8 data[64];

	if (opcode == VGPU_OP_CTX_DESTROY && random_chance(m, 70))
		opcode = VGPU_OP_BO_DESTROY;
	length = random_params(m, opcode);
	memset(data, 0xda, sizeof(data));
	m->len = vgpu_request_build(m->bytes, opcode, random_nparams[opcode] +
				    (random_chance(m, 30) ? random_further[opcode] : 0), m->param,
				    data, length);
	if (random_chance(m, 2))
		put_unaligned_le32(random_nasty32(m), m->bytes + 4);

	if (random_chance(m, 55)) {
		/* a word of the head or a parameter */
		at = random_below(m, 8) ? random_below(m, 8) : random_below(m, 20);
		put_unaligned_le32(random_nasty32(m), m->bytes + 4 * at);
		if (random_chance(m, 30))
			m->len += random_below(m, 9) - 4;
	}
	if (random_chance(m, 2))
		m->len = random_nasty32(m);
}

/* the guest learns what its request has done */
static void random_learn(struct kunit *test, struct random_model *m, struct vgpu *vgpu)
{
	u32 result = vgpu_response_result(vgpu, 0), i;
	struct random_bo *bo = NULL;

	switch (get_unaligned_le32(m->bytes + 4)) {
	case VGPU_OP_COMPUTE:
		KUNIT_ASSERT_EQ(test, result, m->param[0] + m->param[1]);
		break;
	case VGPU_OP_CTX_CREATE:
		KUNIT_ASSERT_TRUE(test, result && result <= VGPU_MAX_CTXS);
		KUNIT_ASSERT_FALSE(test, m->ctx[result]);
		m->ctx[result] = true;
		m->nr_ctxs++;
		break;
	case VGPU_OP_CTX_DESTROY:
		m->ctx[m->param[0]] = false;
		m->nr_ctxs--;
		for (i = 0; i < RANDOM_BOS; i++) {
			if (m->bo[i].ctx == m->param[0]) {
				m->used -= m->bo[i].size;
				m->bo[i].ctx = 0;
			}
		}
		break;
	case VGPU_OP_BO_CREATE:
		KUNIT_ASSERT_NE(test, result, 0);
		if (m->want)
			KUNIT_ASSERT_EQ(test, result, m->want);
		KUNIT_ASSERT_NULL(test, random_find(m, m->param[0], result));
		for (i = 0; i < RANDOM_BOS && !bo; i++)
			bo = m->bo[i].ctx ? NULL : &m->bo[i];
		KUNIT_ASSERT_NOT_NULL(test, bo);
		bo->ctx = m->param[0];
		bo->handle = result;
		bo->size = round_up(random_get64(m->param + 1), 4096);
		m->used += bo->size;
		break;
	case VGPU_OP_BO_DESTROY:
		bo = random_find(m, m->param[0], m->param[1]);
		m->used -= bo->size;
		bo->ctx = 0;
		break;
	}
}

static void random_reset(struct kunit *test, struct random_model *m, struct vgpu *vgpu)
{
	struct vgpu_fixture *f = test->priv;

	KUNIT_ASSERT_EQ(test, vgpu_quota_used(vgpu), m->used);
	KUNIT_ASSERT_EQ(test, f->mock.bo_bytes, m->used);
	KUNIT_ASSERT_EQ(test, f->mock.nr_ctxs, m->nr_ctxs);
	vgpu_reset(vgpu);
	vgpu_fixture_enable(test, vgpu, VGPU_FEATURES);
	memset(m->ctx, 0, sizeof(m->ctx));
	memset(m->bo, 0, sizeof(m->bo));
	m->nr_ctxs = 0;
	m->used = 0;
	KUNIT_ASSERT_EQ(test, vgpu_quota_used(vgpu), 0);
	KUNIT_ASSERT_EQ(test, f->mock.nr_bos, 0);
	KUNIT_ASSERT_EQ(test, f->mock.nr_ctxs, 0);
	KUNIT_ASSERT_EQ(test, f->mock.violations, 0);
}

static void random_requests(struct kunit *test)
{
	struct vgpu_fixture *f = test->priv;
	struct vgpu *vgpu = &f->v[0].vgpu;
	struct random_model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);
	u64 begin = ktime_get_ns();
	const char *fault;
	u32 round, err, i;

	KUNIT_ASSERT_NOT_NULL(test, m);
	prandom_seed_state(&m->rnd, RANDOM_SEED);
	for (round = 0; round < RANDOM_ROUNDS; round++) {
		if (round % RANDOM_RESET == RANDOM_RESET - 1)
			random_reset(test, m, vgpu);
		random_request(m);
		random_judge(m);
		vgpu_request_put_raw(vgpu, m->bytes, m->len);
		err = vgpu_request_run(vgpu);
		if (err >= VGPU_ERR_COUNT ||
		    !(m->errors ? m->errors & BIT(err) : err == VGPU_ERR_NONE)) {
			KUNIT_FAIL(test, "seed 0x%x, request %u: answer 0x%x, want one of 0x%x",
				   RANDOM_SEED, round, err, m->errors);
			print_hex_dump(KERN_ERR, "request ", DUMP_PREFIX_OFFSET, 16, 4,
				       m->bytes, 96, false);
			return;
		}
		m->count[err]++;
		fault = vgpu_response_fault(vgpu, m->results, m->answer);
		KUNIT_ASSERT_NULL_MSG(test, fault, "seed 0x%x, request %u: %s is wrong",
				      RANDOM_SEED, round, fault);
		if (!err)
			random_learn(test, m, vgpu);
	}
	random_reset(test, m, vgpu);
	KUNIT_EXPECT_EQ(test, vgpu_fixture_requests(vgpu), RANDOM_ROUNDS);
	KUNIT_EXPECT_EQ(test, vgpu->entity.stats.ended[VGPU_ERR_NONE], m->count[0]);
	for (i = 1; i < VGPU_ERR_COUNT; i++)
		KUNIT_EXPECT_EQ(test, vgpu->entity.stats.ended[i] +
				atomic64_read(&vgpu->entity.stats.rejected[i]), m->count[i]);
	/* the dice were not loaded */
	KUNIT_EXPECT_GT(test, m->count[VGPU_ERR_NONE], RANDOM_ROUNDS / 10);
	KUNIT_EXPECT_GT(test, m->count[VGPU_ERR_INVALID_REQUEST], RANDOM_ROUNDS / 10);
	KUNIT_EXPECT_GT(test, m->count[VGPU_ERR_BAD_HANDLE], RANDOM_ROUNDS / 100);
	KUNIT_EXPECT_GT(test, m->count[VGPU_ERR_OUT_OF_RANGE], RANDOM_ROUNDS / 100);
	KUNIT_EXPECT_GT(test, m->count[VGPU_ERR_NO_MEMORY], RANDOM_ROUNDS / 100);
	KUNIT_EXPECT_GT(test, m->count[VGPU_ERR_UNSUPPORTED_OP], RANDOM_ROUNDS / 200);
	KUNIT_EXPECT_GT(test, m->count[VGPU_ERR_TOO_LARGE], RANDOM_ROUNDS / 200);
	KUNIT_EXPECT_GT(test, m->count[VGPU_ERR_INVALID_LENGTH], RANDOM_ROUNDS / 200);
	kunit_info(test, "%u requests, %u of them good, in %llu ms", RANDOM_ROUNDS,
		   m->count[0], (ktime_get_ns() - begin) / NSEC_PER_MSEC);
}

static struct kunit_case random_cases[] = {
	KUNIT_CASE(random_requests),
	{}
};

static struct kunit_suite random_suite = {
	.name = "vgpu_mailbox_random",
	.init = vgpu_fixture_init,
	.exit = vgpu_fixture_exit,
	.test_cases = random_cases,
};

kunit_test_suite(random_suite);
