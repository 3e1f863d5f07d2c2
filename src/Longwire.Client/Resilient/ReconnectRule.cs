using System.Collections.Frozen;
using System.Net;

namespace Longwire.Client;

/// <summary>
/// A client's reaction to one way in which a connection, or an attempt, ends. <see cref="All"/> is the whole table, as
/// <c>docs/protocol/client.md</c> has it.
/// </summary>
/// <param name="Status">The close status; null for a handshake that failed.</param>
/// <param name="CloseReason">The reason that the rule is about; null for any that has no rule of its own.</param>
/// <param name="HttpStatus">The status of a handshake that failed; null for a close, or a handshake without an answer.</param>
/// <param name="Advice">The client's reaction.</param>
public sealed record ReconnectRule(CloseStatus? Status, string? CloseReason, HttpStatusCode? HttpStatus, ReconnectAdvice Advice)
{
    /// <summary>
    /// The rules. An ending that none covers is <see cref="ReconnectAdvice.BackOff"/>: any other close status, any other handshake, and one
    /// without an answer.
    /// </summary>
    public static IReadOnlyList<ReconnectRule> All { get; } =
    [
        Close(1000, ReconnectAdvice.Stop),
        Close(1001, ReconnectAdvice.BackOff),
        Close(1002, ReconnectAdvice.BackOff),
        Close(1003, ReconnectAdvice.Stop),
        Close(1005, ReconnectAdvice.BackOff),
        Close(1006, ReconnectAdvice.BackOff),
        Close(1007, ReconnectAdvice.BackOff),
        Close(1008, ReconnectAdvice.NewToken, "Invalid authentication"),
        Close(1008, ReconnectAdvice.NewToken, "Authentication failed"),
        Close(1008, ReconnectAdvice.Later, "Server full"),
        Close(1008, ReconnectAdvice.Later, "Too many connections"),
        Close(1008, ReconnectAdvice.Stop),
        Close(1009, ReconnectAdvice.BackOff),
        Close(1010, ReconnectAdvice.Stop),
        Close(1011, ReconnectAdvice.BackOff),
        Close(1012, ReconnectAdvice.BackOff),
        Close(1013, ReconnectAdvice.Later),
        Close(1014, ReconnectAdvice.BackOff),
        Close(1015, ReconnectAdvice.BackOff),
        Close(3000, ReconnectAdvice.NewToken),
        Close(3003, ReconnectAdvice.Stop),
        Close(4001, ReconnectAdvice.Stop),
        Close(4002, ReconnectAdvice.Stop),
        Close(4003, ReconnectAdvice.NewToken),
        Close(4008, ReconnectAdvice.BackOff),
        new(null, null, HttpStatusCode.Unauthorized, ReconnectAdvice.NewToken),
        new(null, null, HttpStatusCode.Forbidden, ReconnectAdvice.Stop),
        new(null, null, HttpStatusCode.Gone, ReconnectAdvice.Stop),
    ];

    // Behind the table that they are made of.
    private static readonly FrozenDictionary<(CloseStatus, string?), ReconnectAdvice> _byClose = All.Where(static rule =>
            rule.Status is not null
        )
        .ToFrozenDictionary(static rule => (rule.Status!.Value, rule.CloseReason), static rule => rule.Advice);

    private static readonly FrozenDictionary<HttpStatusCode, ReconnectAdvice> _byHttpStatus = All.Where(static rule =>
            rule.HttpStatus is not null
        )
        .ToFrozenDictionary(static rule => rule.HttpStatus!.Value, static rule => rule.Advice);

    /// <summary>The advice about a close.</summary>
    /// <param name="status">The close status.</param>
    /// <param name="reason">The reason that came with it.</param>
    public static ReconnectAdvice For(CloseStatus status, string reason) =>
        _byClose.TryGetValue((status, reason), out ReconnectAdvice advice) || _byClose.TryGetValue((status, null), out advice)
            ? advice
            : ReconnectAdvice.BackOff;

    /// <summary>The advice about a handshake that failed.</summary>
    /// <param name="status">The response's status; null when no response came.</param>
    public static ReconnectAdvice For(HttpStatusCode? status) =>
        status is { } known && _byHttpStatus.TryGetValue(known, out ReconnectAdvice advice) ? advice : ReconnectAdvice.BackOff;

    private static ReconnectRule Close(int status, ReconnectAdvice advice, string? reason = null) =>
        new((CloseStatus)status, reason, null, advice);
}
