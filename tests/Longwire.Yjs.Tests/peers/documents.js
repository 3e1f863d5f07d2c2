// Random documents that several clients edit at once. The same seed makes the same documents.
import * as Y from 'yjs'

export const randomFrom = seed => {
  let state = (seed * 2654435761 + 1) >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
  return { next, below: count => Math.floor(next() * count), pick: list => list[Math.floor(next() * list.length)], chance: share => next() < share }
}

const words = ['a', 'word', 'zwölf', '水', '🙂', '👩‍👧', 'é', '\u0000', ' ', '\n', 'x'.repeat(130), '"\\']

// No half of a surrogate pair: where such a text is split, yjs changes the character behind it, but only in the document in which it was written.
const text = random => {
  let made = random.pick(words)
  while (random.chance(0.5)) made += random.pick(words)
  return made
}

const value = (random, depth = 0) => {
  switch (random.below(depth > 2 ? 9 : 12)) {
    case 0: return null
    case 1: return undefined
    case 2: return random.chance(0.5)
    case 3: return random.below(100) - 50
    case 4: return (random.next() - 0.5) * 2 ** random.below(54)
    case 5: return random.pick([0, -0, 1e300, 1.5, -2147483648, 2147483647, 9007199254740991, -9007199254740991, 0.1])
    case 6: return BigInt(Math.floor((random.next() - 0.5) * 2 ** 60))
    case 7: return text(random) + random.pick(['', '\ud83d'])
    case 8: return new Uint8Array([1, 2, random.below(256)])
    case 9: return Array.from({ length: random.below(3) }, () => value(random, depth + 1))
    default: return Object.fromEntries(Array.from({ length: random.below(3) }, () => [text(random), value(random, depth + 1)]))
  }
}

// Lists take neither of the two by themselves, but inside of something.
const element = random => {
  const made = value(random)
  return made === undefined || typeof made === 'bigint' ? [made] : made
}

const json = random => random.pick([{ bold: true }, { color: text(random) }, { link: { href: text(random) } }, { bold: null }])

const nested = random => {
  switch (random.below(4)) {
    case 0: return new Y.Text(text(random))
    case 1: return Y.Array.from([random.below(9), text(random)])
    case 2: return new Y.Map([[text(random), random.below(9)]])
    default: return new Y.Doc({ autoLoad: random.chance(0.5), meta: random.chance(0.5) ? { a: 1 } : null })
  }
}

// The kind of content that only very old documents have.
const insertJson = (random, doc, array) => doc.transact(transaction => {
  const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
  const right = array._start
  array._searchMarker.length = 0
  new Y.Item(id, null, null, right, right === null ? null : right.id, array, null, new Y.ContentJSON([1, { a: text(random) }, undefined].slice(random.below(3)))).integrate(transaction, 0)
})

// A place that lies in no surrogate pair. Editors don't cut those either; and where one is cut, Yjs keeps halves that depend on what came first.
const place = (type, at) => {
  const units = type.toDelta().map(part => (typeof part.insert === 'string' ? part.insert : '.')).join('')
  const code = at > 0 && at < units.length ? units.charCodeAt(at) : 0
  return code >= 0xdc00 && code < 0xe000 ? at - 1 : at
}

