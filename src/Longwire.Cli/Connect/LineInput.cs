namespace Longwire.Cli.Connect;

/// <summary>Where the lines to send come from.</summary>
internal abstract class LineInput
{
    private readonly Lock _lock = new();

    public static LineInput For(CommandStreams streams) =>
        streams.CanEdit ? new TerminalInput(streams.Error) : new PipedInput(streams.Input);

    /// <summary>Waits for a line; null at the end of the input.</summary>
    public abstract string? ReadLine();

    /// <summary>Nothing is typed any more: the screen is left as it should stay.</summary>
    public virtual void End() { }

    /// <summary>Writes without breaking a line that is being typed. Safe from any thread.</summary>
    public void Write(Action write)
    {
        lock (_lock)
        {
            Hide();
            write();
            Show();
        }
    }

    /// <summary>Takes the typed line from the screen.</summary>
    protected virtual void Hide() { }

    /// <summary>Puts the typed line back on the screen.</summary>
    protected virtual void Show() { }

    /// <summary>Does something that no writing may come between.</summary>
    protected T Alone<T>(Func<T> action)
    {
        lock (_lock)
        {
            return action();
        }
    }
}
