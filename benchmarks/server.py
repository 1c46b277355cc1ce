"""Serve immediate replies on loopback, from a separate process whose CPU time is not counted."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

TASK_ID = "ee9c2715375b7837f8bb51d641ff5863"
CREATED = json.dumps({"code": 200, "msg": "success", "data": {"taskId": TASK_ID}}).encode()
RECORD = json.dumps(
    {
        "code": 200,
        "msg": "success",
        "data": {
            "taskId": TASK_ID,
            "model": "ideogram/character-edit",
            "state": "success",
            "param": json.dumps(
                {"model": "ideogram/character-edit", "input": json.dumps({"prompt": "a hat"})}
            ),
            "resultJson": json.dumps({"resultUrls": ["https://tempfile.aiquickdraw.com/v/1.png"]}),
            "failCode": None,
            "failMsg": None,
            "costTime": 28,
            "completeTime": 1775638931662,
            "createTime": 1775638903000,
        },
    }
).encode()
HEADERS = [(b"content-type", b"application/json;charset=UTF-8")]

# Seconds. The server exits after this time even if its parent process was killed.
LIFETIME = 1800


async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Reply to a submission or a query."""
    if scope["method"] == "POST":
        while (await receive()).get("more_body"):
            pass
        body = CREATED
    else:
        # The reply has the id of the requested task.
        body = RECORD.replace(TASK_ID.encode(), scope["query_string"].removeprefix(b"taskId="))
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS + length})
    await send({"type": "http.response.body", "body": body})


@contextmanager
def serving() -> Iterator[str]:
    """Serve until the block ends. Yields the base URL."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1024)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        command = [sys.executable, "-m", "benchmarks.server", str(listener.fileno())]
        process = subprocess.Popen(command, pass_fds=[listener.fileno()])  # noqa: S603 # the arguments are constant
    try:
        yield address
    finally:
        process.terminate()
        process.wait(10)


def main() -> None:
    """Serve on the inherited socket."""
    import threading

    import uvicorn

    config = uvicorn.Config(app, log_level="error", access_log=False, lifespan="off", backlog=1024)
    server = uvicorn.Server(config)
    timer = threading.Timer(LIFETIME, lambda: setattr(server, "should_exit", True))
    timer.daemon = True
    timer.start()
    # uvicorn treats a file descriptor as a Unix socket and leaves Nagle's algorithm on, so pass a socket.
    server.run(sockets=[socket.socket(fileno=int(sys.argv[1]))])


if __name__ == "__main__":
    main()
