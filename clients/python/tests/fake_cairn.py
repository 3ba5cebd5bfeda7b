"""Speaks as `cairn ops --stream` does, and misbehaves on request."""

import json
import os
import signal
import sys
import time


def main() -> None:
    if os.environ.get("FAKE_NOISE"):
        sys.stderr.write("noise\n" * 200_000)
    if os.environ.get("FAKE_CLOSED"):
        print('{"error": {"code": "NO_STORE", "message": "no store here", "hint": null, "data": {}}}', flush=True)
        sys.exit(3)
    for line in sys.stdin.buffer:
        request = json.loads(line)
        operation = request["operation"]
        reply = {"id": request["id"], "pid": os.getpid(), "text": request.get("text"), "cwd": os.getcwd()}
        if operation == "die":
            sys.stderr.write("the disk is on fire\n")
            sys.stderr.flush()
            os._exit(request["status"])
        if operation == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if operation == "sleep":
            time.sleep(request["seconds"])
        while operation == "hold" and not os.path.exists(request["until"]):
            time.sleep(0.01)
        if operation == "mute":
            continue
        if operation == "garbage":
            sys.stdout.write("this is no JSON\n")
        elif operation == "unread":
            sys.stdout.write('{"error": {"code": "BAD_JSON", "message": "nested too deep"}}\n')
        elif operation == "stranger":
            sys.stdout.write('{"id": 99999}\n')
        elif operation == "refuse":
            error = {"code": "STATUS_CONFLICT", "message": "it is gone", "hint": "restore it", "data": {"a": 1}}
            sys.stdout.write(json.dumps({"id": request["id"], "error": error}) + "\n")
        else:
            sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


main()
