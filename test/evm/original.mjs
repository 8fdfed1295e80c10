// dt-cli on a network with the original contracts: what they allow and ours refuse must not end a trace,
// what they lack is done without, and nothing is paid for in vain. original/Original.sol is a double of them.
//
//   node original.mjs --bin FOLDER    (of dt-cli)

import assert from "node:assert/strict";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ContractFactory, JsonRpcProvider, Wallet, ZeroHash, id, keccak256, toQuantity, toUtf8Bytes } from "ethers";
import solc from "solc";
import { anvilUrl, dtCli, dtCliText, folderFor, inFolder, providerAddress } from "./processes.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const keys = Object.fromEntries(["admin", "bank", "solver"].map((name) => [name, keccak256(toUtf8Bytes("key of " + name))]));
const [tid, rows, extra, sum, narrow, plain, lent, first, second] =
  ["tid", "rows", "extra", "sum", "narrow", "plain", "lent", "first", "second"].map((name) => id(name));
const dt = (hash) => "dt:ownership:" + hash.slice(2);

function compileDouble() {
  const sources = { "Original.sol": { content: readFileSync(join(here, "original/Original.sol"), "utf8") } };
  const outputSelection = { "*": { "*": ["abi", "evm.bytecode.object"] } };
  const output = JSON.parse(solc.compile(JSON.stringify(
    { language: "Solidity", sources, settings: { evmVersion: "paris", optimizer: { enabled: true }, outputSelection } })));
  assert.deepEqual((output.errors ?? []).map((e) => e.formattedMessage).filter((text) => text.includes("Error")), []);
  return output.contracts["Original.sol"];
}

/// The five, wired as the original's migration does, and their addresses.
async function deployDouble(admin) {
  const compiled = compileDouble();
  const made = {};
  const deploy = async (name, ...args) => {
    const contract = await new ContractFactory(compiled[name].abi, compiled[name].evm.bytecode.object, admin).deploy(...args);
    made[name] = await contract.waitForDeployment();
  };
  await deploy("RoleController");
  await deploy("AssetProvider", made.RoleController.target);
  await deploy("OpTemplate", made.RoleController.target);
  await deploy("DTFactory", made.RoleController.target);
  await deploy("TaskMarket", made.RoleController.target, made.DTFactory.target);
  return made;
}

const leaf = (token, name, endpoint = "127.0.0.1:1") => ({ id: dt(token), metadata: { main: { type: "Dataset", name } },
  services: [{ index: "s", endpoint, descriptor: { template: dt(tid), constraint: { rows: {} } } }] });
const algorithm = (token, name, children) => ({ id: dt(token), metadata: { main: { type: "Algorithm", name } },
  child_dts: children.map(dt), services: [{ index: "s", descriptor: { workflow: Object.fromEntries(
    children.map((child) => [dt(child), { service: "s", constraint: { rows: 5 } }])) } }] });

class Story {
  constructor(folder, contracts, provider, keeper) {
    Object.assign(this, { folder, contracts, provider, keeper });
    // Nothing is remembered between calls, or a nonce would be used twice.
    this.people = Object.fromEntries(Object.entries(keys).map(([who, key]) => [who, new Wallet(key, provider)]));
  }
  cli(who, ...words) { return dtCli(this.folder, keys[who], "--config", "anvil.ini", ...words); }
  text(who, ...words) { return dtCliText(this.folder, keys[who], "--config", "anvil.ini", ...words); }
  write(name, text) { writeFileSync(join(this.folder, name), text); }
  file(name, value) { this.write(name, JSON.stringify(value)); return name; }
  async send(who, contract, method, ...args) {
    const sent = await this.contracts[contract].connect(this.people[who]).getFunction(method)(...args);
    assert.equal((await sent.wait()).status, 1);
  }
  jobs() { return this.contracts.TaskMarket.jobNum.staticCall(); }
  nonce(who) { return this.provider.getTransactionCount(this.people[who].address); }

