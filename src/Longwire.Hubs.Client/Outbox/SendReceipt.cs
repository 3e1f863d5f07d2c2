namespace Longwire.Hubs.Client;

/// <summary>Tells what becomes of a publication. Thread safe. An application that does not look at it loses nothing.</summary>
public sealed class SendReceipt
{
    private readonly TaskCompletionSource<RoomPosition> _acked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile ReceiptState _state;

    internal SendReceipt(string id) => Id = id;

    /// <summary>The publication's id, which stays the same however often it is sent.</summary>
    public string Id { get; }

    /// <summary>The state of the publication.</summary>
    public ReceiptState State => _state;

    /// <summary>Whether the hub had published it before it was sent for the last time.</summary>
    public bool Repeated { get; private set; }

    /// <summary>Whether it is in the outbox: true as long as it is neither published, nor refused, nor given up.</summary>
    public bool Queued => _state is ReceiptState.Queued or ReceiptState.Sent;

    /// <summary>
    /// Completes when the hub has published it, with its place in the room; without one where the hub does not tell, as for direct
    /// messages. It faults with <see cref="HubRefusedException"/> or <see cref="UncertainDeliveryException"/>.
    /// </summary>
    public Task<RoomPosition> Acked => _acked.Task;

    internal void OnSent() => _state = ReceiptState.Sent;

    internal void OnAcked(RoomPosition position, bool repeated)
    {
        Repeated = repeated;
        _state = ReceiptState.Acked;
        _acked.TrySetResult(position);
    }

    internal void OnRefused(string code, string message)
    {
        _state = ReceiptState.Refused;
        Fail(new HubRefusedException(code, message));
    }

    internal void OnUncertain()
    {
        _state = ReceiptState.Uncertain;
        Fail(
            new UncertainDeliveryException(
                "The message was sent, and the connection broke before the hub had answered. It may have been published or not, and is not sent again. Look, and publish it anew if it is missing."
            )
        );
    }

    private void Fail(Exception error)
    {
        _acked.TrySetException(error);
        _ = _acked.Task.Exception; // nobody need look at it
    }
}
