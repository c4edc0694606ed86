# SPDX-License-Identifier: GPL-3.0-or-later
# The functions by which the runtime tells where a task is ("anchors", doc/universes.md) are patched themselves: those
# that a task may be found inside one by one, the others in one patch. Each such patch goes in and out, and meanwhile
# another one does, whose functions are called from everywhere and do not understand each other.
. "$KGR_SRCDIR/testsuite/lib.sh"

# patched NAME FILE FUNCTION...: NAME.diff makes the functions of that file a little longer
patched() {
	diff=$1.diff file=$2
	shift 2
	script=
	for function; do
		script="$script;/^[a-z].*\\b$function(/,/^{/s/^{/{\n\t(void)READ_ONCE(current->flags);/"
	done
	edit "$file" "${script#;}" >>"$diff"
}

# build_patch NAME FUNCTION...: it replaces these, and says that the runtime stands on them
build_patch() {
	name=$1
	shift
	expect_exit 0 kgr-build -C "$kernel" -n "$name" -o "$guest/kgraft-$name.ko" "$name.diff"
	for function; do
		says "replaced $function "
		says "kgraft's runtime tells by $function where"
	done
	echo "$name" >>"$guest/anchors"
}

# anchors_test SERIES [FUNCTION...]: with the functions of the way out that can be replaced there
anchors_test() {
	series=$1
	test_kernel small "$series"
	shift
	torture_guest "$KGR_STAGE"
	rm -f ./*.diff
	patched task_work kernel/task_work.c task_work_run
	build_patch task_work task_work_run
	patched get_signal kernel/signal.c get_signal
	build_patch get_signal get_signal
	if [ $# -gt 0 ]; then
		patched exit kernel/entry/common.c "$@"
		build_patch exit "$@"
	fi
	patched worker kernel/workqueue.c process_one_work
	patched worker io_uring/io-wq.c io_worker_handle_work
	build_patch worker process_one_work io_worker_handle_work

	# 6.12 has a thread asleep in kthread_worker_fn(), which gcc put kthread_should_stop() into.
	threads="kthread_parkme kthread_freezable_should_stop"
	case $series in
	6.1) threads="$threads kthread_should_stop" ;;
	esac
	patched others kernel/kthread.c $threads
	patched others kernel/signal.c ptrace_notify
	patched others arch/x86/kernel/signal.c arch_do_signal_or_restart
	patched others kernel/freezer.c __refrigerator
	patched others kernel/sched/core.c wake_up_new_task
	patched others kernel/sched/wait.c prepare_to_wait_event finish_wait
	patched others kernel/sched/swait.c prepare_to_swait_event finish_swait
	build_patch others $threads ptrace_notify arch_do_signal_or_restart __refrigerator \
		wake_up_new_task prepare_to_wait_event finish_wait prepare_to_swait_event finish_swait
	boot <<'END'
for n in 1 2 3; do sleep 3600 & done
over_and_over :
over_and_over 'cat /proc/meminfo'
torture 86400 &
torturer=$!
echo 1 >/proc/kgr_torture/background
while read -r anchor; do
	patch_in $anchor
	patch_in torture
	patch_out torture
	expect_no_mix
	patch_out $anchor
	echo "ok: $anchor, $(uptime_s) s"
done </anchors
kill -9 $torturer
END
}
cd "$work"
for tested in "$oldest" "$newest"; do
	case $tested in
	6.1) anchors_test 6.1 exit_to_user_mode_prepare syscall_exit_work ;;
	6.12) anchors_test 6.12 syscall_exit_work ;;
	# No fentry is in kernel/entry/ any more.
	*) anchors_test "$tested" ;;
	esac
	[ "$newest" != "$oldest" ] || break
done
