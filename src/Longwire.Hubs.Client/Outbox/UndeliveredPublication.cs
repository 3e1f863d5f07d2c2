namespace Longwire.Hubs.Client;

/// <summary>A publication that was refused, or given up as uncertain. Immutable.</summary>
/// <param name="Id">Its id, as its receipt has it.</param>
/// <param name="Room">The room; null for one that was for a user, or for everyone.</param>
/// <param name="Json">The whole message as it was to be sent, in UTF-8.</param>
/// <param name="State"><see cref="ReceiptState.Refused"/> or <see cref="ReceiptState.Uncertain"/>.</param>
/// <param name="Code">The error's code, as <c>forbidden</c>; empty when it is uncertain.</param>
/// <param name="Text">The error's text.</param>
public sealed record UndeliveredPublication(
    string Id,
    string? Room,
    ReadOnlyMemory<byte> Json,
    ReceiptState State,
    string Code,
    string Text
);
