using System.Buffers;
using System.IO.Pipelines;
using System.Text;

namespace Longwire.Hubs;

/// <summary>
/// Server-sent events (WHATWG HTML §9.2): <c>id: …</c> where that has changed, <c>data: </c> and the message, an empty line.
/// </summary>
internal sealed class EventStreamLink(Hub hub, HttpHello hello) : HttpHubLink(hub, hello)
{
    private const int BatchBytes = 64 * 1024;

    private static readonly SearchValues<byte> _lineEnds = SearchValues.Create("\r\n"u8);

    private bool _isIdle;

    public override string Transport => "server_sent_events";

    public override TimeSpan PingInterval => Options.KeepAliveInterval;

    /// <summary>Writes what comes until the connection is over, from either side.</summary>
    public async Task WriteAsync(PipeWriter output, CancellationToken aborted)
    {
        await using ITimer keepAlive = Hub.Context.TimeProvider.CreateTimer(
            static link => ((EventStreamLink)link!).KeepAlive(),
            this,
            Options.KeepAliveInterval,
            Options.KeepAliveInterval
        );
        await using CancellationTokenRegistration end = aborted.UnsafeRegister(static outbox => ((Outbox)outbox!).Wake(), Outbox);
        List<OutboxEntry> batch = [];
        output.Write("event: connected\n"u8);
        bool isFirst = true;
        while (true)
        {
            Task woken = Outbox.Woken;
            if (aborted.IsCancellationRequested)
            {
                return;
            }

            bool isIdle = Interlocked.Exchange(ref _isIdle, false);
            batch.Clear();
            Outbox.Take(batch, BatchBytes);
            foreach (OutboxEntry entry in batch)
            {
                Write(output, entry, isFirst);
                isFirst = false;
            }

            if (batch.Count == 0)
            {
                if (ClosedWith is { } status)
                {
                    WriteClose(output, status);
                    await output.FlushAsync(aborted).ConfigureAwait(false);
                    return;
                }

                if (!isIdle)
                {
                    await woken.ConfigureAwait(false);
                    continue;
                }

                output.Write(":\n\n"u8);
            }

            if ((await output.FlushAsync(aborted).ConfigureAwait(false)).IsCompleted)
            {
                return;
            }
        }
    }

    private void KeepAlive()
    {
        Volatile.Write(ref _isIdle, true);
        Outbox.Wake();
    }

    private void Write(PipeWriter output, in OutboxEntry entry, bool isFirst)
    {
        if (Id.Follow(entry.Told) || isFirst)
        {
            output.Write("id: "u8);
            Encoding.UTF8.GetBytes(Id.ToString(), output);
            output.Write("\n"u8);
        }

        output.Write("data: "u8);
        ReadOnlySpan<byte> json = entry.Json.Span;
        // A client's content may have line ends between its parts. They mean nothing in JSON, and would end the event here.
        while (json.IndexOfAny(_lineEnds) is var lineEnd and >= 0)
        {
            output.Write(json[..lineEnd]);
            output.Write(" "u8);
            json = json[(lineEnd + 1)..];
        }

        output.Write(json);
        output.Write("\n\n"u8);
    }

    private void WriteClose(PipeWriter output, CloseStatus status)
    {
        output.Write("event: close\ndata: "u8);
        output.Write(HttpAnswers.Close(status, CloseReason));
        output.Write("\n\n"u8);
    }
}
