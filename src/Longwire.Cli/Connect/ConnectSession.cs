using System.Net.Security;
using System.Text;
using System.Threading.Channels;
using Longwire.Client;
using Longwire.Protocol;

namespace Longwire.Cli.Connect;

/// <summary>One run of <c>longwire connect</c>: lines go out as messages, messages come in as lines.</summary>
internal sealed class ConnectSession
{
    // Lines that were typed before the server took them: enough for any paste, and a limit all the same.
    private const int MaxWaitingLines = 1024;
    private const int MaxMessageBytes = 1 << 30;

    // Who waits at a terminal waits no longer than this for a server that doesn't say goodbye.
    private static readonly TimeSpan _closeTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _interruptedCloseTimeout = TimeSpan.FromSeconds(1);

    private readonly ConnectOptions _options;
    private readonly WebSocketConnection _connection;
    private readonly LineInput _input;
    private readonly Transcript _transcript;
    private readonly SlashCommands _commands;
    private readonly bool _takesCommands;
    private readonly bool _endsByItself;
    private long _lastActivity = Environment.TickCount64;

    private ConnectSession(ConnectOptions options, CommandStreams streams, WebSocketConnection connection)
    {
        _options = options;
        _connection = connection;
        _input = options.Messages.Count == 0 ? LineInput.For(streams) : new PipedInput(TextReader.Null);
        _transcript = new Transcript(streams, _input, options.Quiet);
        _commands = new SlashCommands(connection, _transcript);
        _takesCommands = streams.IsInputTerminal || options.Slash;
        _endsByItself = options.Messages.Count != 0 || !streams.IsInputTerminal;
    }

    public static async Task<int> RunAsync(ConnectOptions options, CommandStreams streams, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Timeout ?? Timeout.InfiniteTimeSpan);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        WebSocketConnection connection;
        try
        {
            connection = await WebSocketClient.ConnectAsync(options.Address, ToClientOptions(options), end.Token);
        }
        catch (WebSocketHandshakeException exception)
        {
            return await Refusal.ExplainAsync(exception, streams.Error);
        }
        catch (ArgumentException exception)
        {
            await streams.Error.WriteLineAsync(
                exception.Message.Replace($" (Parameter '{exception.ParamName}')", "", StringComparison.Ordinal)
            );
            return ExitCode.Usage;
        }
        catch (OperationCanceledException)
        {
            return cancellationToken.IsCancellationRequested ? ExitCode.Interrupted : ExitCode.Timeout;
        }

