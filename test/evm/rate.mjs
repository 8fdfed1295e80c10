// How fast ethers sends presigned transactions to a node, one after the other, each with its receipt.
//
//   node rate.mjs < {"url", "raws": ["0x…", …]}    prints {"seconds"}
//   node rate.mjs --ask                            without its polling: its connection, asked in a loop

import { readFileSync } from "node:fs";
import { JsonRpcProvider } from "ethers";

const { url, raws } = JSON.parse(readFileSync(0, "utf8"));
const asking = process.argv.includes("--ask");
const options = { cacheTimeout: -1, batchMaxCount: 1, pollingInterval: 5, staticNetwork: true };
const provider = new JsonRpcProvider(url, undefined, options);

// The way that its documentation names.
async function broadcastAndWait(raw) {
  const receipt = await (await provider.broadcastTransaction(raw)).wait();
  return receipt.status === 1;
}

async function sendAndAsk(raw) {
  const hash = await provider.send("eth_sendRawTransaction", [raw]);
  for (;;) {
    const receipt = await provider.send("eth_getTransactionReceipt", [hash]);
    if (receipt) return receipt.status === "0x1";
  }
}

await provider.getBlockNumber();  // connected, as our client is
const start = process.hrtime.bigint();
for (const raw of raws)
  if (!(await (asking ? sendAndAsk : broadcastAndWait)(raw))) throw new Error("a transaction failed: " + raw);
console.log(JSON.stringify({ seconds: Number(process.hrtime.bigint() - start) / 1e9 }));
provider.destroy();
