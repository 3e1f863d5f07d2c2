namespace Longwire.Hubs.Client;

/// <summary>A request that waits for its answer.</summary>
internal sealed class PendingRequest(string id, byte[] json, bool isRepeatable)
{
    public string Id => id;

    public byte[] Json => json;

    /// <summary>Whether it may be sent again when its connection breaks: it only reads.</summary>
    public bool IsRepeatable => isRepeatable;

    /// <summary>Whether it was sent on the connection that lasts.</summary>
    public bool IsSent { get; set; }

    /// <summary>The whole answer.</summary>
    public TaskCompletionSource<byte[]> Answer { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
