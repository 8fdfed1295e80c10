"""Writes the man page of a program and its completions for bash and zsh, from what its --help says.

cli_pages.py --out FOLDER --version VERSION -- PROGRAM…

FOLDER gets man/man1/NAME.1.gz, bash-completion/completions/NAME and zsh/site-functions/_NAME. The same
program gives the same bytes.
"""

import argparse
import gzip
import pathlib
import re
import subprocess

SECTIONS = ("Positionals", "Options", "Subcommands")


class Entry:
    """One line of a help text: an option, a positional or a command."""

    def __init__(self, head, text):
        names, _, rest = head.partition(" ")
        self.names = names.split(",")
        self.takes = rest.replace("REQUIRED", "").strip()
        self.required = "REQUIRED" in rest
        self.text = text

    @property
    def takes_file(self):
        return self.takes.startswith("TEXT")


class Command:
    """A program or one of its commands, as its --help describes it, with what is below it."""

    def __init__(self, run, words):
        self.words = words
        done = subprocess.run([*run, *words[1:], "--help"], capture_output=True, text=True, check=True)
        self.text, self.usage, entries = read_help(done.stdout)
        example = re.search(r"^Example:\n  (.*)$", done.stdout, re.M)
        self.example = example[1] if example else ""
        self.positionals, self.options, below = (entries[section] for section in SECTIONS)
        self.below = [(entry, Command(run, [*words, entry.names[0]])) for entry in below]

    def all(self):
        """This one and all below, parents first."""
        yield self
        for _, command in self.below:
            yield from command.all()


def read_help(text):
    """(description, usage, {section: [Entry, …]}) of a help text."""
    heads, entries = [], {section: [] for section in SECTIONS}
    section = usage = None
    for line in text.splitlines():
        start = re.match(r"  (\S.*?)(?: {2,}(\S.*))?$", line)
        if line.rstrip(":") in SECTIONS:
            section = line.rstrip(":")
        elif line.startswith("Usage: "):
            usage = line[len("Usage: ") :]
        elif section and start:
            entries[section].append([start[1], start[2] or ""])
        elif section and line.strip() and not line.startswith(" "):  # what is said of all commands
            section = None
        elif section and line.strip():  # the text of a name that is too long for its column
            last = entries[section][-1]
            last[1] = (last[1] + " " + line.strip()).strip()
        elif line.strip() and usage is None:
            heads.append(line.strip())
    if usage is None:
        raise SystemExit("expected a line \"Usage: …\" in the help, found:\n" + text)
    return " ".join(heads), usage, {name: [Entry(*one) for one in list] for name, list in entries.items()}


def roff(text):
    """Plain text as roff has it: nothing in it is a request, a dash is the dash that is typed."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    text = "".join(one if one.isascii() else "\\[u%04X]" % ord(one) for one in text)
    return "\\&" + text if text.startswith((".", "'")) else text


def man_entries(entries):
    for entry in entries:
        yield ".TP"
        names = ", ".join("\\fB%s\\fR" % roff(name) for name in entry.names)
        yield names + (" \\fI%s\\fR" % roff(entry.takes) if entry.takes else "")
        yield roff(entry.text + (" (required)" if entry.required else "") or "(no more to say)")


def man_page(program, version):
    name = program.words[0]
    summary = program.text.removeprefix(name + ": ")
    lines = [
        '.TH %s 1 "" "c2d %s" "User Commands"' % (roff(name.upper()), version),
        ".SH NAME",
        "%s \\- %s" % (roff(name), roff(summary)),
        ".SH SYNOPSIS",
        ".B %s" % roff(" ".join([name, *program.usage.split()[1:]])),
        ".SH OPTIONS",
        *man_entries(program.options),
    ]
    commands = [command for command in program.all() if command is not program]
    if commands:
        lines += [".PP", "Options of the program may stand anywhere, also behind a command.", ".SH COMMANDS"]
    for command in commands:
        lines += [
            ".SS %s" % roff(" ".join(command.words[1:])),
            roff(command.text),
            *man_entries(command.positionals),
            *man_entries(entry for entry in command.options if "--help" not in entry.names),
        ]
        if command.example:
            lines += [".PP", "Example:", ".br", ".B %s" % roff(command.example)]
    lines += [".SH EXIT STATUS", "0: done. 1: refused or failed. 2: wrong usage."]
    others = {"dt-cli", "c2d-provider"} - {name}
    lines += [".SH SEE ALSO", *(".BR %s (1)" % roff(other) for other in sorted(others))]
    return "\n".join(lines) + "\n"


def bash_completion(program):
    name = program.words[0]
    function = "_" + name.replace("-", "_")
    flags = [flag for entry in program.options for flag in entry.names]
    words, files, values = [], set(), set()
    for command in program.all():
        own = [entry.names[0] for entry, _ in command.below]
        own += [flag for entry in command.options for flag in entry.names]
        words.append("    [%r]=%r" % (" ".join(command.words), " ".join(dict.fromkeys(own + flags))))
        for entry in command.options:
            (files if entry.takes_file else values if entry.takes else set()).update(entry.names)
    return """# bash completion of {name}, written from its --help.
