// How fast npm's yjs merges updates and takes differences: prints mebibytes a second of each, as JSON. Usage: updates.js FILE-OF-UPDATES STATE-VECTOR SECONDS
import { readFileSync } from 'node:fs'
import * as Y from 'yjs'
import * as decoding from 'lib0/decoding'

const [file, vectorFile, seconds] = process.argv.slice(2)
const decoder = decoding.createDecoder(readFileSync(file))
const updates = []
while (decoding.hasContent(decoder)) updates.push(decoding.readVarUint8Array(decoder))
const bytes = updates.reduce((sum, update) => sum + update.length, 0)
const vector = readFileSync(vectorFile)
const merged = Y.mergeUpdates(updates)

const measure = (work, size) => {
  const until = length => {
    const start = process.hrtime.bigint()
    let times = 0
    while (Number(process.hrtime.bigint() - start) < length * 1e9) {
      work()
      times++
    }
    return (times * size) / (Number(process.hrtime.bigint() - start) / 1e9) / 2 ** 20
  }
  until(seconds / 3)
  return until(Number(seconds))
}
console.log(JSON.stringify({
  merge: measure(() => Y.mergeUpdates(updates), bytes),
  difference: measure(() => Y.diffUpdate(merged, vector), merged.length)
}))
