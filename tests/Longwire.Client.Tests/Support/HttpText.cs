namespace Longwire.Client.Tests;

/// <summary>The head of an HTTP request, as it came.</summary>
internal sealed class HttpText
{
    private readonly List<(string Name, string Value)> _headers = [];

    public HttpText(string head)
    {
        string[] lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        Line = lines[0];
        foreach (string line in lines[1..])
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            _headers.Add((line[..colon], line[(colon + 1)..].Trim()));
        }
    }

    /// <summary>The first line.</summary>
    public string Line { get; }

    /// <summary>A header's only value; null when it isn't there.</summary>
    public string? this[string name] =>
        _headers.SingleOrDefault(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