declare -gA {function}_words=(
{words}
)
{function}() {{
    local current=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD - 1]}} command={name} word at
    for ((at = 1; at < COMP_CWORD; ++at)); do
        word=${{COMP_WORDS[at]}}
        case $word in {files}|{values}) ((++at)); continue ;; esac  # its value is no command
        if [[ -n ${{{function}_words["$command $word"]-}} ]]; then command+=" $word"; fi
    done
    COMPREPLY=()
    case $previous in
        {files}) compopt -o filenames; mapfile -t COMPREPLY < <(compgen -f -- "$current"); return ;;
        {values}) return ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "${{{function}_words[$command]}}" -- "$current")
}}
complete -o default -F {function} {name}
""".format(
        name=name,
        function=function,
        words="\n".join(words),
        files="|".join(sorted(files)) or "--",
        values="|".join(sorted(values)) or "--",
    )


def zsh_quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_text(text):
    """A description within a specification of `_arguments`."""
    return re.sub(r"([\[\]:\\])", r"\\\1", text)


def zsh_options(options):
    for entry in options:
        action = "" if not entry.takes else ":value:_files" if entry.takes_file else ":value:"
        for name in entry.names:
            yield zsh_quoted("%s[%s]%s" % (name, zsh_text(entry.text), action))


def zsh_completion(program):
    lines = ["#compdef %s" % program.words[0], "# Written from what %s --help says." % program.words[0]]
    shared = [entry for entry in program.options if "--help" not in entry.names]
    for command in reversed(list(program.all())):
        options = command.options if command is program else command.options + shared
        lines.append("_%s() {" % "_".join(command.words))
        arguments = list(zsh_options(options))
        if command.below:
            choices = " ".join(
                "%s\\:%s" % (entry.names[0], zsh_quoted(zsh_text(entry.text))) for entry, _ in command.below
            )
            lines += ["  local context state state_descr line", "  typeset -A opt_args"]
            arguments += [zsh_quoted("1:command:((%s))" % choices), "'*::argument:->below'"]
        lines.append("  _arguments -C " + " \\\n    ".join(arguments))
        if command.below:
            lines += ["  if [[ $state == below ]]; then", "    case $words[1] in"]
            lines += ["      %s) _%s ;;" % (below.words[-1], "_".join(below.words)) for _, below in command.below]
            lines += ["    esac", "  fi"]
        lines.append("}")
    name = program.words[0]
    lines += ['if [[ $funcstack[1] == _%s ]]; then _%s "$@"; else compdef _%s %s; fi' % (name, name, name, name)]
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--version", required=True)
    parser.add_argument("program", nargs="+", help="the program, behind what runs it, if anything does")
    options = parser.parse_args()
    name = pathlib.Path(options.program[-1]).name
    program = Command(options.program, [name])
    page = gzip.compress(man_page(program, options.version).encode(), mtime=0)
    for place, content in (
        ("man/man1/%s.1.gz" % name, page),
        ("bash-completion/completions/" + name, bash_completion(program).encode()),
        ("zsh/site-functions/_" + name, zsh_completion(program).encode()),
    ):
        path = options.out / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


if __name__ == "__main__":
    main()
