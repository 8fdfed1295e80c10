"""The C program that prints the layout of every struct: test/capi/layout.c."""

_HEAD = '''/* Prints what other languages must know of the structs: NAME SIZE, then FIELD OFFSET for each field.
 * First of all it checks that the _INIT macros and the _init functions agree.
 * Made by src/tools/codegen/generate.py; change the headers and run it again. */
/* clang-format off */
#include "check.h"

#define AGREE(type, macro)                                               \\
    do {                                                                 \\
        static const type from_macro = macro;                            \\
        static type from_function;                                       \\
        type##_init(&from_function);                                     \\
        type##_init(NULL);                                               \\
        CHECK(from_macro.struct_size == sizeof(type));                   \\
        CHECK(memcmp(&from_macro, &from_function, sizeof(type)) == 0);   \\
    } while (0)

struct field {
    const char* name;
    size_t offset;
};

static void print_layout(const char* name, size_t size, const struct field* fields, size_t count) {
    printf("%s %zu\\n", name, size);
    for (size_t i = 0; i < count; i++) printf("  %s %zu\\n", fields[i].name, fields[i].offset);
}

'''


def _initial(struct):
    return struct.name.upper() + "_INIT"


def _struct(struct):
    fields = [field.name for field in struct.fields if field.name != "struct_size"]
    rows = "".join('        {"%s", offsetof(%s, %s)},\n' % (name, struct.name, name) for name in fields)
    return '''static void print_%s(void) {
    static const struct field fields[] = {
%s    };
    print_layout("%s", sizeof(%s), fields, sizeof(fields) / sizeof(fields[0]));
}

''' % (
        struct.name,
        rows,
        struct.name,
        struct.name,
    )


def text(headers):
    out = _HEAD + "".join(_struct(struct) for struct in headers.structs)
    agree = "".join(
        "    AGREE(%s, %s);\n" % (struct.name, _initial(struct))
        for struct in headers.structs
        if _initial(struct) in headers.initials
    )
    calls = "".join("    print_%s();\n" % struct.name for struct in headers.structs)
    return (
        out
        + "static void check_initial_values(void) {\n%s}\n\nint main(void) {\n    check_initial_values();\n%s"
        % (agree, calls)
        + "    return failures == 0 ? 0 : 1;\n}\n"
    )