const edit = (random, doc) => {
  const name = random.below(2)
  switch (random.below(12)) {
    case 0: case 1: case 2: case 3: {
      const type = doc.getText(`text-${name}`)
      if (type.length > 0 && random.chance(0.35)) {
        const at = place(type, random.below(type.length))
        type.delete(at, place(type, Math.min(type.length, at + 2 + random.below(random.chance(0.1) ? 200 : 6))) - at)
      } else if (type.length > 0 && random.chance(0.2)) {
        const at = place(type, random.below(type.length))
        type.format(at, place(type, Math.min(type.length, at + 2 + random.below(type.length - at))) - at, json(random))
      } else if (random.chance(0.1)) {
        type.insertEmbed(place(type, random.below(type.length + 1)), { image: text(random) })
      } else {
        type.insert(place(type, random.below(type.length + 1)), text(random), random.chance(0.2) ? json(random) : undefined)
      }
      break
    }
    case 4: case 5: case 6: {
      const type = doc.getArray(`array-${name}`)
      if (type.length > 0 && random.chance(0.35)) {
        const at = random.below(type.length)
        type.delete(at, Math.min(type.length - at, 1 + random.below(4)))
      } else if (random.chance(0.1)) {
        insertJson(random, doc, type)
      } else {
        type.insert(random.below(type.length + 1), Array.from({ length: 1 + random.below(4) }, () => random.chance(0.1) ? nested(random) : element(random)))
      }
      break
    }
    case 7: case 8: case 9: {
      const type = doc.getMap(`map-${name}`)
      const key = random.pick(['a', 'b', text(random)])
      if (random.chance(0.25)) type.delete(key)
      else type.set(key, random.chance(0.2) ? nested(random) : value(random))
      break
    }
    default: {
      const type = doc.getXmlFragment(`xml-${name}`)
      if (type.length > 0 && random.chance(0.3)) {
        type.delete(random.below(type.length), 1)
      } else {
        const added = new Y.XmlElement(random.pick(['p', 'h1', 'Ünit']))
        added.setAttribute('a', text(random))
        if (random.chance(0.3)) added.insert(0, [new Y.XmlText(text(random)), new Y.XmlHook('hook')])
        type.insert(random.below(type.length + 1), [random.chance(0.7) ? added : new Y.XmlText(text(random))])
      }
    }
  }
}

const clientId = random => random.chance(0.1) ? random.below(20) : random.chance(0.1) ? 2 ** 32 + random.below(1000) * 2 ** 20 : random.below(2 ** 32)

/// Makes documents, lets them edit and hear of each other, and collects updates of every kind.
export const generate = seed => {
  const random = randomFrom(seed)
  const documents = 2 + random.below(3)
  const docs = []
  const all = []
  for (let i = 0; i < documents; i++) {
    const doc = new Y.Doc({ gc: random.chance(0.7), guid: `doc-${i}` })
    do doc.clientID = clientId(random)
    while (docs.some(other => other.clientID === doc.clientID))
    doc.on('update', (update, origin) => { if (origin !== 'remote') all.push(update) })
    docs.push(doc)
  }

  const vectors = []
  const updates = []
  for (let steps = 3 + random.below(random.chance(0.1) ? 120 : 25); steps > 0; steps--) {
    const doc = random.pick(docs)
    if (random.chance(0.25)) {
      const other = random.pick(docs)
      Y.applyUpdate(doc, Y.encodeStateAsUpdate(other, Y.encodeStateVector(doc)), 'remote')
    } else if (random.chance(0.2)) {
      doc.transact(() => { for (let edits = 1 + random.below(5); edits > 0; edits--) edit(random, doc) })
    } else {
      edit(random, doc)
    }
    if (random.chance(0.05)) vectors.push(Y.encodeStateVector(doc))
    if (random.chance(0.03)) updates.push(Y.encodeStateAsUpdate(doc))
    if (random.chance(0.03)) updates.push(Y.encodeStateAsUpdate(doc, Y.encodeStateVector(random.pick(docs))))
  }

  // Half of the time nothing but what the documents said themselves, with or without losses; else states, differences, doubles and merged ones among it.
  if (random.chance(0.5)) updates.length = 0
  const share = random.chance(0.5) ? 1 : 0.7
  for (const update of all) if (random.chance(share)) updates.push(update)
  if (random.chance(0.3)) for (let i = updates.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [updates[i], updates[j]] = [updates[j], updates[i]]
  }
  if (random.chance(0.2) && updates.length > 3) updates.push(Y.mergeUpdates(updates.splice(random.below(updates.length - 2), 2)))
  if (random.chance(0.2) && updates.length > 0) updates.push(random.pick(updates))
  if (updates.length === 0) updates.push(Y.encodeStateAsUpdate(docs[0]))
  vectors.push(Y.encodeStateVector(random.pick(docs)), new Uint8Array([0]))
  // Clocks that cut structs anywhere, surrogate pairs too.
  const clocks = Y.decodeStateVector(Y.encodeStateVectorFromUpdate(Y.mergeUpdates(all)))
  for (const [client, clock] of clocks) clocks.set(client, random.below(clock + 2))
  vectors.push(Y.encodeStateVector(clocks))
  all.push(...docs.map(doc => Y.encodeStateAsUpdate(doc)))
  return { updates, all, vectors, documents }
}
