using System.Diagnostics;
using System.Text;

namespace Longwire.Cli.Doctor;

/// <summary>
/// The examination of an open connection: whether the server keeps it, pongs, takes a message, bears silence, and closes.
/// </summary>
internal sealed class Visit(
    DoctorOptions options,
    WebSocketConnection connection,
    EchoWatch echo,
    Action begin,
    Action<string, CheckResult, string, string, string, int> add
)
{
    private static readonly CloseStatus[] _policies =
    [
        CloseStatus.PolicyViolation,
        (CloseStatus)3000,
        (CloseStatus)3003,
        (CloseStatus)4001,
        (CloseStatus)4003,
        (CloseStatus)4401,
        (CloseStatus)4403,
    ];

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (
                await StaysAsync(cancellationToken)
                && await PongsAsync(cancellationToken)
                && await TakesMessageAsync(cancellationToken)
                && await BearsSilenceAsync(cancellationToken)
            )
            {
                await ClosesAsync(cancellationToken);
            }
        }
        finally
        {
            connection.Abort();
            await connection.Completion;
        }
    }

    private async Task<bool> StaysAsync(CancellationToken cancellationToken)
    {
        begin();
        try
        {
            foreach (string message in options.Messages)
            {
                await connection.SendAsync(Encoding.UTF8.GetBytes(message), MessageType.Text, cancellationToken);
            }
        }
        catch (WebSocketClosedException)
        {
            // That it has closed is what is told below.
        }

        if (!await EndsWithinAsync(options.Watch, cancellationToken))
        {
            add("open", CheckResult.Ok, "", $"The server keeps the connection for {options.Watch.TotalSeconds:0.##} s.", "", 0);
            return true;
        }

        CloseStatus status = connection.CloseStatus ?? CloseStatus.Abnormal;
        (string cause, string advice) =
            _policies.Contains(status)
                ? (
                    "closed-by-policy",
                    "It doesn't take this client: does it want a token, in the URL, a header, or the first message (-x)?"
                )
            : status == CloseStatus.MessageTooBig ? ("size-limit", "A message of -x is above the server's limit.")
            : status == CloseStatus.Abnormal ? ("cut", "TCP ended without a Close: the server crashed, or something on the way cut it.")
            : ("closed-early", "Look at the server's log.");
        Fail("open", cause, $"The server closed by itself: {Told(status)}.", advice);
        return false;
    }

    private async Task<bool> PongsAsync(CancellationToken cancellationToken)
    {
        begin();
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.Patience);
        try
        {
            TimeSpan time = await connection.PingAsync(patience.Token);
            add("ping", CheckResult.Ok, "", string.Create(null, $"A pong came after {time.TotalMilliseconds:0.0} ms."), "", 0);
            return true;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            add(
                "ping",
                CheckResult.Failed,
                "no-pong",
                $"No pong came within {options.Patience.TotalSeconds:0.##} s.",
                "RFC 6455 §5.5.2 demands one. Clients that ask whether the server is alive will take it for dead.",
                ExitCode.Timeout
            );
            return true;
        }
        catch (WebSocketClosedException)
        {
            Fail("ping", "cut", $"The connection ended at a ping: {Told(connection.CloseStatus ?? CloseStatus.Abnormal)}.", "");
            return false;
        }
    }

    private async Task<bool> TakesMessageAsync(CancellationToken cancellationToken)
    {
        begin();
        if (options.MessageBytes == 0)
        {
            add("size", CheckResult.Skipped, "", "--message-bytes N sends a message of that size.", "", 0);
            return true;
        }

        byte[] message = new byte[options.MessageBytes];
        message.AsSpan().Fill((byte)'a');
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.Patience);
        string answer = "and the server answers a ping behind it";
        try
        {
            await connection.SendAsync(message, MessageType.Text, patience.Token);
            await await Task.WhenAny(echo.Seen, connection.PingAsync(patience.Token));
            answer = echo.Seen.IsCompleted ? "and came back" : answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            answer = "and no pong came behind it";
        }
        catch (WebSocketClosedException)
        {
            // The peer's Close is on its way, or here.
        }

        // A server that minds the size says so at once, or has closed already.
        if (!await EndsWithinAsync(TimeSpan.FromMilliseconds(200), cancellationToken))
        {
            add("size", CheckResult.Ok, "", $"A message of {options.MessageBytes:N0} bytes was sent, {answer}.", "", 0);
            return true;
        }

        CloseStatus status = connection.CloseStatus ?? CloseStatus.Abnormal;
        Fail(
            "size",
            status == CloseStatus.MessageTooBig ? "size-limit" : "closed-at-message",
            $"At a message of {options.MessageBytes:N0} bytes the connection ended: {Told(status)}.",
            status == CloseStatus.MessageTooBig
                ? "It is above the server's limit: send less at once, or raise that."
                : "Look at the server's log."
        );
        return false;
    }

    private async Task<bool> BearsSilenceAsync(CancellationToken cancellationToken)
    {
        begin();
        if (options.Idle == TimeSpan.Zero)
        {
            add("idle", CheckResult.Skipped, "", "--idle 2m finds out whether silence is cut.", "", 0);
            return true;
        }

        long began = Stopwatch.GetTimestamp();
        if (!await EndsWithinAsync(options.Idle, cancellationToken))
        {
            add("idle", CheckResult.Ok, "", $"Silence of {options.Idle.TotalSeconds:0.##} s is borne.", "", 0);
            return true;
        }

        double seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        CloseStatus status = connection.CloseStatus ?? CloseStatus.Abnormal;
        bool byProxy = status == CloseStatus.Abnormal;
        Fail(
            "idle",
            byProxy ? "idle-cut" : "idle-closed",
            string.Create(null, $"After {seconds:0.0} s of silence the connection ended: {Told(status)}."),
            string.Create(null, $"Ping more often than that (--ping {Math.Max(1, Math.Floor(seconds / 2)):0}s; on the server too).")
                + (byProxy ? " Without a Close it was mostly a proxy: nginx's proxy_read_timeout is 60 s by default." : "")
        );
        return false;
    }

    private async Task ClosesAsync(CancellationToken cancellationToken)
    {
        begin();
        await connection.CloseAsync(CloseStatus.NormalClosure, "", cancellationToken);
        CloseStatus status = connection.CloseStatus ?? CloseStatus.Abnormal;
        bool answered = status != CloseStatus.Abnormal;
        add(
            "close",
            answered ? CheckResult.Ok : CheckResult.Warning,
            answered ? "" : "close-unanswered",
            answered ? $"The server answered the Close with {(int)status}." : "The server didn't answer the Close.",
            answered ? "" : "RFC 6455 §5.5.1 demands an answer; clients see 1006.",
            0
        );
    }

    private async Task<bool> EndsWithinAsync(TimeSpan time, CancellationToken cancellationToken)
    {
        await Task.WhenAny(connection.Completion, Task.Delay(time, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        if (connection.State == WebSocketPhase.Open)
        {
            return false;
        }

        // A server that has said its last, or takes nothing any more, may be slow to end TCP.
        await Task.WhenAny(connection.Completion, Task.Delay(options.Patience, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        return true;
    }

    private void Fail(string name, string cause, string detail, string advice) =>
        add(name, CheckResult.Failed, cause, detail, advice, ExitCode.ClosedOtherwise);

    private string Told(CloseStatus status) =>
        $"{(int)status}{(Enum.IsDefined(status) ? $" {status}" : "")}"
        + (connection.CloseReason.Length > 0 ? $" \"{connection.CloseReason}\"" : "");
}
