namespace Longwire.Transport.Linux;

/// <summary>
/// Something that is to be done on a loop's thread. It carries the link of the queue itself, so posting it allocates nothing; it may be
/// posted again once it has begun to run, not before.
/// </summary>
internal abstract class LoopWorkItem
{
    internal LoopWorkItem? NextItem;

    /// <summary>Runs on the loop's thread. It must not block.</summary>
    protected internal abstract void Execute();

    /// <summary>The loop has ended, and will not run it.</summary>
    internal virtual void Refuse() { }
}
