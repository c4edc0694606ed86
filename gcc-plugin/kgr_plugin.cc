// SPDX-License-Identifier: GPL-3.0-or-later
/*
 * kgr_plugin: writes down what GCC does with every function and object of a translation unit.
 *
 * It only reads. Facts about a function are taken just before its assembly is printed, when
 * all inlining and cloning is done and its body still exists; facts about objects at the end
 * of the unit. They go to the file named by -fplugin-arg-kgr_plugin-facts=, one line a fact,
 * fields separated by tabs (doc/record-format.md); kgr-gcc makes the record of them.
 */
#include "gcc-compat.h"
#include <string>
#include <set>

int plugin_is_GPL_compatible;

static const char *facts_path;
static std::string facts;
static std::set<std::string> inputs;
static std::string input_lines;

static void add_escaped(std::string &to, const char *s)
{
	for (; s && *s; s++) {
		switch (*s) {
		case '\t':
			to += "\\t";
			break;
		case '\n':
			to += "\\n";
			break;
		case '\\':
			to += "\\\\";
			break;
		default:
			to += *s;
		}
	}
}

static void add_field(std::string &to, const char *s)
{
	to += '\t';
	add_escaped(to, s && *s ? s : "-");
}

static void add_place(std::string &to, location_t where)
{
	expanded_location at = expand_location(where);

	add_field(to, at.file);
	add_field(to, std::to_string(at.line).c_str());
}

/* A leading '*' means "print verbatim, no user label prefix"; it is not part of the name. */
static const char *asm_name(tree decl)
{
	const char *name;

	if (!DECL_ASSEMBLER_NAME_SET_P(decl))
		return NULL;
	name = IDENTIFIER_POINTER(DECL_ASSEMBLER_NAME(decl));
	return *name == '*' ? name + 1 : name;
}

static const char *source_name(tree decl)
{
	return DECL_NAME(decl) ? IDENTIFIER_POINTER(DECL_NAME(decl)) : NULL;
}

/* Where the function's text goes: GCC's default_function_section(), without making a section. */
static const char *function_section_name(tree decl, cgraph_node *node)
{
	if (DECL_SECTION_NAME(decl))
		return DECL_SECTION_NAME(decl);
	if (!flag_reorder_functions || !node)
		return ".text";
	switch (node->frequency) {
	case NODE_FREQUENCY_UNLIKELY_EXECUTED:
		return ".text.unlikely";
	case NODE_FREQUENCY_HOT:
		return ".text.hot";
	default:
		return node->only_called_at_startup ? ".text.startup" : ".text";
	}
}

static const char *fentry_state(tree decl, const char *section)
{
	if (crtl->profile)
		return "fentry";
	if (lookup_attribute("naked", DECL_ATTRIBUTES(decl)))
		return "no:naked";
	if (!strncmp(section, ".init.text", 10))
		return "no:init";
	if (DECL_NO_INSTRUMENT_FUNCTION_ENTRY_EXIT(decl))
		return "no:notrace";
	return "no:nopg";
}

static const char *linkage(tree decl)
{
	if (!TREE_PUBLIC(decl))
		return "static";
	if (DECL_WEAK(decl))
		return "weak";
	switch (DECL_VISIBILITY(decl)) {
	case VISIBILITY_HIDDEN:
		return "hidden";
	case VISIBILITY_INTERNAL:
		return "internal";
	case VISIBILITY_PROTECTED:
		return "protected";
	default:
		return "global";
	}
}

static void add_inlined(std::string &to, tree block, hash_set<tree> &seen)
{
	for (; block; block = BLOCK_CHAIN(block)) {
		if (inlined_function_outer_scope_p(block)) {
			tree origin = block_ultimate_origin(block);

			if (origin && TREE_CODE(origin) == FUNCTION_DECL && !seen.add(origin)) {
				to += 'i';
				add_field(to, source_name(origin));
				add_place(to, DECL_SOURCE_LOCATION(origin));
				to += '\n';
			}
		}
		add_inlined(to, BLOCK_SUBBLOCKS(block), seen);
	}
}

