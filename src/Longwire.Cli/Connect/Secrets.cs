namespace Longwire.Cli.Connect;

/// <summary>The parts of a handshake that must not appear on a screen or in a log.</summary>
internal static class Secrets
{
    private static readonly string[] _headers = ["Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"];

    /// <summary>Replaces the values of such headers, and the query of the request.</summary>
    public static string Hide(string head)
    {
        string[] lines = head.Split("\r\n");
        string[] request = lines[0].Split(' ');
        if (request.Length == 3 && request[1].IndexOf('?', StringComparison.Ordinal) is var query and >= 0)
        {
            lines[0] = $"{request[0]} {request[1][..(query + 1)]}… {request[2]}";
        }

        for (int i = 1; i < lines.Length; i++)
        {
            int colon = lines[i].IndexOf(':', StringComparison.Ordinal);
            if (colon > 0 && _headers.Contains(lines[i][..colon], StringComparer.OrdinalIgnoreCase))
            {
                lines[i] = lines[i][..colon] + ": …";
            }
        }

        return string.Join("\r\n", lines);
    }
}
