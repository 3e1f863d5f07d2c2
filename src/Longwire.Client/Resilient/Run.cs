namespace Longwire.Client;

/// <summary>One life of a client that stays up: from its start until it is closed for good.</summary>
internal sealed class Run(int receiveQueueBytes)
{
    // Not disposed: attempts may still be linked to it, and it holds nothing that needs it.
    private readonly CancellationTokenSource _closing = new();
    private volatile TaskCompletionSource? _wake;
    private volatile bool _isClosing;

    /// <summary>Completes with the run.</summary>
    public Task Task { get; set; } = Task.CompletedTask;

    /// <summary>Completes when the client is open, or faults when it is closed for good.</summary>
    public TaskCompletionSource Opened { get; private set; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The messages that wait to be read.</summary>
    public MessageInbox Inbox { get; } = new(receiveQueueBytes);

    /// <summary>Whether the application has closed the client.</summary>
    public bool IsClosing => _isClosing;

    /// <summary>Whether the client is closed for good.</summary>
    public bool IsOver { get; private set; }

    /// <summary>Is cancelled when the application closes the client.</summary>
    public CancellationToken Closing => _closing.Token;

    /// <summary>The application closes the client.</summary>
    public void Close()
    {
        _isClosing = true;
        _ = _closing.CancelAsync();
        Wake();
    }

    /// <summary>The connection is lost: who waits for the client to be open waits for the next one.</summary>
    public void Reopen()
    {
        if (Opened.Task.IsCompleted)
        {
            Opened = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    public void End() => IsOver = true;

    /// <summary>Waits for the next attempt, or until it is wanted earlier.</summary>
    public async Task WaitAsync(TimeSpan delay, TimeProvider time)
    {
        var wake = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _wake = wake;
        if (IsClosing || delay <= TimeSpan.Zero)
        {
            return;
        }

        using var over = new CancellationTokenSource();
        await Task.WhenAny(Task.Delay(delay, time, over.Token), wake.Task).ConfigureAwait(false);
        _wake = null;
        await over.CancelAsync().ConfigureAwait(false);
    }

    /// <summary>Ends a wait for the next attempt.</summary>
    public void Wake() => _wake?.TrySetResult();
}
