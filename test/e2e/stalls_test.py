"""c2d-provider beside a network's node that takes questions and never answers, and under anonymous requests:
/healthz answers, the log is the owner's own, and SIGTERM ends it in time."""

import json
import socket
import threading
import urllib.error
import urllib.request

from joint_risk import JointRisk
from programs import BANK_A, BANK_B, COMPANY_C, healthy, options, wait_until

ALGORITHM = "./samples/two_banks/3rd_algo_attr.json"
FORGED = "\n2026-01-01 00:00:00 info granted everything \x1b[2J\u202e"


class Node:
    """Passes bytes on to a real node until it is told to keep them."""

    def __init__(self, port):
        self.behind, self.stalls, self.kept = port, False, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            near, _ = self.listener.accept()
            far = socket.create_connection(("127.0.0.1", self.behind))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self.copy, args=(one, other, one is near), daemon=True).start()

    def copy(self, one, other, is_question):
        try:
            while data := one.recv(65536):
                if is_question and self.stalls:
                    self.kept += 1
                else:
                    other.sendall(data)
        except OSError:
            pass
        for end in (one, other):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def ask_anonymously(body):
    request = urllib.request.Request("http://127.0.0.1:8090/v1/verify", json.dumps(body).encode())
    try:
        urllib.request.urlopen(request, timeout=10)
    except urllib.error.HTTPError as refused:
        return refused.code
    raise AssertionError("an anonymous request was accepted")


def main():
    with JointRisk(options()) as folder:
        folder.prepare_by_hand()
        for name, bank in (("org1_feature", BANK_A), ("org1_label", BANK_A), ("org2_feature", BANK_B)):
            folder.answer(
                "asset", "dt", "--attr_file", "./samples/two_banks/%s_attr.json" % name, "--private_key", bank[1]
            )
        serving = folder.start("dt-cli", "--json", "chain", "serve", "--port", "0")
        node = Node(int(json.loads(serving.stdout.readline())["url"].rsplit(":", 1)[1]))
        config = folder.read("samples/config/two_banks_org1_config.ini").decode()
        lines = [
            "network_url = http://127.0.0.1:%d" % node.port if line.startswith("network_url") else line
            for line in config.splitlines()
        ]
        folder.write("samples/config/stalling.ini", "\n".join(lines) + "\n")
        folder.start_provider("./samples/config/two_banks_org2_config.ini", 8091)
        log = folder.start_provider("./samples/config/stalling.ini", 8090)

        for number in range(100):
            assert ask_anonymously({"dt": FORGED + str(number)}) == 400
        node.stalls = True
        # Asks bank A for a grant, and waits for its answer.
        composing = folder.start("dt-cli", "asset", "cdt", "--attr_file", ALGORITHM, "--private_key", COMPANY_C[1])
        wait_until(lambda: node.kept > 0 or composing.poll() is not None, 60, "a question to the node")
        assert composing.poll() is None, str(folder.finish(composing))
        for number in range(16):
            assert ask_anonymously({"dt": FORGED + str(number)}) == 400
        for _ in range(5):
            assert healthy(8090)
        provider = folder.providers.pop()
        provider.terminate()
        assert provider.wait(timeout=10) == 0, folder.read(log).decode()
        folder.finish(composing)
        serving.terminate()
        folder.finish(serving)

        text = folder.read(log).decode()
        assert "granted everything" not in text and "\x1b" not in text, text
        assert "before a signature held" in text and "malformed" in text, text
        assert len(text.splitlines()) < 40, text


if __name__ == "__main__":
    main()
