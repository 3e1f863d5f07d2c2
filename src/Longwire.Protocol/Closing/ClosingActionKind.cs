namespace Longwire.Protocol;

/// <summary>The kinds of <see cref="ClosingAction"/>.</summary>
internal enum ClosingActionKind : byte
{
    /// <summary>There is nothing to be done.</summary>
    None,

    /// <summary>This side's Close goes behind what is queued.</summary>
    SendClose,

    /// <summary>TCP ends in good order, behind what was sent.</summary>
    EndTcp,

    /// <summary>TCP is cut off.</summary>
    Abort,

    /// <summary>The connection is over, and nobody is waited for any more.</summary>
    Complete,
}
