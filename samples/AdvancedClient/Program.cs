// A client of the advanced server, fit for trimming and ahead-of-time compilation: ADDRESS TOKEN. It joins a room, publishes what is typed, once
// and in order also over restarts, and prints what comes.
using System.Text.Json.Serialization;
using Longwire;
using Longwire.Hubs.Client;

await using var client = new HubClient(
    args[0],
    new()
    {
        Token = _ => Task.FromResult(args[1]),
        Outbox = Outbox.File("outbox.db"),
        Json = ChatJson.Default,
    }
);
client.StateChanged += (_, change) => Console.Error.WriteLine($"{change.State} {change.Reason}");
HubClientRoom room = client.Room("tea");
room.On<Say>((say, from) => Console.WriteLine($"{from.Username}: {say.Text}"));
await room.JoinAsync();
while (await Console.In.ReadLineAsync() is { } text)
{
    SendReceipt receipt = await room.PublishAsync(new Say(text));
    Console.WriteLine($"published at {(await receipt.Acked).Offset}");
}

[HubMessage("message")]
internal sealed record Say(string Text);

[JsonSerializable(typeof(Say))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class ChatJson : JsonSerializerContext;
