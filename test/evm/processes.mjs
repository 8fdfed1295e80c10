// Folders and processes of a script's own, gone when it ends.

import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, openSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

const here = dirname(fileURLToPath(import.meta.url));
const { values } = parseArgs({ options: { bin: { type: "string" } } });
const started = [];

export const folderFor = (name) => mkdtempSync(join(tmpdir(), `c2d-${name}-`));

/// Runs `work`; then ends what was started and removes the folder, whatever happened.
export async function inFolder(folder, work) {
  try {
    await work();
  } finally {
    for (const child of started) {
      const ended = new Promise((done) => child.once("exit", done));
      if (child.exitCode === null && child.kill("SIGTERM")) await ended;
    }
    rmSync(folder, { recursive: true, force: true });
  }
}

function environment(key) {
  const clean = Object.entries(process.env).filter(([name]) => !name.startsWith("C2D_") && name !== "CONFIG_FILE");
  return { ...Object.fromEntries(clean), C2D_PRIVATE_KEY: key };
}

/// Runs a command of dt-cli in `folder` and returns what it prints; throws what it says when it fails.
export function dtCliText(folder, key, ...words) {
  const done = spawnSync(resolve(values.bin, "dt-cli"), words,
    { cwd: folder, env: environment(key), encoding: "utf8", timeout: 60_000 });
  if (done.status !== 0) throw new Error(`dt-cli ${words.join(" ")}: ${done.stdout} ${done.stderr} ${done.error ?? ""}`);
  return done.stdout;
}

/// The same as JSON.
export const dtCli = (folder, key, ...words) => JSON.parse(dtCliText(folder, key, "--json", ...words));

/// Starts a program with its output in a file, and waits until the file holds what `find` looks for.
async function start(program, args, options, log, find) {
  const out = openSync(log, "w");
  const child = spawn(program, args, { ...options, stdio: ["ignore", out, out] });
  started.push(child);
  let failure;
  child.once("error", (error) => (failure = error));
  for (const deadline = Date.now() + 60_000; Date.now() < deadline;) {
    const said = readFileSync(log, "utf8");
    const found = said.match(find);
    if (found) return found[1];
    if (failure || child.exitCode !== null) throw new Error(`${program} ended at once: ${failure ?? said}`);
    await new Promise((later) => setTimeout(later, 20));
  }
  throw new Error(`${program} did not get ready within a minute`);
}

export function servedLedgerUrl(folder, key) {
  return start(resolve(values.bin, "dt-cli"), ["--json", "--config", "ledger.ini", "chain", "serve", "--port", "0"],
    { cwd: folder, env: environment(key) }, join(folder, "serve.log"), /"url":"([^"]+)"/);
}

/// A provider with the configuration that the file holds; where it listens.
export function providerAddress(folder, key, config) {
  return start(resolve(values.bin, "c2d-provider"), ["--config", config], { cwd: folder, env: environment(key) },
    join(folder, "provider.log"), /listens on http:\/\/(\S+)/);
}

/// The development node among the packages of this folder, or the one that C2D_ANVIL names.
export async function anvilUrl(folder, ...args) {
  const architecture = process.arch === "arm64" ? "arm64" : "amd64";
  const program = process.env.C2D_ANVIL ?? join(here, `node_modules/@foundry-rs/anvil-linux-${architecture}/bin/anvil`);
  if (!existsSync(program)) throw new Error(`no anvil at ${program}: run (cd ${here} && npm ci --ignore-scripts)`);
  const address = await start(program, ["--host", "127.0.0.1", "--port", "0", "--prune-history", ...args], {},
    join(folder, "anvil.log"), /Listening on (\S+)/);
  return "http://" + address;
}
