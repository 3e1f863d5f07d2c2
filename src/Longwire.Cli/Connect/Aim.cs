namespace Longwire.Cli.Connect;

/// <summary>The goal of a run: messages that match, or so many of them.</summary>
internal sealed class Aim(ConnectOptions options)
{
    private int _matched;
    private int _messages;
    private bool _isReached;

    /// <summary>Whether there is none, or it is reached.</summary>
    public bool IsMet => !options.HasAim || _isReached;

    /// <summary>Looks at a message.</summary>
    /// <returns>True when the aim is reached.</returns>
    public bool Take(WebSocketMessage message)
    {
        if (!options.HasAim)
        {
            return false;
        }

        _messages++;
        string text = message.Text;
        if (_matched < options.Expectations.Count && options.Expectations[_matched].IsMatch(text))
        {
            _matched++;
        }

        _isReached =
            (options.Expectations.Count > 0 && _matched == options.Expectations.Count && _messages >= options.Count)
            || options.Until?.IsMatch(text) == true
            || (options.Expectations.Count == 0 && options.Count > 0 && _messages >= options.Count);
        return _isReached;
    }

    /// <summary>The part of the goal that is still missing.</summary>
    public string Lack() =>
        _matched < options.Expectations.Count ? $"No message matched '{options.Expectations[_matched]}'."
        : options.Until is { } until ? $"No message matched '{until}'."
        : $"{_messages} of {options.Count} messages came.";
}
