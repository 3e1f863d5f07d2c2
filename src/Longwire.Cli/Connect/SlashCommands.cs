using System.Text;
using Longwire.Cli.Network;
using Longwire.Protocol;

namespace Longwire.Cli.Connect;

/// <summary>Lines that are no messages: <c>/ping</c>, <c>/close</c>, <c>/help</c> and others.</summary>
internal sealed class SlashCommands(WebSocketConnection connection, WireTap? tap, Transcript transcript)
{
    private const string Help =
        "Commands: /ping [data] · /pong [data] · /close [status [reason]] · /quit · /text TEXT · /hex BYTES · /base64 BYTES · /file PATH"
        + " · /show (the last message whole). To send a line that begins with a slash, begin it with a space, or type /text.";

    private static readonly string[] _names = ["/base64", "/close", "/file", "/help", "/hex", "/ping", "/pong", "/quit", "/show", "/text"];

    public static bool IsOne(ReadOnlySpan<byte> line) => line.StartsWith("/"u8);

    /// <summary>The commands that begin so.</summary>
    public static IReadOnlyList<string> Complete(string typed) =>
        typed.StartsWith('/') ? [.. _names.Where(name => name.StartsWith(typed, StringComparison.Ordinal))] : [];

    /// <summary>Does what the line says.</summary>
    /// <exception cref="WebSocketClosedException">The connection closed meanwhile.</exception>
    public async Task RunAsync(string line, CancellationToken cancellationToken)
    {
        string[] words = line.Split(' ', 2, StringSplitOptions.TrimEntries);
        string rest = words.Length > 1 ? words[1] : "";
        switch (words[0])
        {
            case "/ping" when rest.Length == 0:
                TimeSpan time = await connection.PingAsync(cancellationToken);
                transcript.Note(string.Create(null, $"Pong after {time.TotalMilliseconds:0.0} ms"));
                break;
            case "/ping" or "/pong":
                await SendControlAsync(words[0] == "/ping" ? Opcode.Ping : Opcode.Pong, rest);
                break;
            case "/close" or "/quit":
                Close(rest.Split(' ', 2, StringSplitOptions.TrimEntries));
                break;
            case "/text":
                await connection.SendTextAsync(rest, cancellationToken);
                break;
            case "/hex":
            case "/base64":
                await SendBytesAsync(words[0] == "/hex" ? BinaryView.Hex : BinaryView.Base64, rest, cancellationToken);
                break;
            case "/file":
                await SendFileAsync(rest, cancellationToken);
                break;
            case "/show":
                transcript.ShowLast();
                break;
            default:
                transcript.Note(Help);
                break;
        }
    }

    private async Task SendControlAsync(Opcode opcode, string data)
    {
        byte[] payload = Encoding.UTF8.GetBytes(data);
        if (payload.Length > FrameHeader.MaxControlPayloadLength)
        {
            transcript.Note($"A ping or pong carries {FrameHeader.MaxControlPayloadLength} bytes at the most (RFC 6455 §5.5).");
        }
        else if (tap is not null)
        {
            await tap.SendControlAsync(opcode, payload);
        }
    }

    private async Task SendBytesAsync(BinaryView view, string typed, CancellationToken cancellationToken)
    {
        if (TypedBytes.TryRead(view, typed, out byte[] bytes))
        {
            await connection.SendAsync(bytes, MessageType.Binary, cancellationToken);
        }
        else
        {
            transcript.Note($"This is no {(view == BinaryView.Hex ? "hexadecimal" : "base64")}; nothing was sent.");
        }
    }

    private async Task SendFileAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            await connection.SendFileAsync(path, MessageType.Binary, cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            transcript.Note($"'{path}' can't be read: {exception.Message}");
        }
    }

    private void Close(string[] words)
    {
        ushort status = (ushort)CloseStatus.NormalClosure;
        if (words[0].Length > 0 && (!ushort.TryParse(words[0], out status) || !CloseStatusRules.IsAllowedOnWire((CloseStatus)status)))
        {
            transcript.Note("A close status is one of 1000–1003, 1007–1014 or 3000–4999.");
            return;
        }

        connection.TryClose((CloseStatus)status, words.Length > 1 ? words[1] : "");
    }
}
