"""Makes of libc2d.so in a package's folder one that runs on other systems: the libraries that it stands on lie beside
it, under names of their own, and what it still takes from the system gives the wheel's platform tag (PEP 600).

Needs patchelf and binutils. On Debian the licences of the libraries come along.
"""

import hashlib
import os
import re
import shutil
import subprocess

#: What a system with the glibc that the tag names has itself.
OF_THE_SYSTEM = re.compile(r"(ld-linux.*|lib(c|m|dl|rt|pthread|resolv|util|nsl|gcc_s|stdc\+\+))\.so\.\d+$")
#: The glibc of the oldest distributions that bring a version of libstdc++, as PEP 600's profiles have it.
GLIBC_BESIDE_GLIBCXX = {19: 17, 22: 24, 24: 27, 25: 28, 28: 31, 29: 34, 30: 35, 32: 38, 33: 39}


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def libraries_of(file):
    """{name: path} of all that `file` loads and no system is sure to have."""
    found = {}
    for name, path in re.findall(r"^\s*(\S+) => (\S+)", output("ldd", file), re.M):
        if OF_THE_SYSTEM.match(os.path.basename(name)):
            continue
        if not os.path.isabs(path):
            raise SystemExit("%s needs %s, which is not here" % (file, name))
        found[name] = os.path.realpath(path)
    return found


def own_name(name, path):
    """Another library of the same name that the process loaded before must not take its place."""
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()[:8]
    stem, dot, rest = name.partition(".so")
    return "%s-%s%s%s" % (stem, digest, dot, rest)


def copy_licence(path, folder):
    """The copyright file of the Debian package that `path` is from."""
    for known_as in (path, path.removeprefix("/usr")):
        done = subprocess.run(["dpkg", "-S", known_as], capture_output=True, text=True)
        if done.returncode == 0:
            package = done.stdout.partition(":")[0]
            shutil.copy("/usr/share/doc/%s/copyright" % package, os.path.join(folder, package + ".txt"))
            return


def rename(file, renamed, rpath, *soname):
    """One call for each kind of change: patchelf 0.14 mixes their texts up."""
    if soname:
        output("patchelf", "--set-soname", *soname, file)
    output("patchelf", *renamed, file)
    output("patchelf", "--set-rpath", rpath, file)


def bundle(package):
    """Puts what `package`/libc2d.so needs into `package`/libs."""
    library, folder = os.path.join(package, "libc2d.so"), os.path.join(package, "libs")
    licences = os.path.join(folder, "licences")
    os.makedirs(licences)
    found = libraries_of(library)
    names = {name: own_name(name, path) for name, path in found.items()}
    renamed = [word for pair in names.items() for word in ("--replace-needed", *pair)]
    output("strip", "--strip-unneeded", library)
    rename(library, renamed, "$ORIGIN/libs")
    engine = os.path.join(package, "c2d-engine")
    if os.path.exists(engine):  # in a sandbox it stands elsewhere than what it was built with
        if not set(libraries_of(engine)) <= set(found):
            raise SystemExit("%s needs libraries that libc2d.so does not" % engine)
        output("strip", "--strip-unneeded", engine)
        rename(engine, renamed, "$ORIGIN/libs:/opt/c2d/python/c2d/libs")
    for name, path in found.items():
        copy = os.path.join(folder, names[name])
        shutil.copyfile(path, copy)
        os.chmod(copy, 0o644)
        rename(copy, renamed, "$ORIGIN", names[name])
        if shutil.which("dpkg"):
            copy_licence(path, licences)


def glibc_needed(files):
    """The second number of the oldest glibc 2.N whose systems have what `files` need."""
    needed = 17
    for file in files:
        for kind, number in re.findall(r"\b(GLIBC_2|GLIBCXX_3\.4)\.(\d+)", output("objdump", "-p", file)):
            number = int(number)
            if kind != "GLIBC_2":
                enough = [known for known in GLIBC_BESIDE_GLIBCXX if known >= number]
                if not enough:
                    raise SystemExit(
                        "%s needs GLIBCXX_3.4.%d; which glibc comes with it is not known here" % (file, number)
                    )
                number = GLIBC_BESIDE_GLIBCXX[min(enough)]
            needed = max(needed, number)
    return needed


def platform_tag(package):
    """The tag that is true of `package` once it was bundled."""
    folder = os.path.join(package, "libs")
    files = [os.path.join(package, "libc2d.so")]
    files += [os.path.join(folder, name) for name in sorted(os.listdir(folder)) if ".so" in name]
    return "manylinux_2_%d_%s" % (glibc_needed(files), os.uname().machine)
