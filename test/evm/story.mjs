// The whole story of the contracts, told by ethers to a served ledger and to an EVM: both must leave
// the same events, and answer alike.
//
//   node story.mjs --bin FOLDER    (of dt-cli)

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  Contract, JsonRpcProvider, Wallet, ZeroAddress, ZeroHash, encodeBytes32String, id, keccak256, toQuantity, toUtf8Bytes,
} from "ethers";
import { anvilUrl, dtCli, folderFor, inFolder, servedLedgerUrl } from "./processes.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const contractNames = ["RoleController", "AssetProvider", "OpTemplate", "DTFactory", "TaskMarket", "JobReceipts", "Identity"];
const keys = Object.fromEntries(
  ["admin", "bank", "solver", "night", "outsider"].map((name) => [name, keccak256(toUtf8Bytes("key of " + name))]));

function abiOf(contract) {
  return JSON.parse(readFileSync(join(here, "../../src/contracts/artifacts", contract + ".json"), "utf8")).abi;
}

/// A network as ethers sees it: people with keys, contracts with addresses.
class Network {
  constructor(name, url, addresses) {
    this.name = name;
    // Nothing is remembered between calls, or a nonce would be used twice.
    this.provider = new JsonRpcProvider(url, undefined, { cacheTimeout: -1, pollingInterval: 50 });
    this.people = Object.fromEntries(
      Object.entries(keys).map(([who, key]) => [who, new Wallet(key, this.provider)]));
    this.contracts = Object.fromEntries(
      contractNames.map((c) => [c, new Contract(addresses[c], abiOf(c), this.provider)]));
  }

  /// Sends a call and returns its code, from the last event of the called contract.
  async send(who, contract, method, ...args) {
    const at = this.contracts[contract];
    const sent = await at.connect(this.people[who]).getFunction(method)(...args);
    const receipt = await sent.wait();
    assert.equal(receipt.status, 1);
    const own = receipt.logs.filter((log) => log.address === at.target);
    return Number(at.interface.parseLog(own.at(-1)).args.at(-1));
  }

  view(contract, method, ...args) {
    return this.contracts[contract].getFunction(method).staticCall(...args);
  }
}

async function onLedger(folder) {
  writeFileSync(join(folder, "ledger.ini"), "[keeper]\nnetwork_url = ledger:./ledger.db\n");
  const made = dtCli(folder, keys.admin, "--config", "ledger.ini", "chain", "init");
  const network = new Network("served ledger", await servedLedgerUrl(folder, keys.admin), made);
  // Five deployments make five blocks on an EVM: so that block numbers agree.
  for (let i = 0; i < 5; ++i)
    assert.equal(await network.send("admin", "RoleController", "addRole", ZeroAddress, 100), 10000);
  // Who stands for nobody with a role is told so before there is a block.
  await assert.rejects(network.send("outsider", "TaskMarket", "createTask", "", ""), /10000|no_permission/);
  assert.equal(await network.provider.getBlockNumber(), 5);
  return network;
}

async function onAnvil(folder) {
  const url = await anvilUrl(folder);
  const direct = new JsonRpcProvider(url);
  for (const key of Object.values(keys))
    await direct.send("anvil_setBalance", [new Wallet(key).address, toQuantity(10n ** 20n)]);
  direct.destroy();
  writeFileSync(join(folder, "anvil.ini"),
    `[keeper]\nnetwork_url = ${url}\naddress_file = addresses.json\nnetwork_name = anvil\n`);
  const deploy = ["chain", "deploy", "--network", "anvil", "--address_file", "addresses.json"];
  const made = dtCli(folder, keys.admin, "--config", "anvil.ini", ...deploy);
  const entry = JSON.parse(readFileSync(join(folder, "addresses.json"), "utf8")).anvil;
  for (const contract of contractNames.slice(0, 5)) assert.equal(entry[contract], made[contract]);
  // What is there already is not replaced by the way, and what was written serves.
  assert.throws(() => dtCli(folder, keys.admin, "--config", "anvil.ini", ...deploy), /names contracts of the network/);
  assert.equal(dtCli(folder, keys.admin, "--config", "anvil.ini", "chain", "info").JobReceipts, made.JobReceipts);
  return new Network("anvil", url, made);
}

const checksum = id("document"), digest = id("receipt");
const op = id("op"), rows = id("rows"), model = id("model"), score = id("score");
const limited = "grantPermission(bytes32,bytes32,uint256,uint256)", unlimited = "grantPermission(bytes32,bytes32)";
const decided = "grantPermission(bytes32,bytes32,uint256,uint256,uint256)";
const register = "registerEnterprise(address,string,string)", post = "postReceipt(uint256,bytes32,uint256,bytes32)";
const registerLegal = "registerEnterprise(address,string,string,string)";
const postCounts = "postReceipt(uint256,bytes32,uint256,bytes32,bytes32[],uint256[])";
const granting = encodeBytes32String("grant"), labels = encodeBytes32String("labels");

