using Longwire.Cli.Network;

namespace Longwire.Cli.Doctor;

/// <summary>The command line of <c>longwire doctor</c>, parsed.</summary>
internal sealed record DoctorOptions
{
    public required Uri Address { get; init; }

    public NetworkOptions Network { get; init; } = new();

    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    public IReadOnlyList<string> Subprotocols { get; init; } = [];

    /// <summary>Messages to send when the connection is open, as to sign in.</summary>
    public IReadOnlyList<string> Messages { get; init; } = [];

    /// <summary>How long any one answer may take.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the open connection is watched before anything is asked of it.</summary>
    public TimeSpan Watch { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long the connection is left silent; zero leaves that out.</summary>
    public TimeSpan Idle { get; init; }

    /// <summary>A message of so many bytes is sent; 0 leaves that out.</summary>
    public int MessageBytes { get; init; }

    public OutputFormat Output { get; init; }
}
