// One process that opens connections without end: flooder.mjs SOCKET COUNT silent|greeting. Prints a line of
// JSON when COUNT connections were made, and keeps what the executive leaves it until it is killed.
import { createConnection } from 'node:net'
import { Packr } from 'msgpackr'

const [path, countText, manner] = process.argv.slice(2)
const count = Number(countText)
const AT_A_TIME = 100

const hello = frame([0, { magic: 'ais', versions: [1], program: 'flooder', pid: process.pid }])
let begun = 0
let opened = 0
let closed = 0

function frame(message) {
  const octets = new Packr({ useRecords: false }).pack(message)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(octets.length)
  return Buffer.concat([length, octets])
}

function begin() {
  if (begun === count) return
  begun++
  connect()
}

function connect() {
  const socket = createConnection(path)
  let isOpen = false
  socket.on('connect', () => {
    isOpen = true
    opened++
    if (manner === 'greeting') socket.write(hello)
    if (opened === count) process.stdout.write(`${JSON.stringify({ opened, closed })}\n`)
    begin()
  })
  socket.on('error', (error) => {
    // The system lets only so many wait at a time.
    if (error.code === 'EAGAIN' || (!isOpen && error.code === 'ECONNRESET')) setTimeout(connect, 1)
  })
  socket.on('close', () => {
    if (isOpen) closed++
  })
  socket.resume()
}

for (let i = 0; i < AT_A_TIME; i++) begin()
