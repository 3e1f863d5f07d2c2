namespace Longwire.Protocol;

/// <summary>An action that the closing half asks of its connection.</summary>
/// <param name="Kind">The kind of action.</param>
/// <param name="Status">Of a Close: its status. <see cref="CloseStatus.Abnormal"/> ends this side's direction without a frame.</param>
/// <param name="Reason">Of a Close: its reason.</param>
internal readonly record struct ClosingAction(ClosingActionKind Kind, CloseStatus Status = default, string Reason = "")
{
    public static ClosingAction None => default;

    public static ClosingAction EndTcp => new(ClosingActionKind.EndTcp);

    public static ClosingAction Abort => new(ClosingActionKind.Abort);

    public static ClosingAction Complete => new(ClosingActionKind.Complete);

    /// <summary>Whether a Close frame is sent: the peer's end of TCP without a Close is answered by none.</summary>
    public bool HasFrame => Kind == ClosingActionKind.SendClose && Status != CloseStatus.Abnormal;

    public static ClosingAction SendClose(CloseStatus status, string reason) => new(ClosingActionKind.SendClose, status, reason);
}
