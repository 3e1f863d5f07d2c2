using System.Globalization;
using Longwire.Client;
using Longwire.Hubs.Client;

namespace Longwire.Soak;

/// <summary>
/// Publishes numbers, with an outbox in a file, in a process of its own that is killed. It writes "queued N" for each number that is in the
/// outbox, and "acked N" for some that the hub has; what the hub refused or may have lost it says, too.
/// </summary>
internal static class ClientSoakWriter
{
    private const int MostOpen = 20;

    /// <summary>Publishes without end, or so many numbers, which the hub has when it returns.</summary>
    /// <param name="address">The hub's address.</param>
    /// <param name="room">The room, which is the user's name too.</param>
    /// <param name="file">The outbox's file.</param>
    /// <param name="run">The number of processes before.</param>
    /// <param name="count">How many; below 0 for no end.</param>
    /// <param name="twice">Whether each number is published twice, which is a fault.</param>
    public static async Task RunAsync(string address, string room, string file, int run, int count, bool twice)
    {
        await using var client = new HubClient(address, Options(room) with { Outbox = Outbox.File(file) });
        client.Undelivered += static (_, lost) => Say($"undelivered {lost.State} {lost.Code}");
        SendReceipt? last = null;
        for (int value = 0; value != count; value++)
        {
            last = await client.Room(room).PublishAsync(new SoakNumber(run, value));
            if (twice)
            {
                last = await client.Room(room).PublishAsync(new SoakNumber(run, value));
            }

            Say(string.Create(CultureInfo.InvariantCulture, $"queued {value}"));
            if (value % MostOpen == MostOpen - 1)
            {
                // Not so fast that the outbox is always full: it is to be killed in every state.
                await last.Acked;
                Say(string.Create(CultureInfo.InvariantCulture, $"acked {value}"));
            }
        }

        await (last?.Acked ?? Task.CompletedTask);
    }

    /// <summary>The options of a client that finds out soon, and comes back soon.</summary>
    public static HubClientOptions Options(string user) =>
        new()
        {
            Token = _ => Task.FromResult(user),
            Reconnect = new ReconnectOptions
            {
                InitialDelay = TimeSpan.FromMilliseconds(20),
                MaxDelay = TimeSpan.FromMilliseconds(500),
                AttemptTimeout = TimeSpan.FromSeconds(5),
            },
            Socket = new WebSocketClientOptions
            {
                Connection = new WebSocketConnectionOptions
                {
                    PingInterval = TimeSpan.FromSeconds(1),
                    PongTimeout = TimeSpan.FromSeconds(2),
                },
            },
        };

    private static void Say(string line)
    {
        lock (Console.Out)
        {
            Console.WriteLine(line);
        }
    }
}
