namespace Longwire.Cli.Terminal;

/// <summary>The effect of a key on the line that is being typed.</summary>
internal enum LineEdit
{
    /// <summary>The line goes on.</summary>
    Goes,

    /// <summary>The line is complete.</summary>
    Line,

    /// <summary>The input has ended (Ctrl-D).</summary>
    End,
}
