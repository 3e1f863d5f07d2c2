// Runs in a browser and in Node: does to an editor (a doc, its text and its provider) what a test says.

export const perform = (origin, name, editor) => {
  const socket = new WebSocket(`${origin.replace('http', 'ws')}/stage/${name}`)
  socket.onmessage = async ({ data }) => {
    const { id, code } = JSON.parse(data)
    try {
      const value = await new Function('editor', 'write', `return (async () => { ${code} })()`)(editor, write)
      socket.send(JSON.stringify({ id, value: value ?? null }))
    } catch (error) {
      socket.send(JSON.stringify({ id, error: String(error.stack) }))
    }
  }
}

// Edits at random, now and then with a pause in which others' edits come in.
const write = async (editor, seed, edits) => {
  let state = seed >>> 0
  const below = count => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 4294967296) * count)
  }
  for (; edits > 0; edits--) {
    const { text } = editor
    if (text.length > 10 && below(3) === 0) {
      const at = below(text.length - 5)
      text.delete(at, 1 + below(5))
    } else {
      text.insert(below(text.length + 1), ['a', 'word ', 'zwölf', '水', '\n'][below(5)])
    }
    if (below(4) === 0) await new Promise(done => setTimeout(done, below(8)))
  }
}
