namespace Longwire.Client;

/// <summary>The times in a row that a server has refused what a client's providers gave.</summary>
internal sealed class Refusals
{
    private const int MaxRefusals = 5;

    private string? _given;
    private string? _refused;
    private int _count;

    /// <summary>Takes what an attempt is about to be made with.</summary>
    /// <returns>False when it is the very thing that was refused last.</returns>
    public bool TryGive(string? credential)
    {
        _given = credential;
        return credential is null || credential != _refused;
    }

    /// <summary>The server has refused it.</summary>
    /// <returns>Whether another attempt may be made, with something else.</returns>
    public bool Refuse()
    {
        _refused = _given;
        return _given is not null && ++_count < MaxRefusals;
    }
}
