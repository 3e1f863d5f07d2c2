// longwire/react, rendered on the server's side of React and by a renderer of this test: no page is needed for what hooks do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createElement, StrictMode } from 'react';
import { renderToString } from 'react-dom/server';
import { HubClient } from 'longwire';
import { HubProvider, useConnectionState, usePresence, useRoom } from 'longwire/react';
import { TestHub } from 'longwire/testing';

function Chat() {
  const { messages, publish } = useRoom('r', { history: 50 }), { users } = usePresence('r');
  return createElement('p', {}, `${useConnectionState()} ${messages.length} ${users} ${typeof publish}`);
}

test('Rendered on a server it shows a client that has not started, and starts nothing', async () => {
  const hub = new TestHub();
  const client = new HubClient('ws://hub.test/hub', hub.options);
  const html = renderToString(createElement(StrictMode, {}, createElement(HubProvider, { client }, createElement(Chat))));
  assert.equal(html, '<p>idle 0 0 function</p>');
  await hub.clock.advance(1_000);
  assert.equal(hub.sockets.length, 0);
});

test('Without a provider above the error says what to write', () => {
  assert.throws(() => renderToString(createElement(Chat)), /HubProvider/);
});
