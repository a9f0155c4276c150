// What the benchmark needs of this machine, and what to do about what is missing.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { namespacesUnavailable } from '../../test/helpers/cluster/namespaces.mjs'

const PACKAGES = [
  'corosync',
  'libcpg-dev',
  'libcorosync-common-dev',
  'gcc',
  'libc6-dev',
  'iproute2',
  'util-linux',
]

/** Each thing that is missing, as a line; those of a package are mended by installing PACKAGES. */
function missing() {
  const programs = {
    corosync: 'corosync is missing (package corosync)',
    gcc: 'the C compiler gcc is missing (package gcc)',
    nsenter: 'nsenter is missing (package util-linux)',
    setpriv: 'setpriv is missing (package util-linux)',
    ip: 'the command ip is missing (package iproute2)',
  }
  const lines = Object.keys(programs)
    .filter((program) => !isProgram(program))
    .map((program) => programs[program])
  if (!existsSync('/usr/include/corosync/cpg.h')) {
    lines.push('the header corosync/cpg.h is missing (package libcpg-dev)')
  }
  return lines
}

/**
 * @param mayInstall install Debian's packages for what is missing
 * @returns why the benchmark cannot run here, as lines; none when it can
 */
export function unmetNeeds(mayInstall) {
  if (process.platform !== 'linux' || process.getuid() !== 0) {
    return ['hosts made of network namespaces need Linux and root: run this as root']
  }
  if (missing().length > 0 && mayInstall) install()
  const lines = missing()
  if (lines.length > 0) {
    const command = `apt-get install ${PACKAGES.join(' ')}`
    return [
      ...lines,
      `install them (Debian, Ubuntu: ${command}), or run this with --install to have that done`,
    ]
  }
  const reason = namespacesUnavailable()
  return reason === undefined ? [] : [reason]
}

export function corosyncVersion() {
  const { stdout } = spawnSync('corosync', ['-v'], { encoding: 'utf8' })
  return /version '([^']+)'/.exec(stdout ?? '')?.[1] ?? 'of an unknown version'
}

/** Of the optional library by which our executives hand many frames over at once; null without it. */
export function koffiVersion() {
  try {
    return createRequire(import.meta.url)('koffi').version
  } catch {
    return null
  }
}

function install() {
  const environment = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  for (const args of [['update'], ['install', '-y', ...PACKAGES]]) {
    spawnSync('apt-get', args, { stdio: ['ignore', 2, 2], env: environment })
  }
}

function isProgram(name) {
  const directories = (process.env.PATH ?? '').split(':')
  return directories.some((directory) => directory !== '' && existsSync(`${directory}/${name}`))
}
