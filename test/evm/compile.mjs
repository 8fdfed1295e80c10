// Compiles src/contracts/*.sol to src/contracts/artifacts/*.json.
//
//   node compile.mjs           writes the artifacts
//   node compile.mjs --check   compares them byte for byte with what stands there, and changes nothing
//
// The compiler is the one that package-lock.json pins; with these settings its output depends on
// nothing but the sources: neither paths nor comments go into the bytecode.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import solc from "solc";

const contracts = [
  "RoleController", "AssetProvider", "OpTemplate", "DTFactory", "TaskMarket", "JobReceipts", "Identity",
];
const folder = join(dirname(fileURLToPath(import.meta.url)), "../../src/contracts");

// Paris: no PUSH0, which consortium chains of the last years do not know.
const settings = {
  evmVersion: "paris",
  optimizer: { enabled: true, runs: 200 },
  metadata: { appendCBOR: false, bytecodeHash: "none" },
};

function readSources() {
  const names = readdirSync(folder).filter((name) => name.endsWith(".sol")).sort();
  return Object.fromEntries(names.map((name) => [name, { content: readFileSync(join(folder, name), "utf8") }]));
}

function compile(sources) {
  const outputSelection = { "*": { "*": ["abi", "evm.bytecode.object", "evm.deployedBytecode.object", "metadata"] } };
  const input = { language: "Solidity", sources, settings: { ...settings, outputSelection } };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  for (const message of output.errors ?? []) console.error(message.formattedMessage);
  if (output.errors?.length) throw new Error("the contracts must compile without errors and warnings");
  return output.contracts;
}

// The sources that a contract was made from, itself and what it imports, with their SHA-256.
function hashesOf(contract, sources) {
  const used = Object.keys(JSON.parse(contract.metadata).sources).sort();
  return Object.fromEntries(
    used.map((name) => [name, createHash("sha256").update(sources[name].content).digest("hex")]));
}

function artifact(name, contract, sources) {
  return JSON.stringify({
    contract: name,
    compiler: { name: "solc", version: solc.version(), settings },
    sources: hashesOf(contract, sources),
    abi: contract.abi,
    bytecode: "0x" + contract.evm.bytecode.object,
    deployedBytecode: "0x" + contract.evm.deployedBytecode.object,
  }, null, 2) + "\n";
}

const checking = process.argv[2] === "--check";
const sources = readSources();
const compiled = compile(sources);
let stale = 0;
mkdirSync(join(folder, "artifacts"), { recursive: true });
for (const name of contracts) {
  const path = join(folder, "artifacts", name + ".json");
  const contract = compiled[name + ".sol"][name];
  const text = artifact(name, contract, sources);
  const bytes = contract.evm.deployedBytecode.object.length / 2;
  if (checking && (!existsSync(path) || readFileSync(path, "utf8") !== text)) {
    console.error(`${path} is not what the sources give: run "node test/evm/compile.mjs" and commit it`);
    ++stale;
  }
  if (!checking) writeFileSync(path, text);
  console.log(`${name}: ${bytes} bytes of code`);
}
process.exit(stale ? 1 : 0);
