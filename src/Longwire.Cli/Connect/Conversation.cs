using System.Text;
using System.Text.Unicode;
using System.Threading.Channels;

namespace Longwire.Cli.Connect;

/// <summary>The conversation on one connection: lines go out as messages, messages come in as lines.</summary>
internal sealed class Conversation(
    ConnectOptions options,
    WebSocketConnection connection,
    ChannelReader<byte[]> lines,
    Aim aim,
    Transcript transcript,
    SlashCommands commands
)
{
    private static readonly TimeSpan _interruptedCloseTimeout = TimeSpan.FromSeconds(1);

    private long _lastActivity = Environment.TickCount64;
    private volatile bool _closes;
    private bool _warned;
    private string? _inputFault;

    /// <summary>Whether somebody types the lines.</summary>
    public bool IsTyped { get; init; }

    private bool ReadsInput => options.Messages.Count + options.Files.Count == 0;

    /// <summary>Goes on until the connection has ended.</summary>
    /// <exception cref="OutputException">The output can't be written.</exception>
    public async Task<ConnectOutcome> RunAsync(CancellationToken end)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(end);
        Task sending = SendAsync(over.Token);
        try
        {
            await ReceiveAsync().WaitAsync(end);
            await connection.Completion.WaitAsync(end);
        }
        catch (OperationCanceledException)
        {
            await CloseSoonAsync();
            return new ConnectOutcome(ExitCode.Interrupted, IsTransient: false) { WasOpen = true };
        }
        catch (OutputException)
        {
            await CloseSoonAsync();
            throw;
        }
        finally
        {
            await over.CancelAsync();
        }

        // A line that is being sent belongs to this connection, not to the next.
        await sending;
        return Outcome();
    }

    private ConnectOutcome Outcome()
    {
        CloseStatus status = connection.CloseStatus ?? CloseStatus.Abnormal;
        transcript.Closed(status, connection.CloseReason);
        if (_inputFault is not null)
        {
            transcript.Failed(_inputFault, ExitCode.Usage);
            return new ConnectOutcome(ExitCode.Usage, IsTransient: false) { WasOpen = true };
        }

        int exitCode = ExitCodeFor(status);
        bool isTransient = !_closes && status is not (CloseStatus.NormalClosure or CloseStatus.ProtocolError or CloseStatus.InvalidPayload);
        if (exitCode == ExitCode.Done && !aim.IsMet && !(isTransient && options.MaxRetries > 0))
        {
            exitCode = ExitCode.AssertionFailed;
            transcript.Failed(aim.Lack(), exitCode);
        }

        return new ConnectOutcome(exitCode, isTransient) { WasOpen = true };
    }

    private int ExitCodeFor(CloseStatus status)
    {
        if (status is CloseStatus.ProtocolError or CloseStatus.InvalidPayload)
        {
            return ExitCode.ProtocolError;
        }

        bool asExpected = status is CloseStatus.NormalClosure or CloseStatus.GoingAway;
        return options.CheckClose && !asExpected ? ExitCode.ClosedOtherwise
            : status == CloseStatus.Abnormal && !_closes ? ExitCode.NameOrTcp
            : ExitCode.Done;
    }

    private void Close()
    {
        // Where the server's end came first, it is the server's.
        _closes |= connection.TryClose(CloseStatus.NormalClosure);
    }

    private async Task CloseSoonAsync()
    {
        Close();
        await Task.WhenAny(connection.Completion, Task.Delay(_interruptedCloseTimeout));
        connection.Abort();
    }

    private async Task ReceiveAsync()
    {
        await foreach (WebSocketMessage message in connection.ReadAllAsync())
        {
            Volatile.Write(ref _lastActivity, Environment.TickCount64);
            transcript.Message(message);
            if (aim.Take(message))
            {
                Close();
                return;
            }
        }
    }

    private async Task SendAsync(CancellationToken end)
    {
        try
        {
            foreach (string message in options.Messages)
            {
                await SendAsync(Encoding.UTF8.GetBytes(message), end);
            }

            foreach (string file in options.Files)
            {
                await connection.SendFileAsync(file, options.Binary ? MessageType.Binary : MessageType.Text, end);
            }

            if (ReadsInput)
            {
                await SendLinesAsync(end);
            }

            if (!options.ExitOnEnd && !(ReadsInput && IsTyped))
            {
                await (options.WaitsOnce ? Task.Delay(options.Wait, end) : WaitForQuietAsync(end));
            }

            Close();
        }
        catch (Exception exception) when (exception is WebSocketClosedException or OperationCanceledException)
        {
            // The receiving side says how the connection ended.
        }
        catch (Exception exception) when (exception is FormatException or IOException or UnauthorizedAccessException)
        {
            _inputFault = exception.Message;
            Close();
        }
    }

    private async Task SendLinesAsync(CancellationToken end)
    {
        // A line is taken away when it has been sent: should the connection end before, the next one sends it.
        while (await lines.WaitToReadAsync(end))
        {
            while (lines.TryPeek(out byte[]? line))
            {
                if ((IsTyped || options.Slash) && SlashCommands.IsOne(line))
                {
                    await RunCommandAsync(Encoding.UTF8.GetString(line), end);
                }
                else
                {
                    await SendAsync(line, end);
                }

                lines.TryRead(out _);
                if (options.OneMessage)
                {
                    return;
                }
            }
        }
    }

    private async Task RunCommandAsync(string line, CancellationToken end)
    {
        if (line.StartsWith("/close", StringComparison.Ordinal) || line.StartsWith("/quit", StringComparison.Ordinal))
        {
            _closes = true;
        }

        Task running = commands.RunAsync(line, end);
        // A pong that doesn't come must not keep the next line from being sent.
        if (!IsTyped || running.IsCompleted)
        {
            await running;
        }
    }

    private ValueTask SendAsync(byte[] line, CancellationToken end)
    {
        Volatile.Write(ref _lastActivity, Environment.TickCount64);
        if (options.Binary)
        {
            return TypedBytes.TryRead(options.Typed, line, out byte[] bytes)
                ? connection.SendAsync(bytes, MessageType.Binary, end)
                : throw new FormatException($"A line of the input is no {options.Typed.ToString().ToLowerInvariant()}.");
        }

        ReadOnlyMemory<byte> text = !options.NullTerminated && line.AsSpan().EndsWith("\r"u8) ? line.AsMemory(0, line.Length - 1) : line;
        if (!Utf8.IsValid(text.Span))
        {
            if (!_warned)
            {
                _warned = true;
                transcript.Note("The input is not UTF-8; what isn't is replaced by \ufffd. Send bytes with --binary.");
            }

            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text.Span));
        }

        return connection.SendAsync(text, MessageType.Text, end);
    }

    private async Task WaitForQuietAsync(CancellationToken end)
    {
        while (!connection.Completion.IsCompleted)
        {
            TimeSpan left =
                options.Wait == Timeout.InfiniteTimeSpan
                    ? Timeout.InfiniteTimeSpan
                    : options.Wait - TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _lastActivity));
            if (left != Timeout.InfiniteTimeSpan && left <= TimeSpan.Zero)
            {
                return;
            }

            await await Task.WhenAny(connection.Completion, Task.Delay(left, end));
        }
    }
}
