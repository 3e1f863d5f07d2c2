using System.IO.Pipelines;

namespace Longwire.Fuzzing;

/// <summary>
/// Two connections joined in memory: three threads send, ping, close, abort, pause and read as the input says, and the transport fails now
/// and then.
/// </summary>
/// <remarks>
/// Legal outcomes: each message that was taken comes once, whole, in its thread's order, unless its sender was told otherwise: by a status
/// 1006 or a failure, by a mode that drops. A message that was refused or cancelled never comes. The handler's calls don't overlap; OnOpen
/// is the first, OnClose the last and once. Without an abort, a fault or a fault of a handler both sides close in good order. All that
/// waits ends: sends, pings, reads, closes, both connections. Pipes and compressors give their memory back. Never: another exception than
/// those of the surface's documents.
/// </remarks>
internal sealed class ConnectionTarget : FuzzTarget
{
    private const int HeaderBytes = 8;
    private const int BytesOfAnAct = 3;
    private const int MostActs = 200;

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(20);

    public override string Name => "connection";

    public override bool IsDeterministic => false;

    public override byte[] Generate(Random random)
    {
        var input = new List<byte>(random.Bytes(HeaderBytes));
        bool calm = random.Next(3) == 0;
        for (int acts = random.Next(1, random.Next(4) == 0 ? MostActs : 40); acts > 0; acts--)
        {
            byte act = (byte)random.Next(256);
            // Most that closes comes at the end, else little would ever be sent.
            if (ConnectionActor.Ends(act) && (calm || random.Next(4) != 0))
            {
                act = (byte)random.Next(40);
            }

            input.AddRange([(byte)random.Next(256), act, (byte)random.Next(256)]);
        }

        return [.. input];
    }

    public override string Check(byte[] input) => CheckAsync(input).GetAwaiter().GetResult();

    private static async Task<string> CheckAsync(byte[] input)
    {
        var setup = new ConnectionSetup(input);
        var memory = new CountingMemoryPool();
        var budget = new DeflateBudget();
        var pool = new DeflatePool(budget, 0, 0);
        var there = new Pipe(setup.Pipe(memory));
        var back = new Pipe(setup.Pipe(memory));
        var server = new ConnectionEnd(WebSocketRole.Server, back.Reader, there.Writer, setup, pool);
        var client = new ConnectionEnd(WebSocketRole.Client, there.Reader, back.Writer, setup, pool);
        server.Start();
        client.Start();

        List<byte[]> acts = [.. input.Skip(HeaderBytes).Chunk(BytesOfAnAct).Where(act => act.Length == BytesOfAnAct).Take(MostActs)];
        ConnectionActor[] actors = Enumerable.Range(0, 3).Select(number => new ConnectionActor(number, server, client)).ToArray();
        Task working = Task.WhenAll(actors.Select(actor => Task.Run(() => actor.RunAsync(acts.Where(act => act[0] % 3 == actor.Number)))));
        await KeepGoingAsync(working, server, client, "A send does not end");
        server.Rest();
        client.Rest();
        ConnectionEnd closer = setup.ClientCloses ? client : server;
        closer.CalledClose();
        Task closing = closer.Connection.CloseAsync();
        await KeepGoingAsync(closing, server, client, "Closing does not end");
        await KeepGoingAsync(
            Task.WhenAll(server.Connection.Completion, client.Connection.Completion, server.Reading, client.Reading),
            server,
            client,
            "The connections do not end"
        );
        await KeepGoingAsync(Task.WhenAll(actors.Select(actor => actor.Waits())), server, client, "A ping or a close does not end");
        pool.Dispose();

        string disturbed = server.Disturbed || client.Disturbed ? "disturbed" : "calm";
        server.Judge(client);
        client.Judge(server);
        for (int attempt = 0; attempt < 200 && memory.Outstanding != 0; attempt++)
        {
            await Task.Delay(10);
        }

        Require(memory.Outstanding == 0, $"The pipes are not completed: {memory.Outstanding} blocks are out");
        Require(budget.UsedBytes == 0, $"Native memory leaks: {budget.UsedBytes} bytes");
        return $"{disturbed} {setup.Mode} {server.Connection.CloseStatus} {client.Connection.CloseStatus} {server.Connection.HandlerError is not null} {client.Connection.HandlerError is not null} {setup.ServerPulls} {setup.ClientPulls}";
    }

    // Paused receiving continues at the latest now, and again: a pause may have been on its way.
    private static async Task KeepGoingAsync(Task task, ConnectionEnd server, ConnectionEnd client, string otherwise)
    {
        long began = System.Diagnostics.Stopwatch.GetTimestamp();
        while (await Task.WhenAny(task, Task.Delay(20)) != task)
        {
            server.Connection.ResumeReceiving();
            client.Connection.ResumeReceiving();
            Require(
                System.Diagnostics.Stopwatch.GetElapsedTime(began) < _patience,
                $"{otherwise}: {server.Connection.State} {client.Connection.State} {server.Connection.PendingSendBytes} {client.Connection.PendingSendBytes}"
            );
        }

        await task;
    }
}
