// How fast npm's yjs merges updates and takes differences: prints mebibytes a second of each, as JSON. Usage: updates.js FOLDER SECONDS, with the
// files strokes and halves (updates, each behind its length), whole (an update) and vector (a state vector) in the folder.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Y from 'yjs'
import * as decoding from 'lib0/decoding'

const [folder, seconds] = process.argv.slice(2)
const read = name => new Uint8Array(readFileSync(join(folder, name)))
const readMany = name => {
  const decoder = decoding.createDecoder(read(name))
  const updates = []
  while (decoding.hasContent(decoder)) updates.push(decoding.readVarUint8Array(decoder))
  return updates
}
const sizeOf = updates => updates.reduce((sum, update) => sum + update.length, 0)
const [strokes, halves, whole, vector] = [readMany('strokes'), readMany('halves'), read('whole'), read('vector')]

const measure = (work, size) => {
  const until = length => {
    const start = process.hrtime.bigint()
    let times = 0
    do {
      work()
      times++
    } while (Number(process.hrtime.bigint() - start) < length * 1e9)
    return (times * size) / (Number(process.hrtime.bigint() - start) / 1e9) / 2 ** 20
  }
  until(seconds / 3)
  return until(Number(seconds))
}
console.log(JSON.stringify({
  strokes: measure(() => Y.mergeUpdates(strokes), sizeOf(strokes)),
  halves: measure(() => Y.mergeUpdates(halves), sizeOf(halves)),
  difference: measure(() => Y.diffUpdate(whole, vector), whole.length)
}))
