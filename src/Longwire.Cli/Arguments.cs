namespace Longwire.Cli;

/// <summary>What the user typed, before it is parsed.</summary>
internal static class Arguments
{
    /// <summary>
    /// <c>connect</c> is the default verb: <c>longwire ws://host</c> and wscat's <c>-c URL</c> mean it too.
    /// </summary>
    public static string[] WithDefaultVerb(string[] arguments)
    {
        if (arguments.Length == 0)
        {
            return arguments;
        }

        if (arguments[0] is "-c" or "--connect")
        {
            return ["connect", .. arguments[1..]];
        }

        return LooksLikeAddress(arguments[0]) ? ["connect", .. arguments] : arguments;
    }

    /// <summary>Turns what people type into an address: <c>:8080/path</c> is on this machine; a host without a scheme speaks TLS unless it is this machine.</summary>
    public static bool TryReadAddress(string text, out Uri address)
    {
        string full = text switch
        {
            _ when text.StartsWith(':') => $"ws://localhost{text}",
            _ when text.Contains("://", StringComparison.Ordinal) => text,
            _ when IsThisMachine(text) => $"ws://{text}",
            _ => $"wss://{text}",
        };
        bool valid = Uri.TryCreate(full, UriKind.Absolute, out Uri? parsed)
            && parsed.Scheme is "ws" or "wss" or "http" or "https" && parsed.Host.Length != 0;
        address = valid ? parsed! : new Uri("ws://localhost");
        return valid;
    }

    private static bool LooksLikeAddress(string text)
        => !text.StartsWith('-') && (text.Contains(':') || text.Contains('.') || text == "localhost");

    private static bool IsThisMachine(string text)
    {
        ReadOnlySpan<char> host = text.AsSpan(0, text.IndexOfAny(['/', '?']) is var end and >= 0 ? end : text.Length);
        return host.StartsWith("localhost", StringComparison.OrdinalIgnoreCase)
            || host.StartsWith("127.", StringComparison.Ordinal)
            || host.StartsWith("[::1]", StringComparison.Ordinal);
    }
}
