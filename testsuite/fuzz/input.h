/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A fuzzer's bytes as a file, for readers that take a path. */
#ifndef KGR_FUZZ_INPUT_H
#define KGR_FUZZ_INPUT_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* fuzz_file() - a file of these bytes that nobody else sees; its path in @path; close() it */
int fuzz_file(const uint8_t *data, size_t size, char path[32]);

#endif
