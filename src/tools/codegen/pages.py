"""The keys of [provider] as docs/configuration.md shows them, from the table that c2d-provider reads."""

import re

TABLE = "src/tools/provider/provider_settings.cpp"
PAGE = "docs/configuration.md"
_TEXT = re.compile(r'"((?:\\.|[^"\\])*)"')


def keys(root):
    """[(name, default, meaning)] of every key."""
    source = (root / TABLE).read_text(encoding="utf-8")
    table = re.search(r"^constexpr Key kKeys\[\] = \{\n(.*?)^\};", source, re.S | re.M)[1]
    rows = re.findall(r'^    \{("\w+"(?:[^"{}]|"(?:\\.|[^"\\])*")*)', table, re.M)
    out = []
    for row in rows:
        # Texts that follow each other are one, as C++ has it.
        parts = [[]]
        for text, comma in re.findall(r'("(?:\\.|[^"\\])*")|(,)', row):
            if comma:
                parts.append([])
            else:
                parts[-1].append(_TEXT.fullmatch(text)[1])
        out.append(tuple("".join(part) for part in parts[:3]))
    return out


def configuration(root):
    """The page with the table of [provider] as the program has it."""
    page = (root / PAGE).read_text(encoding="utf-8")
    rows = "".join(
        "| `%s` |%s| %s |\n" % (name, " %s " % otherwise if otherwise else " ", meaning)
        for name, otherwise, meaning in keys(root)
    )
    head, _, rest = page.partition("\n## [provider]\n")
    before, _, behind = rest.partition("| --- | --- | --- |\n")
    after = behind[re.match(r"(?:\|.*\n)*", behind).end() :]
    return "%s\n## [provider]\n%s| --- | --- | --- |\n%s%s" % (head, before, rows, after)
