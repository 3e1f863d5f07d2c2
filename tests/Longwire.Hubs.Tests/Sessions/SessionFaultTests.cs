using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Longwire.Hubs.Tests;

/// <summary>A fault injected into each event of a session: the session ends whole, and nobody else notices.</summary>
public abstract class SessionFaultTests(ServerTransport? transport) : HubTests(transport)
{
    public sealed class OnPipes() : SessionFaultTests(null);

    public sealed class OnKestrel() : SessionFaultTests(ServerTransport.Kestrel);

    public sealed class OnEpoll() : SessionFaultTests(ServerTransport.Epoll);

    public sealed class OnIoUring() : SessionFaultTests(ServerTransport.IoUring);

    public static TheoryData<string> Events => [.. Enum.GetNames<SessionEventKind>()];

    [Theory]
    [MemberData(nameof(Events))]
    public async Task A_session_whose_event_fails_ends_and_is_cleaned_up(string kindName)
    {
        SessionEventKind kind = Enum.Parse<SessionEventKind>(kindName);
        await using TestHub hub = await StartHubAsync();
        TestClient witness = await hub.JoinAsAsync("eve", "a");
        TestClient ann = await hub.JoinAsAsync("ann", "a");
        await ann.JoinAsync("b");
        await ann.JoinAsync("c");
        await witness.NextAsync("user-joined");
        HubSession session = hub.Hub.FindSession(ann.ClientId)!;
        bool failed = false;
        hub.Hub.Sessions.OnSessionEvent = (about, happened) =>
        {
            if (about == session && happened == kind)
            {
                failed = true;
                throw new InvalidOperationException("a fault of ours");
            }
        };

        switch (kind)
        {
            case SessionEventKind.Attach:
                TestClient returning = await hub.OpenAsync(new HubHandshake { Session = ann.Secret });
                Assert.Equal(CloseStatus.InternalError, (await returning.ClosedAsync()).Status);
                Assert.Equal(CloseStatus.InternalError, (await ann.ClosedAsync()).Status);
                break;
            case SessionEventKind.Message:
                await ann.SendAsync("""{"type":"ping"}""");
                Assert.Equal(CloseStatus.InternalError, (await ann.ClosedAsync()).Status);
                break;
            case SessionEventKind.Closed:
                await ann.LoseAsync();
                break;
            case SessionEventKind.Deadline:
                await ann.LoseAsync();
                hub.Time.Advance(TimeSpan.FromSeconds(15));
                break;
            case SessionEventKind.Work:
                _ = session.LeaveAsync("b").AsTask();
                Assert.Equal(CloseStatus.InternalError, (await ann.ClosedAsync()).Status);
                break;
            case SessionEventKind.AddAgain or SessionEventKind.Changed or SessionEventKind.Taken:
                session.Post(new SessionEvent(kind));
                Assert.Equal(CloseStatus.InternalError, (await ann.ClosedAsync()).Status);
                break;
            case SessionEventKind.Kick:
                session.Kick();
                Assert.Equal(HubCloseStatus.Kicked, (await ann.ClosedAsync()).Status);
                break;
            case SessionEventKind.Revoked:
                session.Revoke();
                Assert.Equal(HubCloseStatus.TokenExpired, (await ann.ClosedAsync()).Status);
                break;
            case SessionEventKind.End:
                await ann.LoseAsync();
                Task stopping = hub.Hub.StopAsync();
                await witness.ClosedAsync();
                await stopping.WaitAsync(TimeSpan.FromMinutes(2));
                break;
            default:
                Assert.Fail($"No test makes the event {kind} fail.");
                break;
        }

        await Eventually.TrueAsync(() => failed && hub.Hub.FindSession(ann.ClientId) is null);
        Assert.Empty(session.Rooms);
        Assert.False(session.IsConnected);
        if (kind == SessionEventKind.End)
        {
            await Eventually.TrueAsync(() => hub.Hub.RoomCount == 0);
            return;
        }

        Assert.Equal("ann", (await witness.NextAsync("user-left")).Text("userId"));
        Assert.Equal(1, hub.Hub.RoomCount);
        TestClient again = await hub.ConnectAsync(new HubHandshake { Session = ann.Secret });
        Assert.False(again.Connected.GetProperty("resumed").GetBoolean());
        await witness.ExpectNothingAsync();
        await again.LoseAsync();
        await Eventually.TrueAsync(() => hub.Hub.ConnectionCount == 1);
    }

