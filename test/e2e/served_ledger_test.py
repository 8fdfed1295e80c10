"""A ledger served over JSON-RPC, used by dt-cli through network_url = http://… like any network."""

import contextlib
import json
import os
import shutil
import urllib.request

from programs import ADMIN, BANK_A, Folder, options

FEATURES = "dt:ownership:c78707ac2aad1aa4f6813f4cab82f6b2fd44ebc62caf28a74627edb12ec1406c"


class Served(Folder):
    """One ledger under two configurations: as the file, and as the network that it is served as."""

    def __init__(self, programs, source):
        super().__init__(programs)
        shutil.copytree(os.path.join(source, "examples/joint_risk/samples"), self / "samples")
        self.config("ledger.ini", "ledger:./ledger.db")

    def config(self, name, url, more=""):
        self.write(name, "[keeper]\nnetwork_url = %s\nipfs_endpoint = dir:./documents\n%s" % (url, more))

    @contextlib.contextmanager
    def serving(self, config, *flags):
        """The ledger's URL, while it is served."""
        server = self.start("dt-cli", "--json", "--config", config, "chain", "serve", "--port", "0", *flags)
        try:
            yield json.loads(server.stdout.readline())["url"]  # said once it listens
        finally:
            server.terminate()
            done = self.finish(server, timeout=20)
        assert done.code == 0, str(done)

    def say(self, config, *words, key=ADMIN, status=0):
        done = self.cli("--json", "--config", config, *words, env={"C2D_PRIVATE_KEY": key[1]})
        assert done.code == status, str(done)
        return done.json()


def ask(url, method, *parameters):
    body = json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": list(parameters)})
    with urllib.request.urlopen(urllib.request.Request(url, body.encode()), timeout=20) as answer:
        return json.load(answer)


def check_json_rpc(url, network):
    assert int(ask(url, "eth_chainId")["result"], 16) == network["chain_id"]
    head = ask(url, "eth_getBlockByNumber", "latest", False)["result"]
    assert "%d:%s" % (int(head["number"], 16), head["hash"]) == network["head"], (head, network)
    assert ask(url, "eth_getCode", network["DTFactory"], "latest")["result"] != "0x"
    assert ask(url, "eth_getCode", BANK_A[0], "latest")["result"] == "0x"
    assert ask(url, "eth_noSuchMethod")["error"]["code"] == -32601
    assert ask(url, "eth_sendRawTransaction", "0x01")["error"]["code"] == -32000
    reverted = ask(url, "eth_call", {"to": network["DTFactory"], "data": "0x12345678"}, "latest")
    assert reverted["error"]["code"] == 3, reverted


def play(world, url):
    info = world.say("rpc.ini", "chain", "info")
    assert info["kind"] == "rpc"
    org = ("system", "org", "--name", "org1", "--desc", "t", "--address", BANK_A[0])
    world.say("rpc.ini", *org)
    refused = world.say("rpc.ini", *org, status=1)
    assert refused["error"]["contract_code"] == 2001, refused
    world.say("rpc.ini", "system", "op", "--attr_file", "./samples/op/rtt_op_attr.json")
    world.say("rpc.ini", "asset", "dt", "--attr_file", "./samples/ddo/org1_feature_attr.json", key=BANK_A)
    # Both ways of reading see the same, to the letter.
    for words in (("asset", "list"), ("tracer", "dfs", "--prefix_path", FEATURES), ("job", "list")):
        assert world.say("rpc.ini", *words) == world.say("ledger.ini", *words), words
    world.say("rpc.ini", "chain", "verify", status=1)
    assert world.say("ledger.ini", "chain", "verify")["verified"]
    check_json_rpc(url, world.say("ledger.ini", "chain", "info"))


def check_bounds(world):
    """What is taken from a sender, as the configuration says and as flags do."""
    task = ("chain", "send", "TaskMarket.createTask", '["count", "how many?"]')
    world.config("bounded.ini", "ledger:./ledger.db", "[serve]\nrate = 1\nallow = 0x%s, %s\n" % ("1" * 40, BANK_A[0]))
    with world.serving("bounded.ini") as url:
        world.config("rpc.ini", url)
        world.say("rpc.ini", *task, key=BANK_A)
        error = world.say("rpc.ini", *task, key=BANK_A, status=1)["error"]
        assert (error["status"], error["code"]) == ("unavailable", "sender_rate"), error
        assert 0 < error["retry_after"] <= 60, error
        error = world.say("rpc.ini", *task, status=1)["error"]
        assert (error["status"], error["code"]) == ("refused", "sender_not_allowed"), error
    with world.serving("bounded.ini", "--rate", "0", "--bytes_per_day", "10", "--allow", ADMIN[0], BANK_A[0]) as url:
        world.config("rpc.ini", url)
        error = world.say("rpc.ini", *task, status=1)["error"]
        assert "10 bytes a day" in error["message"], error
    world.config("bounded.ini", "ledger:./ledger.db", "[serve]\nrate = many\n")
    error = world.say("bounded.ini", "chain", "serve", "--port", "0", status=1)["error"]
    assert "[serve] rate" in error["message"], error
    error = world.say("ledger.ini", "chain", "serve", "--port", "0", "--allow", "somebody", status=1)["error"]
    assert "who may send" in error["message"], error


def main():
    arguments = options()
    with Served(arguments.bin, arguments.source) as world:
        world.say("ledger.ini", "chain", "init")
        with world.serving("ledger.ini") as url:
            world.config("rpc.ini", url)
            play(world, url)
        world.say("rpc.ini", "chain", "info", status=1)
        check_bounds(world)
    print("passed")


if __name__ == "__main__":
    main()
