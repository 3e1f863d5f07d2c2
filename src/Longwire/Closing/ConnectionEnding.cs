using Longwire.Protocol;

namespace Longwire;

/// <summary>A connection's data about its end, made when that comes near: a connection that just lives has none.</summary>
internal sealed class ConnectionEnding
{
    /// <summary>The closing half's record.</summary>
    public ClosingRecord Record = new();

    /// <summary>Whether the application has said that it is done, so that no reader is waited for.</summary>
    public bool IsHurried;

    public ConnectionAbortCause AbortCause;

    public Exception? Error;

    public Exception? HandlerError;

    public TaskCompletionSource? Completion;

    public CancellationTokenSource? Closed;
}
