using System.Globalization;

namespace Longwire.AspNetCore.Tests;

/// <summary>The head of an HTTP response.</summary>
internal sealed class HttpAnswer
{
    private readonly List<(string Name, string Value)> _headers = [];

    public HttpAnswer(string head)
    {
        string[] lines = head.Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        StatusLine = lines[0];
        Status = int.Parse(StatusLine.Split(' ')[1], CultureInfo.InvariantCulture);
        foreach (string line in lines[1..])
        {
            int colon = line.IndexOf(':', StringComparison.Ordinal);
            _headers.Add((line[..colon], line[(colon + 1)..].Trim()));
        }
    }

    public string StatusLine { get; }

    public int Status { get; }

    /// <summary>A header's only value; null when it isn't there.</summary>
    public string? this[string name] =>
        _headers.SingleOrDefault(header => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).Value;
}
