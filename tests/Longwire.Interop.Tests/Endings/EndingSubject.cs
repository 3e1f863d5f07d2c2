using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;
using Longwire.Conformance;

namespace Longwire.Interop.Tests.Endings;

/// <summary>
/// Something whose connections end: an application on a transport. A row's peer is opened on it, one at a time, and what both saw is put
/// together.
/// </summary>
internal abstract class EndingSubject : IAsyncDisposable
{
    private readonly Channel<ApplicationReport> _reports = Channel.CreateUnbounded<ApplicationReport>();

    /// <summary>Whether this side is the server, so that the peer is a client.</summary>
    protected abstract bool IsServer { get; }

    /// <summary>Plays a row and waits for both ends of it.</summary>
    public async Task<Ending> PlayAsync(EndingRow row)
    {
        long started = Stopwatch.GetTimestamp();
        await using Peer peer = await OpenAsync(row.Application);
        await row.Peer(peer);
        if (!peer.DroppedBySuite)
        {
            await FinishAsync(peer);
        }

        ApplicationReport seen;
        try
        {
            seen = await _reports.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Patience.Long);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"'{row.Name}': the application does not see the end.\n{string.Join('\n', peer.Log.Lines())}");
        }

        // Nothing but the row that is about it ends by a time-out of the connection's.
        Assert.True(
            Stopwatch.GetElapsedTime(started) < LongwireApplication.CloseTimeout / 4,
            $"'{row.Name}' took {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s.\n{string.Join('\n', peer.Log.Lines())}"
        );
        string tcp =
            peer.DroppedBySuite ? "–"
            : peer.Ending == PeerEnding.ByReset ? "RST"
            : "FIN";
        return new Ending(seen.Read, seen.Status, peer.EventCount, Close(peer), tcp);
    }

    public abstract ValueTask DisposeAsync();

    /// <summary>Opens a connection of the subject, whose application does as the name says, to a peer that is spoken by hand.</summary>
    protected abstract Task<Peer> OpenAsync(string application);

    /// <summary>The application has seen its connection's end.</summary>
    protected void Report(int read, string status) => Assert.True(_reports.Writer.TryWrite(new ApplicationReport(read, status)));

    protected void Report(int read, WebSocketConnection socket) =>
        Report(read, ((int?)socket.CloseStatus)?.ToString(CultureInfo.InvariantCulture) ?? "?");

    private static string Close(Peer peer) =>
        !peer.CloseReceived ? "none" : peer.CloseCode?.ToString(CultureInfo.InvariantCulture) ?? "empty";

    // The server ends TCP first: a peer that is the server does so when both have closed.
    private async Task FinishAsync(Peer peer)
    {
        if (!IsServer)
        {
            await EndingRow.UntilAsync(peer, () => peer.CloseHandled || peer.OutputEnded);
            if (!peer.OutputEnded && peer.CloseSent)
            {
                await peer.EndOutputAsync();
            }
        }

        await EndingRow.UntilAsync(peer, () => peer.HasEnded);
        // The server has ended TCP; a client then ends its direction as well.
        if (IsServer && !peer.OutputEnded && peer.Ending != PeerEnding.ByReset)
        {
            await peer.EndOutputAsync();
        }
    }
}
