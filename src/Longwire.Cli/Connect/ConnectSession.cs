using System.Net.Security;
using System.Security.Authentication;
using System.Text;
using System.Threading.Channels;
using Longwire.Client;
using Longwire.Protocol;

namespace Longwire.Cli.Connect;

/// <summary>One run of <c>longwire connect</c>: payload goes to standard output, everything else to standard error.</summary>
internal sealed class ConnectSession
{
    // Lines that were typed before the server took them: enough for any paste, and a limit all the same.
    private const int MaxWaitingLines = 1024;

    private readonly ConnectOptions _options;
    private readonly WebSocketConnection _connection;
    private long _lastActivity = Environment.TickCount64;

    private ConnectSession(ConnectOptions options, WebSocketConnection connection)
    {
        _options = options;
        _connection = connection;
    }

    private bool IsInteractive => _options.Messages.Count == 0 && !Console.IsInputRedirected;

    public static async Task<int> RunAsync(ConnectOptions options, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource();
        if (options.Timeout is { } time)
        {
            timeout.CancelAfter(time);
        }

        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        WebSocketConnection connection;
        try
        {
            connection = await WebSocketClient.ConnectAsync(options.Address, ToClientOptions(options), end.Token);
        }
        catch (WebSocketHandshakeException exception)
        {
            return await RefusedAsync(exception);
        }
        catch (OperationCanceledException)
        {
            return timeout.IsCancellationRequested ? ExitCode.Timeout : ExitCode.Interrupted;
        }

        return await new ConnectSession(options, connection).RunAsync(timeout.Token, end.Token);
    }

    private static WebSocketClientOptions ToClientOptions(ConnectOptions options) => new()
    {
        Headers = options.Headers,
        Subprotocols = options.Subprotocols,
        Connection = WebSocketConnectionOptions.Default with { MaxMessageBytes = 1 << 30 },
        Tls = options.Insecure ? TakeAnyCertificate() : null,
    };

    private static SslClientAuthenticationOptions TakeAnyCertificate() => new()
    {
#pragma warning disable CA5359 // The user asked for it, by -n.
        RemoteCertificateValidationCallback = static (_, _, _, _) => true,
#pragma warning restore CA5359
    };

    private static async Task<int> RefusedAsync(WebSocketHandshakeException exception)
    {
        await Console.Error.WriteLineAsync(exception.Message);
        if (exception.StatusCode is null)
        {
            return exception.InnerException is OperationCanceledException ? ExitCode.Timeout
                : exception.InnerException?.InnerException is AuthenticationException ? ExitCode.Tls
                : ExitCode.NameOrTcp;
        }

        foreach ((string name, string value) in exception.Headers)
        {
            await Console.Error.WriteLineAsync($"  {name}: {value}");
        }

        if (exception.Body.Length != 0)
        {
            await Console.Error.WriteLineAsync(exception.Body.TrimEnd());
        }

        return ExitCode.UpgradeRefused;
    }

    private async Task<int> RunAsync(CancellationToken timeout, CancellationToken end)
    {
        await NoteAsync(_connection.Subprotocol is null
            ? $"Connected to {_options.Address}"
            : $"Connected to {_options.Address} (subprotocol {_connection.Subprotocol})");
        Task receiving = ReceiveAsync();
        Task sending = SendAsync(end);
        try
        {
            await Task.WhenAny(receiving, sending).WaitAsync(end);
            await receiving.WaitAsync(end);
        }
        catch (OperationCanceledException)
        {
            await _connection.CloseAsync(CloseStatus.NormalClosure, "", CancellationToken.None);
            return timeout.IsCancellationRequested ? ExitCode.Timeout : ExitCode.Interrupted;
        }

        await _connection.CloseAsync();
        CloseStatus status = _connection.CloseStatus ?? CloseStatus.Abnormal;
        await NoteAsync(_connection.CloseReason.Length == 0
            ? $"Disconnected: {(int)status} {status}"
            : $"Disconnected: {(int)status} {status}, \"{_connection.CloseReason}\"");
        return ExitCodeFor(status);
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
        await using Stream output = Console.OpenStandardOutput();
        await foreach (WebSocketMessage message in _connection.ReadAllAsync())
        {
            Volatile.Write(ref _lastActivity, Environment.TickCount64);
            if (message.Type == MessageType.Text)
            {
                await output.WriteAsync(message.Payload);
            }
            else
            {
                await output.WriteAsync(Encoding.ASCII.GetBytes(Convert.ToHexStringLower(message.Payload.Span)));
            }

            await output.WriteAsync("\n"u8.ToArray());
            await output.FlushAsync();
        }
    }

    private async Task SendAsync(CancellationToken end)
    {
        try
        {
            if (_options.Messages.Count != 0)
            {
                foreach (string message in _options.Messages)
                {
                    await SendLineAsync(message, end);
                }
            }
            else
            {
                await foreach (string line in ReadLines().ReadAllAsync(end))
                {
                    await TakeLineAsync(line, end);
                }
            }

            if (!IsInteractive)
            {
                await WaitForQuietAsync(end);
            }

            await _connection.CloseAsync(CloseStatus.NormalClosure, "", end);
        }
        catch (Exception exception) when (exception is WebSocketClosedException or OperationCanceledException)
        {
            // The receiving side says how the connection ended.
        }
    }

    // Reading a terminal can't be cancelled, so it has a thread of its own that ends with the process.
    private static ChannelReader<string> ReadLines()
    {
        var lines = Channel.CreateBounded<string>(MaxWaitingLines);
        var reader = new Thread(() =>
        {
            using var input = new StreamReader(Console.OpenStandardInput(), Encoding.UTF8);
            while (input.ReadLine() is { } line)
            {
                lines.Writer.WriteAsync(line).AsTask().GetAwaiter().GetResult();
            }

            lines.Writer.Complete();
        })
        {
            IsBackground = true,
            Name = "standard input",
        };
        reader.Start();
        return lines.Reader;
    }

    private async Task TakeLineAsync(string line, CancellationToken end)
    {
        if (!line.StartsWith('/') || !(IsInteractive || _options.Slash))
        {
            await SendLineAsync(line, end);
            return;
        }

        string[] words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        switch (words[0])
        {
            case "/ping":
                TimeSpan time = await _connection.PingAsync(end);
                await NoteAsync($"Pong after {time.TotalMilliseconds:0.0} ms");
                break;
            case "/close" or "/quit":
                await CloseAsync(words);
                break;
            default:
                await NoteAsync("Commands: /ping · /close [status [reason]] · /quit. To send a line that begins with a slash, begin it with a space.");
                break;
        }
    }

    private async Task CloseAsync(string[] words)
    {
        ushort status = (ushort)CloseStatus.NormalClosure;
        if (words.Length > 1 && (!ushort.TryParse(words[1], out status) || !CloseStatusRules.IsAllowedOnWire((CloseStatus)status)))
        {
            await NoteAsync("A close status is one of 1000–1003, 1007–1014 or 3000–4999.");
            return;
        }

        await _connection.CloseAsync((CloseStatus)status, words.Length > 2 ? words[2] : "");
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
        while (true)
        {
            TimeSpan left = _options.Wait - TimeSpan.FromMilliseconds(Environment.TickCount64 - Volatile.Read(ref _lastActivity));
            if (left <= TimeSpan.Zero)
            {
                return;
            }

            await Task.WhenAny(_connection.Completion, Task.Delay(left, end));
            if (_connection.Completion.IsCompleted)
            {
                return;
            }
        }
    }

    private Task NoteAsync(string text) => _options.Quiet ? Task.CompletedTask : Console.Error.WriteLineAsync(text);
}
