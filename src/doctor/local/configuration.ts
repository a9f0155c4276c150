import { dirname } from 'node:path'
import { shellWord } from '../../base/index.js'
import {
  checkLease,
  chooseInterface,
  formatDiagnostic,
  listInterfaces,
  type Diagnostic,
} from '../../config/index.js'
import type { Check, CheckResult, DoctorContext } from '../check.js'

interface Subject {
  readonly id: string
  readonly title: string
}

/** A file by its findings: errors fail, warnings warn. */
function judgeFile(
  subject: Subject,
  path: string,
  diagnostics: readonly Diagnostic[],
  notice: string | null,
): CheckResult {
  const errors = diagnostics.filter(({ severity }) => severity === 'error').length
  const details = { path, errors, warnings: diagnostics.length - errors }
  const findings = diagnostics.map((diagnostic) => formatDiagnostic(path, diagnostic)).join('\n')
  if (diagnostics.length > 0) {
    const isMissing = diagnostics.some(({ code }) => code === 'file-missing')
    const remedy = isMissing
      ? `ais config init --config-dir ${shellWord(dirname(path))}`
      : `ais config validate ${path}`
    return { ...subject, status: errors > 0 ? 'fail' : 'warn', message: findings, remedy, details }
  }
  return { ...subject, status: 'ok', message: notice ?? `${path} is valid`, remedy: null, details }
}

const networkSubject: Subject = { id: 'configuration', title: 'configuration' }

/** network.conf, or another form of it. */
export const configuration: Check = {
  ...networkSubject,
  run: ({ network }) => Promise.resolve(judgeFile(networkSubject, network.path, network.diagnostics, null)),
}

const groupsSubject: Subject = { id: 'groups-configuration', title: 'groups configuration' }

/** groups.conf, or that there is none; and what of it does not go with network.conf. */
export const groupsConfiguration: Check = {
  ...groupsSubject,
  run: ({ network, groups }) => {
    const together = network.ok && groups.ok ? checkLease(groups.config, network.config) : []
    const diagnostics = [...groups.diagnostics, ...together]
    return Promise.resolve(judgeFile(groupsSubject, groups.path, diagnostics, groups.notice))
  },
}

const interfaceSubject: Subject = { id: 'interface', title: 'interface' }

/** Which address would be spoken from, and why this one. */
export const chosenInterface: Check = {
  ...interfaceSubject,
  run: (context) => Promise.resolve(judgeInterface(context)),
}

function judgeInterface({ network, choice }: DoctorContext): CheckResult {
  if (!network.ok) {
    const message = 'without a valid configuration no interface is chosen'
    return { ...interfaceSubject, status: 'skip', message, remedy: null, details: {} }
  }
  if (choice !== null) {
    const details = { address: choice.address, interface: choice.interface }
    return { ...interfaceSubject, status: 'ok', message: choice.reason, remedy: null, details }
  }
  const result = chooseInterface(network.config, listInterfaces())
  const diagnostic = result.ok ? null : result.diagnostic
  return {
    ...interfaceSubject,
    status: 'fail',
    message: diagnostic?.message ?? 'the interfaces of this machine change just now',
    remedy: diagnostic?.expected ?? 'try again',
    details: {},
  }
}
