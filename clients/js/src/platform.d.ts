/** `platform-node.ts` or `platform-browser.ts`, as the `imports` of package.json choose. */
declare module '#platform' {
  export const WebSocket: import('./socket/options.js').WebSocketClass;
}
