namespace Longwire.Conformance;

/// <summary>The head of a request or an answer: the first line and the headers, in their order and as often as they came.</summary>
internal sealed record HttpHead(string FirstLine, IReadOnlyList<KeyValuePair<string, string>> Headers, byte[] Rest)
{
    /// <summary>The status of an answer; 0 when the first line has none.</summary>
    public int Status => FirstLine.Split(' ') is [_, var code, ..] && int.TryParse(code, out int status) ? status : 0;

    /// <summary>The target of a request.</summary>
    public string Target => FirstLine.Split(' ') is [_, var target, ..] ? target : "";

    /// <summary>All values of a header, joined as RFC 9110 §5.3 joins them; null when there is none.</summary>
    public string? Find(string name)
    {
        string[] values = [.. Headers.Where(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)).Select(h => h.Value)];
        return values.Length == 0 ? null : string.Join(", ", values);
    }

    public int Count(string name) => Headers.Count(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase));

    public bool HasToken(string name, string token) =>
        Find(name)?.Split(',').Any(part => part.Trim().Equals(token, StringComparison.OrdinalIgnoreCase)) ?? false;

    public override string ToString() => FirstLine + "\r\n" + string.Join("\r\n", Headers.Select(h => $"{h.Key}: {h.Value}"));

    public static HttpHead Parse(string text, byte[] rest)
    {
        string[] lines = text.Split("\r\n");
        List<KeyValuePair<string, string>> headers = [];
        foreach (string line in lines.Skip(1).Where(l => l.Length > 0))
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            headers.Add(colon < 0 ? new(line, "") : new(line[..colon].Trim(), line[(colon + 1)..].Trim()));
        }

        return new(lines[0], headers, rest);
    }
}
