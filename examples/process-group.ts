// Joins a process group, sends the texts it was given, and shows what comes and who is there, until Ctrl-C.
import { Cpg } from 'ais'

const [name = 'orders', ...texts] = process.argv.slice(2)
const cpg = await Cpg.initialize()
const group = await cpg.join(name, {
  deliver: (payload, from) => console.log(`${from.nodeId}: ${Buffer.from(payload).toString()}`),
  membership: ({ members }) => console.log(`${members.length} in ${name}`),
})
process.once('SIGINT', () => void cpg.finalize())
for (const text of texts) await group.multicast(Buffer.from(text))