/// Who calls what, and the code that it must be answered with.
const story = (people) => [
  ["admin", "RoleController", "addRole", ZeroAddress, 100, 10000],
  ["admin", "RoleController", "addRole", people.admin, 100, 1001],
  ["admin", "AssetProvider", register, people.bank, "Bank für Blätter", "银行", 0],
  ["admin", "AssetProvider", register, people.bank, "again", "", 2001],
  ["admin", "AssetProvider", registerLegal, people.solver, "Solver", "computes", "DE:HRB-1", 0],
  ["admin", "AssetProvider", "updateEnterprise(address,string,string)", people.solver, "Solver Ltd", "computes", 0],
  ["admin", "AssetProvider", "addProvider", people.bank, 0],
  ["admin", "AssetProvider", "addProvider", people.solver, 0],
  ["admin", "AssetProvider", "updateProvider", people.outsider, 2004],
  ["admin", "OpTemplate", "publishTemplate", op, "train", checksum, "QmOp", 0],
  ["bank", "OpTemplate", "updateTemplate", op, "train", checksum, "QmOp", 10000],
  ["admin", "OpTemplate", "updateTemplate", op, "train well", checksum, "QmOp2", 0],
  ["bank", "DTFactory", "mintDataToken", rows, people.bank, true, checksum, "QmRows", 0],
  ["solver", "DTFactory", "mintDataToken", model, people.solver, true, checksum, "QmModel", 0],
  ["solver", "DTFactory", "mintDataToken", score, people.solver, false, checksum, "QmScore", 0],
  ["solver", "DTFactory", "mintDataToken", rows, people.solver, true, checksum, "QmRows", 4001],
  ["bank", "DTFactory", limited, rows, score, 4_000_000_000, 2, 0],
  ["bank", "DTFactory", unlimited, rows, score, 4005],
  ["solver", "DTFactory", unlimited, rows, score, 10000],
  ["solver", "DTFactory", "startComposeDT", score, [rows, model], 10000],
  ["solver", "DTFactory", unlimited, model, score, 0],
  ["solver", "DTFactory", "startComposeDT", score, [rows, model], 0],
  ["solver", "DTFactory", "startComposeDT", score, [rows, model], 4003],
  ["bank", "TaskMarket", "createTask", "score", "how good are they?", 0],
  ["admin", "TaskMarket", "createTask", "score", "", 10000],
  ["solver", "TaskMarket", "addJob", score, 1, 0],
  ["solver", "TaskMarket", "addJob", score, 7, 5001],
  ["bank", "TaskMarket", "addJob", score, 1, 5003],
  ["solver", "TaskMarket", "addJob", score, 1, 0],
  ["solver", "TaskMarket", "addJob", score, 1, 4008],
  ["bank", "DTFactory", "revokePermission", rows, score, 0],
  ["bank", "DTFactory", "revokePermission", rows, score, 4006],
  ["solver", "TaskMarket", "addJob", score, 1, 4006],
  ["solver", "TaskMarket", "closeTask", 1, 5004],
  ["bank", "TaskMarket", "closeTask", 1, 0],
  ["solver", "TaskMarket", "addJob", score, 1, 5001],
  ["bank", "JobReceipts", post, 1, rows, 1, digest, 0],
  ["bank", "JobReceipts", post, 1, rows, 2, digest, 6003],
  ["solver", "JobReceipts", post, 1, model, 0, digest, 6004],
  ["solver", "JobReceipts", post, 1, score, 1, digest, 6002],
  ["solver", "JobReceipts", post, 9, model, 1, digest, 6001],
  ["solver", "JobReceipts", post, 2, model, 2, digest, 0],
  ["bank", "JobReceipts", postCounts, 2, rows, 1, digest, [labels], [3], 0],
  ["bank", "DTFactory", unlimited, rows, score, 4009],
  ["bank", "DTFactory", decided, rows, score, 0, 5, 3, 0],
  ["bank", "DTFactory", "closeToken", rows, 0],
  ["bank", "Identity", "changeOwner", people.bank, people.night, 0],
  ["night", "DTFactory", "openToken", rows, 0],
  ["night", "DTFactory", "closeToken", rows, 0],
  ["admin", "RoleController", "removeRole", people.admin, 100, 1004],
  ["admin", "RoleController", "startEdition", 3, 1002],
];

async function tell(network) {
  const people = Object.fromEntries(Object.entries(network.people).map(([who, wallet]) => [who, wallet.address]));
  const steps = story(people);
  for (const step of steps) {
    const code = step.at(-1);
    assert.equal(await network.send(...step.slice(0, -1)), code, `${network.name}: ${step}`);
  }
  return steps.length;
}

const plain = (value) => JSON.parse(JSON.stringify(value, (_, v) =>
  typeof v === "bigint" ? v.toString() : v?.hash !== undefined && v?._isIndexed ? v.hash : v));

