using System.Text;

namespace Longwire.Hubs;

/// <summary>
/// The tokens for the page and the API of <c>MapLongwireHubAdmin</c>. As long as none is set, there are neither. A token has to be random
/// and of 32 characters at least, as <c>openssl rand -hex 32</c> makes one.
/// </summary>
public sealed record HubAdminOptions
{
    internal const int MinTokenLength = 32;

    /// <summary>The token by which one may look, kick, revoke, ban and drain. Default: none.</summary>
    public string? Token { get; set; }

    /// <summary>The token by which one may look, and see in a trace that something was said, but not what. Default: none.</summary>
    public string? ReadToken { get; set; }

    /// <summary>
    /// The token by which one may look, and see in a trace what people say. Each such trace is in the audit log. Default: none.
    /// </summary>
    public string? ContentsToken { get; set; }

    /// <summary>How many entries the audit log keeps in memory; the logger gets all. Default: 1,000.</summary>
    public int AuditEntries { get; set; } = 1_000;

    /// <summary>How many users and rooms may be traced at one time. Default: 4.</summary>
    public int MaxTraces { get; set; } = 4;

    /// <summary>After which time a trace ends. Default: 10 minutes.</summary>
    public TimeSpan MaxTraceTime { get; set; } = TimeSpan.FromMinutes(10);

    internal bool IsOn => Tokens.Any();

    private IEnumerable<(string Name, string Token)> Tokens =>
        from token in new[] { (nameof(Token), Token), (nameof(ReadToken), ReadToken), (nameof(ContentsToken), ContentsToken) }
        where !string.IsNullOrEmpty(token.Item2)
        select (token.Item1, token.Item2!);

    internal void Validate()
    {
        foreach ((string name, string token) in Tokens)
        {
            if (token.Length < MinTokenLength)
            {
                throw new ArgumentException(
                    $"Admin:{name} has {token.Length} characters; write {MinTokenLength} or more, as openssl rand -hex 32 makes them."
                );
            }

            if (Tokens.Any(other => other.Name != name && other.Token == token))
            {
                throw new ArgumentException($"Admin:{name} is another token, too; each needs one of its own.");
            }
        }

        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(AuditEntries);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(MaxTraces);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(MaxTraceTime, TimeSpan.Zero);
    }

    // Secrets must not be printed by accident.
    private bool PrintMembers(StringBuilder builder)
    {
        builder.Append("IsOn = ").Append(IsOn);
        return true;
    }
}
