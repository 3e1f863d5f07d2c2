namespace Longwire.Client;

/// <summary>Hears what happens around it. The calls must not block.</summary>
internal interface ISurroundingsListener
{
    /// <summary>The machine has slept: what was connected is not any more.</summary>
    void OnWoken();

    /// <summary>The machine may have slept, or the process stood still: what was connected may not be any more.</summary>
    void OnDoubt();

    /// <summary>The network has changed, or come back.</summary>
    void OnNetworkChanged();
}
