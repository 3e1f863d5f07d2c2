namespace Longwire.Conformance;

/// <summary>One extension of a <c>Sec-WebSocket-Extensions</c> header (RFC 6455 §9.1).</summary>
internal sealed record ExtensionHeader(string Name, IReadOnlyList<KeyValuePair<string, string?>> Parameters)
{
    public const string HeaderName = "Sec-WebSocket-Extensions";

    public bool Has(string parameter) => Parameters.Any(p => p.Key == parameter);

    public string? ValueOf(string parameter) => Parameters.FirstOrDefault(p => p.Key == parameter).Value;

    public int BitsOf(string parameter) => int.TryParse(ValueOf(parameter), out int bits) ? bits : 15;

    public static IReadOnlyList<ExtensionHeader> Parse(string? header)
    {
        if (string.IsNullOrWhiteSpace(header))
        {
            return [];
        }

        List<ExtensionHeader> extensions = [];
        foreach (string element in header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = element.Split(';', StringSplitOptions.TrimEntries);
            List<KeyValuePair<string, string?>> parameters = [];
            foreach (string part in parts.Skip(1))
            {
                int equals = part.IndexOf('=', StringComparison.Ordinal);
                parameters.Add(equals < 0 ? new(part, null) : new(part[..equals].Trim(), part[(equals + 1)..].Trim().Trim('"')));
            }

            extensions.Add(new(parts[0], parameters));
        }

        return extensions;
    }
}
