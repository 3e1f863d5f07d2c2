// What npm's yjs makes of updates: the judge of Longwire's own reading and writing of them.
import * as Y from 'yjs'
import * as encoding from 'lib0/encoding'
import * as decoding from 'lib0/decoding'
import { serve } from './frames.js'
import { generate } from './documents.js'

const scenarios = 0
const compare = 1
const judge = 2

const writeAll = (encoder, list) => {
  encoding.writeVarUint(encoder, list.length)
  for (const bytes of list) encoding.writeVarUint8Array(encoder, bytes)
}

// Whether bytes leave no choice: no clock is there twice, so that no struct has to be cut, and nothing was collected, as Yjs joins what was.
const isCanonical = updates => {
  const ranges = []
  for (const update of updates) {
    for (const struct of Y.decodeUpdate(update).structs) {
      if (struct.constructor === Y.Skip) continue
      if (struct.constructor === Y.GC) return false
      ranges.push([struct.id.client, struct.id.clock, struct.id.clock + struct.length])
    }
  }
  ranges.sort((one, other) => one[0] - other[0] || one[1] - other[1])
  return ranges.every((range, i) => i === 0 || ranges[i - 1][0] !== range[0] || ranges[i - 1][2] <= range[1])
}

const load = updates => {
  const doc = new Y.Doc()
  for (const update of updates) Y.applyUpdate(doc, update)
  return doc
}

const describe = doc => {
  const parts = {}
  for (const name of [...doc.share.keys()].sort()) {
    const kind = name.split('-')[0]
    const type = kind === 'text' ? doc.getText(name) : kind === 'map' ? doc.getMap(name) : kind === 'array' ? doc.getArray(name) : doc.getXmlFragment(name)
    parts[name] = kind === 'text' ? type.toDelta() : kind === 'xml' ? type.toString() : type.toJSON()
  }
  return JSON.stringify(parts, (_, value) => (typeof value === 'bigint' ? `${value}n` : value instanceof Uint8Array ? [...value] : value === undefined ? 'undefined' : value))
}

const equal = (one, other) => Buffer.compare(Buffer.from(one), Buffer.from(other)) === 0

// Whether two updates load to the same document: as they are, and once everything else has come, too.
const same = (one, other, rest) => {
  const first = load([one])
  const second = load([other])
  if (!equal(Y.encodeStateVector(first), Y.encodeStateVector(second))) return 'the state vectors differ'
  if (describe(first) !== describe(second)) return 'the contents differ'
  for (const update of rest) {
    Y.applyUpdate(first, update)
    Y.applyUpdate(second, update)
  }
  if (describe(first) !== describe(second)) return 'the contents differ once all has come'
  if (!equal(Y.encodeStateAsUpdate(first), Y.encodeStateAsUpdate(second))) return 'the states differ once all has come'
  return ''
}

serve(request => {
  const decoder = decoding.createDecoder(request)
  const encoder = encoding.createEncoder()
  switch (decoding.readVarUint(decoder)) {
    case scenarios: {
      const first = decoding.readVarUint(decoder)
      for (let count = decoding.readVarUint(decoder), seed = first; seed < first + count; seed++) {
        const { updates, all, vectors, documents } = generate(seed)
        const merged = Y.mergeUpdates(updates)
        encoding.writeVarUint(encoder, isCanonical(updates) ? 1 : 0)
        encoding.writeVarUint(encoder, documents)
        writeAll(encoder, updates)
        writeAll(encoder, all)
        encoding.writeVarUint8Array(encoder, merged)
        encoding.writeVarUint8Array(encoder, Y.encodeStateVectorFromUpdate(merged))
        encoding.writeVarUint(encoder, vectors.length)
        for (const vector of vectors) {
          encoding.writeVarUint8Array(encoder, vector)
          encoding.writeVarUint8Array(encoder, Y.diffUpdate(merged, vector))
        }
      }
      break
    }
    case compare: {
      const one = decoding.readVarUint8Array(decoder)
      const other = decoding.readVarUint8Array(decoder)
      const rest = []
      for (let count = decoding.readVarUint(decoder); count > 0; count--) rest.push(decoding.readVarUint8Array(decoder))
      let verdict
      try {
        verdict = same(one, other, rest)
      } catch (error) {
        verdict = String(error.stack)
      }
      encoding.writeVarString(encoder, verdict)
      break
    }
    case judge: {
      // Whether yjs can read an update.
      let verdict = ''
      try {
        const update = decoding.readVarUint8Array(decoder)
        Y.decodeUpdate(update)
        Y.mergeUpdates([update, new Uint8Array([0, 0])])
      } catch (error) {
        verdict = String(error)
      }
      encoding.writeVarString(encoder, verdict)
      break
    }
  }
  return encoding.toUint8Array(encoder)
})
