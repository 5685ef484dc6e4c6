"""A terminal in tmux, driven through its control mode, so that what is typed is in no argument list."""

import os
import subprocess
import time


class Tmux:
    def __init__(self, directory, environment):
        self.socket = os.path.join(directory, "tmux.socket")
        self.environment, self.everything = environment, []
        settings = os.path.join(directory, "tmux.conf")
        with open(settings, "w", encoding="utf-8") as file:
            file.write("set -g escape-time 0\nset -g status off\nset -g history-limit 20000\nset -g remain-on-exit on\n")
        self.control = subprocess.Popen(
            ["tmux", "-S", self.socket, "-f", settings, "-C", "new-session", "-x", "100", "-y", "30", "exec cat"],
            stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment, cwd=directory)
        self.wait_for(lambda: self.tmux("list-sessions", check=False).returncode == 0, "tmux")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.tmux("kill-server", check=False)
        self.control.stdin.close()
        self.control.wait()

    def tmux(self, *words, check=True):
        return subprocess.run(
            ["tmux", "-S", self.socket, *words], env=self.environment, capture_output=True, text=True, check=check)

    def run(self, command):
        """Starts a command in the terminal, after whatever was there before; gives its process."""
        self.tmux("respawn-pane", "-k", f"exec {command}")
        return int(self.tmux("display-message", "-p", "#{pane_pid}").stdout)

    def keys(self, *names):
        for name in names:
            self.command(f"send-keys {name}")

    def type(self, text):
        self.command(f"send-keys -l '{text}'")

    def command(self, line):
        self.control.stdin.write(line.encode() + b"\n")
        self.control.stdin.flush()

    def screen(self):
        return self.tmux("capture-pane", "-p").stdout

    def everything_kept(self):
        """The screen, what has scrolled off it, and the other screen where there is one."""
        shown = self.tmux("capture-pane", "-p", "-S", "-").stdout
        return (shown + self.tmux("capture-pane", "-p", "-a", "-q", "-S", "-", check=False).stdout
                + self.tmux("show-buffer", check=False).stdout).encode()

    def wait(self, text):
        return self.wait_for(lambda: next((screen for screen in [self.screen()] if text in screen), None), text)

    def wait_for(self, question, what, seconds=30):
        end = time.monotonic() + seconds
        while not (answer := question()):
            if time.monotonic() > end:
                raise SystemExit(f"test-canary: {what!r} did not come; the terminal shows:\n{self.screen()}")
            time.sleep(0.05)
        return answer

    def ended(self):
        self.wait_for(lambda: self.tmux("display-message", "-p", "#{pane_dead}").stdout.strip() == "1", "the end")
