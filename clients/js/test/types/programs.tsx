// Programs as a user writes them: they must compile against the package.
import { HubClient, ReconnectingWebSocket, WebSocketClient, type RoomMessage } from 'longwire';
import { HubProvider, useConnectionState, usePresence, useRoom } from 'longwire/react';
import { liveMap, presence, readMarkers } from 'longwire/state';
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
const room = client.room('chat:general', { history: 50 });
room.on('message', m => list.append(`${m.username}: ${m.message.text}`));
room.on('typing', (t, from) => hint(from.username, t.on));
room.on('reset', () => list.reload());
await room.join();
const receipt = room.publish({ text: 'Hello' });
const offset: number | undefined = (await receipt.acked).offset;
const dropped: boolean = !room.send('typing', { on: true });
room.publish('edit', { at: 5 }, { key: 'line 1', version: 2 });
const present = presence(room);
present.on('change', p => hint(`${p.users} of ${offset}`, dropped));
void present.update({ away: true });
const marks = readMarkers(client.me);
marks.on('change', ({ unread }) => hint(`${unread}`, false));
void marks.markRead();
interface Card { title: string; column: 'todo' | 'done' }
const cards = liveMap<Card>(client.room('board:7'), 'card/');
cards.on('change', ({ key, isRemoved }) => hint(key ?? 'all', isRemoved));
const version: number = await cards.put('42', { title: 'Tea', column: 'todo' }, { ifNew: true });
await cards.update('42', c => ({ ...c, column: 'done' }));
await cards.remove('42', { ifVersion: version });
// @ts-expect-error: no card
void cards.put('43', { title: 'Tea' });
client.me.on('notification', n => list.append(n.title));
const found: string[] = await room.ask('search', { text: 'hi' }, { timeout: 5000 });
client.onAsk('confirm', c => c.text === found[0]);
// @ts-expect-error: a field that the contract doesn't have
room.publish({ texts: 'Hello' });
// @ts-expect-error: a type of another kind
room.send('typing', { on: 'yes' });
// @ts-expect-error: a request that the contract doesn't have
void room.ask('serach', {});

interface BoardContract {
  rooms: [
    ['board:lobby', { message: never; messages: { opened: { board: number } }; requests: {} }],
    [`board:${number}`, {
      message: { card: string }; messages: {}; requests: { count: { request: {}; reply: number } };
      maps: { 'card/': { title: string }; 'votes/': number };
    }],
    [`chat:${string}`, { message: string; messages: {}; requests: {} }],
  ];
  messages: { invited: { board: number } };
  requests: { sum: { request: { of: number[] }; reply: number } };
  asks: {};
}

const boards = new HubClient<BoardContract>('/hub');
boards.room('board:lobby').on('opened', ({ board }) => hint(`${board + 1}`, true));
boards.room('board:7').publish({ card: 'tea' });
boards.room(`board:${offset ?? 1}`).on('message', ({ message }) => list.append(message.card));
boards.room(`chat:${key()}`).publish('hello');
boards.me.on('invited', ({ board }) => hint(`${board}`, true));
boards.me.on('notification', n => list.append(n.title));
const counted: number = await boards.room('board:7').ask('count', {}) + await boards.ask('sum', { of: [1] });
hint(`${counted}`, true);
const titles: string[] = Array.from(liveMap(boards.room('board:7'), 'card/').items.values(), ({ title }) => title);
const votes: number | undefined = liveMap(boards.room('board:7'), 'votes/').get(titles[0] ?? '');
hint(`${votes}`, true);
// @ts-expect-error: another type
void liveMap(boards.room('board:7'), 'votes/').put('1', 'many');
// @ts-expect-error: the map holds nothing there
liveMap(boards.room('board:7'), 'cards/');
// @ts-expect-error: no room has such a name
boards.room('borad:7');
// @ts-expect-error: another room's message
boards.room('board:7').publish('hello');
// @ts-expect-error: nobody publishes there
boards.room('board:lobby').publish({});
// @ts-expect-error: a request of another room
void boards.room('chat:x').ask('count', {});

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
