"""A ledger served over JSON-RPC, used by dt-cli through network_url = http://… like any network."""

import argparse
import json
import os
import shutil
import subprocess
import tempfile
import urllib.request

ADMIN = "4472aa5d4e2efe297784a3d44d840c9652cdb7663e22dedd920958bf6edfaf7e"
BANK_A = "5c25a2fb9b5427bbe8b68b4ddc0655ae7621f87a147a489b1337ca166bca0173"
BANK_A_ADDRESS = "0x7080b17af4b29F621A5Ef3B1802B2a778Af595d0"
FEATURES = "dt:ownership:c78707ac2aad1aa4f6813f4cab82f6b2fd44ebc62caf28a74627edb12ec1406c"


class World:
    def __init__(self, bin_folder, source, folder):
        self.bin, self.folder = bin_folder, folder
        shutil.copytree(os.path.join(source, "examples/joint_risk/samples"), os.path.join(folder, "samples"))
        self.config("ledger.ini", "ledger:./ledger.db")

    def config(self, name, url):
        with open(os.path.join(self.folder, name), "w", encoding="ascii") as file:
            file.write("[keeper]\nnetwork_url = %s\nipfs_endpoint = dir:./documents\n" % url)

    def command(self, config, *words):
        return [os.path.join(self.bin, "dt-cli"), "--json", "--config", config, *words]

    def environment(self, key):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("C2D_") and k != "CONFIG_FILE"}
        return dict(clean, C2D_PRIVATE_KEY=key)

    def run(self, config, *words, key=ADMIN, status=0):
        done = subprocess.run(self.command(config, *words), cwd=self.folder, env=self.environment(key),
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert done.returncode == status, (words, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout)


def ask(url, method, *parameters):
    body = json.dumps({"jsonrpc": "2.0", "id": 7, "method": method, "params": list(parameters)})
    with urllib.request.urlopen(urllib.request.Request(url, body.encode()), timeout=20) as answer:
        return json.load(answer)


def check_json_rpc(url, network):
    assert int(ask(url, "eth_chainId")["result"], 16) == network["chain_id"]
    head = ask(url, "eth_getBlockByNumber", "latest", False)["result"]
    assert "%d:%s" % (int(head["number"], 16), head["hash"]) == network["head"], (head, network)
    assert ask(url, "eth_getCode", network["DTFactory"], "latest")["result"] != "0x"
    assert ask(url, "eth_getCode", BANK_A_ADDRESS, "latest")["result"] == "0x"
    assert ask(url, "eth_noSuchMethod")["error"]["code"] == -32601
    assert ask(url, "eth_sendRawTransaction", "0x01")["error"]["code"] == -32000
    reverted = ask(url, "eth_call", {"to": network["DTFactory"], "data": "0x12345678"}, "latest")
    assert reverted["error"]["code"] == 3, reverted


def play(world, url):
    info = world.run("rpc.ini", "chain", "info")
    assert info["kind"] == "rpc"
    org = ("system", "org", "--name", "org1", "--desc", "t", "--address", BANK_A_ADDRESS)
    world.run("rpc.ini", *org)
    refused = world.run("rpc.ini", *org, status=1)
    assert refused["error"]["contract_code"] == 2001, refused
    world.run("rpc.ini", "system", "op", "--attr_file", "./samples/op/rtt_op_attr.json")
    world.run("rpc.ini", "asset", "dt", "--attr_file", "./samples/ddo/org1_feature_attr.json", key=BANK_A)
    # Both ways of reading see the same, to the letter.
    for words in (("asset", "list"), ("tracer", "dfs", "--prefix_path", FEATURES), ("job", "list")):
        assert world.run("rpc.ini", *words) == world.run("ledger.ini", *words), words
    world.run("rpc.ini", "chain", "verify", status=1)
    assert world.run("ledger.ini", "chain", "verify")["verified"]
    check_json_rpc(url, world.run("ledger.ini", "chain", "info"))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", required=True)
    parser.add_argument("--source", required=True)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        world = World(os.path.abspath(arguments.bin), arguments.source, folder)
        world.run("ledger.ini", "chain", "init")
        server = subprocess.Popen(world.command("ledger.ini", "chain", "serve", "--port", "0"), cwd=folder,
                                  env=world.environment(ADMIN), stdout=subprocess.PIPE, text=True)
        try:
            url = json.loads(server.stdout.readline())["url"]  # said once it listens
            world.config("rpc.ini", url)
            play(world, url)
        finally:
            server.terminate()
            server.wait(timeout=20)
        assert server.returncode == 0, server.returncode
        world.run("rpc.ini", "chain", "info", status=1)
    print("passed")


if __name__ == "__main__":
    main()
