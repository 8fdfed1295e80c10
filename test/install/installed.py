"""What the tests of an installation share: commands in a clean environment, and the whole story."""

import os
import pathlib
import subprocess
import sys

SOURCE = pathlib.Path(__file__).parent.parent.parent
STORY = SOURCE / "test/capi/joint_risk_test.py"
#: Variables that would lead a program to another c2d.
ELSEWHERE = ("C2D_LIBRARY", "PYTHONPATH", "LD_LIBRARY_PATH", "C2D_PYTHON_PATH", "PKG_CONFIG_PATH")


def run(*command, **more):
    """Runs a command without the variables that would lead it elsewhere; returns its output."""
    environment = {name: value for name, value in os.environ.items() if name not in ELSEWHERE}
    environment.update(more.pop("env", {}))
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, env=environment, **more)
    if done.returncode:
        raise AssertionError("%s ended with %d:\n%s%s" % (command, done.returncode, done.stdout, done.stderr))
    return done.stdout


def play(examples, traces, name, *program, **more):
    """Plays the story of the installed `examples` with a program; returns the trace."""
    command = [
        sys.executable,
        "-B",
        STORY,
        "--story",
        pathlib.Path(examples, "joint_risk"),
        "--traces",
        traces,
        "--name",
        name,
    ]
    if "prefix" in more:
        command += ["--more", more.pop("prefix")]
    run(*command, "--", *program, **more)
    return pathlib.Path(traces, name).read_text()
