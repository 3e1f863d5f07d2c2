// Publishes numbers without end, with an outbox in a file, until it is killed: ADDRESS TOKEN FILE RUN. Prints each number once it is in the
// outbox, and "acked N" once the hub has it.
using Longwire.Client;
using Longwire.Hubs.Client;

var options = new HubClientOptions
{
    Token = _ => Task.FromResult(args[1]),
    Outbox = Outbox.File(args[2]),
    Reconnect = new ReconnectOptions { InitialDelay = TimeSpan.FromMilliseconds(10) },
};
await using var client = new HubClient(args[0], options);
HubClientRoom room = client.Room("numbers");
for (int number = 0; ; number++)
{
    SendReceipt receipt = await room.PublishAsync(new Number(int.Parse(args[3]), number));
    Console.WriteLine($"queued {number}");
    if (number % 20 == 19)
    {
        // Not so fast that the outbox is always full: it is to be killed in every state.
        await receipt.Acked;
        Console.WriteLine($"acked {number}");
    }
}

internal sealed record Number(int Run, int Value);
