namespace Longwire.Cli.Terminal;

/// <summary>What a key did to the line that is being typed.</summary>
internal enum LineEdit
{
    /// <summary>The line goes on.</summary>
    Goes,

    /// <summary>The line is complete.</summary>
    Line,

    /// <summary>The input has ended (Ctrl-D).</summary>
    End,
}
