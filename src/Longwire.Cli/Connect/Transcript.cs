using System.Text;

namespace Longwire.Cli.Connect;

/// <summary>Shows what comes: messages on the output, everything else on the error writer, around the line that is being typed.</summary>
internal sealed class Transcript(CommandStreams streams, LineInput input, bool quiet)
{
    /// <summary>Shows a message as one line: text as it is, binary in hexadecimal.</summary>
    /// <exception cref="IOException">Nobody takes the output any more.</exception>
    public void Show(WebSocketMessage message)
    {
        ReadOnlyMemory<byte> line =
            streams.IsOutputTerminal ? ForTerminal(message)
            : message.Type == MessageType.Text ? message.Payload
            : Encoding.ASCII.GetBytes(Convert.ToHexStringLower(message.Payload.Span));
        input.Write(() =>
        {
            streams.Output.Write(line.Span);
            streams.Output.WriteByte((byte)'\n');
            streams.Output.Flush();
        });
    }

    /// <summary>Says something that is no payload.</summary>
    public void Note(string text)
    {
        if (!quiet)
        {
            input.Write(() =>
            {
                streams.Error.WriteLine(Harmless(text));
                streams.Error.Flush();
            });
        }
    }

    // Somebody else's control characters could do anything to a terminal, up to typing for its owner.
    internal static string Harmless(string text) =>
        !text.Any(IsHarmful)
            ? text
            : string.Create(
                text.Length,
                text,
                static (span, text) =>
                {
                    for (int i = 0; i < span.Length; i++)
                    {
                        span[i] =
                            !IsHarmful(text[i]) ? text[i]
                            : text[i] < ' ' ? (char)('\u2400' + text[i]) // the picture of the control character
                            : '\ufffd';
                    }
                }
            );

    private static bool IsHarmful(char letter) => char.IsControl(letter) && letter is not ('\n' or '\t');

    private byte[] ForTerminal(WebSocketMessage message)
    {
        string direction = input is TerminalInput ? "< " : "";
        string text = message.Type == MessageType.Text ? Harmless(message.Text) : Convert.ToHexStringLower(message.Payload.Span);
        return Encoding.UTF8.GetBytes(direction + text);
    }
}
