// SPDX-License-Identifier: GPL-3.0-or-later
/* syscall-cost: what one getppid() costs, in cycles of the time stamp counter; the cheapest of many rounds */
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <x86intrin.h>

#define ROUNDS 200
#define CALLS 100

int main(void)
{
	unsigned long long least = ~0ull, start, took;
	int round, call;

	for (round = 0; round < ROUNDS; round++) {
		start = __rdtsc();
		for (call = 0; call < CALLS; call++)
			syscall(SYS_getppid);
		took = __rdtsc() - start;
		if (took < least)
			least = took;
	}
	printf("%.1f\n", (double)least / CALLS);
	return 0;
}
