# SPDX-License-Identifier: GPL-3.0-or-later
# In the guest: the table of who uses the entry or exit of a patched function, __x64_sys_umask(), and what comes of it when the
# function is patched. Three patches have umask() return 0x1000, 0x2000 and 0x4000 more than the kernel's own.
#
# A cell says whether the version that is due ran, and whether the user saw the call, of which function, and what that returned:
#
#	yes		all that
#	unseen		the version that is due ran, and the user does not know
#	refused		the user is refused;
#	no-patch	or the patch is not
#	WRONG N		another version ran: N; or the user saw another value or function
#
# Those who change what the function returns have it return -EACCES:
#
#	yes		so it does
#	overruled	the version that is due ran all the same
. /lib.sh
# What a function prints is cells.
exec 3>&1
fail() {
	echo "GUEST-FAIL: $*" >&3
	dmesg | tail -n 30 >&3
	exit 1
}
t=/sys/kernel/tracing
p=/sys/kernel/kgraft
function=__x64_sys_umask
old=18
one=4114
two=8210
three=16402
error=-13
mount -t debugfs debug /sys/kernel/debug
mount -t bpf bpf /sys/fs/bpf
fails=/sys/kernel/debug/fail_function

user_on() {
	case $1 in
	nobody) ;;
	fentry | fexit | fmod_ret* | bpf-*) bpf-user attach $1 $function 2>/tmp/refused || return 1 ;;
	fail_function)
		echo $function >$fails/inject || return 1
		# -EACCES
		echo 0xfffffffffffffff3 >$fails/$function/retval
		echo 0 >$fails/verbose
		echo 100 >$fails/probability
		echo -1 >$fails/times
		;;
	function | graph)
		echo $function >$t/set_ftrace_filter
		if [ $1 = graph ]; then
			echo $function >$t/set_graph_function
			echo function_graph >$t/current_tracer
		else
			echo function >$t/current_tracer
		fi
		;;
	*) insmod /kgr_user.ko kind=$1 function=$function 2>/dev/null || return 1 ;;
	esac
}

user_off() {
	case $1 in
	nobody) ;;
	function | graph)
		echo nop >$t/current_tracer
		echo >$t/set_graph_function
		echo >$t/set_ftrace_filter
		echo >$t/trace
		;;
	fentry | fexit | fmod_ret* | bpf-*) bpf-user detach || fail "$1 stays" ;;
	fail_function)
		echo 0 >$fails/times
		echo >$fails/inject
		;;
	*) rmmod kgr_user ;;
	esac
}

# seen KIND: calls, the last result, for who sees that, and the function
seen() {
	case $1 in
	function | graph) echo $(grep -c "\<$function\>[^.]" $t/trace) - $function ;;
	fail_function) echo - ;;
	fentry | fexit | fmod_ret* | bpf-*) bpf-user seen ;;
	*) cat /sys/module/kgr_user/parameters/seen ;;
	esac
}

# cell KIND DUE: the table's
cell() {
	if [ $1 = nobody ]; then
		got=$(ask-umask)
		[ $got = $2 ] && echo yes || echo WRONG $got
		return
	fi
	before=$(seen $1)
	got=$(ask-umask)
	read -r calls value where <<-END
		$(seen $1)
	END
	case $1 in
	fail_function | fmod_ret-err | bpf-override)
		if [ $got = $2 ]; then
			echo overruled
			return
		fi
		set -- $1 $error
		;;
	esac
	if [ $got != $2 ]; then
		echo WRONG $got
	elif [ $1 = fail_function ]; then
		echo yes
	elif [ $calls = ${before%% *} ]; then
		echo unseen
	elif [ $where != $function ]; then
		echo WRONG function $where
	else
		case $1 in
		kretprobe | fexit | fprobe-exit) [ $value = $2 ] && echo yes || echo WRONG $value seen ;;
		*) echo yes ;;
		esac
	fi
}

