namespace Longwire.Cli;

/// <summary>The command line as the user typed it.</summary>
internal static class Arguments
{
    /// <summary>
    /// <c>connect</c> is the default verb: <c>longwire ws://host</c> and wscat's <c>-H 'Name: value' -c URL</c> mean it too.
    /// </summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="verbs">The verbs that there are.</param>
    public static string[] WithDefaultVerb(string[] arguments, IEnumerable<string> verbs) => WithVerb(WithWait(arguments), verbs);

    // '-1' is an option of its own, and behind -w it is a time.
    private static string[] WithWait(string[] arguments)
    {
        int wait = Array.FindIndex(arguments, static argument => argument is "-w" or "--wait");
        return wait >= 0 && wait + 1 < arguments.Length && arguments[wait + 1] == "-1"
            ? [.. arguments[..wait], "--wait=-1", .. arguments[(wait + 2)..]]
            : arguments;
    }

    private static string[] WithVerb(string[] arguments, IEnumerable<string> verbs)
    {
        if (arguments.Length == 0 || verbs.Contains(arguments[0]) || IsForRoot(arguments[0]))
        {
            return arguments;
        }

        int address = Array.FindIndex(arguments, static argument => argument is "-c" or "--connect");
        if (address >= 0)
        {
            return ["connect", .. arguments[..address], .. arguments[(address + 1)..]];
        }

        int port = Array.FindIndex(arguments, static argument => argument is "-l" or "--listen");
        if (port >= 0)
        {
            return ["listen", .. arguments[..port], .. arguments[(port + 1)..]];
        }

        // A mistyped verb is told as such rather than looked up as a host.
        return arguments[0].StartsWith('-') || LooksLikeAddress(arguments[0]) ? ["connect", .. arguments] : arguments;
    }

    /// <summary>
    /// Turns what people type into an address: <c>:8080/path</c> is on this machine; a host without a scheme speaks TLS unless it is this
    /// machine.
    /// </summary>
    public static bool TryReadAddress(string text, out Uri address)
    {
        string full = text switch
        {
            _ when text.StartsWith(':') => $"ws://localhost{text}",
            _ when HasScheme(text) => text,
            _ when IsThisMachine(text) => $"ws://{text}",
            _ => $"wss://{text}",
        };
        bool valid =
            Uri.TryCreate(full, UriKind.Absolute, out Uri? parsed)
            && parsed.Scheme is "ws" or "wss" or "http" or "https"
            && parsed.Host.Length != 0;
        address = valid ? parsed! : new Uri("ws://localhost");
        return valid;
    }

    private static bool IsForRoot(string argument) =>
        argument is "--help" or "-h" or "-?" or "--version"
        || argument.StartsWith("[suggest", StringComparison.Ordinal)
        || argument.StartsWith("[diagram", StringComparison.Ordinal);

    private static bool LooksLikeAddress(string text) => text.AsSpan().ContainsAny(":./") || text == "localhost";

    // The slash of the scheme's end is the first one; one behind a path or query belongs to that.
    private static bool HasScheme(string text) =>
        text.IndexOf("://", StringComparison.Ordinal) is var scheme and > 0 && text.AsSpan().IndexOfAny("/?#") == scheme + 1;

    // By its name or number as a whole: localhost.example.com is somebody else's.
    private static bool IsThisMachine(string text) => Uri.TryCreate($"ws://{text}", UriKind.Absolute, out Uri? guess) && guess.IsLoopback;
}
