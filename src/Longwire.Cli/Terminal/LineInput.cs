namespace Longwire.Cli.Terminal;

/// <summary>Where the lines to send come from.</summary>
internal abstract class LineInput : IDisposable
{
    private readonly Lock _lock = new();

    /// <summary>Waits for a line, in UTF-8 where it was typed; null at the end of the input.</summary>
    public abstract byte[]? ReadLine();

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

    /// <summary>Nothing is typed any more: the screen is left as it should stay.</summary>
    public virtual void Dispose() { }

    /// <summary>Takes the typed line from the screen.</summary>
    protected virtual void Hide() { }

    /// <summary>Puts the typed line back on the screen.</summary>
    protected virtual void Show() { }

    /// <summary>Does something that no writing may come between.</summary>
    protected void Alone(Action action)
    {
        lock (_lock)
        {
            action();
        }
    }
}
