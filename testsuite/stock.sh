# SPDX-License-Identifier: GPL-3.0-or-later
# Sourced, after lib.sh, by the tests of kernels that Debian built and nobody recorded.

# stock_packages SERIES [VERSION]: the cloud kernel of this version, or the newest one that apt has, as the signed ones come
# later than their source: its $release and $version; the directory with its packages, 460 MB that are downloaded once, in $packages;
# where it is, or will be, adopted, in $kernel
stock_packages() {
	stock_cache=${KGRAFT_CACHE:-$HOME/.cache/kgraft}-stock
	dpkg-query -W "linux-source-$1" >/dev/null 2>&1 || skip "linux-source-$1 is not installed"
	apt-cache search --names-only "^linux-image-$1[.][0-9][^ ]*-cloud-amd64\$" | cut -d' ' -f1 | xargs -r apt-cache madison |
		awk '{ print $3, $1 }' | sort -V >"$work/images"
	version=${2:-$(tail -n 1 "$work/images" | cut -d' ' -f1)}
	release=$(sed -n "s/^$version linux-image-//p" "$work/images" | tail -n 1)
	[ -n "$release" ] || skip "apt has no cloud kernel of $1${2:+, version $2}"
	kbuild=$(apt-cache show "linux-headers-$release=$version" | sed -n 's/^Depends:.*\(linux-kbuild-[^ ,]*\).*/\1/p')
	# As kgr-adopt does: the first version that will do, as one of it is for all kernels of 6.1.
	kbuild=$kbuild=$(apt-cache madison "$kbuild" | awk -v name="$kbuild" '$1 == name { print $3 }' | sort -V |
		while read -r is; do
			! dpkg --compare-versions "$is" ge "$version" || { echo "$is"; break; }
		done)

	packages=$stock_cache/packages-$version
	# What names the place where it was compiled does not count.
	objcopy --strip-debug -R .note.gnu.build-id "$KGR_STAGE/bin/kgr-adopt" "$work/adopter"
	kernel=$stock_cache/$release-$(sha1sum <"$work/adopter" | cut -c1-8)
	mkdir -p "$stock_cache"
	exec 7>"$stock_cache/lock"
	flock 7
	# From Debian 14 on an image is several packages.
	parts=$(apt-cache show "linux-image-$release=$version" | sed -n 's/^Depends: //p' | tr ',' '\n' |
		sed -n "s/^ *\(linux-[^ ]*-$release\) .*/\1=$version/p")
	if [ ! -d "$packages" ]; then
		rm -rf "$packages.new"
		mkdir "$packages.new"
		(cd "$packages.new" && apt-get -q download "linux-image-$release=$version" \
			"linux-image-$release-dbg=$version" "linux-headers-$release=$version" \
			"$kbuild" "linux-source-$1=$version" $parts) >"$work/out" 2>&1 ||
			skip "the packages of $release cannot be downloaded; apt-get update may help: $(tail -n 1 "$work/out")"
		mv "$packages.new" "$packages"
	fi
	exec 6>"$kernel.users"
	flock -s 6
	[ -d "$kernel" ] || stock_tidy
}

# stock_tidy: what another kgr-adopt made of $release goes, unless a test of another tree uses it. The name goes first: half of one
# would be taken for a whole one.
stock_tidy() {
	for old in "$stock_cache/$release"-????????; do
		[ -d "$old" ] || continue
		(
			flock -n 5 || exit 0
			rm -rf "$stock_cache/gone"
			mv "$old" "$stock_cache/gone"
			rm -rf "$stock_cache/gone" "$old.users"
		) 5>"$old.users"
	done
}

# stock_kernel SERIES [VERSION]: the adopted kernel in $kernel, its source in $src, what it boots as in $work/shipped, besides what
# stock_packages gives. Units that are compiled again are kept, too.
stock_kernel() {
	stock_packages "$@"
	export XDG_CACHE_HOME="$stock_cache/units"
	# Once more is instant, whoever asks twice at the same time.
	if [ ! -d "$kernel" ]; then
		kgr-adopt "$release" -o "$kernel" --packages "$packages" &
		kgr-adopt "$release" -o "$kernel" --packages "$packages"
		wait $!
	fi
	flock -u 7
	src=$(readlink -f "$kernel/source")
	mkdir -p "$work/shipped/arch/x86/boot"
	ln -s "$kernel/.packages/image/boot/vmlinuz-$release" "$work/shipped/arch/x86/boot/bzImage"
}

# stock_files: what must not change, by names, sizes and times
stock_files() {
	(cd "$src" && find fs kernel include/net -type f -exec stat -c '%n %s %Y' {} + | sort | sha1sum)
	(cd "$kernel" && find . -path ./.kernel-source -prune -o -path ./.packages -prune -o -print | sort | sha1sum)
}

# stock_fixes: one of a vmlinux, the other way round, since this version has it; one of a module of one file, and one of a header of
# a module of several. Each is built and proved: kgraft-auxv.ko, kgraft-binfmt.ko, kgraft-xfs.ko.
stock_fixes() {
	copies kernel/sys.c
	patch -s -R -p1 --no-backup-if-mismatch -d b <"$tests/fixes/prctl-auxv.diff"
	diff_to auxv
	edit fs/binfmt_misc.c 's/"enabled\\n" :/"enabled, and patched\\n" :/' >binfmt.diff
	edit fs/xfs/xfs_extent_busy.h \
		's/^\tlist_sort(NULL, list, xfs_extent_busy_ag_cmp);/\tif (!list_empty(list))\n\t&/' >xfs.diff
	for fix in auxv binfmt xfs; do
		kgr-build -C "$kernel" $fix.diff
		kgr-prove -C "$kernel" kgraft-$fix.ko $fix.diff
	done
}

# stock_guest: one with the first two of them, and the module as shipped
stock_guest() {
	new_guest
	cp kgraft-auxv.ko kgraft-binfmt.ko "$guest/"
	cp "$kernel/.packages/image/lib/modules/$release/kernel/fs/binfmt_misc.ko" "$guest/"
}

# boot_stock: the kernel as shipped; the two go in and out, and then what stands on the standard input is done
boot_stock() {
	{
		cat <<'END'
uname -r
expect fixed probe prctl-auxv
patch_in auxv
expect buggy probe prctl-auxv
patch_out auxv
expect fixed probe prctl-auxv
patch_in binfmt
insmod /binfmt_misc.ko
mkdir /tmp/b
mount -t binfmt_misc none /tmp/b
expect "enabled, and patched" cat /tmp/b/status
patch_out binfmt
expect enabled cat /tmp/b/status
END
		cat
	} >"$work/session"
	boot "$work/shipped" <"$work/session"
}
