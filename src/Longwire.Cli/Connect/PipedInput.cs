namespace Longwire.Cli.Connect;

/// <summary>Lines of a pipe or a file, or of a terminal that edits them itself.</summary>
internal sealed class PipedInput(TextReader reader) : LineInput
{
    public override string? ReadLine() => reader.ReadLine();
}
