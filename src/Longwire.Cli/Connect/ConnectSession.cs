using System.Text;
using System.Threading.Channels;
using Longwire.Cli.Network;
using Longwire.Cli.Terminal;
using Longwire.Client;
using Longwire.Protocol;

namespace Longwire.Cli.Connect;

/// <summary>One run of <c>longwire connect</c>: one connection, or with <c>--retry</c> one after the other.</summary>
internal sealed class ConnectSession
{
    private const int MaxMessageBytes = 1 << 30;

    // Lines that were read before the server took them.
    private const int MaxWaitingLines = 16;

    // Somebody who waits at a terminal waits no longer than this for a server that doesn't answer a Close. A server of ours whose
    // application doesn't read answers after half of its own five seconds.
    private static readonly TimeSpan _closeTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan _firstRetry = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _longestRetry = TimeSpan.FromSeconds(30);

    private readonly ConnectOptions _options;
    private readonly CommandStreams _streams;
    private readonly LineInput _input;
    private readonly Transcript _transcript;
    private readonly Aim _aim;
    private readonly ChannelReader<byte[]> _lines;

    private ConnectSession(ConnectOptions options, CommandStreams streams, LineInput input)
    {
        _options = options;
        _streams = streams;
        _input = input;
        _aim = new Aim(options);
        _transcript = options.JsonLines
            ? new JsonLinesTranscript(streams, TimeProvider.System)
            : new TextTranscript(options, streams, input);
        _lines = ReadLines();
    }

    public static async Task<int> RunAsync(ConnectOptions options, CommandStreams streams, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(options.Timeout ?? Timeout.InfiniteTimeSpan);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        using LineInput input = CreateInput(options, streams);
        int exitCode = await new ConnectSession(options, streams, input).RunAsync(end.Token);
        return exitCode == ExitCode.Interrupted && !cancellationToken.IsCancellationRequested ? ExitCode.Timeout : exitCode;
    }

    private static LineInput CreateInput(ConnectOptions options, CommandStreams streams)
    {
        if (options.Messages.Count + options.Files.Count > 0)
        {
            return new PipedInput(Stream.Null);
        }

        if (!OperatingSystem.IsWindows() && streams.CanEdit && !options.JsonLines)
        {
            return new TerminalInput(streams.Error, SlashCommands.Complete);
        }

        bool isWhole = options is { OneMessage: true, Binary: true };
        return new PipedInput(
            streams.Input,
            isWhole ? null
                : options.NullTerminated ? (byte)0
                : (byte)'\n'
        );
    }

    private async Task<int> RunAsync(CancellationToken end)
    {
        for (int failures = 1; ; failures++)
        {
            ConnectOutcome outcome = await RunOnceAsync(end);
            if (outcome.WasOpen)
            {
                failures = 1;
            }

            if (!outcome.IsTransient || failures > _options.MaxRetries || end.IsCancellationRequested)
            {
                return outcome.ExitCode;
            }

            TimeSpan pause = outcome.RetryAfter ?? Pause(failures);
            _transcript.Note(string.Create(null, $"Trying again in {pause.TotalSeconds:0.0} s"));
            try
            {
                await Task.Delay(pause, end);
            }
            catch (OperationCanceledException)
            {
                return ExitCode.Interrupted;
            }
        }
    }

    // Twice as long each time; spread, so that many that lost a server don't come back as one.
    private static TimeSpan Pause(int failures)
    {
        double most = Math.Min(_longestRetry.TotalSeconds, _firstRetry.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 16)));
        return TimeSpan.FromSeconds(most * (0.5 + Random.Shared.NextDouble() / 2));
    }

    private async Task<ConnectOutcome> RunOnceAsync(CancellationToken end)
    {
        WireTap? tap = CreateTap();
        try
        {
            var times = new ConnectTimes(_options.Address);
            WebSocketConnection connection = await NetworkClient.ConnectAsync(
                _options.Address,
                _options.Network,
                ToClientOptions(),
                null,
                end,
                times,
                tap
            );
            // Without the user and the query, which may be secrets on a screen that others see.
            string address = _options.Address.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);
            _transcript.Opened(address, connection, times);
            var conversation = new Conversation(
                _options,
                connection,
                _lines,
                _aim,
                _transcript,
                new SlashCommands(connection, tap, _transcript)
            )
            {
                IsTyped = _streams.IsInputTerminal,
            };
            return await conversation.RunAsync(end);
        }
        catch (WebSocketHandshakeException exception)
        {
            int exitCode = Refusal.ExitCodeFor(exception);
            _transcript.Failed(Refusal.Explain(exception, _options.Address), exitCode);
            return new ConnectOutcome(exitCode, Refusal.IsTransient(exception)) { RetryAfter = Refusal.RetryAfter(exception) };
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            string parameter = exception is ArgumentException { ParamName: { } name } ? $" (Parameter '{name}')" : " ";
            _transcript.Failed(exception.Message.Replace(parameter, parameter == " " ? " " : "", StringComparison.Ordinal), ExitCode.Usage);
            return new ConnectOutcome(ExitCode.Usage, IsTransient: false);
        }
        catch (OperationCanceledException)
        {
            return new ConnectOutcome(ExitCode.Interrupted, IsTransient: false);
        }
    }

    private WebSocketClientOptions ToClientOptions()
    {
        WebSocketConnectionOptions connection = WebSocketConnectionOptions.Default with
        {
            MaxMessageBytes = MaxMessageBytes,
            CloseTimeout = _closeTimeout,
            Deflate = new DeflateOptions { Enabled = _options.Deflate },
        };
        return new WebSocketClientOptions
        {
            Headers = _options.Headers,
            Subprotocols = _options.Subprotocols,
            MaxRedirects = _options.MaxRedirects,
            Connection = connection with
            {
                PingInterval = _options.PingInterval ?? connection.PingInterval,
                PongTimeout = _options.PongTimeout ?? connection.PongTimeout,
            },
        };
    }

    private WireTap? CreateTap() =>
        _options.Verbose || _options.ShowPings || _options.Slash || _options.JsonLines || _streams.IsInputTerminal
            ? new WireTap
            {
                OnHandshake = (direction, head) =>
                {
                    if (_options.Verbose)
                    {
                        _transcript.Wire(direction, Secrets.Hide(head));
                    }
                },
                OnControl = OnControl,
            }
            : null;

    private void OnControl(WireDirection direction, Opcode opcode, byte[] payload)
    {
        if (_options.Verbose)
        {
            string text =
                opcode != Opcode.Close ? Encoding.UTF8.GetString(payload)
                : payload.Length < 2 ? ""
                : $"{payload[0] << 8 | payload[1]} {Encoding.UTF8.GetString(payload.AsSpan(2))}";
            _transcript.Wire(direction, $"[{opcode.ToString().ToLowerInvariant()}] {text}".TrimEnd());
        }
        else if (direction == WireDirection.Received && opcode != Opcode.Close)
        {
            _transcript.Ping(opcode, payload);
        }
    }

    // Reading a terminal can't be cancelled, so it has a thread of its own that ends with the process.
    private ChannelReader<byte[]> ReadLines()
    {
        var lines = Channel.CreateBounded<byte[]>(MaxWaitingLines);
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
            catch (Exception exception) when (exception is IOException or InvalidOperationException or OutOfMemoryException)
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
}
