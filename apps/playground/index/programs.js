import { socketAddress } from '../common/dom.js';

const hub = socketAddress('ws').href.replace(/\?.*$/, '');
const http = new URL('ws', location.href).href.replace(/\?.*$/, '');

/** Programs to copy, each with this server's address; a test runs them. */
export const programs = {
  js: {
    text: `const socket = new WebSocket('${hub}');
const send = (request) => socket.send(JSON.stringify(request));
socket.onmessage = (event) => console.log(JSON.parse(event.data));
socket.onopen = () => {
  send({ type: 'auth', token: 'valid-token', username: 'JavaScript' });
  send({ type: 'join-room', room: 'general' });
  send({ type: 'message', room: 'general', content: 'Hello from JavaScript' });
};
`,
    how: 'In the console of this page, or in Node 22. The npm package longwire comes back by itself and loses nothing: the pages here are written with it.',
  },
  csharp: {
    text: `using Longwire;
using Longwire.Client;

WebSocketConnection socket = await WebSocketClient.ConnectAsync(new Uri("${hub}"));
await socket.SendTextAsync("""{"type":"auth","token":"valid-token","username":"C#"}""");
await socket.SendTextAsync("""{"type":"join-room","room":"general"}""");
await socket.SendTextAsync("""{"type":"message","room":"general","content":"Hello from C#"}""");
await foreach (WebSocketMessage message in socket.ReadAllAsync())
{
    Console.WriteLine(message.Text);
}
`,
    how: 'dotnet new console, then dotnet add package Longwire.Client. HubClient, of Longwire.Hubs.Client, comes back by itself and loses nothing.',
  },
  server: {
    text: `using Longwire.Hubs;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.Services.AddLongwireHub(hub => hub.AllowGuests = true);
WebApplication app = builder.Build();
app.MapLongwireHub("/ws").MapRoom("{room}").WithPresence().WithHistory(100, TimeSpan.FromHours(1));
app.Run();
`,
    how: 'dotnet new web, then dotnet add package Longwire.Hubs: rooms with presence and history, as this server has them.',
  },
  python: {
    text: `import asyncio, json, websockets

async def main():
    async with websockets.connect("${hub}") as socket:
        for request in (
            {"type": "auth", "token": "valid-token", "username": "Python"},
            {"type": "join-room", "room": "general"},
            {"type": "message", "room": "general", "content": "Hello from Python"},
        ):
            await socket.send(json.dumps(request))
        async for message in socket:
            print(message)

asyncio.run(main())
`,
    how: 'pip install websockets. There is nothing of ours in it: any WebSocket client talks to the hub in JSON.',
  },
  curl: {
    text: `curl -N -i --http1.1 --output - \\
  -H "Connection: Upgrade" -H "Upgrade: websocket" \\
  -H "Sec-WebSocket-Version: 13" -H "Sec-WebSocket-Key: SGVsbG8sIExvbmd3aXJlIQ==" \\
  ${http}
`,
    how: 'The handshake as it is: 101 Switching Protocols, the answer to the key, and the first frame. Ctrl-C hangs up.',
  },
};
