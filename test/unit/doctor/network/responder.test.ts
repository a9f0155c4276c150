import { limits } from '../../../../src/base/index.js'
import {
  AnswerBy,
  decodeProbe,
  encodeProbe,
  type ProbeRequest,
} from '../../../../src/doctor/network/probe-frame.js'
import { Responder, type Arrival } from '../../../../src/doctor/network/responder.js'

const options = {
  clusterHash: 7,
  netmtu: 1400,
  mcastPort: 6000,
  isPortHeld: true,
  serves: (address: string) => address.startsWith('10.99.0.'),
}
const asked: ProbeRequest = {
  kind: 'request',
  answerBy: AnswerBy.echo,
  clusterHash: 9,
  session: 77,
  number: 3,
  askedAtUs: 1_000_000,
  netmtu: 1500,
  answerPort: 5999,
  answerOctets: 300,
}

function arrival(request: Partial<ProbeRequest> = {}, rest: Partial<Arrival> = {}): Arrival {
  const frame = encodeProbe({ ...asked, ...request }, 200)
  return {
    frame,
    address: '10.99.0.1',
    port: 4321,
    byGroup: false,
    nowMs: 0,
    receivedAtUs: 2_000_000,
    ...rest,
  }
}

test('a request is answered at the port it came from, and no longer than it is', () => {
  const reply = new Responder(options, 0).take(arrival())
  if (typeof reply === 'string') throw new Error(reply)
  expect([reply.by, reply.port, reply.octets]).toEqual([AnswerBy.echo, 4321, 200])
  const frame = reply.seal(2_000_500)
  expect(frame).toHaveLength(200)
  expect(decodeProbe(frame)).toEqual({
    kind: 'answer',
    answerBy: AnswerBy.echo,
    clusterHash: 7,
    session: 77,
    number: 3,
    askedAtUs: 1_000_000,
    netmtu: 1400,
    receivedAtUs: 2_000_000,
    answeredAtUs: 2_000_500,
    requestOctets: 200,
    cameByGroup: false,
    isPortHeld: true,
  })
})

test('a shorter answer is given where one is asked for', () => {
  const reply = new Responder(options, 0).take(arrival({ answerOctets: 100 }))
  expect(reply).toMatchObject({ octets: 100 })
})

test('a new flow goes to the two ports of a cluster, to no other', () => {
  const responder = new Responder(options, 0)
  const to = (answerPort: number): unknown =>
    responder.take(arrival({ answerBy: AnswerBy.newFlow, answerPort }))
  expect(to(5999)).toMatchObject({ by: AnswerBy.newFlow, port: 5999 })
  expect(to(6000)).toMatchObject({ port: 6000 })
  expect([to(53), to(0), to(6001)]).toEqual(['malformed', 'malformed', 'malformed'])
})

test('what came by the group is not answered by the group', () => {
  const responder = new Responder(options, 0)
  expect(responder.take(arrival({ answerBy: AnswerBy.group }))).toMatchObject({ by: AnswerBy.group })
  expect(responder.take(arrival({ answerBy: AnswerBy.group }, { byGroup: true }))).toBe('malformed')
})

test('answers, noise and strangers get nothing, and are counted', () => {
  const responder = new Responder(options, 0)
  const reply = responder.take(arrival())
  if (typeof reply === 'string') throw new Error(reply)
  expect(responder.take(arrival({}, { frame: reply.seal(1) }))).toBe('not a request')
  expect(responder.take(arrival({}, { frame: new Uint8Array(1000) }))).toBe('malformed')
  expect(responder.take(arrival({}, { address: '192.0.2.1' }))).toBe('stranger')
  expect(responder.ignored).toEqual({ malformed: 1, 'not a request': 1, stranger: 1, 'too many': 0 })
  expect([...responder.strangers]).toEqual(['192.0.2.1'])
  expect([...responder.askers]).toEqual([['10.99.0.1', expect.objectContaining({ requests: 1 })]])
})

/** Answers to a flood that lasts a second, a request every tenth of a millisecond. */
function answersOfASecond(responder: Responder, of: (index: number) => Arrival): number {
  let answers = 0
  for (let index = 0; index < 10_000; index++) {
    if (typeof responder.take({ ...of(index), nowMs: index / 10 }) !== 'string') answers++
  }
  return answers
}

/** A tenth of what may be sent in a second may be sent at once. */
const inASecond = (perSecond: number): number => Math.ceil(perSecond * 1.1)

test('one asker gets so many answers a second, all together so many, the group fewer', () => {
  const one = answersOfASecond(new Responder(options, 0), () => arrival())
  expect(one).toBeLessThanOrEqual(inASecond(limits.doctorAnswersPerSecondOfAsker))
  expect(one).toBeGreaterThan(limits.doctorAnswersPerSecondOfAsker * 0.9)
  const many = answersOfASecond(new Responder(options, 0), (index) =>
    arrival({}, { address: `10.99.0.${index % 200}` }),
  )
  expect(many).toBeLessThanOrEqual(inASecond(limits.doctorAnswersPerSecond))
  expect(many).toBeGreaterThan(limits.doctorAnswersPerSecond * 0.9)
  const group = answersOfASecond(new Responder(options, 0), () => arrival({ answerBy: AnswerBy.group }))
  expect(group).toBeLessThanOrEqual(inASecond(limits.doctorGroupAnswersPerSecond))
  expect(group).toBeGreaterThan(limits.doctorGroupAnswersPerSecond * 0.9)
})

test('octets are bounded as well', () => {
  const responder = new Responder(options, 0)
  const frame = encodeProbe({ ...asked, answerOctets: 60_000 }, 60_000)
  const answers = answersOfASecond(responder, (index) => ({
    ...arrival(),
    frame,
    address: `10.99.0.${index % 200}`,
  }))
  expect(answers * 60_000).toBeLessThanOrEqual(inASecond(limits.doctorAnswerOctetsPerSecond))
  expect(answers).toBeGreaterThan(100)
})

test('as many askers are remembered as the limit says, and strangers too', () => {
  const responder = new Responder({ ...options, serves: (address) => address.startsWith('10.') }, 0)
  for (let index = 0; index < 1000; index++) {
    const host = `${index >> 8}.${index & 255}`
    responder.take(arrival({}, { address: `10.1.${host}`, nowMs: index }))
    responder.take(arrival({}, { address: `192.168.${host}`, nowMs: index }))
  }
  expect([responder.askers.size, responder.strangers.size]).toEqual([
    limits.doctorAskers,
    limits.doctorAskers,
  ])
})
