namespace Longwire.Playground.Tests;

/// <summary>A visitor with a storage of their own, in whichever browser.</summary>
internal abstract class BrowserWindow : IAsyncDisposable
{
    /// <summary>Small, since the game is drawn by the processor, and what is drawn is looked at elsewhere.</summary>
    public const int Width = 400;

    /// <inheritdoc cref="Width"/>
    public const int Height = 300;

    /// <summary>Opens a tab on a page, and waits until it is loaded.</summary>
    public abstract Task<Tab> OpenAsync(string address);

    /// <summary>Takes the network away from the browser, or gives it back.</summary>
    public abstract Task SetOfflineAsync(bool isOffline);

    /// <summary>Asserts that no page has thrown or has written an error to the console.</summary>
    public abstract void AssertNothingWentWrong();

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
