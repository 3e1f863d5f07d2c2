using System.Text;
using Longwire.Cli.Network;
using Longwire.Cli.Terminal;
using Longwire.Protocol;

namespace Longwire.Cli.Connect;

/// <summary>
/// For people and pipes: messages on the output, everything else on the error writer, around the line that is being typed.
/// </summary>
internal sealed class TextTranscript(ConnectOptions options, CommandStreams streams, LineInput input) : Transcript
{
    // A longer message is folded on a terminal, where it would push everything else away.
    private const int MaxRows = 40;
    private const int MaxLetters = 4096;
    private const int MaxKeptBytes = 64 << 20;

    private readonly bool _isEdited = input is TerminalInput;
    private readonly bool _colorsMessages = options.Color && streams.MayColor && streams.IsOutputTerminal;
    private readonly bool _colorsNotes = options.Color && streams.MayColor && streams.IsErrorTerminal;
    private readonly byte _separator = options.NullTerminated ? (byte)0 : (byte)'\n';
    private WebSocketMessage _last;

    public override void Opened(string address, WebSocketConnection connection, ConnectTimes times)
    {
        string subprotocol = connection.Subprotocol is null ? "" : $" (subprotocol {connection.Subprotocol})";
        string deflate = connection.Deflate is { } agreed && options.Verbose ? $" (compressed: {agreed})" : "";
        Note($"Connected to {address}{subprotocol}{deflate}");
        if (options.Verbose)
        {
            Note(
                string.Create(
                    null,
                    $"* name {Milliseconds(times.Name)}, TCP {Milliseconds(times.Tcp)}, "
                        + $"TLS {Milliseconds(times.Tls)}, upgrade {Milliseconds(times.Upgrade)}"
                )
            );
        }
    }

    public override void Message(WebSocketMessage message)
    {
        if (_isEdited && message.Payload.Length <= MaxKeptBytes)
        {
            // Its memory is somebody else's as soon as the next message is read.
            _last = message with
            {
                Payload = message.Payload.ToArray(),
            };
        }

        Show(message, options.Full);
    }

    public override void ShowLast() => Show(_last, full: true);

    public override void Ping(Opcode opcode, byte[] payload)
    {
        if (options.ShowPings)
        {
            Note($"Received {(opcode == Opcode.Ping ? "ping" : "pong")} (data: \"{Encoding.UTF8.GetString(payload)}\")");
        }
    }

    public override void Wire(WireDirection direction, string text)
    {
        string mark = direction == WireDirection.Sent ? "> " : "< ";
        Note(string.Join('\n', text.Split("\r\n").Select(line => mark + line)));
    }

    public override void Note(string text)
    {
        if (!options.Quiet)
        {
            Write(TerminalText.Harmless(text), "\e[2m");
        }
    }

    public override void Closed(CloseStatus status, string reason)
    {
        string name = Enum.IsDefined(status) ? $" {status}" : "";
        string why = reason.Length == 0 ? "" : $", \"{reason}\"";
        Note($"Disconnected: {(int)status}{name}{why}");
    }

    public override void Failed(string text, int exitCode) => Write(TerminalText.Harmless(text), "\e[31m");

    private static string Milliseconds(TimeSpan time) => string.Create(null, $"{time.TotalMilliseconds:0.0} ms");

    private void Write(string text, string shade) =>
        input.Write(() =>
        {
            streams.Error.WriteLine(_colorsNotes ? $"{shade}{text}\e[0m" : text);
            streams.Error.Flush();
        });

    private void Show(WebSocketMessage message, bool full)
    {
        ReadOnlyMemory<byte> line =
            streams.IsOutputTerminal ? Encoding.UTF8.GetBytes(ForTerminal(message, full))
            : message.Type == MessageType.Text || options.Shown == BinaryView.Raw ? message.Payload
            : Encoding.ASCII.GetBytes(Encoded(message));
        bool isRaw = message.Type == MessageType.Binary && options.Shown == BinaryView.Raw && !streams.IsOutputTerminal;
        input.Write(() =>
        {
            streams.Output.Write(line.Span);
            if (!isRaw)
            {
                streams.Output.WriteByte(_separator);
            }

            streams.Output.Flush();
        });
    }

    private string Encoded(WebSocketMessage message) =>
        options.Shown == BinaryView.Base64 ? Convert.ToBase64String(message.Payload.Span) : Convert.ToHexStringLower(message.Payload.Span);

    private string ForTerminal(WebSocketMessage message, bool full)
    {
        string direction = _isEdited ? "< " : "";
        string text =
            message.Type == MessageType.Text
                ? JsonView.Format(message.Payload.Span, RawTerminal.Columns - direction.Length, _colorsMessages)
                    ?? TerminalText.Harmless(Encoding.UTF8.GetString(full ? message.Payload.Span : Beginning(message)))
            : options.Shown == BinaryView.Base64 ? Encoded(message)
            : HexView.Format(full ? message.Payload.Span : Beginning(message));
        if (!full)
        {
            text = Fold(text, message);
        }

        return _colorsMessages ? $"\e[34m{direction}\e[39m{text}" : direction + text;
    }

    private static ReadOnlySpan<byte> Beginning(WebSocketMessage message) =>
        message.Payload.Span[..Math.Min(message.Payload.Length, 2 * MaxLetters)];

    private string Fold(string text, WebSocketMessage message)
    {
        string[] rows = text.Split('\n', MaxRows + 1);
        string shown = rows.Length > MaxRows ? string.Join('\n', rows[..MaxRows]) : text;
        bool isCut = shown.Length < text.Length || message.Payload.Length > 2 * MaxLetters && shown.Length > MaxLetters;
        if (rows.Length <= MaxRows && !isCut)
        {
            return text;
        }

        if (shown.Length > MaxLetters)
        {
            int end = char.IsHighSurrogate(shown[MaxLetters - 1]) ? MaxLetters - 1 : MaxLetters;
            // A colour may be open where the text is cut.
            shown = shown[..end] + (_colorsMessages ? "\e[39m" : "");
        }

        string how = _isEdited ? "/show shows all" : "--full shows all";
        return string.Create(null, $"{shown}\n… {message.Payload.Length:N0} bytes in all; {how}");
    }
}
