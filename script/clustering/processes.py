"""Programs that are started here, and ended by their process ids whatever happens."""

import os
import signal
import subprocess

AS_POSTGRES = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]


class Processes:
    """What runs; ends it, the last first, when the `with` block does."""

    def __init__(self, directory):
        self.directory = directory
        self.running = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for process in reversed(self.running):
            self.stop(process)

    def start(self, name, words, environment=None, namespace=None):
        prefix = ["ip", "netns", "exec", namespace] if namespace else []
        with open(os.path.join(self.directory, name + ".log"), "ab") as log:
            process = subprocess.Popen(
                [*prefix, *words], stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, cwd="/",
                start_new_session=True)
        self.running.append(process)
        return process

    def stop(self, process, with_signal=signal.SIGTERM, seconds=10):
        if process in self.running:
            self.running.remove(process)
        if process.poll() is not None:
            return
        process.send_signal(with_signal)
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def run(*words, check=True, **more):
    """A command to its end; its output."""
    result = subprocess.run(
        words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/", check=False, **more)
    if check and result.returncode:
        raise SystemExit(f"test-cluster: {' '.join(words)} failed:\n{result.stdout}")
    return result.stdout
