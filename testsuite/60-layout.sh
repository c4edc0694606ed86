# SPDX-License-Identifier: GPL-3.0-or-later
# A type that lives on stacks alone may have another layout, when all who use it are replaced, one that the diff does
# not touch included. What makes it doubtful that it does is in 12-kgr-diff.sh.
. "$KGR_SRCDIR/testsuite/lib.sh"
test_kernel
cd "$work"

grow='s/^struct resource_constraint {/&\n\tint weight;/'
edit kernel/resource.c "$grow" >layout.diff
expect_exit 0 kgr-build -C "$kernel" layout.diff
says 'note     another layout of what is on stacks alone; what uses it is replaced: '
says 'replaced reallocate_resource (uses a type that has another layout)'
expect_exit 0 kgr-prove -C "$kernel" kgraft-layout.ko layout.diff
says '3 functions, '

# One who knew it, and is no more, would go on with the old one.
edit kernel/resource.c "$grow; s/\\<reallocate_resource\\>/kgr_reallocate_resource/" >x.diff
refused 1 'the diff changes the layout of a type that reallocate_resource uses, which is gone'

new_guest
cp kgraft-layout.ko "$guest/"
boot <<'END'
patch_in layout
patch_out layout
END
