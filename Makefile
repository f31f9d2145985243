# SPDX-License-Identifier: GPL-2.0
# make help: what there is to make.  Kbuild has the drivers' own rules.

KERNELDIR ?= /lib/modules/$(shell uname -r)/build
DESTDIR ?=
PREFIX ?= /usr
VERSION := $(shell sed -n 's/^PACKAGE_VERSION="\(.*\)"/\1/p' dkms.conf)

# A machine that only builds need not run the kernel that it builds for.
ifneq ($(wildcard $(KERNELDIR)/Makefile),)
  USED_DIR := $(KERNELDIR)
else ifeq ($(origin KERNELDIR),file)
  USED_DIR := $(patsubst %/Makefile,%,$(shell \
    ls -d /lib/modules/*/build/Makefile 2>/dev/null | sort -V | tail -n 1))
endif

.PHONY: all headers modules tools execd execd_install sim sim_install install modules_install \
	tools_install clean check test test-quick demo bench spec help

all: modules tools

modules: headers
	$(MAKE) -C "$(USED_DIR)" M="$(CURDIR)" modules

headers:
ifeq ($(USED_DIR),)
	@echo "No kernel headers in $(KERNELDIR)." >&2
	@echo "Install them (Debian: linux-headers-amd64) or give KERNELDIR=." >&2
	@exit 1
else ifneq ($(USED_DIR),$(KERNELDIR))
	@echo "No kernel headers in $(KERNELDIR): building for $(USED_DIR)." >&2
endif

tools:
	$(MAKE) -C lib
	$(MAKE) -C tools

execd:
	$(MAKE) -C execd

sim:
	$(MAKE) -C sim

install: modules_install tools_install

modules_install: headers
	$(MAKE) -C "$(USED_DIR)" M="$(CURDIR)" INSTALL_MOD_PATH="$(DESTDIR)" modules_install

tools_install:
	$(MAKE) -C lib install DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)"
	$(MAKE) -C tools install DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)"

execd_install:
	$(MAKE) -C execd install DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)"

sim_install:
	$(MAKE) -C sim install DESTDIR="$(DESTDIR)" PREFIX="$(PREFIX)"

clean:
ifneq ($(USED_DIR),)
	$(MAKE) -C "$(USED_DIR)" M="$(CURDIR)" clean
endif
	$(MAKE) -C lib clean
	$(MAKE) -C tools clean
	$(MAKE) -C execd clean
	$(MAKE) -C sim clean
	rm -rf build

check:
	tests/run.sh checkpatch sparse build

test:
	tests/run.sh

test-quick:
	tests/run.sh --quick

demo:
	tests/vm/demo.sh

bench:
	bench/run.sh

spec:
	bench/spec.sh

help:
	@echo "vgpu $(VERSION)"
	@echo
	@echo "  all         modules and tools (what plain make does)"
	@echo "  modules     the drivers, for KERNELDIR=$(KERNELDIR)"
	@echo "  tools       the library and the programs"
	@echo "  execd       vgpu-execd, which drives a GPU from userspace; execd_install installs it"
	@echo "  sim         vgpu-sim, which measures what sharing a GPU costs; sim_install; it needs a"
	@echo "              Linux source tree, LINUX_SOURCE=, or fetches Debian's"
	@echo "  install     modules_install and tools_install; DESTDIR= for all, PREFIX= for tools"
	@echo "  clean       removes what was built"
	@echo
	@echo "  check       style, sparse, and builds without a warning on three kernels"
	@echo "  test        everything, virtual machines included; tests/run.sh -h has more"
	@echo "  test-quick  the part of it that takes under two minutes"
	@echo "  demo        two virtual machines share a GPU, on this machine, now"
	@echo "  bench       figures"
	@echo "  spec        the promises in Documentation/specification.rst, one by one,"
	@echo "              and which of them hold (it reports, and fails for none)"
