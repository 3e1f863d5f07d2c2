using System.IO.Pipelines;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Tests;

public abstract class StormTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : StormTests(null)
    {
        /// <summary>
        /// Inline pipes run a peer's code inside of the hub's sends, under its locks: the worst that a transport could do.
        /// </summary>
        [Fact]
        public Task The_same_where_peers_run_inside_of_sends() => StormAsync(PipeScheduler.Inline);
    }

    public sealed class OnKestrel() : StormTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : StormTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : StormTests(ServerTransport.IoUring);

    [Fact]
    public Task After_clients_that_come_talk_and_vanish_in_all_rooms_nothing_is_left() => StormAsync(null);

    private async Task StormAsync(PipeScheduler? scheduler)
    {
        const int Clients = 6;
        const int Rounds = 25;
        var log = new RecordingLoggerFactory();
        await using TestHub hub = await StartHubAsync(
            options =>
            {
                options.RateLimit = null;
                options.Rooms.Default!.HistorySize = 20;
            },
            loggerFactory: log
        );
        await Task.WhenAll(
            Enumerable
                .Range(0, Clients)
                .Select(index =>
                    Task.Run(async () =>
                    {
                        var random = new Random(index);
                        string? secret = null;
                        for (int round = 0; round < Rounds; round++)
                        {
                            var handshake = new HubHandshake { Identity = new HubIdentity("user" + index), Session = secret };
                            TestClient client = await hub.OpenAsync(handshake, scheduler: scheduler);
                            secret = (await client.UntilAsync("connected")).Text("session");
                            for (int step = 0; step < 10; step++)
                            {
                                string room = "room" + random.Next(3);
                                await client.SendAsync(
                                    random.Next(4) switch
                                    {
                                        0 => $$"""{"type":"leave-room","room":"{{room}}"}""",
                                        1 => $$"""{"type":"join-room","room":"{{room}}","history":5}""",
                                        _ => $$"""{"type":"message","room":"{{room}}","content":{{step}}}""",
                                    }
                                );
                            }

                            await client.SendAsync("""{"type":"ping"}""");
                            await client.UntilAsync("pong");
                            if (random.Next(2) == 0)
                            {
                                client.Abort();
                            }
                            else
                            {
                                await client.CloseAsync();
                            }

                            await client.Server.Completion.WaitAsync(TimeSpan.FromMinutes(2));
                        }
                    })
                )
        );

        await Eventually.TrueAsync(() =>
        {
            hub.Time.Advance(TimeSpan.FromMinutes(1));
            return hub.Hub.RoomCount == 0 && hub.Hub.ConnectionCount == 0;
        });

        Assert.DoesNotContain(log.Entries, entry => entry.Level >= LogLevel.Warning);
    }
}
