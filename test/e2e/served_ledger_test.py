"""A ledger served over JSON-RPC, used by dt-cli through network_url = http://… like any network."""

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

    def config(self, name, url):
        self.write(name, "[keeper]\nnetwork_url = %s\nipfs_endpoint = dir:./documents\n" % url)

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


def main():
    arguments = options()
    with Served(arguments.bin, arguments.source) as world:
        world.say("ledger.ini", "chain", "init")
        server = world.start("dt-cli", "--json", "--config", "ledger.ini", "chain", "serve", "--port", "0")
        try:
            url = json.loads(server.stdout.readline())["url"]  # said once it listens
            world.config("rpc.ini", url)
            play(world, url)
        finally:
            server.terminate()
            done = world.finish(server, timeout=20)
        assert done.code == 0, str(done)
        world.say("rpc.ini", "chain", "info", status=1)
    print("passed")


if __name__ == "__main__":
    main()