# load FILE: a transition that waits for who sleeps; over NAME: until they have been poked, and nothing is left of it
load() {
	kgr load --stragglers=wait --no-wait "$@" >/dev/null 2>&1
}
over() {
	settled_after_poke $1
	cleared_up kgraft-$1
}
unload() {
	if [ "$(cat $p/kgraft-$1/enabled)" = 1 ]; then
		echo 0 >$p/kgraft-$1/enabled || return 1
		over $1
	fi
	rmmod kgraft_$1
}

# later KIND: the cells from when the patch, loaded, has converged; it is unloaded
later() {
	cell $1 $one
	if load /kgraft-two.ko; then
		over two
		cell $1 $two
		unload two || echo STUCK
	else
		echo no-patch
	fi
	echo 0 >$p/kgraft-one/enabled && over one
	cell $1 $old
	echo 1 >$p/kgraft-one/enabled && over one
	if load --replace /kgraft-three.ko; then
		over three
		cell $1 $three
		rmmod kgraft_one
		unload three || echo STUCK
	else
		echo no-patch
		unload one || echo STUCK
	fi
}

# briefly KIND DUE: the user comes, is asked, and goes
briefly() {
	if user_on $1; then
		cell $1 $2
		user_off $1
	else
		echo refused
	fi
}

user_first() {
	user_on $1 || fail "no $1 without a patch"
	if load /kgraft-one.ko; then
		cell $1 $one
		over one
		later $1
	else
		echo no-patch
	fi
	user_off $1
}

patch_first() {
	load /kgraft-one.ko || fail "no patch without users"
	briefly $1 $one
	over one
	if user_on $1; then
		later $1
		user_off $1
	else
		echo refused
		unload one
	fi
}

klp_settled() {
	while [ -e /sys/kernel/livepatch/kgr_klp_umask ] &&
		[ "$(cat /sys/kernel/livepatch/kgr_klp_umask/transition 2>/dev/null)" = 1 ]; do
		sleep 0.05
	done
}

klp_out() {
	echo 0 >/sys/kernel/livepatch/kgr_klp_umask/enabled
	klp_settled
	# It lets go of the module a little later.
	for n in $(seq 50); do
		! rmmod kgr_klp_umask 2>/dev/null || return 0
		sleep 0.1
	done
	fail "livepatch's module stays"
}

# With the user there first, and with the user coming after it.
livepatch() {
	user_on $1 || fail "no $1 without a patch"
	if insmod /kgr_klp_umask.ko 2>/dev/null; then
		klp_settled
		cell $1 $one
		klp_out
	else
		echo no-patch
	fi
	user_off $1
	insmod /kgr_klp_umask.ko || fail "no livepatch without users"
	klp_settled
	briefly $1 $one
	klp_out
}

# cells FILE
cells() {
	printf '| '
	while read -r c; do printf '%-9s ' "$c"; done <$1
}

# row KIND: the cells of each part go to a file first, so that whoever fails is seen
row() {
	user_first $1 >/tmp/part1 && patch_first $1 >/tmp/part2 || fail "$1: $(cat /tmp/part?)"
	printf '%-14s' $1
	cells /tmp/part1
	cells /tmp/part2
	echo
}

# row_beside_livepatch KIND: and livepatch's
row_beside_livepatch() {
	livepatch $1 >/tmp/part3 || fail "$1, livepatch: $(cat /tmp/part3)"
	printf '%s%s\n' "$(row $1)" "$(cells /tmp/part3)"
}

# table KIND...
table() {
	printf '%-14s| %-50s| %-50s| %s\n' "" "the user first" "the patch first" livepatch
	printf '%-14s| %-9s %-9s %-9s %-9s %-9s | %-9s %-9s %-9s %-9s %-9s | %-9s %-9s\n' "" \
		transit. converged second reverted cumulat. \
		transit. converged second reverted cumulat. "user 1st" "patch 1st"
	for kind; do row_beside_livepatch $kind; done
}

# Somebody who does not move before a poke.
sleep 1000 &
