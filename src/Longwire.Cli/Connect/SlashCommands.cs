using Longwire.Protocol;

namespace Longwire.Cli.Connect;

/// <summary>Lines that are no messages: <c>/ping</c>, <c>/close</c>, <c>/quit</c>.</summary>
internal sealed class SlashCommands(WebSocketConnection connection, Transcript transcript)
{
    public static bool IsOne(string line) => line.StartsWith('/');

    /// <summary>Does what the line says.</summary>
    /// <exception cref="WebSocketClosedException">The connection closed meanwhile.</exception>
    public async Task RunAsync(string line, CancellationToken cancellationToken)
    {
        string[] words = line.Split(' ', 3, StringSplitOptions.RemoveEmptyEntries);
        switch (words[0])
        {
            case "/ping":
                TimeSpan time = await connection.PingAsync(cancellationToken);
                transcript.Note(string.Create(null, $"Pong after {time.TotalMilliseconds:0.0} ms"));
                break;
            case "/close" or "/quit":
                Close(words);
                break;
            default:
                transcript.Note(
                    "Commands: /ping · /close [status [reason]] · /quit. To send a line that begins with a slash, begin it with a space."
                );
                break;
        }
    }

    private void Close(string[] words)
    {
        ushort status = (ushort)CloseStatus.NormalClosure;
        if (words.Length > 1 && (!ushort.TryParse(words[1], out status) || !CloseStatusRules.IsAllowedOnWire((CloseStatus)status)))
        {
            transcript.Note("A close status is one of 1000–1003, 1007–1014 or 3000–4999.");
            return;
        }

        connection.TryClose((CloseStatus)status, words.Length > 2 ? words[2] : "");
    }
}
