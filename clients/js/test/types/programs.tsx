// Programs as a user writes them: they must compile against the package.
import { HubClient, ReconnectingWebSocket, WebSocketClient, type RoomMessage } from 'longwire';
import { HubProvider, useConnectionState, usePresence, useRoom } from 'longwire/react';
import { TestHub } from 'longwire/testing';

declare function key(): string;
declare function fetchToken(): Promise<string>;
declare const list: { append(text: string): void; reload(): void };
declare function hint(name: string, on: boolean): void;

interface ChatContract {
  message: { text: string };
  messages: { typing: { on: boolean }; edit: { at: number } };
  requests: { search: { request: { text: string }; reply: string[] } };
  asks: { confirm: { content: { text: string }; reply: boolean } };
}

const socket = new ReconnectingWebSocket(() => `wss://feed.example.com?key=${key()}`);
const asAWebSocket: WebSocket = socket;
socket.onmessage = ({ data }) => list.append(data);
socket.addEventListener('reconnecting', ({ attempt, delay, reason }) => hint(`${attempt} ${delay} ${reason}`, false));

const client = new HubClient<ChatContract>('/hub', { token: () => fetchToken(), tabs: 'shared', outbox: 'indexeddb' });
const room = client.room('chat:general', { history: 50, presence: true });
room.on('message', m => list.append(`${m.username}: ${m.message.text}`));
room.on('typing', (t, from) => hint(from.username, t.on));
room.on('reset', () => list.reload());
await room.join();
const receipt = room.publish({ text: 'Hello' });
const offset: number | undefined = (await receipt.acked).offset;
const dropped: boolean = !room.send('typing', { on: true });
room.publish('edit', { at: 5 }, { key: 'line 1', version: 2 });
room.presence.on('change', p => hint(`${p.users} of ${offset}`, dropped));
client.me.on('notification', n => list.append(n.title));
const found: string[] = await room.ask('search', { text: 'hi' }, { timeout: 5000 });
client.onAsk('confirm', c => c.text === found[0]);
// @ts-expect-error: a field that the contract doesn't have
room.publish({ texts: 'Hello' });
// @ts-expect-error: a type of another kind
room.send('typing', { on: 'yes' });
// @ts-expect-error: a request that the contract doesn't have
void room.ask('serach', {});

const documents = new WebSocketClient('ws://localhost:8080', { reconnect: true, maxReconnectAttempts: 5 });
documents.on('connect', () => documents.send({ type: 'auth', token: 'abc123' }));

const untyped = new HubClient('wss://chat.example.com/hub');
untyped.room('r').on('anything', (message: RoomMessage) => list.append(String(message.offset)));

export function Chat({ name }: { name: string }) {
  const { messages, publish } = useRoom<{ text: string }>(`chat:${name}`, { history: 50 }), { members } = usePresence(`chat:${name}`);
  return <p onClick={() => publish({ text: 'clicked' })}>{useConnectionState()} {messages.map(m => m.message.text)} {members.length}</p>;
}
export const App = () => <HubProvider client={client}><Chat name="general" /></HubProvider>;

const hub = new TestHub();
export const tested = [new HubClient('ws://hub.test/', { ...hub.options }), asAWebSocket, hub.clock.advance(1_000)];
