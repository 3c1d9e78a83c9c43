"""The proxy of docker-compose.yml, before two web processes of which one dies.

    unshare --net --mount python -m tests.cellops.proxied FOLDER CADDY

runs in a namespace of its own, whose /etc/hosts is the name service of Compose. test_proxy.py starts it; what is wrong
ends it with the reason.
"""

import http.client
import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

from tests.cellops.networks import run
from tests.cellops.proxy import caddyfile
from tests.system import wait_until

WEBS, STREAM, PORT = ("127.0.1.1", "127.0.1.2"), "127.0.1.3", 8080
HOSTS = "127.0.0.1 localhost\n" + "".join(f"{address} web\n" for address in WEBS) + f"{STREAM} stream\n"
# Answers with its address and how long the body was.
WEB = """
import http.server, sys
class Web(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        said = f"{sys.argv[1]} {len(self.rfile.read(int(self.headers['Content-Length'])))}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)
    def do_GET(self):
        self.headers["Content-Length"] = "0"
        self.do_POST()
    def log_message(self, *given): pass
http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Web).serve_forever()
"""


def ask(method: str, path: str, size: int = 0) -> tuple[int, str]:
    """Status and text of an answer of the proxy's, (0, "") if there is none."""
    proxy = http.client.HTTPConnection("localhost", PORT, timeout=60)
    try:
        proxy.request(method, path, b"x" * size if method == "POST" else None)
        answer = proxy.getresponse()
        return answer.status, answer.read().decode()
    except OSError:
        return 0, ""
    finally:
        proxy.close()


def start_all(folder: Path, caddy: str) -> tuple[dict[str, "subprocess.Popen[bytes]"], "subprocess.Popen[bytes]"]:
    """Web twice, the stream, and the proxy before them."""
    places = [*((address, 8000) for address in WEBS), (STREAM, 8001)]
    webs = {place: subprocess.Popen([sys.executable, "-c", WEB, place, str(port)]) for place, port in places}
    (folder / "Caddyfile").write_text(caddyfile(site=f"http://localhost:{PORT}"))
    home = {name: str(folder) for name in ("HOME", "XDG_DATA_HOME", "XDG_CONFIG_HOME")}
    proxy = subprocess.Popen([caddy, "run", "--config", folder / "Caddyfile"], env=os.environ | home)
    return webs, proxy


def look(webs: dict[str, "subprocess.Popen[bytes]"]) -> None:
    """Both answer; one dies; no request that comes after that is lost, whatever its body."""
    wait_until(lambda: {ask("GET", "/")[1].partition(" ")[0] for _ in range(4)} == set(WEBS), "both web answer")
    assert ask("GET", "/metrics")[0] == 404
    assert ask("GET", "/stream/") == (200, f"{STREAM} 0")
    webs[WEBS[0]].send_signal(signal.SIGKILL)
    webs[WEBS[0]].wait()
    for size in (0, 938, 1_000_000):
        assert [ask("POST", "/api/v1/events/", size) for _ in range(20)] == [(200, f"{WEBS[1]} {size}")] * 20, size
    # By now the dead one is known, so that longer bodies, which are not kept, go to the other at once.
    assert [ask("POST", "/imports/", 5_000_000) for _ in range(5)] == [(200, f"{WEBS[1]} 5000000")] * 5
    webs[WEBS[0]] = subprocess.Popen([sys.executable, "-c", WEB, WEBS[0], "8000"])
    wait_until(lambda: ask("GET", "/")[1] == f"{WEBS[0]} 0", "the one that came back is asked again")


def main(folder: Path, caddy: str) -> None:
    """Make the namespace, start everything, look, end everything."""
    run("ip", "link", "set", "lo", "up")
    (folder / "hosts").write_text(HOSTS)
    run("mount", "--bind", str(folder / "hosts"), "/etc/hosts")
    webs, proxy = start_all(folder, caddy)
    try:
        look(webs)
    finally:
        for one in (*webs.values(), proxy):
            with suppress(OSError):
                one.kill()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
