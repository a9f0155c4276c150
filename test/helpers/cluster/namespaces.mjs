import { spawnSync } from 'node:child_process'

let made = 0

/** Why hosts made of network namespaces cannot be had here, or undefined when they can. */
export function namespacesUnavailable() {
  if (process.platform !== 'linux') return 'network namespaces are a thing of Linux'
  if (process.getuid() !== 0) return 'network namespaces need root'
  const name = `ais-${process.pid}-probe`
  const result = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' })
  if (result.error) return `the command ip (iproute2) is missing: ${result.error.message}`
  if (result.status !== 0) return `ip netns add failed: ${result.stderr.trim()}`
  const probe = spawnSync('ip', ['-n', name, 'link', 'add', 'sw0', 'type', 'bridge'], { encoding: 'utf8' })
  spawnSync('ip', ['netns', 'del', name])
  return probe.status === 0 ? undefined : `a bridge cannot be made: ${probe.stderr.trim()}`
}

/** Hosts on a bridge, each a network namespace; the bridge has one too. Names are of this process alone. */
export class Namespaces {
  #names = []

  constructor(count) {
    const base = `ais-${process.pid}-${++made}`
    this.switchName = `${base}-s`
    this.hosts = []
    try {
      this.#add(this.switchName)
      ip('-n', this.switchName, 'link', 'add', 'sw0', 'type', 'bridge', 'mcast_snooping', '0')
      ip('-n', this.switchName, 'link', 'set', 'sw0', 'up')
      for (let index = 0; index < count; index++) this.#addHost(`${base}-${index + 1}`, index)
    } catch (error) {
      this.close()
      throw error
    }
  }

  /** Pull the plug at the host: its own interface goes down. */
  linkDown(index) {
    ip('-n', this.#hostName(index), 'link', 'set', 'eth0', 'down')
  }

  linkUp(index) {
    ip('-n', this.#hostName(index), 'link', 'set', 'eth0', 'up')
  }

  /** Cut the cable beyond the host: nothing passes, and no interface of the host notices. */
  cut(index) {
    ip('-n', this.switchName, 'link', 'set', portName(index), 'nomaster')
  }

  mend(index) {
    ip('-n', this.switchName, 'link', 'set', portName(index), 'master', 'sw0')
  }

  /** `ip` at a host, say ('link', 'set', 'eth0', 'mtu', '1000'). */
  atHost(index, ...args) {
    ip('-n', this.#hostName(index), ...args)
  }

  /** `ip` at the bridge; the port of a host is called port1, port2 … */
  atSwitch(...args) {
    ip('-n', this.switchName, ...args)
  }

  /** Whether the bridge passes multicast on to a host. */
  setMulticastFlood(index, isOn) {
    const flood = ['link', 'set', 'dev', portName(index), 'mcast_flood', isOn ? 'on' : 'off']
    run('ip', 'netns', 'exec', this.switchName, 'bridge', ...flood)
  }

  close() {
    for (const name of this.#names.splice(0)) spawnSync('ip', ['netns', 'del', name])
  }

  #addHost(name, index) {
    const address = `10.99.0.${index + 1}`
    this.#add(name)
    ip(
      '-n',
      this.switchName,
      'link',
      'add',
      portName(index),
      'type',
      'veth',
      'peer',
      'name',
      'eth0',
      'netns',
      name,
    )
    ip('-n', this.switchName, 'link', 'set', portName(index), 'master', 'sw0', 'up')
    ip('-n', name, 'address', 'add', `${address}/24`, 'dev', 'eth0')
    ip('-n', name, 'link', 'set', 'lo', 'up')
    ip('-n', name, 'link', 'set', 'eth0', 'up')
    this.hosts.push({ address, prefix: ['ip', 'netns', 'exec', name] })
  }

  #add(name) {
    ip('netns', 'add', name)
    this.#names.push(name)
  }

  #hostName(index) {
    return this.#names[index + 1]
  }
}

function portName(index) {
  return `port${index + 1}`
}

function ip(...args) {
  run('ip', ...args)
}

function run(program, ...args) {
  const result = spawnSync(program, args, { encoding: 'utf8' })
  if (result.status === 0) return
  throw new Error(`${program} ${args.join(' ')}: ${result.error ?? result.stderr.trim()}`)
}