  publish() {
    for (const who of ["bank", "solver"])
      this.cli("admin", "system", "org", "--name", who, "--desc", who, "--address", this.people[who].address);
    writeFileSync(join(this.folder, "op.py"), "print(1)\n");
    this.file("params.json", { rows: {} });
    this.cli("admin", "system", "op", "--attr_file", this.file("op.json",
      { id: dt(tid), metadata: { main: { type: "Operation", name: "op" } }, operation: "op.py", params: "params.json" }));
    this.cli("bank", "asset", "dt", "--attr_file", this.file("rows.json", leaf(rows, "rows")));
    this.cli("bank", "asset", "dt", "--attr_file", this.file("extra.json", leaf(extra, "extra")));
    for (const [token, name, children] of [[sum, "sum", [rows, extra]], [narrow, "narrow", [rows, extra]], [plain, "plain", [rows]]])
      // Published; nobody answers at the bank's endpoint.
      assert.throws(() => this.cli("solver", "asset", "cdt", "--attr_file", this.file(name + ".json", algorithm(token, name, children))),
        /127\.0\.0\.1:1/);
  }

  async use() {
    await this.send("bank", "DTFactory", "grantPermission", rows, sum);
    await this.send("bank", "DTFactory", "grantPermission", rows, ZeroHash);
    await this.send("bank", "DTFactory", "grantPermission", rows, narrow);
    await this.send("bank", "DTFactory", "grantPermission", rows, plain);
    // One child has granted nothing, and it is active all the same.
    await this.send("solver", "DTFactory", "startComposeDT", sum, [rows, extra]);
    // Activated with fewer children than its document names.
    await this.send("solver", "DTFactory", "startComposeDT", narrow, [rows]);
    await this.send("solver", "DTFactory", "startComposeDT", plain, [rows]);
    await this.send("bank", "TaskMarket", "createTask", "score", "how good are they?");
    await this.send("solver", "TaskMarket", "addJob", sum, 1);
  }
}

function checkTraces(story) {
  const traced = story.cli("bank", "tracer", "dfs", "--prefix_path", dt(rows)).roots[0];
  assert.deepEqual(traced.granted_to.map((child) => child.name), ["sum", "", "narrow", "plain"]);
  const nobody = traced.granted_to[1];
  assert.equal(nobody.dt, dt(ZeroHash));
  assert.equal(nobody.type, "unreadable");
  assert.match(nobody.problem, /no data token/);
  assert.equal(nobody.grant.state, "granted");
  const job = traced.granted_to[0].jobs[0];
  assert.equal(job.task_name, "score");
  assert.equal(job.state, "registered");
  assert.ok(job.registered.block > 0 && job.registered.time > 1_000_000_000);
  assert.ok(traced.minted.time > 1_000_000_000);

  const union = (token) => story.cli("bank", "tracer", "dfs", "--prefix_path", dt(token)).roots[0].made_of;
  assert.deepEqual(union(sum).map((child) => [child.name, child.grant.state]), [["rows", "granted"], ["extra", "none"]]);
  assert.deepEqual(union(narrow).map((child) => child.name), ["rows"]);
  assert.match(story.text("bank", "tracer", "dfs", "--prefix_path", dt(sum)), /extra  Dataset  bank .*\(not granted\)/);
}

function checkLists(story) {
  const listed = story.cli("bank", "asset", "list");
  assert.equal(listed.total, 5);
  assert.deepEqual(listed.tokens.map((token) => token.name), ["rows", "extra", "sum", "narrow", "plain"]);
  assert.deepEqual(story.cli("bank", "asset", "list", "--start", "1", "--count", "2").tokens.map((t) => t.name), ["extra", "sum"]);
  assert.equal(story.cli("bank", "asset", "list", "--start", "9").tokens.length, 0);
  const info = story.cli("bank", "chain", "info");
  for (const [name, value] of Object.entries(info)) assert.doesNotMatch(String(value), /^0x0{40}$/, name);
  assert.ok(!("admin" in info) && !("JobReceipts" in info));
}

