"""Whether a signal leaves a core file of the program, and whether its own user can trace it; each beside `sleep`, to see that one
would be found."""

import os
import pwd
import resource
import signal
import subprocess
import tempfile
import time

SLEEP = ["sleep", "60"]


def allow_core():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


def leaves_core(command):
    """Whether SIGABRT ends it with a core file, which the system says by a bit."""
    with tempfile.TemporaryDirectory() as directory:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   cwd=directory, preexec_fn=allow_core)
        time.sleep(0.5)
        os.kill(process.pid, signal.SIGABRT)
        _, status = os.waitpid(process.pid, 0)
        return os.WCOREDUMP(status)


def can_be_traced(command):
    """Whether gcore, run by the same ordinary user, gets at it."""
    user = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory() as directory:
        os.chown(directory, user.pw_uid, user.pw_gid)
        as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": [], "cwd": directory}
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **as_user)
        try:
            time.sleep(0.5)
            if process.poll() is not None:
                raise SystemExit(f"test-canary: {command[0]} cannot be run by {user.pw_name}")
            traced = subprocess.run(
                ["gcore", "-o", os.path.join(directory, "core"), str(process.pid)], capture_output=True, **as_user)
            return traced.returncode == 0 and any(name.startswith("core") for name in os.listdir(directory))
        finally:
            process.kill()
            process.wait()


def findings(program):
    """Words for each, and whether it is as it must be."""
    command = [program, "hash", "--stdin"]
    yield from compared("core file after SIGABRT", leaves_core(command), leaves_core(SLEEP))
    yield from compared("gcore by the same user", can_be_traced(command), can_be_traced(SLEEP))


def compared(name, ours, control):
    words = f"{name}: {'yes' if ours else 'none'}; of `sleep`: {'yes' if control else 'none, so this says nothing here'}"
    yield words, not ours
