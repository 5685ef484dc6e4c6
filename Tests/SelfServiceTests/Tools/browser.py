"""Opens the page of a link in headless Chromium, types passwords, and prints what a person would see, as JSON.

browser.py ADDRESS WEAK GOOD
"""
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

address, weak, good = sys.argv[1:]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


port = free_port()
profile = tempfile.mkdtemp(prefix="browser-")
driver = subprocess.Popen(
    ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def call(method, path, body=None):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", method=method, headers={"Content-Type": "application/json"},
        data=None if body is None else json.dumps(body).encode())
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["value"]


def eventually(look):
    end = time.monotonic() + 30
    while time.monotonic() < end:
        try:
            if found := look():
                return found
        except OSError:
            pass
        time.sleep(0.05)
    raise SystemExit("it never happened")


session = None
try:
    eventually(lambda: call("GET", "/status")["ready"])
    options = {"args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                        "--window-size=390,800", f"--user-data-dir={profile}"]}
    opened = call("POST", "/session", {"capabilities": {"alwaysMatch": {
        "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}}})
    session = f"/session/{opened['sessionId']}"

    def script(text):
        return call("POST", f"{session}/execute/sync", {"script": text, "args": []})

    def type_into(name, text):
        element = next(iter(call("POST", f"{session}/element", {"using": "css selector", "value": name}).values()))
        call("POST", f"{session}/element/{element}/clear", {})
        call("POST", f"{session}/element/{element}/value", {"text": text})
        return element

    call("POST", f"{session}/url", {"url": address})
    seen = {"title": call("GET", f"{session}/title")}
    # Wider than the window would have to be pushed about on a phone.
    seen["fits"] = script("return document.documentElement.scrollWidth <= window.innerWidth")
    type_into("#password", weak)
    seen["weak"] = eventually(lambda: script("return document.getElementById('advice').textContent"))
    type_into("#password", good)
    seen["good"] = eventually(
        lambda: (text := script("return document.getElementById('advice').textContent")) != seen["weak"] and text)
    seen["score"] = script("return document.getElementById('strength').value")
    last = type_into("#again", good)
    call("POST", f"{session}/element/{last}/value", {"text": "\ue007"})
    seen["done"] = eventually(
        lambda: (text := script("return document.querySelector('main').innerText")) and "Set the password" not in text and text)
    seen["address"] = call("GET", f"{session}/url")
    seen["faults"] = [entry["message"] for entry in call("POST", f"{session}/se/log", {"type": "browser"})
                      if entry["level"] == "SEVERE" and "favicon" not in entry["message"]]
    print(json.dumps(seen))
finally:
    if session:
        try:
            call("DELETE", session)
        except OSError:
            pass
    driver.terminate()
    driver.wait()
    shutil.rmtree(profile, ignore_errors=True)
