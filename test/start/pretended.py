"""A clone in a scratch folder and a PATH on which cmake, ctest, npm and their like only pretend."""

import os
import pathlib
import pty
import shutil
import subprocess
import tempfile

TOOLS = (
    "awk",
    "bash",
    "cat",
    "chmod",
    "cp",
    "cut",
    "date",
    "dirname",
    "env",
    "find",
    "git",
    "grep",
    "head",
    "id",
    "ln",
    "ls",
    "mkdir",
    "mv",
    "paste",
    "printf",
    "python3",
    "readlink",
    "rm",
    "sed",
    "sort",
    "stty",
    "tail",
    "tee",
    "timeout",
    "touch",
    "tr",
    "wc",
    "flock",
    "sh",
)

# Each writes its name and arguments into $CALLS, then does what is told here.
PRETENDED = {
    "unshare": "",
    "dpkg-query": "echo install ok installed",
    "nproc": "echo 2",
    "node": "",
    "npm": "",
}


class Clone:
    """Files of the source tree below `path`; `run` starts one of its scripts. Use in `with`."""

    def __init__(self, source, *names):
        self.path = pathlib.Path(tempfile.mkdtemp(prefix="c2d-start-"))
        self.root, self.bin, self.calls = self.path / "c2d", self.path / "bin", self.path / "calls"
        for name in names:
            origin, copy = pathlib.Path(source, name), self.root / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            if origin.is_dir():
                shutil.copytree(origin, copy)
            else:
                shutil.copy(origin, copy)
        self.bin.mkdir()
        for tool in TOOLS:
            found = shutil.which(tool)
            if found:
                (self.bin / tool).symlink_to(found)
        for name, script in PRETENDED.items():
            self.pretend(name, script)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path)

    def pretend(self, name, script):
        self.forget(name)
        tool = self.bin / name
        tool.write_text('#!/bin/bash\necho "%s $*" >>"$CALLS"\n%s\n' % (name, script))
        tool.chmod(0o755)

    def forget(self, *names):
        """As on a machine that has no such tool."""
        for name in names:
            (self.bin / name).unlink(missing_ok=True)

    def run(self, script, *arguments):
        """Exit code and everything that it said; what the tools were called with is in `called`."""
        done = subprocess.run(
            [self.root / script, *arguments],
            cwd=self.root,
            env=self._environment(),
            timeout=120,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        return done.returncode, done.stdout.decode()

    def run_on_terminal(self, script, *arguments):
        """Likewise; what it said is what a terminal was sent."""
        environment, said = self._environment(), b""
        child, terminal = pty.fork()
        if child == 0:
            os.chdir(self.root)
            os.execve(self.root / script, [script, *arguments], environment)
        try:
            while part := os.read(terminal, 4096):
                said += part
        except OSError:
            pass  # EIO: the last one that had the terminal has ended
        os.close(terminal)
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said.decode()

    def _environment(self):
        self.calls.write_text("")
        return {"PATH": str(self.bin), "HOME": str(self.path), "CALLS": str(self.calls), "LANG": "C.UTF-8"}

    def called(self, name):
        return [line for line in self.calls.read_text().splitlines() if line.split(" ")[0] == name]

    def commit(self):
        identity = ["-c", "user.name=test", "-c", "user.email=test@c2d.invalid"]
        for words in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-q", "-m", "as it is"]):
            subprocess.run(["git", *words], cwd=self.root, check=True, env=dict(os.environ, HOME=str(self.path)))
