namespace Longwire.Cli.Connect;

/// <summary>How binary messages are shown, or typed.</summary>
internal enum BinaryView
{
    /// <summary>In hexadecimal.</summary>
    Hex,

    Base64,

    /// <summary>The bytes as they are.</summary>
    Raw,
}
