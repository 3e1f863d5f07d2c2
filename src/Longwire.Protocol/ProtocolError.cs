namespace Longwire.Protocol;

/// <summary>
/// A rule that the peer has broken. It is a value, not an exception: it becomes the Close frame that fails the connection (RFC 6455
/// §7.1.7).
/// </summary>
/// <param name="Status">The status of that Close frame.</param>
/// <param name="Reason">The broken rule in words that fit into the Close frame (at most 123 bytes of UTF-8).</param>
/// <param name="Section">Where the rule stands, as in <c>RFC 6455 §5.1</c>.</param>
public readonly record struct ProtocolError(CloseStatus Status, string Reason, string Section)
{
    /// <summary>For people: status, reason and section.</summary>
    public override string ToString() => $"{(int)Status} {Reason} ({Section})";
}
