// One of several components that back each other: says what it is to be, until Ctrl-C.
import { AisError, Amf } from 'ais'

const [component, socket] = process.argv.slice(2)

try {
  // The executive of this node; its socket may be named, else it is $AIS_SOCKET or the usual one.
  const amf = await Amf.initialize({ socket })
  amf.on('csiSet', ({ invocation, haState, csiDescriptor: { csiName, epoch } }) => {
    console.log(`${haState} for ${csiName}${haState === 'active' ? `, fencing token ${epoch}` : ''}`)
    void amf.response(invocation)
  })
  amf.on('csiRemove', ({ invocation, csiName }) => {
    console.log(`no more ${csiName}`)
    void amf.response(invocation)
  })
  amf.on('lapsed', ({ text }) => console.log(`taken back: ${text}`))
  process.once('SIGINT', () => void amf.finalize()) // another one takes over

  await amf.componentRegister(component ?? amf.componentNameGet())
  console.log('registered')
} catch (error) {
  if (!(error instanceof AisError)) throw error
  console.error(error.message)
  process.exit(1)
}
