import { TransportError } from '../../transport/index.js'
import type { DoctorContext } from '../check.js'
import { letThroughRemedy } from '../local/firewall/firewall.js'
import { fail, skip, type Finding } from './finding.js'
import { judgeMulticast, observeMulticast } from './multicast.js'
import { judgeOthers } from './other-cluster.js'
import { judgeReach, unanswered } from './reach.js'
import { judgeSizes } from './sizes.js'
import { surveyOf, type Survey } from './survey.js'
import { readInterface } from './system.js'
import { judgeClock, judgeLoss, judgeRoundTrip, type PeerTiming } from './timing.js'
import { judgeUnicastPort, observeUnicastPort } from './unicast-port.js'

/** A finding with the id and title of its check. */
export type NetworkResult = Finding & { readonly id: string; readonly title: string }

export interface NetworkCheck {
  readonly id: string
  readonly title: string
  readonly run: (context: DoctorContext) => Promise<readonly NetworkResult[]>
}

type Examine = (survey: Survey, context: DoctorContext) => Promise<Finding | readonly Finding[]>

function check(id: string, title: string, examine: Examine): NetworkCheck {
  const run = async (context: DoctorContext): Promise<readonly NetworkResult[]> => {
    const survey = surveyOf(context)
    const findings =
      survey === null
        ? skip('without a configuration and an interface there is nothing to try')
        : await examined(survey, context, examine)
    return [findings].flat().map((finding) => ({ id, title, ...finding }))
  }
  return { id, title, run }
}

/** A socket that cannot be opened is a finding as well. */
async function examined(
  survey: Survey,
  context: DoctorContext,
  examine: Examine,
): Promise<Finding | readonly Finding[]> {
  try {
    return await examine(survey, context)
  } catch (error) {
    if (!(error instanceof TransportError)) throw error
    return fail(error.message, error.hint)
  }
}

const multicast = check('multicast', 'multicast', async (survey, context) => {
  const seen = await observeMulticast(survey.place, context.readText)
  if (seen.openError !== null) return judgeMulticast(survey.place, seen, [])
  const reaches = await survey.reaches()
  const filterRemedy = seen.cameBack ? undefined : await letThroughRemedy(context)
  return judgeMulticast(survey.place, { ...seen, filterRemedy }, reaches)
})

const unicastPort = check('unicast-port', 'unicast port', async ({ place }, { network, readText }) => {
  const socket = network.ok ? network.config.socket : null
  return judgeUnicastPort(place, await observeUnicastPort(place, socket, readText))
})

const otherCluster = check('other-cluster', 'other clusters', async (survey) =>
  judgeOthers(survey.place, await survey.heard()),
)

const peer = check('peer', 'peer', async (survey, context) => {
  const { readText } = context
  const filterRemedy = (): Promise<string> => letThroughRemedy(context)
  const findings: Finding[] = []
  for (const reach of await survey.reaches()) {
    const isHeard = await survey.isMemberHeard(reach.peer)
    findings.push(await judgeReach(survey.place, reach, isHeard, readText, filterRemedy))
  }
  return findings
})

const sizes = check('sizes', 'packet sizes', async (survey, { readText }) => {
  const [reaches, measured] = [await survey.reaches(), await survey.sizes()]
  const state = await readInterface(survey.place.interface, readText)
  return reaches.map((reach, index) => {
    const found = measured[index]
    return found ? judgeSizes(survey.place, reach, found, state) : unanswered(reach.peer)
  })
})

function timed(
  id: string,
  title: string,
  judge: (survey: Survey, timing: PeerTiming) => Finding,
): NetworkCheck {
  return check(id, title, async (survey) => {
    const timings = await survey.timings()
    return survey.peers.map((address, index) => {
      const timing = timings[index]
      return timing ? judge(survey, timing) : unanswered(address)
    })
  })
}

/** What is tried with this machine alone. */
export const networkChecks: readonly NetworkCheck[] = [multicast, unicastPort, otherCluster]

/** What is tried with each of the peers, where any are given. */
export const peerChecks: readonly NetworkCheck[] = [
  peer,
  sizes,
  timed('loss', 'loss', (_, timing) => judgeLoss(timing)),
  timed('round-trip', 'round trip', (survey, timing) => judgeRoundTrip(survey.place, timing)),
  timed('clock', 'clock', (_, timing) => judgeClock(timing)),
]