static void record_function(tree decl)
{
	cgraph_node *node = cgraph_node::get(decl);
	const char *section = function_section_name(decl, node);
	tree origin = DECL_ABSTRACT_ORIGIN(decl);
	hash_set<tree> seen;

	facts += 'F';
	add_field(facts, asm_name(decl));
	add_field(facts, source_name(decl));
	add_place(facts, DECL_SOURCE_LOCATION(decl));
	add_field(facts, section);
	add_field(facts, linkage(decl));
	add_field(facts, fentry_state(decl, section));
	add_field(facts, crtl->has_bb_partition ? "split" : "whole");
	facts += '\n';
	if (origin && origin != decl && TREE_CODE(origin) == FUNCTION_DECL) {
		facts += 'c';
		add_field(facts, asm_name(origin));
		add_place(facts, DECL_SOURCE_LOCATION(origin));
		facts += '\n';
	}
	add_inlined(facts, DECL_INITIAL(decl), seen);
}

static void record_object(tree decl)
{
	tree scope = DECL_CONTEXT(decl);
	tree size = DECL_SIZE_UNIT(decl);

	facts += 'O';
	add_field(facts, asm_name(decl));
	add_field(facts, source_name(decl));
	add_place(facts, DECL_SOURCE_LOCATION(decl));
	add_field(facts, DECL_SECTION_NAME(decl));
	add_field(facts, linkage(decl));
	add_field(facts, scope && TREE_CODE(scope) == FUNCTION_DECL ? asm_name(scope) : NULL);
	add_field(facts, size && tree_fits_uhwi_p(size) ?
				 std::to_string(tree_to_uhwi(size)).c_str() :
				 NULL);
	facts += '\n';
}

namespace
{
const pass_data record_pass_data = {
	RTL_PASS, "kgr_record", OPTGROUP_NONE, TV_NONE, 0, 0, 0, 0, 0,
};

class record_pass : public rtl_opt_pass
{
      public:
	record_pass(gcc::context *ctxt) : rtl_opt_pass(record_pass_data, ctxt)
	{
	}
	unsigned int execute(function *) final override
	{
		record_function(current_function_decl);
		return 0;
	}
};
} // namespace

static void on_include(void *file, void *)
{
	const char *path = (const char *)file;

	/* "<built-in>" and "<command-line>" are no files. */
	if (!path || *path == '<' || !inputs.insert(path).second)
		return;
	input_lines += 'I';
	add_field(input_lines, path);
	input_lines += '\n';
}

/* A record never breaks a build: what cannot be written is left to kgr-gcc to warn about. */
static void on_finish_unit(void *, void *)
{
	std::string head = "G\t";
	varpool_node *node;
	FILE *out;
	bool bad;

	if (seen_error())
		return;
	FOR_EACH_VARIABLE(node)
	{
		if (!DECL_EXTERNAL(node->decl) && TREE_ASM_WRITTEN(node->decl))
			record_object(node->decl);
	}
	add_escaped(head, version_string);
	head += '\n';
	on_include((void *)main_input_filename, NULL);
	head += input_lines;
	out = fopen(facts_path, "w");
	if (!out)
		return;
	bad = fwrite(head.data(), 1, head.size(), out) != head.size();
	bad |= fwrite(facts.data(), 1, facts.size(), out) != facts.size();
	if (fclose(out) || bad)
		remove(facts_path);
}

int plugin_init(struct plugin_name_args *args, struct plugin_gcc_version *version)
{
	struct register_pass_info where;

	if (!plugin_default_version_check(version, &gcc_version)) {
		error("kgraft was built for another compiler than this GCC %s", version->basever);
		return 1;
	}
	for (int i = 0; i < args->argc; i++) {
		if (!strcmp(args->argv[i].key, "facts"))
			facts_path = args->argv[i].value;
	}
	if (!facts_path)
		return 0;

	/* Or they would stand in DW_AT_producer, and the build-id would differ from gcc's. */
	kgr_forget_option("-fplugin");

	where.pass = new record_pass(g);
	where.reference_pass_name = "final";
	where.ref_pass_instance_number = 1;
	where.pos_op = PASS_POS_INSERT_BEFORE;
	register_callback(args->base_name, PLUGIN_PASS_MANAGER_SETUP, NULL, &where);
	register_callback(args->base_name, PLUGIN_INCLUDE_FILE, on_include, NULL);
	register_callback(args->base_name, PLUGIN_FINISH_UNIT, on_finish_unit, NULL);
	return 0;
}
