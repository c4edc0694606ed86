/* SPDX-License-Identifier: GPL-2.0-only */
/* For diffs that were written for kpatch. */
#include "kgraft-macros.h"