        int exitCode = await new ConnectSession(options, streams, connection).RunAsync(end.Token);
        return exitCode == ExitCode.Interrupted && !cancellationToken.IsCancellationRequested ? ExitCode.Timeout : exitCode;
    }

    private static WebSocketClientOptions ToClientOptions(ConnectOptions options) =>
        new()
        {
            Headers = options.Headers,
            Subprotocols = options.Subprotocols,
            Connection = WebSocketConnectionOptions.Default with { MaxMessageBytes = MaxMessageBytes, CloseTimeout = _closeTimeout },
            Tls = options.Insecure ? TakeAnyCertificate() : null,
        };

    private static SslClientAuthenticationOptions TakeAnyCertificate() =>
        new()
        {
#pragma warning disable CA5359 // The user asked for it, by -n.
            RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
        };

    private async Task<int> RunAsync(CancellationToken end)
    {
        // Without the user and the query, which may be secrets on a screen that others see.
        string address = _options.Address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
        _transcript.Note(
            _connection.Subprotocol is null ? $"Connected to {address}" : $"Connected to {address} (subprotocol {_connection.Subprotocol})"
        );
        _ = SendAsync(end);
        try
        {
            await ReceiveAsync().WaitAsync(end);
            await _connection.Completion.WaitAsync(end);
        }
        catch (OperationCanceledException)
        {
            await CloseSoonAsync();
            return ExitCode.Interrupted;
        }
        catch (IOException)
        {
            // Whoever read the output has gone, as `head` does when it has enough.
            await CloseSoonAsync();
            return ExitCode.Done;
        }
        finally
        {
            _input.End();
        }

        CloseStatus status = _connection.CloseStatus ?? CloseStatus.Abnormal;
        string name = Enum.IsDefined(status) ? $" {status}" : "";
        string reason = _connection.CloseReason.Length == 0 ? "" : $", \"{_connection.CloseReason}\"";
        _transcript.Note($"Disconnected: {(int)status}{name}{reason}");
        return ExitCodeFor(status);
    }

    private async Task CloseSoonAsync()
    {
        _connection.TryClose(CloseStatus.NormalClosure);
        await Task.WhenAny(_connection.Completion, Task.Delay(_interruptedCloseTimeout));
        _connection.Abort();
    }

    private int ExitCodeFor(CloseStatus status)
    {
        if (status is CloseStatus.ProtocolError or CloseStatus.InvalidPayload)
        {
            return ExitCode.ProtocolError;
        }

        bool asExpected = status is CloseStatus.NormalClosure or CloseStatus.GoingAway;
        return _options.CheckClose && !asExpected ? ExitCode.ClosedOtherwise : ExitCode.Done;
    }

    private async Task ReceiveAsync()
    {
        await foreach (WebSocketMessage message in _connection.ReadAllAsync())
        {
            Volatile.Write(ref _lastActivity, Environment.TickCount64);
            _transcript.Show(message);
        }
    }

    private async Task SendAsync(CancellationToken end)
    {
        try
        {
            foreach (string message in _options.Messages)
            {
                await SendLineAsync(message, end);
            }

            if (_options.Messages.Count == 0)
            {
                await foreach (string line in ReadLines().ReadAllAsync(end))
                {
                    await (_takesCommands && SlashCommands.IsOne(line) ? _commands.RunAsync(line, end) : SendLineAsync(line, end).AsTask());
                }
            }

            if (_endsByItself)
            {
                await WaitForQuietAsync(end);
            }

            _connection.TryClose(CloseStatus.NormalClosure);
        }
        catch (Exception exception) when (exception is WebSocketClosedException or OperationCanceledException)
        {
            // The receiving side says how the connection ended.
        }
    }

    // Reading a terminal can't be cancelled, so it has a thread of its own that ends with the process.
    private ChannelReader<string> ReadLines()
    {
        var lines = Channel.CreateBounded<string>(MaxWaitingLines);
        var reader = new Thread(() =>
        {
            Exception? error = null;
            try
            {
                while (_input.ReadLine() is { } line)
                {
                    lines.Writer.WriteAsync(line).AsTask().GetAwaiter().GetResult();
                }
            }
            catch (Exception exception) when (exception is IOException or InvalidOperationException)
            {
                error = exception;
            }

            // An input that can't be read is one that has ended.
            lines.Writer.TryComplete();
            if (error is not null)
            {
                _transcript.Note($"The input can't be read: {error.Message}");
            }
        })
        {
            IsBackground = true,
            Name = "standard input",
        };
        reader.Start();
        return lines.Reader;
    }

    private ValueTask SendLineAsync(string line, CancellationToken end)
    {
        Volatile.Write(ref _lastActivity, Environment.TickCount64);
        return _options.Binary
            ? _connection.SendAsync(Encoding.UTF8.GetBytes(line), MessageType.Binary, end)
            : _connection.SendTextAsync(line, end);
    }

    private async Task WaitForQuietAsync(CancellationToken end)
    {
        while (!_connection.Completion.IsCompleted)
        {
            TimeSpan left =
                _options.Wait == Timeout.InfiniteTimeSpan
                    ? Timeout.InfiniteTimeSpan
                    : _options.Wait - TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _lastActivity));
            if (left != Timeout.InfiniteTimeSpan && left <= TimeSpan.Zero)
            {
                return;
            }

            await await Task.WhenAny(_connection.Completion, Task.Delay(left, end));
        }
    }
}