/// All events of all contracts from block 6 on, as plain values in the order in which they happened.
async function events(network) {
  const all = [];
  for (const name of contractNames) {
    const found = await network.contracts[name].queryFilter("*", 6);
    for (const e of found)
      all.push([e.blockNumber, e.index, name, e.eventName, plain(e.args.toArray()), e.topics, e.data]);
  }
  return all.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
}

/// The questions that programs ask the logs: by indexed values, several at once, over several contracts.
async function filtered(network) {
  const { DTFactory, TaskMarket, JobReceipts } = network.contracts;
  const ask = (contract, filter) => contract.queryFilter(filter, 0, "latest");
  const granted = DTFactory.filters.DataTokenGranted;
  const either = await network.provider.getLogs({
    fromBlock: 0, topics: [[granted.fragment.topicHash, DTFactory.filters.DataTokenRevoked.fragment.topicHash], rows] });
  const several = await network.provider.getLogs({
    address: [TaskMarket.target, JobReceipts.target], fromBlock: 6, toBlock: "latest" });
  const job = await ask(TaskMarket, TaskMarket.filters.JobAdded(null, 1, null, score, 0));
  assert.equal((await network.provider.getBlock(job[0].blockNumber)).transactions[0], job[0].transactionHash);
  return {
    grants: (await ask(DTFactory, granted(rows, null, null, 0))).length,
    refusedGrants: (await ask(DTFactory, granted(null, null, score, [4005, 10000]))).length,
    jobs: (await ask(TaskMarket, TaskMarket.filters.JobAdded(null, null, null, score, 0))).length,
    refusedJobs: (await ask(TaskMarket, TaskMarket.filters.JobAdded(null, null, null, null, 4008))).length,
    namedTask: (await ask(TaskMarket, TaskMarket.filters.TaskAdded(null, null, "score"))).length,
    receipts: (await ask(JobReceipts, JobReceipts.filters.ReceiptPosted(1, rows))).length,
    either: either.length, several: several.map((log) => [log.blockNumber, log.index, log.data]),
    nothing: (await ask(DTFactory, granted(ZeroHash))).length };
}

async function answers(network) {
  const { bank, solver } = network.people;
  const grant = await network.view("DTFactory", "getGrant", rows, score);
  const receipt = await network.view("JobReceipts", "getReceipt", 1, rows);
  const asked = {
    bank: await network.view("AssetProvider", "getEnterprisebyId", bank.address),
    names: await network.view("AssetProvider", "getIssuerNames", [bank.address, solver.address]),
    template: await network.view("OpTemplate", "getTemplateById", op),
    token: await network.view("DTFactory", "getDTRegister", rows),
    map: await network.view("DTFactory", "getDTMap"),
    page: await network.view("DTFactory", "getDTPage", 1, 5),
    children: await network.view("DTFactory", "getChildren", score),
    below: await network.view("DTFactory", "isBelow", score, rows),
    grant, task: await network.view("TaskMarket", "getTaskbyId", 1),
    job: await network.view("TaskMarket", "getJobbyId", 2),
    receipt: [...receipt].slice(0, 4),  // without its time
    terms: await network.view("DTFactory", "getGrantTerms", rows, score),
    decision: [...await network.view("DTFactory", "getDecision", rows, solver.address)].toSpliced(1, 1),  // likewise
    closed: await network.view("DTFactory", "isClosed", rows),
    disclosed: await network.view("JobReceipts", "getDisclosures", rows, solver.address, labels),
    owner: await network.view("Identity", "identityOwner", bank.address),
    principal: await network.view("Identity", "principal", bank.address, granting),
    organisation: await network.view("AssetProvider", "organisationOf", solver.address),
    admins: await network.view("RoleController", "getAdmins"),
  };
  // A view that reverts is an error of the call, and ethers must see it as one.
  await assert.rejects(network.view("DTFactory", "getDTOwner", id("unknown")), { code: "CALL_EXCEPTION" });
  return plain(Object.fromEntries(Object.entries(asked).map(([k, v]) => [k, v?.toArray ? v.toArray(true) : v])));
}

const folder = folderFor("story");
await inFolder(folder, async () => {
  const networks = [await onLedger(folder), await onAnvil(folder)];
  const seen = [];
  let steps = 0;
  for (const network of networks) {
    steps = await tell(network);
    seen.push({ events: await events(network), filtered: await filtered(network), answers: await answers(network) });
    network.provider.destroy();
  }
  assert.deepEqual(seen[0], seen[1]);
  const { grants, refusedGrants, jobs, refusedJobs, namedTask, receipts, either, nothing } = seen[0].filtered;
  assert.deepEqual([grants, refusedGrants, jobs, refusedJobs, namedTask, receipts, either, nothing],
    [2, 2, 2, 1, 2, 2, 7, 0]);
  console.log(`${steps} calls on ${networks.map((n) => n.name).join(" and ")}: ${seen[0].events.length} equal events`);
});
