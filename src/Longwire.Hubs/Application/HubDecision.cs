namespace Longwire.Hubs;

/// <summary>
/// A hook's answer to a client's wish. Hooks get one from their context: <c>join.Accept()</c>, <c>message.Refuse("No spam")</c>.
/// Immutable.
/// </summary>
public sealed class HubDecision
{
    private HubDecision(string? reason, object? value)
    {
        Reason = reason;
        Value = value;
    }

    /// <summary>Whether the client may.</summary>
    public bool IsAccepted => Reason is null;

    /// <summary>Why it may not, as the client is told; null when it may.</summary>
    public string? Reason { get; }

    internal static HubDecision Accepted { get; } = new(null, null);

    /// <summary>The message that the hook put in place of the client's; null for none.</summary>
    internal object? Value { get; }

    internal static HubDecision AcceptedWith(object value) => new(null, value);

    internal static HubDecision Refused(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        return JsonText.IsUnicode(reason)
            ? new HubDecision(reason, null)
            : throw new ArgumentException("A reason must not have half of a surrogate pair.", nameof(reason));
    }
}
