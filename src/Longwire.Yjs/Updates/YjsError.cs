namespace Longwire.Yjs;

/// <summary>The fault in bytes that a peer sent. A value, never an exception: peers send anything.</summary>
/// <param name="Message">In words.</param>
/// <param name="Offset">At which byte it was noticed.</param>
public sealed record YjsError(string Message, int Offset)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Message} (At byte {Offset}.)";
}
