// Node 20 may spin for ever when it takes itself down behind the last test (nodejs/node#47748). A process that has succeeded leaves before
// that begins: its event loop has run empty, and all others that listen for the end are called first.
process.on('exit', function leave(code) {
  if (code !== 0) return;
  for (const listener of process.listeners('exit')) {
    if (listener !== leave) listener.call(process, code);
  }
  process.reallyExit(process.exitCode ?? code);
});
