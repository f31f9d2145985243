// SPDX-License-Identifier: GPL-2.0
#include "launch.h"
#include "tap.h"

/**
 * launch_expect() - check how a launch ended
 * @got: error
 * @want: the error it should have ended with
 * @what: to be printed
 *
 * Return: whether they are equal.
 */
bool launch_expect(int got, int want, const char *what)
{
	return tap_ok(got == want, "%s: got %s want %s", what,
		      mbox_error_name(got), mbox_error_name(want));
}

/**
 * launch_open() - make a context and three objects
 * @l: what to fill in
 * @s: an open session
 *
 * Return: whether it worked; if not, a failed check has been printed.
 */
bool launch_open(struct launch *l, struct session *s)
{
	struct gpu_info info;

	if (!mbox_open(&l->m, s, VFIO_PCI_MSIX_IRQ_INDEX))
		return false;
	if (tap_must(!gpu_get_info(&l->m, &info) &&
		     !gpu_ctx_create(&l->m, &l->ctx) &&
		     !gpu_bo_create(&l->m, l->ctx, LAUNCH_BYTES, &l->out) &&
		     !gpu_bo_create(&l->m, l->ctx, LAUNCH_BYTES, &l->a) &&
		     !gpu_bo_create(&l->m, l->ctx, LAUNCH_BYTES, &l->b),
		     "makes three objects")) {
		l->builtins = info.builtins;
		return true;
	}
	mbox_close(&l->m);
	return false;
}

/* Integers, or floats of all kinds: normal, tiny, huge, infinite. */
static void launch_randomise(struct random *rnd, u8 *p, bool floats)
{
	static const u32 special[] = {
		0x00000000, 0x80000000, 0x00000001, 0x807fffff, 0x00800000,
		0x7f7fffff, 0xff7fffff, 0x7f800000, 0xff800000, 0x3f800000,
		0xbf800000, 0x4b800000, 0x33800000,
	};
	u32 i, bits;

	for (i = 0; i < LAUNCH_BYTES; i += 4) {
		bits = (u32)random_next(rnd);
		if (floats && random_below(rnd, 4))
			/* exponents near 0: sums that must be rounded */
			bits = (bits & 0x807fffff) |
			       (120 + random_below(rnd, 14)) << 23;
		else if (floats)
			bits = special[random_below(rnd, ARRAY_SIZE(special))];
		put_le32(p + i, bits);
	}
}

/**
 * launch_upload() - fill the three objects
 * @l: the objects; what they hold is in @l too
 * @rnd: where the contents come from
 * @floats: make them floats
 *
 * Return: whether it worked; if not, a failed check has been printed.
 */
bool launch_upload(struct launch *l, struct random *rnd, bool floats)
{
	launch_randomise(rnd, l->a_data, floats);
	launch_randomise(rnd, l->b_data, floats);
	launch_randomise(rnd, l->out_data, floats);
	return tap_must(!gpu_upload(&l->m, l->ctx, l->a, 0, l->a_data,
				    LAUNCH_BYTES) &&
			!gpu_upload(&l->m, l->ctx, l->b, 0, l->b_data,
				    LAUNCH_BYTES) &&
			!gpu_upload(&l->m, l->ctx, l->out, 0, l->out_data,
				    LAUNCH_BYTES),
			"writes the inputs");
}

static bool launch_match(u32 got, u32 want, enum launch_match how)
{
	const u32 magnitude = 0x7fffffff, infinite = 0x7f800000;

	if (got == want)
		return true;
	if (how != LAUNCH_BITS && (got & magnitude) > infinite &&
	    (want & magnitude) > infinite)
		return true;
	return how == LAUNCH_SUM && !(got & magnitude) && !(want & magnitude);
}

/**
 * launch_compare() - check what an object holds, all of it
 * @l: the objects
 * @bo: which
 * @want: what it should hold
 * @how: how exactly
 * @what: to be printed
 */
void launch_compare(struct launch *l, u32 bo, const u8 *want,
		    enum launch_match how, const char *what)
{
	u32 i, wrong = 0, first = 0;
	u8 got[LAUNCH_BYTES];

	if (!tap_must(!gpu_download(&l->m, l->ctx, bo, 0, got, sizeof(got)),
		      "reads the output"))
		return;
	for (i = 0; i < LAUNCH_BYTES; i += 4) {
		if (launch_match(get_le32(got + i), get_le32(want + i), how))
			continue;
		if (!wrong++)
			first = i;
	}
	tap_ok(!wrong,
	       "%s: got %u wrong words (first at %#x: %#x want %#x) want none",
	       what, wrong, first, get_le32(got + first),
	       get_le32(want + first));
}
