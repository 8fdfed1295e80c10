// An IPFS node of its own, without a network: node serve.mjs FOLDER PORT. Prints "ready" and serves
// the HTTP API on 127.0.0.1:PORT until it is ended.

// Older than the packages expect.
Promise.withResolvers ??= function withResolvers() {
  let resolve, reject
  const promise = new Promise((yes, no) => { resolve = yes; reject = no })
  return { promise, resolve, reject }
}

const [folder, port] = process.argv.slice(2)
if (!folder || !(Number(port) > 0)) {
  console.error('usage: node serve.mjs FOLDER PORT')
  process.exit(2)
}
const { create } = await import('ipfs-core')
const { HttpApi } = await import('ipfs-http-server')

const node = await create({
  repo: folder,
  offline: true,
  silent: true,
  config: {
    Addresses: { Swarm: [], API: `/ip4/127.0.0.1/tcp/${port}`, Gateway: '' },
    Bootstrap: [],
    Discovery: { MDNS: { Enabled: false }, webRTCStar: { Enabled: false } }
  }
})
const api = new HttpApi(node)
await api.start()
console.log('ready')

const stop = async () => {
  await api.stop()
  await node.stop()
  process.exit(0)
}
process.on('SIGTERM', stop)
process.on('SIGINT', stop)