/// Whatever cannot become a job is found before it is registered.
async function checkExec(story) {
  const before = await story.jobs();
  const refused = (token, words) => assert.throws(() => story.cli("solver", "job", "exec", "--task_id", "1", "--cdt", dt(token)), words);
  refused(rows, /not_algorithm/);
  refused(sum, /not granted all that it is composed of; no job was registered/);
  refused(plain, /127\.0\.0\.1:1 does not answer: .*no job was registered/);
  assert.throws(() => story.cli("bank", "job", "exec", "--task_id", "1", "--cdt", dt(plain)), /only its owner registers jobs/);
  assert.equal(await story.jobs(), before);
}

/// A wrong address takes any call, and the fee.
async function checkAddresses(story, right) {
  const swapped = { ...right, DTFactory: right.TaskMarket, TaskMarket: right.DTFactory };
  const empty = { ...right, TaskMarket: "0x" + "12".repeat(20) };
  for (const [wrong, words] of [[swapped, /expected the contract DTFactory at/], [empty, /expected the contract TaskMarket at 0x(12){20}/]]) {
    story.file("addresses.json", { anvil: wrong });
    const before = await story.nonce("solver");
    assert.throws(() => story.cli("solver", "job", "init", "--name", "n", "--desc", "d"), words);
    assert.throws(() => story.cli("solver", "chain", "info"), words);
    assert.equal(await story.nonce("solver"), before);
  }
  story.file("addresses.json", { anvil: right });
  story.cli("solver", "job", "init", "--name", "n", "--desc", "d");
}

/// These contracts take nothing back: there the owner says no by closing the token at its provider.
async function checkOwnersWord(story) {
  story.write("bank.ini", story.keeper + "[provider]\nquery_port = 0\nexec_dirpath = exec\n");
  const endpoint = await providerAddress(story.folder, keys.bank, "bank.ini");
  story.cli("bank", "asset", "dt", "--attr_file", story.file("lent.json", leaf(lent, "lent", endpoint)));
  story.cli("solver", "asset", "cdt", "--attr_file", story.file("first.json", algorithm(first, "first", [lent])));
  const pair = (token) => ["--dt", dt(lent), "--cdt", dt(token)];
  assert.throws(() => story.cli("bank", "asset", "revoke", ...pair(first)), /original contracts: .*cannot be revoked/);
  assert.equal(story.cli("solver", "asset", "request_grant", ...pair(first)).granted, true);

  assert.equal(story.cli("bank", "asset", "close", dt(lent)).closed, true);
  const closed = /the owner closed the data token/;
  assert.throws(() => story.cli("solver", "asset", "request_grant", ...pair(first)), closed);
  assert.throws(() => story.cli("solver", "asset", "cdt", "--attr_file",
    story.file("second.json", algorithm(second, "second", [lent]))), closed);
  assert.throws(() => story.cli("solver", "job", "exec", "--task_id", "1", "--cdt", dt(first)), closed);
  assert.deepEqual(story.cli("bank", "asset", "grants", "--pending", "--dt", dt(lent)).pending, []);
  assert.equal(await story.contracts.DTFactory.getPermission(lent, second), false);
  assert.equal(story.cli("bank", "asset", "open", dt(lent)).closed, false);
  story.cli("solver", "asset", "cdt", "--attr_file", "second.json");
}

const folder = folderFor("original");
await inFolder(folder, async () => {
  const url = await anvilUrl(folder);
  const provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1, pollingInterval: 50 });
  for (const key of Object.values(keys)) await provider.send("anvil_setBalance", [new Wallet(key).address, toQuantity(10n ** 20n)]);
  const contracts = await deployDouble(new Wallet(keys.admin, provider));
  const addresses = Object.fromEntries(Object.entries(contracts).map(([name, contract]) => [name, contract.target]));
  mkdirSync(join(folder, "documents"));
  const story = new Story(folder, contracts, provider, `[keeper]\nnetwork_url = ${url}\naddress_file = addresses.json\n` +
    "network_name = anvil\nipfs_endpoint = dir:documents\n");
  story.write("anvil.ini", story.keeper);
  story.file("addresses.json", { anvil: addresses });
  story.publish();
  await story.use();
  checkTraces(story);
  checkLists(story);
  await checkExec(story);
  await checkAddresses(story, addresses);
  await checkOwnersWord(story);
  provider.destroy();
});
console.log("the original contracts: traces, lists, jobs and addresses are as they should be");
