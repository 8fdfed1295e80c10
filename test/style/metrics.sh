#!/usr/bin/env bash
# Structural numbers of this library, or of another to hold it beside; metrics_test.py bounds some of them.
#
#   metrics.sh [--tsv | --json] [REPO HEADER_DIR SRC_DIR TEST_DIR]
#
# Without folders those of this tree. HEADER_DIR, SRC_DIR and TEST_DIR are relative to REPO and may each be a
# comma-separated list; '-' stands for none. A file counts in one group only: header first, then test, then source.
# Files whose name looks like a test (foo_test.cc, test_foo.cpp, tests.c, tests_impl.h) count as tests wherever they
# lie; benchmarks, fuzzers and generated or vendored files are left out of the source group.
#
#   SKIP='regex'   more paths to leave out (matched against REPO-relative path)
#   LIB=path.so    also count the symbols that a built library exports
#
# Needs bash and python3 only. Everything is read as text: nothing is built, nothing is run. The figures are
# heuristics, steady enough to compare.
set -euo pipefail
as=text
case ${1:-} in --tsv | --json) as=${1#--}; shift ;; esac
if [ $# -eq 0 ]; then set -- "$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)" include/c2d src,capi test; fi
if [ $# -ne 4 ]; then sed -n '2,16p' "$0" | sed 's/^# \{0,1\}//'; exit 2; fi
exported=-
if [ -n "${LIB:-}" ]; then exported=$(nm -D --defined-only "$LIB" | awk '$2 ~ /[TWVBDR]/' | wc -l); fi
EXPORTED=$exported AS=$as exec python3 - "$@" <<'PY'
import json, os, re, sys, statistics as st
repo, hdr, src, tst = sys.argv[1:5]
EXT = ('.h', '.hh', '.hpp', '.hxx', '.c', '.cc', '.cpp', '.cxx', '.inc')
HDR = ('.h', '.hh', '.hpp', '.hxx')
TEST = re.compile(r'(^|/)((.*[_-])?tests?([_-](impl|helpers?|utils?|common))?|tests?([_-]|util|rand)[^/]*)\.[a-z]+$', re.I)
SIDE = re.compile(r'(^|/)(bench[^/]*|.*[_-]bench[^/]*|[^/]*fuzz[^/]*)\.[a-z]+$|(^|/)(bench(marks?)?|fuzz(ers|ing)?)/', re.I)
SKIP = re.compile(r'(^|/)(third_?party|deps|vendor|external|build[^/]*|\.git|precomputed[^/]*)(/|$)')
MORE = re.compile(os.environ['SKIP']) if os.environ.get('SKIP') else None
rel = lambda p: os.path.relpath(p, repo).replace(os.sep, '/')
def walk(dirs):
    for d in ([] if dirs == '-' else dirs.split(',')):
        top = os.path.join(repo, d)
        if os.path.isfile(top): yield top; continue
        for r, ds, fs in os.walk(top):
            ds[:] = sorted(x for x in ds if not SKIP.search(x))
            for f in sorted(fs):
                p = os.path.join(r, f); q = rel(p)
                if f.endswith(EXT) and not SKIP.search(q) and not (MORE and MORE.search(q)): yield p
H = list(dict.fromkeys(walk(hdr))); seen = set(H)
T = [p for p in dict.fromkeys(walk(tst)) if p not in seen]
S = []
for p in dict.fromkeys(walk(src)):
    if p in seen or p in set(T): continue
    q = rel(p)
    if TEST.search(q): T.append(p)
    elif not SIDE.search(q): S.append(p)
T = [p for p in T if not SIDE.search(rel(p)) or 'test' in os.path.basename(p)]
def read(p):
    with open(p, encoding='utf-8', errors='replace') as f: return f.read()
TOK = re.compile(r'//[^\n]*|/\*.*?\*/|R"([^(\s]{0,16})\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n]){1,8}\'', re.S)
def strip(t, mark=''):
    """Blank comments and literals, keep newlines; MARK stands for a comment that opens a line."""
    def f(m):
        s = m.group(0); nl = '\n' * s.count('\n')
        if s[0] == '/':
            b = t.rfind('\n', 0, m.start()) + 1
            return (mark if not t[b:m.start()].strip() else ' ') + nl
        return '""' + nl if s[0] != "'" else "''" + nl
    return TOK.sub(f, t)
def noprep(t):
    """Blank preprocessor lines and all but the first branch of each conditional."""
    out, skip, cont = [], [], False
    for l in t.split('\n'):
        s = l.lstrip(); pre = cont or s.startswith('#'); cont = pre and l.rstrip().endswith('\\')
        if pre and s.startswith('#'):
            d = s[1:].lstrip()
            if d.startswith('if'): skip.append(bool(re.match(r'if\s+0\b', d)))
            elif d.startswith(('else', 'elif')) and skip: skip[-1] = not skip[-1] and True
            elif d.startswith('endif') and skip: skip.pop()
        out.append('' if pre or any(skip) else l)
    return '\n'.join(out)
CTRL = re.compile(r'^(if|for|while|switch|catch|do|else|try|return|case|default)\b')
QUAL = re.compile(r'\)\s*((const|noexcept(\([^{}]*?\))?|override|final|mutable|volatile|try|&&?|requires\b.*|->.*|__attribute__.*|\b[A-Z][A-Z_0-9]{3,}\b(\([^()]*\))?)\s*)*$', re.S)
INIT = re.compile(r'\)[^;{}]*:\s*[\w:]+(<[^{};]*>)?\s*$', re.S)
def scan(t, body_only=False):
    """Functions [(name, lines)], declarations [(name, documented)], classes."""
    t = noprep(strip(t, '\x01')); fns, decls, classes = [], [], 0
    stack, last, lno, pos, init = [], 0, 1, 0, None
    for m in re.finditer(r'[{};]', t):
        seg = t[last:m.start()]; lno += t.count('\n', pos, m.start()); pos = m.start(); last = m.end(); c = m.group(0)
        raw = seg; seg = seg.replace('\x01', ' ').strip(); seg = re.sub(r'^((public|private|protected)\s*:\s*)+', '', re.sub(r'\[\[.*?\]\]|__attribute__\s*\(\(.*?\)\)(?=\s*[\w])', '', seg, flags=re.S).strip())
        open_scope = all(k[0] in 'nc' for k in stack)
        if c == ';':
            if open_scope and '(' in seg and not re.match(r'(typedef|using|friend|static_assert|return|extern\s+template)\b', seg):
                n = re.search(r'([~\w]+|operator[^(]*)\s*\(', re.sub(r'__attribute__\s*\(\(.*?\)\)', '', seg))
                if n and '=' not in seg[:n.start()] and not re.match(r'[^(]*(\(\s*\*|CALLBACK\s*\()', seg): decls.append((n.group(1), '\x01' in raw))
            if not stack or stack[-1][0] != 'i': init = None
        elif c == '{':
            kind = 'b'
            if open_scope or (init and all(k[0] in 'nc' for k in stack)):
                if init and (seg == '' or (seg.startswith(',') and seg.endswith(')'))): kind = 'f'; stack.append(('f',) + init); init = None; continue
                if init and seg.startswith(','): stack.append(('i',)); continue
                if re.search(r'\b(namespace)\b', seg) or re.match(r'^extern\s*""$', seg) or re.search(r'_BEGIN_DECL\s*$', seg): kind = 'n'
                elif re.search(r'\benum\b', seg): kind = 'b'
                elif re.search(r'\b(class|struct|union)\b', seg) and not QUAL.search(seg): kind = 'c'; classes += 1
                elif '(' in seg and INIT.search(seg) and not CTRL.match(seg):
                    n = re.search(r'([~\w]+)\s*\(', seg); init = (n.group(1) if n else '?', lno - seg.count('\n')); decls.append((init[0], '\x01' in raw)); stack.append(('i',)); continue
                elif QUAL.search(seg) and not CTRL.match(seg) and '(' in seg or (') :' in seg.replace('\n', ' ') and seg.endswith(')')):
                    n = re.findall(r'([~\w]+|operator\s*\S+?)\s*\(', seg); n = [x for x in n if x not in ('noexcept', '__attribute__', 'alignas', 'decltype')]
                    if n:
                        kind = 'f'; decls.append((n[0], '\x01' in raw)); stack.append(('f', n[0], lno - seg.count('\n'))); continue
            stack.append((kind,))
        elif stack:
            k = stack.pop()
            if k[0] == 'f': fns.append((k[1], lno - k[2] + 1))
            if k[0] not in 'i': init = None
    return fns, decls, classes
def lines(t):
    code = comment = 0
    for a, b in zip(t.split('\n'), strip(t).split('\n')):
        if not a.strip(): continue
        if b.strip(): code += 1
        else: comment += 1
    return code, comment
def group(ps):
    c = m = 0; per = []
    for p in ps:
        a, b = lines(txt[p]); c += a; m += b; per.append(txt[p].count('\n') + 1)
    return c, m, per
txt = {p: read(p) for p in H + S + T}
hc, hm, hl = group(H); sc, sm, sl = group(S); tc, tm, tl = group(T)
fns, pub, cls, tests = [], [], 0, []
for p in T: tests += [(n, l, p) for n, l in scan(txt[p])[0]]
for p in S:
    f, _, _ = scan(txt[p]); fns += [(n, l, p) for n, l in f]
for p in H:
    f, d, k = scan(txt[p]); pub += d; cls += k; fns += [(n, l, p) for n, l in f]
files = H + S; byrel = {rel(p): p for p in files}; tail = {}
for q, p in byrel.items():
    parts = q.split('/')
    for i in range(len(parts)): tail.setdefault('/'.join(parts[i:]), []).append(p)
INC = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"\n]+)[>"]', re.M)
G = {p: set() for p in files}
for p in files:
    for i in INC.findall(txt[p]):
        near = byrel.get(os.path.normpath(os.path.join(os.path.dirname(rel(p)), i)).replace(os.sep, '/'))
        hit = near or (tail[i][0] if len(tail.get(i, ())) == 1 else None)
        if hit and hit != p: G[p].add(hit)
def sccs(g):
    idx, low, on, stk, out = {}, {}, set(), [], []
    for root in g:
        if root in idx: continue
        work = [(root, iter(g[root]))]; idx[root] = low[root] = len(idx); stk.append(root); on.add(root)
        while work:
            v, it = work[-1]
            for w in it:
                if w not in idx:
                    idx[w] = low[w] = len(idx); stk.append(w); on.add(w); work.append((w, iter(g[w]))); break
                if w in on: low[v] = min(low[v], idx[w])
            else:
                work.pop()
                if work: low[work[-1][0]] = min(low[work[-1][0]], low[v])
                if low[v] == idx[v]:
                    c = []
                    while True:
                        w = stk.pop(); on.discard(w); c.append(w)
                        if w == v: break
                    if len(c) > 1: out.append(c)
    return out
D = {}
for p, outs in G.items():
    a = os.path.dirname(rel(p)); D.setdefault(a, set())
    for o in outs:
        b = os.path.dirname(rel(o)); D.setdefault(b, set())
        if a != b: D[a].add(b)
fc, dc = sccs(G), sccs(D)
perdir = {}
for p in S: perdir[os.path.dirname(rel(p))] = perdir.get(os.path.dirname(rel(p)), 0) + 1
cases = sum(len(re.findall(r'^\s*(?:TEST|TEST_F|TEST_P|TYPED_TEST|TEST_CASE|TEST_CASE_METHOD|TEST_CASE_FIXTURE|CASE1?|SUBCASE|SECTION)\s*\(|^void\s+test_\w+__\w+\s*\(', txt[p], re.M)) for p in T)
asserts = sum(len(re.findall(r'\b(?:assert|VERIFY_CHECK|CHECK|DCHECK|ARG_CHECK|C2D_ASSERT|C2D_CHECK|GIT_ASSERT(?:_ARG)?|SIMDJSON_ASSUME)\s*\(', strip(txt[p]))) for p in S)
ifs = sum(len(re.findall(r'^[ \t]*#[ \t]*(?:if|ifdef|ifndef|elif)\b', txt[p], re.M)) for p in S + H) - len(H)
todo = sum(len(re.findall(r'\b(?:TODO|FIXME|XXX|HACK)\b', txt[p])) for p in S + H)
wide = sum(1 for p in S + H for l in txt[p].split('\n') if len(l.expandtabs(4)) > 100)
allf = []
for r, ds, fs in os.walk(repo):
    ds[:] = [d for d in ds if not d.startswith('.git') and not SKIP.search(d)]
    allf += [os.path.join(r, f) for f in fs]
fuzz = sum(1 for p in allf if p.endswith(('.c', '.cc', '.cpp', '.cxx')) and re.search(r'LLVMFuzzerTestOneInput\s*\([^;{]*\{|FUZZ_TEST\s*\(', read(p)))
bench = sum(1 for p in allf if p.endswith(('.c', '.cc', '.cpp', '.cxx')) and re.search(r'bench', rel(p), re.I))
ex = sum(1 for p in allf if p.endswith(('.c', '.cc', '.cpp', '.py')) and re.match(r'(examples?|samples?)/', rel(p)))
docs = [p for p in allf if p.endswith(('.md', '.rst')) and re.match(r'docs?/', rel(p))]
rd = next((p for p in (os.path.join(repo, n) for n in ('README.md', 'README.rst', 'README')) if os.path.exists(p)), None)
rl = read(rd).split('\n') if rd else []
first = next((i + 1 for i, l in enumerate(rl) if re.match(r'\s*(```|~~~)', l) or re.match(r'^(    |\t)\S', l) and i and not rl[i-1].strip()), 0)
fl = sorted(l for _, l, _ in fns) or [0]; longest = lambda fs: max(fs, key=lambda x: x[1], default=('-', 0, ''))
big, bigtest = longest(fns), longest(tests)
pct = lambda a, b: '%.0f%%' % (100 * a / b) if b else '-'
med = lambda x: '%.0f' % st.median(x) if x else '-'
R = [
 ('public headers', len(H)), ('header lines median', med(hl)), ('header lines max', max(hl, default=0)),
 ('header comment share', pct(hm, hm + hc)), ('public functions declared', len(pub)), ('of them documented', pct(sum(d for _, d in pub), len(pub))),
 ('public classes/structs', cls), ('exported symbols (LIB)', os.environ['EXPORTED']),
 ('source files', len(S)), ('source code lines', sc), ('source comment share', pct(sm, sm + sc)), ('file lines median', med(sl)), ('file lines max', max(sl, default=0)),
 ('folders', len(perdir)), ('files per folder max', max(perdir.values(), default=0)),
 ('functions', len(fns)), ('function lines median', med(fl)), ('function lines p95', fl[int(.95 * (len(fl) - 1))]), ('functions over 70 lines', pct(sum(l > 70 for l in fl), len(fl))),
 ('longest function', '%s %d' % (big[0], big[1])), ('longest test function', '%s %d' % (bigtest[0], bigtest[1])),
 ('include cycles (files)', len(fc)), ('include cycles (folders)', len(dc)), ('folders in the largest cycle', max(map(len, dc), default=0)),
 ('asserts per 100 functions', '%.0f' % (100 * asserts / len(fns)) if fns else '-'), ('#if per 1000 lines', '%.1f' % (1000 * max(ifs, 0) / max(1, sc + hc))),
 ('TODO per 1000 lines', '%.1f' % (1000 * todo / max(1, sc + hc))), ('lines over 100 columns', pct(wide, sum(sl) + sum(hl))),
 ('test files', len(T)), ('test code lines', tc), ('test:code', '%.2f' % (tc / (sc + hc)) if sc + hc else '-'), ('test cases', cases),
 ('fuzz targets', fuzz), ('benchmark files', bench), ('example files', ex), ('doc pages', len(docs)), ('README first code block at line', first),
]
if os.environ['AS'] == 'json':
    named = lambda f: {'name': f[0], 'lines': f[1], 'file': rel(f[2])}
    print(json.dumps({**dict(R), 'folder cycles': [sorted(c) for c in dc], 'file cycles': [sorted(map(rel, c)) for c in fc],
                      'long functions': [named(f) for f in fns if f[1] > 50], 'long tests': [named(f) for f in tests if f[1] > 70]}))
elif os.environ['AS'] == 'tsv': print('\t'.join(str(v) for _, v in R))
else:
    w = max(len(k) for k, _ in R)
    for k, v in R: print('%-*s  %s' % (w, k, v))
    for c in dc[:3]: print('  folder cycle: ' + ' '.join(sorted(c)[:8]) + (' …' if len(c) > 8 else ''))
    for c in fc[:3]: print('  file cycle: ' + ' '.join(sorted(map(rel, c))[:6]) + (' …' if len(c) > 6 else ''))
PY
