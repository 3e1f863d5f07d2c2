using System.CommandLine;
using System.Text;

namespace Longwire.Cli.Network;

/// <summary>The options of a command that say what stands in the request of the opening handshake.</summary>
internal sealed class RequestArguments
{
    private readonly Option<string[]> _headers = new("--header", "-H")
    {
        Description = "A header, as 'Name: value'. Repeatable.",
        HelpName = "HEADER",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _cookies = new("--cookie")
    {
        Description = "A cookie, as name=value. Repeatable.",
        HelpName = "COOKIE",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _auth = new("--auth", "--basic-auth")
    {
        Description = "Basic authentication.",
        HelpName = "USER:PASSWORD",
    };

    private readonly Option<string?> _bearer = new("--bearer")
    {
        Description = "A bearer token; @FILE reads it from a file.",
        HelpName = "TOKEN",
    };

    private readonly Option<string[]> _subprotocols = new("--subprotocol", "-s")
    {
        Description = "A subprotocol to offer. Repeatable.",
        HelpName = "NAME",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string?> _origin = new("--origin", "-o") { Description = "The header Origin.", HelpName = "ORIGIN" };

    private readonly Option<string?> _host = new("--host") { Description = "The header Host.", HelpName = "HOST" };

    public void AddTo(Command command) => command.AddGroup("Request", _headers, _cookies, _auth, _bearer, _subprotocols, _origin, _host);

    public IReadOnlyList<string> ReadSubprotocols(ParseResult parsed) => parsed.GetValue(_subprotocols)!;

    public string? ReadOrigin(ParseResult parsed) => parsed.GetValue(_origin);

    /// <summary>The headers.</summary>
    /// <exception cref="FormatException">One is none.</exception>
    public IReadOnlyList<KeyValuePair<string, string>> ReadHeaders(ParseResult parsed)
    {
        List<KeyValuePair<string, string>> headers = [.. parsed.GetValue(_headers)!.Select(OptionValues.ReadHeader)];
        if (parsed.GetValue(_auth) is { } credentials)
        {
            headers.Add(KeyValuePair.Create("Authorization", "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes(credentials))));
        }

        if (parsed.GetValue(_bearer) is { } token)
        {
            headers.Add(KeyValuePair.Create("Authorization", "Bearer " + ReadToken(token)));
        }

        if (parsed.GetValue(_cookies) is { Length: > 0 } cookies)
        {
            headers.Add(KeyValuePair.Create("Cookie", string.Join("; ", cookies)));
        }

        if (parsed.GetValue(_origin) is { } origin)
        {
            headers.Add(KeyValuePair.Create("Origin", origin));
        }

        if (parsed.GetValue(_host) is { } host)
        {
            headers.Add(KeyValuePair.Create("Host", host));
        }

        return headers;
    }

    private static string ReadToken(string token)
    {
        try
        {
            return token.StartsWith('@') ? File.ReadAllText(token[1..]).Trim() : token;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"The token can't be read: {exception.Message}", exception);
        }
    }
}
