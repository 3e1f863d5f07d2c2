// Requests and answers as frames on standard input and output: a length in four bytes, then the frame.

export const serve = answer => {
  let pending = Buffer.alloc(0)
  process.stdin.on('data', chunk => {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk])
    while (pending.length >= 4) {
      const length = pending.readUInt32LE(0)
      if (pending.length < 4 + length) break
      const reply = answer(pending.subarray(4, 4 + length))
      pending = pending.subarray(4 + length)
      const header = Buffer.alloc(4)
      header.writeUInt32LE(reply.length)
      process.stdout.write(header)
      process.stdout.write(reply)
    }
  })
  process.stdin.on('end', () => process.exit(0))
}
