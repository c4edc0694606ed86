// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * Which words of a compiler's command line are files, and which are options and their values: in "gcc -c -o a.o -I
 * dir a.c" the value of -I is no file. Without GLib on purpose, as all of kgr-gcc: it runs once for every file of a
 * kernel.
 */
#include <string.h>

#include "record/cc-args.h"

/* Options whose value is the next argument (gcc/common.opt, c.opt, the driver's specs). */
static const char *const separate[] = {
	"-D",
	"-U",
	"-I",
	"-L",
	"-l",
	"-T",
	"-A",
	"-B",
	"-u",
	"-z",
	"-e",
	"-h",
	"-include",
	"-imacros",
	"-isystem",
	"-idirafter",
	"-iquote",
	"-iprefix",
	"-iwithprefix",
	"-isysroot",
	"-imultilib",
	"-imultiarch",
	"-MF",
	"-MT",
	"-MQ",
	"-Xlinker",
	"-Xassembler",
	"-aux-info",
	"-dumpbase",
	"-dumpdir",
	"-dumpbase-ext",
	"-wrapper",
	"-arch",
	"--param",
	"-G",
	"-specs",
	"--sysroot",
	"-Xpreprocessor",
	"-iwithprefixbefore",
};

static bool takes_next(const char *arg)
{
	size_t i;

	for (i = 0; i < sizeof(separate) / sizeof(*separate); i++) {
		if (!strcmp(arg, separate[i]))
			return true;
	}
	return false;
}

static bool is_c_file(const char *name, const char *lang)
{
	size_t n = strlen(name);

	if (lang)
		return !strcmp(lang, "c");
	return n > 2 && !strcmp(name + n - 2, ".c");
}

void kgr_cc_args_scan(int argc, char **argv, struct kgr_cc_args *out)
{
	bool compile = false, other = false;
	const char *lang = NULL;
	int i, inputs = 0;

	memset(out, 0, sizeof(*out));
	for (i = 1; i < argc; i++) {
		const char *arg = argv[i];

		if (!strcmp(arg, "-c")) {
			compile = true;
		} else if (!strcmp(arg, "-E") || !strcmp(arg, "-S") || !strcmp(arg, "-M") ||
			   !strcmp(arg, "-MM") || !strcmp(arg, "-fsyntax-only") ||
			   !strcmp(arg, "-###") || !strcmp(arg, "-")) {
			other = true;
		} else if (!strncmp(arg, "-x", 2)) {
			lang = arg[2] ? arg + 2 : ++i < argc ? argv[i] : NULL;
			if (lang && !strcmp(lang, "none"))
				lang = NULL;
		} else if (!strncmp(arg, "-o", 2)) {
			out->object = arg[2] ? arg + 2 : ++i < argc ? argv[i] : NULL;
		} else if (takes_next(arg)) {
			i++;
		} else if (*arg != '-') {
			inputs++;
			if (is_c_file(arg, lang))
				out->source = arg;
		}
	}
	/* Devices are what Kbuild's compiler probes read and write. */
	out->records = compile && !other && inputs == 1 && out->source && out->object &&
		       strncmp(out->source, "/dev/", 5) && strncmp(out->object, "/dev/", 5);
}
