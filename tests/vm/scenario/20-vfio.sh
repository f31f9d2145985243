#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# shellcheck disable=SC1091,SC2154 # see scenarios.sh
# The VFIO conformance client, through a container and through iommufd.
. "$here/tap.sh"
. "$here/host.sh"
client=$here/../../build/vfio-check

host_load memory=256
u=00000000-0000-4000-8000-000000000020
mdev_create quarter $u
"$client" "$mdevs/$u" || echo "# vfio-check: status $?"
if [ -e /dev/iommu ]; then
	"$client" --iommufd "$mdevs/$u" | sed 's/^\(ok\|not ok\) /\1 iommufd-/'
else
	echo "ok iommufd - through iommufd # SKIP this kernel has no /dev/iommu"
fi

check_eq vfio-memory "no memory is left in use" "$(stats $u memory_used_bytes)" 0
mdev_remove $u

# Interrupts that take long to raise are left to a work item, and keep every rule.
mdev_create quarter $u
"$client" --test irqs-crowd "$mdevs/$u" || echo "# vfio-check: status $?"
check_eq vfio-irq-long "one interrupt took long" "$(counter $u irq_long)" 1
deferred=$(counter $u irq_deferred)
check vfio-irq-deferred "the next ones are left to the work item" test "$deferred" -ge 2
set --
for t in irqs-remove irqs-mask reset-busy flr-busy; do
	set -- "$@" --test $t
done
"$client" "$@" "$mdevs/$u" | sed 's/^\(ok\|not ok\) /\1 deferred-/'
check vfio-irq-deferred-more "and so are others'" \
	test "$(counter $u irq_deferred)" -gt "$deferred"
mdev_remove $u