    [Fact]
    public async Task A_connection_whose_first_event_fails_is_closed_and_counted_out()
    {
        await using TestHub hub = await StartHubAsync();
        bool fails = true;
        hub.Hub.Sessions.OnSessionEvent = (_, happened) =>
        {
            if (fails && happened == SessionEventKind.Attach)
            {
                throw new InvalidOperationException("a fault of ours");
            }
        };
        TestClient first = await hub.OpenAsync();
        Assert.Equal(CloseStatus.InternalError, (await first.ClosedAsync()).Status);
        await first.Server.Completion;
        await Eventually.TrueAsync(() => hub.Hub.ConnectionCount == 0);
        fails = false;
        await hub.ConnectAsAsync("ann");
    }

    [Fact]
    public async Task What_waits_behind_a_failed_event_is_dropped_and_not_heaped_up()
    {
        var gate = new TaskCompletionSource();
        var log = new RecordingLoggerFactory();
        await using TestHub hub = await StartHubAsync(loggerFactory: log);
        hub.Hub.On("slow", async _ => await gate.Task);
        TestClient ann = await hub.JoinAsAsync("ann", "a");
        HubSession session = hub.Hub.FindSession(ann.ClientId)!;
        await ann.SendAsync("""{"type":"slow"}""");
        for (int count = 0; count < 10; count++)
        {
            await ann.SendAsync("""{"type":"message","room":"a","content":1}""");
        }

        await Eventually.TrueAsync(() => session.WaitingMessages == 10);
        hub.Hub.Sessions.OnSessionEvent = (_, happened) =>
        {
            if (happened == SessionEventKind.Message)
            {
                throw new InvalidOperationException("a fault of ours");
            }
        };
        gate.SetResult();
        (CloseStatus status, string _, List<JsonElement> messages) = await ann.ClosedAsync();
        Assert.Equal(CloseStatus.InternalError, status);
        Assert.Empty(messages);
        await Eventually.TrueAsync(() => session.WaitingMessages == 0 && hub.Hub.FindSession(ann.ClientId) is null);
        Assert.Single(log.Entries, entry => entry.Level >= LogLevel.Warning);
        Assert.Equal(0, hub.Hub.RoomCount);
    }

    [Fact]
    public async Task A_deadline_that_passed_waits_once_however_long_a_session_is_busy()
    {
        var gate = new TaskCompletionSource();
        await using TestHub hub = await StartHubAsync(options => options.ExpiryGrace = TimeSpan.Zero);
        hub.Hub.On("slow", async _ => await gate.Task);
        int deadlines = 0;
        hub.Hub.Sessions.OnSessionEvent = (_, happened) => deadlines += happened == SessionEventKind.Deadline ? 1 : 0;
        TestClient ann = await hub.ConnectAsync(
            new HubHandshake { Identity = new HubIdentity("ann") { ExpiresAt = hub.Time.GetUtcNow() + TimeSpan.FromSeconds(5) } }
        );
        await ann.SendAsync("""{"type":"slow"}""");
        await ann.SendAsync("""{"type":"ping"}""");
        await Eventually.TrueAsync(() => hub.Hub.FindSession(ann.ClientId)!.WaitingMessages == 1);
        hub.Time.Advance(TimeSpan.FromMinutes(10));
        gate.SetResult();
        Assert.Equal(HubCloseStatus.TokenExpired, (await ann.ClosedAsync()).Status);
        Assert.Equal(1, deadlines);
    }
}
