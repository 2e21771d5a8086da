"""A client in another language: one turn, in which it accepts what it is asked. Prints the last message."""
import json
import subprocess
import sys

server = subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def send(**message):
    server.stdin.write(json.dumps(message) + "\n")
    server.stdin.flush()


def answer_to(request_id):
    return next(m["result"] for m in map(json.loads, server.stdout) if m.get("id") == request_id)


info = {"name": "codex-async-client", "title": None, "version": "py"}
send(jsonrpc="2.0", id="a", method="initialize", params={"clientInfo": info})
answer_to("a")
send(jsonrpc="2.0", method="initialized", params={})
send(jsonrpc="2.0", id="b", method="thread/start", params={"cwd": "/srv/py", "model": None})
thread_id = answer_to("b")["thread"]["id"]
text = {"type": "text", "text": "Make a file."}
send(jsonrpc="2.0", id="c", method="turn/start", params={"threadId": thread_id, "input": [text]})
for message in map(json.loads, server.stdout):
    method, params = message.get("method"), message.get("params")
    if method == "item/commandExecution/requestApproval":
        send(jsonrpc="2.0", id=message["id"], result={"decision": "accept"})
        print(params["cwd"])
    if method == "item/completed":
        print(params["item"]["text"])
    if method == "turn/completed":
        server.stdin.close()
sys.exit(server.wait())
