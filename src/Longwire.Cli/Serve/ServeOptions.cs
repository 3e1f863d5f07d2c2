namespace Longwire.Cli.Serve;

/// <summary>The command line of <c>longwire serve</c>, parsed.</summary>
internal sealed record ServeOptions
{
    public int Port { get; init; } = 8080;

    public string Host { get; init; } = "localhost";

    /// <summary>The key that tokens are signed with (HS256); null for the demonstration's fixed token.</summary>
    public string? JwtKey { get; init; }

    /// <summary>The token of an administrator: the page at <c>/admin</c>, the figures, the load button. Null for none.</summary>
    public string? AdminToken { get; init; }

    /// <summary>The token of one who only looks: at the page and at the figures. Null for none.</summary>
    public string? AdminReadToken { get; init; }

    public string? CertificateFile { get; init; }

    public string? KeyFile { get; init; }

    public ServeTransport Transport { get; init; }

    /// <summary>Whether clients need not sign in.</summary>
    public bool Guests { get; init; }

    public bool Verbose { get; init; }

    /// <summary>Where the pages keep what is to survive a restart.</summary>
    public string DataFolder { get; init; } = UsualDataFolder;

    public static string UsualDataFolder =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData), "longwire", "playground");

    /// <summary>Whether anybody may see the machine's figures.</summary>
    public bool ShowsFigures => IsThisMachineOnly || AdminToken is not null || AdminReadToken is not null;

    public bool IsThisMachineOnly => Host is "localhost" or "127.0.0.1" or "::1" or "[::1]";
}
