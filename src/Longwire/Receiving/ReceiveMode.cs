namespace Longwire;

/// <summary>Ways of receiving that are not the usual one; together in one value, so that a read asks a single question.</summary>
[Flags]
internal enum ReceiveMode : byte
{
    /// <summary>The usual one.</summary>
    Plain,

    /// <summary>The handler takes nothing now.</summary>
    Paused,

    /// <summary>An observer sees the frames.</summary>
    Observed,
}
